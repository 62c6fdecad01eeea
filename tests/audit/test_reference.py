"""What officers call a notice, and what is no name of one."""

import pytest

from hotline.audit.reference import Ref, not_found, parse_ref
from hotline.errors import UsageError


@pytest.mark.parametrize(
    ("text", "name", "serial"),
    [("NORTH 7", "NORTH", 7), ("  NORTH   7 ", "NORTH", 7), ("Fleet HQ 3 12", "Fleet HQ 3", 12), ("Ñ 1", "Ñ", 1)],
)
def test_a_reference_is_a_name_and_a_serial(text: str, name: str, serial: int) -> None:
    assert parse_ref(text) == Ref(name, serial)


def test_an_id_is_taken_as_hex_or_as_a_uuid() -> None:
    plain = "0192f8a0c0de70008000000000000001"
    assert parse_ref(plain) == Ref(id=bytes.fromhex(plain))
    assert parse_ref("0192F8A0-C0DE-7000-8000-000000000001") == parse_ref(plain)


@pytest.mark.parametrize(
    "text", ["", "7", "NORTH", "NORTH 0", "NORTH 07", "NORTH -1", "NORTH 1.5", "NORTH " + "9" * 17]
)
def test_what_is_neither_is_refused_with_both_forms(text: str) -> None:
    with pytest.raises(UsageError, match="NORTH 7"):
        parse_ref(text)


def test_what_was_typed_is_shown_safely() -> None:
    assert "\x1b" not in str(not_found("\x1b[2J 7"))
