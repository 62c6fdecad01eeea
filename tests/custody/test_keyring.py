"""The keyring: a daemon gets exactly the keys that its card certifies, or does not start."""

import shutil
from pathlib import Path

import pytest

from hotline.core.card import Card
from hotline.core.identity import Line
from hotline.custody import keyfile
from hotline.custody.ceremony import Plan, make_station
from hotline.custody.keyring import Keyring, read_root
from hotline.custody.passphrase import Passphrase
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


def test_an_officer_whom_the_card_does_not_certify_is_refused_by_file(north: Home) -> None:
    path = north.officer_key_path("Stranger")
    keyfile.create(path, "officer", {"officer": HybridKey.generate()}, None)
    with pytest.raises(KeyError_, match=f"{path.name} is not in this station's card"):
        Keyring.load(north, never)


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
    assert repr(Keyring.load(north, never)) == "<Keyring of 'NORTH', 1 officers>"
