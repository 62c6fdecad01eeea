"""`hotline card`: public facts, and the file that is handed over."""

from pathlib import Path

import pytest

from hotline.home import Home
from tests.cli.calls import call, refused


def test_our_card_is_shown_with_what_people_compare(north: Home) -> None:
    out = call("card", home=north).out
    fingerprint = north.card().fingerprint.hex()
    assert "NORTH" in out
    assert "+1 555 0100" in out
    assert "Duty officer" in out
    assert fingerprint[:4] in out
    assert fingerprint[-4:] in out


def test_the_file_handed_over_is_the_card_byte_for_byte(north: Home, tmp_path: Path) -> None:
    assert call("card", "--out", str(tmp_path / "x.card"), home=north).code == 0
    assert (tmp_path / "x.card").read_bytes() == north.card_path.read_bytes()


def test_the_card_can_go_into_a_pipe(north: Home) -> None:
    assert call("card", "--out", "-", home=north).out == north.card_path.read_text()


def test_another_ones_card_is_looked_at_without_a_home(south: Home, tmp_path: Path) -> None:
    document = call("card", str(south.card_path), "--json", home=tmp_path / "none").document
    assert document["name"] == "SOUTH"
    assert document["card"] == south.card_path.read_text()


def test_the_fingerprint_comes_as_a_qr_code_too(north: Home) -> None:
    assert "█" in call("card", "--qr", home=north).out


def test_a_card_is_signed_anew_with_another_number(north: Home) -> None:
    document = call("card", "--reissue", "--phone", "+1 555 0199", "--json", home=north).document
    assert (document["phone"], document["number"]) == ("+1 555 0199", 2)
    assert north.card().body.number == 2


def test_where_the_root_key_was_put_away_the_way_to_name_it_is_told(north: Home) -> None:
    north.root_key_path.unlink()
    refused(call("card", "--reissue", "--phone", "+1", home=north), 2, "--root-key FILE")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere.card"], "nowhere.card"),
        (["--reissue"], "no new one was made"),
        (["--name", "X"], "--reissue"),
        (["x.card", "--out", "y"], "our own card"),
        (["a\0b"], "null byte"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(north: Home, words: list[str], said: str) -> None:
    refused(call("card", *words, home=north), 2, said)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text[:200] + text[300:], "card"),
        (lambda text: text.replace(b"BEGIN", b"BEGUN"), "BEGIN or END"),
        (lambda _: b"", "not a card"),
        (lambda _: b"\xff" * 100, "not ASCII"),
        (lambda text: text * 20, "at most"),
    ],
)
def test_a_damaged_card_is_refused_with_its_name(south: Home, tmp_path: Path, change: object, said: str) -> None:
    assert callable(change)
    bad = tmp_path / "bad.card"
    bad.write_bytes(change(south.card_path.read_bytes()))
    called = call("card", str(bad))
    assert called.code == 2
    assert "bad.card" in called.err
    assert said in called.err or "longer than" in called.err
