"""From words to a notice: everything that is wrong is found before the daemon is asked."""

import sys
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from hotline.cli.compose import Words, compose, takes_text
from hotline.errors import HotlineError, NotFoundError, NoticeError, UsageError
from hotline.notices import KINDS
from tests.house.source import ROOT

EXERCISE = ROOT / "examples" / "notices" / "exercise.toml"
CONSULTATION = '{"kind": "consultation", "text": "a", "envelope": {"precedence": "FLASH", "to": "SOUTH"}}'


@pytest.fixture
def pipe(monkeypatch: pytest.MonkeyPatch) -> "type[Pipe]":
    Pipe.patch = monkeypatch
    return Pipe


class Pipe:
    """Standard input with something in it."""

    patch: pytest.MonkeyPatch

    def __init__(self, data: bytes) -> None:
        self.patch.setattr(sys, "stdin", TextIOWrapper(BytesIO(data)))


def test_a_text_is_enough_for_a_consultation() -> None:
    made = compose(Words("consultation", "Request your intentions."))
    assert made.notice["text"] == "Request your intentions."
    assert made.notice["subject"] == "Request your intentions."
    assert (made.precedence, made.mode, made.to, made.expires_s) == ("ROUTINE", "OPERATION", "", 0)


def test_a_line_test_needs_no_words_and_two_never_have_one_nonce() -> None:
    first, second = (compose(Words("line-test"), test_serial=5) for _ in range(2))
    assert first.notice["serial"] == 5
    assert first.mode == "TEST"
    assert first.notice["nonce"] != second.notice["nonce"]


def test_the_file_says_how_it_goes_and_options_outweigh_it() -> None:
    plain = compose(Words("exercise", file=EXERCISE))
    assert plain.precedence == "PRIORITY"
    other = compose(Words("exercise", file=EXERCISE, precedence="routine", to="SOUTH", expires="never", mode="DRILL"))
    assert (other.precedence, other.to, other.expires_s, other.mode) == ("ROUTINE", "SOUTH", 0, "DRILL")


@pytest.mark.parametrize("data", [CONSULTATION, 'text = "a"\n[envelope]\nprecedence = "FLASH"\nto = "SOUTH"\n'])
def test_standard_input_is_json_or_toml(pipe: type[Pipe], data: str) -> None:
    pipe(data.encode())
    made = compose(Words("consultation", file=Path("-")))
    assert (made.notice["text"], made.precedence, made.to) == ("a", "FLASH", "SOUTH")


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"x" * 300_000, b'{"text": 1}', b"[" * 10_000])
def test_a_wrong_standard_input_is_named_as_such(pipe: type[Pipe], data: bytes) -> None:
    pipe(data)
    with pytest.raises(NoticeError, match=r"(?i)standard input"):
        compose(Words("consultation", file=Path("-")))


@pytest.mark.parametrize(
    ("words", "error", "said"),
    [
        (Words("frob", "x"), NoticeError, "kind"),
        (Words("consultation"), UsageError, "hotline new consultation"),
        (Words("exercise"), UsageError, "--from"),
        (Words("consultation", ""), NoticeError, "text"),
        (Words("consultation", "x", file=EXERCISE), UsageError, "not both"),
        (Words("exercise", file=EXERCISE, subject="x"), UsageError, "not both"),
        (Words("consultation", file=EXERCISE), NoticeError, "exercise"),
        (Words("exercise", file=Path("nowhere.toml")), NotFoundError, "nowhere.toml"),
        (Words("exercise", file=ROOT / "README.md"), HotlineError, "README.md"),
        (Words("consultation", "x", id="12"), UsageError, "32 hex digits"),
        (Words("consultation", "x", expires="soon"), NoticeError, "--expires"),
        (Words("consultation", "x", to="S" * 65), UsageError, "to"),
        (Words("consultation", "x", officer="S" * 65), UsageError, "officer"),
        (Words("consultation", "word " * 201, precedence="FLASH"), NoticeError, "FLASH"),
        (Words("line-test", mode="OPERATION"), NoticeError, "mode"),
        (Words("consultation", "x" * 70_000), NoticeError, "text"),
    ],
)
def test_what_is_wrong_is_named_with_its_field(words: Words, error: type[HotlineError], said: str) -> None:
    with pytest.raises(error) as caught:
        compose(words)
    assert said in str(caught.value)
    assert caught.value.remedy


