"""Enrolment: nobody becomes a peer without a comparison, and no card replaces one that it should not."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline import limits
from hotline.core.card import Card
from hotline.custody import enrol as module
from hotline.custody import files, safety
from hotline.custody.ceremony import Plan, reissue_card, renew_station, sign_card
from hotline.custody.enrol import enrol, read_card
from hotline.custody.passphrase import Passphrase
from hotline.errors import CardError, HostError, HotlineError, KeyError_, NotFoundError, UsageError
from hotline.home import Home
from tests.custody import ceremonies
from tests.custody.cards import Station, station


def never(path: Path) -> Passphrase:
    raise AssertionError(f"the passphrase for {path} was asked")


def number(mine: Home, peer: Card) -> str:
    return safety.number(mine.card(), peer)


def pair(home: Home, text: bytes, **more: Any) -> module.Enrolled:
    """Enrol `text` with the number that its maker would show."""
    return enrol(home, text, safety_number=number(home, read_card(text)), **more)


def lines_folder(home: Home) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in home.lines_path.iterdir()}


def refused(home: Home, kind: type[HotlineError], words: str, text: bytes, **more: Any) -> HotlineError:
    """Enrol `text`, which must be refused and change nothing."""
    before = lines_folder(home)
    with pytest.raises(kind, match=words) as caught:
        enrol(home, text, **more)
    assert lines_folder(home) == before
    assert caught.value.remedy
    return caught.value


# --- reading ---------------------------------------------------------------------------


def test_a_card_is_read_from_a_file_and_from_its_text(south: Home) -> None:
    assert read_card(south.card_path) == read_card(south.card_path.read_bytes()) == south.card()


def test_a_card_that_is_refused_is_named_by_its_file(tmp_path: Path) -> None:
    path = tmp_path / "peer.card"
    path.write_bytes(station("south").text()[:-1])
    with pytest.raises(CardError, match=r"peer\.card is not a card"):
        read_card(path)
    with pytest.raises(NotFoundError, match=r"missing\.card"):
        read_card(tmp_path / "missing.card")
    with pytest.raises(CardError, match="Is a directory"):
        read_card(tmp_path)
    path.write_bytes(b"x" * (limits.CARD_BYTES + 1))
    with pytest.raises(CardError, match="longer than"):
        read_card(path)


def test_a_card_with_an_ml_kem_key_that_nobody_can_seal_to_is_refused() -> None:
    s = station("south")
    with pytest.raises(CardError, match="ML-KEM"):
        read_card(s.text(seal=b"\xff" * 1184 + s.seal.public[-32:]))


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_refused_and_raise_nothing_else(text: bytes) -> None:
    with pytest.raises(CardError):
        read_card(text)


# --- comparing -------------------------------------------------------------------------


def test_both_sides_enrol_each_other_with_one_number(north: Home, south: Home) -> None:
    shown = number(south, north.card())
    done = enrol(north, south.card_path, safety_number=shown)
    assert done.replaced is None
    assert (done.line.alias, done.line.card) == ("SOUTH", south.card())
    assert enrol(south, north.card_path, safety_number=shown.replace(" ", "")).line.id == done.line.id
    assert north.lines() == [done.line]


def test_what_is_enrolled_is_private_and_named_by_the_line(north: Home, south: Home) -> None:
    line = pair(north, south.card_path.read_bytes()).line
    paths = {p.name: p.stat().st_mode & 0o7777 for p in north.lines_path.iterdir()}
    assert paths == {f"{line.id.hex()[:16]}.card": 0o600, f"{line.id.hex()[:16]}.toml": 0o600}


def test_a_person_may_confirm_and_sees_the_card_and_the_number(north: Home, south: Home) -> None:
    seen: list[tuple[Card, str]] = []

    def confirm(card: Card, shown: str) -> bool:
        seen.append((card, shown))
        return True

    enrol(north, south.card_path, confirm=confirm)
    assert seen == [(south.card(), number(north, south.card()))]


def test_a_card_that_somebody_put_in_the_place_of_the_peers_does_not_pass_the_comparison(
    north: Home, south: Home
) -> None:
    told = number(south, north.card())
    forged = station("mallory").text(name="SOUTH")
    caught = refused(north, KeyError_, "not that of this card", forged, safety_number=told)
    assert caught.reason == "safety-number"
    assert told not in str(caught)


def test_without_a_comparison_nothing_is_enrolled(north: Home) -> None:
    text = station("south").text(name="SOUTH")
    refused(north, KeyError_, "Nobody has compared", text)
    refused(north, KeyError_, "not confirmed", text, confirm=lambda *_: False)
    refused(north, KeyError_, "not a safety number", text, safety_number="")
    refused(north, KeyError_, "not a safety number", text, safety_number="12345", confirm=lambda *_: True)


def test_a_given_number_that_differs_is_not_overruled_by_a_confirmation(north: Home) -> None:
    text = station("south").text(name="SOUTH")
    refused(north, KeyError_, "not that of this card", text, safety_number="0" * 60, confirm=lambda *_: True)


def test_ones_own_card_is_refused(north: Home) -> None:
    refused(north, CardError, "your own", north.card_path.read_bytes(), confirm=lambda *_: True)


# --- replacing -------------------------------------------------------------------------


def test_a_higher_number_of_the_same_root_replaces_without_a_new_comparison(north: Home, south: Home) -> None:
    first = pair(north, south.card_path.read_bytes()).line
    reissue_card(south, never, name="SOUTH-2", phone="+7 9")
    done = enrol(north, south.card_path)
    assert (done.replaced, done.line.id) == (1, first.id)
    assert [line.card for line in north.lines()] == [south.card()]


def test_the_name_that_we_chose_stays_when_the_peer_changes_its_own(north: Home, south: Home) -> None:
    pair(north, south.card_path.read_bytes())
    reissue_card(south, never, name="EAST")
    assert enrol(north, south.card_path).line.alias == "SOUTH"
    reissue_card(south, never, name="WEST")
    assert enrol(north, south.card_path, alias="W").line.alias == "W"
    assert [line.alias for line in north.lines()] == ["W"]


def test_an_older_card_the_same_card_and_another_of_the_same_number_are_refused(north: Home) -> None:
    south = station("south")
    pair(north, south.text(name="SOUTH", number=3))
    reasons = {
        refused(north, CardError, "SOUTH", south.text(name="SOUTH", number=n, **more)).reason
        for n, more in [(3, {}), (2, {}), (3, {"phone": "+1"})]
    }
    assert reasons == {"already-enrolled", "old-card", "same-number"}


@pytest.mark.parametrize("field", ["prefix", "log", "receipt", "link"])
def test_a_newer_card_that_changes_what_the_logs_stand_on_is_refused(north: Home, field: str) -> None:
    south, fresh = station("south"), Station()
    pair(north, south.text(name="SOUTH"))
    value = "elsewhere" if field == "prefix" else getattr(fresh, field).public
    caught = refused(north, CardError, f"changes {field}", south.text(name="SOUTH", number=2, **{field: value}))
    assert caught.reason == "keys-changed"
    assert "`hotline generation open SOUTH FILE` with their closing file" in caught.remedy


@pytest.mark.parametrize("field", ["prekey_signer", "seal", "address"])
def test_a_newer_card_may_change_the_other_keys(north: Home, field: str) -> None:
    south = station("south")
    pair(north, south.text(name="SOUTH"))
    enrol(north, south.text(name="SOUTH", number=2, **{field: getattr(Station(), field).public}))


def test_a_number_given_with_a_newer_card_is_compared_all_the_same(north: Home) -> None:
    south = station("south")
    pair(north, south.text(name="SOUTH"))
    refused(north, KeyError_, "not that of", south.text(name="SOUTH", number=2), safety_number="0" * 60)


# --- names and bounds ------------------------------------------------------------------


@pytest.mark.parametrize("name", ["SOUTH", "south", "\uff33\uff2f\uff35\uff34\uff28", "SOUTH "])
def test_two_lines_cannot_have_names_that_look_the_same(north: Home, name: str) -> None:
    pair(north, station("south").text(name="SOUTH"))
    other = station("other").text(name=name)
    told = number(north, read_card(other))
    assert refused(north, CardError, "--as NAME", other, safety_number=told).reason == "name-taken"
    assert pair(north, other, alias="EAST").line.alias == "EAST"


def test_a_peer_cannot_have_the_name_of_this_station(north: Home) -> None:
    text = station("south").text(name="north")
    told = number(north, read_card(text))
    refused(north, CardError, "this station's own name", text, safety_number=told)
    assert pair(north, text, alias="NORTH (theirs)").line.alias == "NORTH (theirs)"


@pytest.mark.parametrize("alias", [" ", "a\nb", "\u202eHTUOS", "x" * 65, "\udcff"], ids=ascii)
def test_a_name_that_cannot_be_shown_is_refused(north: Home, alias: str) -> None:
    text = station("south").text(name="SOUTH")
    refused(north, UsageError, "cannot be the name", text, alias=alias, confirm=lambda *_: True)


@pytest.mark.parametrize("alias", ['say "hello"', "back\\slash", "a = 'b' # c", "ЮГ", "[x]", "🛰"])
def test_a_name_with_any_printable_character_comes_back_from_the_home(north: Home, alias: str) -> None:
    pair(north, station("south").text(name="SOUTH"), alias=alias)
    assert [line.alias for line in north.lines()] == [alias]


def test_one_line_more_than_the_bound_is_refused(north: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LINES", 1)
    pair(north, station("south").text(name="SOUTH"))
    text = station("other").text(name="EAST")
    refused(north, CardError, "1 lines, which is the most", text, safety_number=number(north, read_card(text)))
    enrol(north, station("south").text(name="SOUTH", number=2))


# --- breaking in the middle ------------------------------------------------------------


def test_a_crash_between_the_name_and_the_card_leaves_no_line(north: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    real = files.replace

    def breaks(path: Path, data: bytes) -> None:
        if path.suffix == ".card":
            raise HostError("The disk is full.")
        real(path, data)

    monkeypatch.setattr(files, "replace", breaks)
    with pytest.raises(HostError):
        pair(north, station("south").text(name="SOUTH"))
    assert north.lines() == []
    monkeypatch.undo()
    pair(north, station("south").text(name="SOUTH"))
    assert len(north.lines()) == 1


def test_a_home_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="not the home of a station"):
        enrol(Home(tmp_path), station("south").text(), confirm=lambda *_: True)


def test_a_card_with_as_many_officers_as_its_text_can_hold_is_enrolled(north: Home) -> None:
    south = station("south")
    officers = (*south.body().officers, *(o for s in (Station() for _ in range(9)) for o in s.body().officers))
    card = sign_card(msgspec.structs.replace(south.body(name="SOUTH"), officers=officers), south.root)
    assert len(pair(north, card.text().encode()).line.card.body.officers) == 10


# --- generations -----------------------------------------------------------------------


def test_in_a_home_made_anew_a_line_waits_for_its_next_generation(north: Home, south: Home, tmp_path: Path) -> None:
    anew = Home(tmp_path / "anew")
    renew_station(anew, Plan("SOUTH"), lambda: None, south.root_key_path, never, 2)
    done = pair(anew, north.card_path.read_bytes())
    assert done.line.generations.awaits
    (line,) = anew.lines()
    assert line.generations.awaits


def test_a_line_whose_card_was_taken_away_comes_back_in_its_generation(north: Home, south: Home) -> None:
    ceremonies.pair(north, south)
    ceremonies.go_on(north, south)
    (before,) = north.lines()
    north.line_paths(before.pair)[0].unlink()
    assert pair(north, south.card_path.read_bytes()).line.id == before.id
    assert north.lines()[0].id == before.id


def test_a_card_with_other_keys_is_refused_with_the_way_to_take_it(north: Home) -> None:
    south = station("south")
    pair(north, south.text(name="SOUTH"))
    caught = refused(north, CardError, "changes log", south.text(name="SOUTH", number=2, log=Station().log.public))
    assert "hotline generation close" in caught.remedy
