"""Evidence."""

from hotline.notices.evidence import Evidence
from tests.notices.spoilt import refusal


def test_the_hash_prints_in_two_halves_that_fit_a_line() -> None:
    printed = Evidence(sha256=bytes(range(32)), about="Radar").lines()
    assert printed == [
        "Radar",
        "  SHA-256 000102030405060708090a0b0c0d0e0f",
        "          101112131415161718191a1b1c1d1e1f",
    ]


def test_a_hash_of_another_length_is_refused() -> None:
    assert refusal("inquiry", evidence=[{"sha256": "00" * 20, "about": "x"}]) == (
        "evidence[0].sha256",
        "evidence[0].sha256: this is not 64 hexadecimal digits.",
    )