@pytest.mark.parametrize("given", ["0192F3E4-0000-7000-8000-000000000001", "0192f3e40000700080000000000000" + "01"])
def test_an_id_may_be_written_as_a_uuid(given: str) -> None:
    assert compose(Words("consultation", "x", id=given)).id == "0192f3e4000070008000000000000001"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('end = "031700Z DEC 24"', 'end = "301700Z NOV 24"', "end"),
        ('designation = "EAST', 'designatoin = "EAST', "designatoin"),
        ('purpose = """', 'x = """', "x"),
        ('    "34-10.00N 035-20.00E",\n    "34-10.00N 034-10.00E",\n  ] },', "  ] },", "areas[0].points"),
    ],
)
def test_a_fault_in_a_file_names_the_file_and_the_field(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = EXERCISE.read_text()
    assert old in text
    (tmp_path / "bad.toml").write_text(text.replace(old, new))
    with pytest.raises(NoticeError) as caught:
        compose(Words("exercise", file=tmp_path / "bad.toml"))
    assert "bad.toml" in caught.value.what
    assert said in caught.value.what


AMENDMENT = """
target = "NORTH 7"
reason = "Weather."
[replacement]
kind = "exercise"
designation = "ILLUSTRATION 24"
purpose = "Practice."
states = ["North"]
command_level = "Navy"
start = "010500Z DEC 24"
end = "031700Z DEC 24"
areas = [{ centre = "34-15.00N 033-36.00E", radius_nm = 12.5 }]
live_fire = false
contact_point = "Duty officer"
"""


def test_names_of_other_notices_go_to_the_station_as_they_were_typed(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text(AMENDMENT)
    made = compose(Words("amendment", file=file)).notice
    assert made["target"] == "NORTH 7"
    assert made["replacement"]["end"] == "2024-12-03T17:00:00Z"


def test_what_the_station_fills_in_is_left_to_it_and_what_was_typed_is_not(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text(AMENDMENT)
    made = compose(Words("amendment", file=file)).notice
    assert not {"revision", "changed", "dtg", "publicity"} & made.keys()
    assert not {"dtg", "publicity"} & made["replacement"].keys()
    file.write_text('revision = 3\nchanged = ["end_s"]\ndtg = "271230Z NOV 24"\npublicity = "public"\n' + AMENDMENT)
    made = compose(Words("amendment", file=file)).notice
    assert (made["revision"], made["changed"], made["publicity"]) == (3, ["end_s"], "public")
    assert made["dtg"] == "2024-11-27T12:30:00Z"


def test_nothing_counts_as_not_typed() -> None:
    made = compose(Words("consultation", data={"text": "x", "dtg": None, "answers": None, "publicity": None}))
    assert made.notice.keys() == {"kind", "version", "language", "subject", "text"}


@pytest.mark.parametrize("kind", ["exercise", "amendment"])
def test_the_reason_for_being_late_goes_where_the_kind_has_it(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "a.toml"
    file.write_text(AMENDMENT if kind == "amendment" else AMENDMENT.partition('kind = "exercise"\n')[2])
    made = compose(Words(kind, file=file, late="Decided yesterday.")).notice
    inner = made["replacement"] if kind == "amendment" else made
    assert inner["late_reason"] == "Decided yesterday."
    with pytest.raises(UsageError, match="late"):
        compose(Words("consultation", "x", late="Decided yesterday."))


def test_only_a_text_alone_makes_a_notice_of_a_kind_that_needs_nothing_else() -> None:
    assert [kind for kind in KINDS if takes_text(kind)] == ["consultation"]


def test_that_the_rules_differ_can_be_overridden() -> None:
    assert compose(Words("consultation", "x", despite_rules=True)).despite_rules
    assert not compose(Words("consultation", "x")).despite_rules
