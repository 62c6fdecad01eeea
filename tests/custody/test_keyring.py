"""The keyring: a daemon gets exactly the keys that its card certifies, or does not start."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from hotline.core.card import Card
from hotline.core.identity import Line
from hotline.custody import files, keyfile
from hotline.custody.ceremony import Plan, add_officer, make_station, reissue_card, sign_card
from hotline.custody.keyring import Keyring, read_root
from hotline.custody.passphrase import Passphrase, PassphraseSource
from hotline.custody.suite import HybridKey
from hotline.errors import CardError, KeyError_, NotFoundError
from hotline.home import Home
from tests.custody.cards import station
from tests.custody.conftest import CHEAP

WORDS = "tamarind hexagon 41"


def never(path: Path) -> Passphrase:
    raise AssertionError(f"the passphrase for {path} was asked")


def test_the_keyring_holds_the_private_halves_of_the_card(north: Home) -> None:
    ring = Keyring.load(north, never)
    body = ring.card.body
    assert (ring.log.public, ring.receipt.public, ring.prekey_signer.public) == (
        body.log,
        body.receipt,
        body.prekey_signer,
    )
    assert (ring.link.public, ring.seal.public, ring.address.public) == (body.link, body.seal, body.address)
    assert {name: key.public for name, key in ring.officers.items()} == {o.name: o.public for o in body.officers}


def test_the_keyring_does_not_need_the_root_key(north: Home) -> None:
    north.root_key_path.unlink()
    Keyring.load(north, never)


def test_the_officers_can_be_left_locked(north: Home) -> None:
    assert Keyring.load(north, never, officers=False).officers == {}


def test_a_passphrase_is_asked_once_a_file_and_not_once_a_key(tmp_path: Path) -> None:
    home, asked = Home(tmp_path / "h"), []
    make_station(home, Plan("NORTH"), Passphrase(WORDS), cost=CHEAP)

    def unlock(path: Path) -> Passphrase:
        asked.append(path)
        return Passphrase(WORDS)

    Keyring.load(home, unlock)
    assert asked == [home.station_key_path, *home.officer_key_paths()]


def test_a_wrong_passphrase_names_the_station_key(tmp_path: Path) -> None:
    home = Home(tmp_path / "h")
    make_station(home, Plan("NORTH"), Passphrase(WORDS), cost=CHEAP)
    with pytest.raises(KeyError_, match=r"does not open .*station\.key"):
        Keyring.load(home, lambda _: Passphrase("something else"))


def test_keys_of_another_station_are_refused_before_they_sign_anything(north: Home, south: Home) -> None:
    shutil.copy(south.station_key_path, north.station_key_path)
    with pytest.raises(KeyError_, match="not the one in the station's card"):
        Keyring.load(north, never)


def test_the_card_of_another_station_is_refused(north: Home, south: Home) -> None:
    shutil.copy(south.card_path, north.card_path)
    with pytest.raises(KeyError_, match="not the one in the station's card") as caught:
        Keyring.load(north, never)
    assert caught.value.reason == "key-mismatch"


@pytest.mark.parametrize("name", ["log", "receipt", "prekey-signer", "link", "seal", "address"])
def test_each_single_key_is_compared_with_the_card_and_missed_if_absent(north: Home, name: str) -> None:
    held = keyfile.read(north.station_key_path, "station", never)
    for keys in ({**held, name: type(held[name]).generate()}, {n: k for n, k in held.items() if n != name}):
        north.station_key_path.unlink()
        keyfile.create(north.station_key_path, "station", keys, None)
        with pytest.raises(KeyError_, match=f"`{name}` key"):
            Keyring.load(north, never)


def test_a_key_of_another_kind_under_the_right_name_is_no_such_key(north: Home) -> None:
    held = keyfile.read(north.station_key_path, "station", never)
    north.station_key_path.unlink()
    keyfile.create(north.station_key_path, "station", {**held, "log": held["link"]}, None)
    with pytest.raises(KeyError_, match="holds no `log` key"):
        Keyring.load(north, never)


def test_a_key_that_the_card_does_not_certify_puts_nobody_on_duty(north: Home) -> None:
    path = north.officer_key_path("Stranger")
    keyfile.create(path, "officer", {"officer": HybridKey.generate()}, None)
    assert list(Keyring.load(north, never).officers) == ["Duty officer"]
    north.officer_key_path("Duty officer").unlink()
    with pytest.raises(KeyError_, match=f"{path.name} is not in this station's card"):
        Keyring.load(north, never)


def test_without_an_officers_key_nobody_is_on_duty(north: Home) -> None:
    north.officer_key_path("Duty officer").unlink()
    assert not Keyring.load(north, never).officers


def test_a_renamed_file_of_the_only_officer_is_found(north: Home) -> None:
    north.officer_key_path("Duty officer").rename(north.keys_path / "officer-old-name.key")
    assert list(Keyring.load(north, never).officers) == ["Duty officer"]


def test_of_several_officers_nobody_is_on_duty_until_one_is_named(north: Home) -> None:
    add_officer(north, "Colonel B", never, lambda: Passphrase(WORDS), cost=CHEAP)
    assert list(Keyring.load(north, never).officers) == []
    ring = Keyring.load(north, lambda _: Passphrase(WORDS), officer="Colonel B")
    assert list(ring.officers) == ["Colonel B"]
    with pytest.raises(KeyError_, match="Certified: Duty officer, Colonel B"):
        Keyring.load(north, never, officer="Colonel C")


def test_an_officer_whose_passphrase_is_another_than_the_stations_is_asked_for_it(tmp_path: Path) -> None:
    home = Home(tmp_path / "h")
    make_station(home, Plan("NORTH"), Passphrase(WORDS), cost=CHEAP)
    mine = "a passphrase of my own"
    keyfile.change_passphrase(
        home.officer_key_path("Duty officer"), "officer", lambda _: Passphrase(WORDS), Passphrase(mine), cost=CHEAP
    )
    typed = [WORDS, mine]
    source = PassphraseSource(environ={}, ask=lambda _: typed.pop(0))
    assert list(Keyring.load(home, source.for_file).officers) == ["Duty officer"]
    source = PassphraseSource(environ={"HOTLINE_PASSPHRASE": WORDS}, ask=None)
    with pytest.raises(KeyError_, match=r"does not open .*officer-duty-officer\.key"):
        Keyring.load(home, source.for_file)


# --- a card that was signed anew ---------------------------------------------------------


def test_a_card_signed_anew_is_taken_with_its_officers(north: Home) -> None:
    ring = Keyring.load(north, never)
    add_officer(north, "Colonel B", never, lambda: None)
    reissue_card(north, never, phone="+7 2")
    assert ring.take_card(north) is ring.card
    assert (ring.card, ring.officers.names()) == (north.card(), ["Duty officer", "Colonel B"])
    ring.officers.come_on("Colonel B", ring.officers.unlock("Colonel B", None))
    assert list(ring.officers) == ["Duty officer", "Colonel B"]


def test_the_same_card_again_changes_nothing(north: Home) -> None:
    ring = Keyring.load(north, never)
    held = ring.card
    assert ring.take_card(north) is held is ring.card


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"number": 1}, "old-card"),
        ({"number": 2, "phone": "+7 9"}, "old-card"),
        ({"number": 3, "prefix": "elsewhere"}, "keys-changed"),
        ({"number": 3, "officers": ()}, "keys-changed"),
    ],
    ids=ascii,
)
def test_a_card_that_peers_would_not_take_is_refused_and_the_held_one_stays(
    north: Home, change: dict[str, Any], reason: str
) -> None:
    held = reissue_card(north, never, phone="+7 2")
    ring = Keyring.load(north, never)
    card = sign_card(structs.replace(held.body, **change), read_root(north.root_key_path, held, never))
    files.replace(north.card_path, card.text().encode())
    with pytest.raises(CardError) as refused:
        ring.take_card(north)
    assert refused.value.reason == reason
    assert (ring.card, ring.officers.names()) == (held, ["Duty officer"])


@pytest.mark.parametrize("field", ["log", "receipt", "prekey_signer", "link", "seal", "address"])
def test_a_card_with_another_key_of_the_station_is_refused(north: Home, field: str) -> None:
    ring = Keyring.load(north, never)
    body = structs.replace(ring.card.body, number=2, **{field: getattr(station("other").body(), field)})
    card = sign_card(body, read_root(north.root_key_path, ring.card, never))
    files.replace(north.card_path, card.text().encode())
    with pytest.raises(CardError, match="changes keys"):
        ring.take_card(north)
    assert ring.card.body.number == 1


def test_the_card_of_another_station_is_not_taken(north: Home, south: Home) -> None:
    ring = Keyring.load(north, never)
    shutil.copy(south.card_path, north.card_path)
    with pytest.raises(CardError, match="another station"):
        ring.take_card(north)
    assert ring.card.body.name == "NORTH"


def test_keys_in_a_folder_that_others_can_enter_are_refused(north: Home) -> None:
    north.keys_path.chmod(0o755)
    with pytest.raises(KeyError_, match=r"chmod 700 .*keys"):
        Keyring.load(north, never)


def test_a_missing_key_file_is_named(north: Home) -> None:
    north.station_key_path.unlink()
    with pytest.raises(NotFoundError, match=r"station\.key"):
        Keyring.load(north, never)


def test_two_keyrings_make_the_two_ends_of_one_line(north: Home, south: Home) -> None:
    n, s = Keyring.load(north, never), Keyring.load(south, never)
    at_north, at_south = n.line(s.card), s.line(n.card)
    assert isinstance(at_north, Line)
    assert (at_north.id, at_north.outgoing, at_north.incoming) == (at_south.id, at_south.incoming, at_south.outgoing)


def test_a_line_with_ones_own_card_is_refused(north: Home) -> None:
    ring = Keyring.load(north, never)
    with pytest.raises(CardError, match="your own"):
        ring.line(ring.card)


def test_a_peers_address_key_that_makes_no_secret_is_refused_also_when_the_card_was_not_parsed(north: Home) -> None:
    ring = Keyring.load(north, never)
    body = station("south").body(address=bytes(32))
    with pytest.raises(CardError, match="small order"):
        ring.line(Card(body, b"", b""))


def test_the_root_is_compared_with_the_card(north: Home, south: Home) -> None:
    assert read_root(north.root_key_path, north.card(), never).public == north.card().body.root
    with pytest.raises(KeyError_, match="`root` key"):
        read_root(south.root_key_path, north.card(), never)


def test_the_repr_of_a_keyring_names_the_station_and_nothing_else(north: Home) -> None:
    assert repr(Keyring.load(north, never)) == "<Keyring of 'NORTH', 1 on duty>"
