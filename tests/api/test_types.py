"""The structs refuse what they do not know, cannot be changed, survive the wire, and show no passphrase."""

import io
import json

import msgspec
import pytest
import structlog
from rich.console import Console
from rich.pretty import pretty_repr
from rich.traceback import Traceback

from hotline import limits
from hotline.api import decode, types
from hotline.api.types import Api, DraftNew, Duty, EmergencyNew, Failure, Release, RulesSet, Secretive, Submit
from hotline.errors import UsageError

STRUCTS = [
    kind for kind in vars(types).values() if isinstance(kind, type) and issubclass(kind, Api) and kind is not Api
]
SECRET = "correct horse battery staple"
SECRETIVE = [
    DraftNew(submit=Submit(kind="line-test", notice={}), passphrase=SECRET),
    Release(draft=1, passphrase=SECRET),
    Duty(on=True, passphrase=SECRET),
    RulesSet(text="", passphrase=SECRET),
    EmergencyNew(text="Telephone us.", passphrase=SECRET),
]


@pytest.mark.parametrize("kind", STRUCTS)
def test_every_struct_refuses_unknown_fields_and_changes(kind: type[Api]) -> None:
    assert kind.__struct_config__.forbid_unknown_fields
    assert kind.__struct_config__.frozen


@pytest.mark.parametrize("key", ["", "0" * 32, "abcdef" * 5 + "01"])
def test_an_id_is_empty_or_thirty_two_hexadecimal_digits(key: str) -> None:
    sent = msgspec.json.encode(Submit(kind="line-test", notice={}, id=key))
    assert msgspec.json.decode(sent, type=Submit).id == key


@pytest.mark.parametrize("key", ["0" * 31, "0" * 33, "A" * 32, "0" * 32 + "\n", "\n" + "0" * 32])
def test_an_id_of_another_form_is_refused(key: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode(Submit(kind="line-test", notice={}, id=key)), type=Submit)


def test_a_failure_of_an_older_station_lacks_what_was_added_since() -> None:
    old = b'{"error":"No.","remedy":"","reason":"busy","exit":4}'
    assert msgspec.json.decode(old, type=Failure) == Failure(error="No.", remedy="", reason="busy", exit=4)


def test_whatever_has_a_passphrase_is_secretive_and_tried_here() -> None:
    named = {kind for kind in STRUCTS if any("passphrase" in name for name in kind.__struct_fields__)}
    assert named == {type(value) for value in SECRETIVE}
    assert all(issubclass(kind, Secretive) for kind in named)


@pytest.mark.parametrize("value", SECRETIVE, ids=lambda value: type(value).__name__)
def test_a_passphrase_travels_and_is_shown_nowhere(value: Secretive) -> None:
    assert msgspec.json.decode(msgspec.json.encode(value), type=type(value)) == value
    console = Console(file=io.StringIO(), width=200)
    console.print(value, [value])
    assert isinstance(console.file, io.StringIO)
    shown = [repr(value), str(value), f"{value}", repr({"a": [value]}), pretty_repr(value), console.file.getvalue()]
    assert [text for text in shown if SECRET in text or type(value).__name__ not in text] == []


def fail_with(value: Secretive) -> None:
    raise ZeroDivisionError(type(value).__name__)


@pytest.mark.parametrize("value", SECRETIVE, ids=lambda value: type(value).__name__)
def test_a_traceback_that_prints_locals_prints_no_passphrase(value: Secretive) -> None:
    with pytest.raises(ZeroDivisionError) as raised:
        fail_with(value)
    failed = raised.type, raised.value, raised.tb
    for use_rich in (True, False):
        to_dict = structlog.tracebacks.ExceptionDictTransformer(show_locals=True, use_rich=use_rich)
        frames = json.dumps(to_dict(failed))
        assert '"value": ' in frames
        assert SECRET not in frames
    console = Console(file=io.StringIO(), width=200)
    console.print(Traceback.from_exception(*failed, show_locals=True))
    assert isinstance(console.file, io.StringIO)
    assert "value = " in console.file.getvalue()
    assert SECRET not in console.file.getvalue()


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (Duty, {"passphrase": SECRET}),
        (Duty, {"on": True, "passphrase": [SECRET]}),
        (Duty, {"on": True, "passphrase": SECRET * limits.PASSPHRASE_BYTES}),
        (Duty, {"on": SECRET}),
        (Release, {"draft": SECRET, "passphrase": SECRET}),
        (DraftNew, {"submit": SECRET, "passphrase": SECRET}),
        (DraftNew, {"passphrase": SECRET}),
    ],
)
def test_the_words_of_a_refusal_never_repeat_a_passphrase(kind: type[Secretive], body: object) -> None:
    for data in (json.dumps(body).encode(), json.dumps(body).encode()[:-1], json.dumps(body).encode() + b"\xff"):
        with pytest.raises(UsageError) as raised:
            decode.body(data, kind)
        assert SECRET not in f"{raised.value}{raised.value.remedy}"
