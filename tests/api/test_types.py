"""The structs refuse what they do not know, cannot be changed, and survive the wire."""

import msgspec
import pytest

from hotline.api import types
from hotline.api.types import Api, Failure, Submit

STRUCTS = [
    kind for kind in vars(types).values() if isinstance(kind, type) and issubclass(kind, Api) and kind is not Api
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
