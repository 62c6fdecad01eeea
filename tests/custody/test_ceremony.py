"""Making a station: complete, checked, or not at all; and giving its card a new number."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from hotline import config, limits
from hotline.core.card import Card, OfficerKey
from hotline.custody import ceremony, files, keyfile
from hotline.custody.ceremony import Plan, make_station, reissue_card
from hotline.custody.enrol import enrol, read_card
from hotline.custody.keyring import Keyring, read_root
from hotline.custody.officers import Officers
from hotline.custody.passphrase import Passphrase
from hotline.custody.suite import HybridKey, LinkKey
from hotline.errors import BusyError, CardError, HostError, HotlineError, KeyError_, NotFoundError, UsageError
from hotline.home import Home
from hotline.relay.config import RelayConfig
from tests.custody.cards import station
from tests.custody.conftest import CHEAP

WORDS = Passphrase("tamarind hexagon 41")


def never(path: Path) -> Passphrase:
    raise AssertionError(f"the passphrase for {path} was asked")


def everything(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_new_home_is_complete_and_every_file_of_it_private(tmp_path: Path) -> None:
    home = Home(tmp_path / "deep" / "north")
    card = make_station(home, Plan("NORTH", phone="+7 1", officer="Дежурный"), WORDS, cost=CHEAP)
    names = {str(p.relative_to(home.path)): p.stat().st_mode & 0o7777 for p in home.path.rglob("*")}
    slug = home.officer_key_path("Дежурный").name
    assert names == {
        "keys": 0o700,
        "lines": 0o700,
        "keys/root.key": 0o600,
        "keys/station.key": 0o600,
        f"keys/{slug}": 0o600,
        "station.card": 0o600,
        "station.toml": 0o600,
    }
    assert home.path.stat().st_mode & 0o7777 == 0o700
    assert (card.body.number, card.body.name, card.body.phone, card.body.prefix) == (1, "NORTH", "+7 1", "hotline")
    assert [officer.name for officer in card.body.officers] == ["Дежурный"]


def test_what_was_made_opens_with_the_passphrase_and_is_accepted_by_a_peer(tmp_path: Path) -> None:
    home = Home(tmp_path / "north")
    card = make_station(home, Plan("NORTH"), WORDS, cost=CHEAP)
    assert Keyring.load(home, lambda _: WORDS).card == card == read_card(home.card_path)


def test_every_key_file_is_sealed_with_a_passphrase_and_open_without_one(tmp_path: Path) -> None:
    for name, words in (("sealed", WORDS), ("open", None)):
        home = Home(tmp_path / name)
        make_station(home, Plan("NORTH"), words, cost=CHEAP)
        paths = sorted(home.keys_path.iterdir())
        assert [keyfile.has_passphrase(path) for path in paths] == [words is not None] * 3


def test_two_stations_share_no_key(north: Home, south: Home) -> None:
    bodies = [north.card().body, south.card().body]
    for field in ("root", "log", "receipt", "prekey_signer", "link", "seal", "address", "officers"):
        assert getattr(bodies[0], field) != getattr(bodies[1], field)


def test_relays_given_at_the_start_stand_in_the_configuration(tmp_path: Path) -> None:
    home, relay = Home(tmp_path / "north"), RelayConfig(name="first", url="mqtt://localhost:1")
    make_station(home, Plan("NORTH", relays=[relay]), None)
    assert config.load(home.config_path).relay == (relay,)


def test_an_empty_folder_is_taken_over(tmp_path: Path) -> None:
    (tmp_path / "north").mkdir(mode=0o755)
    make_station(Home(tmp_path / "north"), Plan("NORTH"), None)
    Home(tmp_path / "north").require()


def test_an_existing_home_is_named_and_not_touched(north: Home) -> None:
    before = everything(north.path)
    with pytest.raises(UsageError, match=f"{north.path} is the home of a station already") as caught:
        make_station(north, Plan("OTHER"), None)
    assert caught.value.reason == "home-exists"
    assert everything(north.path) == before


def test_a_folder_with_anything_in_it_and_a_file_are_not_touched(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "letter").write_text("x")
    (tmp_path / "file").write_text("y")
    before = everything(tmp_path)
    for name in ("folder", "file"):
        with pytest.raises(UsageError, match="not an empty folder"):
            make_station(Home(tmp_path / name), Plan("NORTH"), None)
    assert everything(tmp_path) == before


def test_a_place_that_cannot_be_looked_at_or_written_to_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HostError, match="cannot"):
        make_station(Home(tmp_path / "file" / "north"), Plan("NORTH"), None)

    def forbidden(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "north").mkdir()
    monkeypatch.setattr(Path, "iterdir", forbidden)
    with pytest.raises(HostError, match="cannot be read: Permission denied"):
        make_station(Home(tmp_path / "north"), Plan("NORTH"), None)


def test_a_home_that_appears_in_the_meantime_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, real = Home(tmp_path / "north"), ceremony._read_back

    def slow(place: Home, words: Passphrase | None) -> None:
        real(place, words)
        home.path.mkdir()
        (home.path / "station.card").write_text("another's")

    monkeypatch.setattr(ceremony, "_read_back", slow)
    with pytest.raises(HostError, match="cannot be made"):
        make_station(home, Plan("NORTH"), None)
    assert everything(tmp_path) == {"north/station.card": b"another's"}


STEPS: list[tuple[Any, str]] = [
    (files, "make_folder"),
    (files, "create"),
    (files, "sync_folder"),
    (keyfile, "create"),
    (keyfile, "read"),
    (ceremony, "sign_card"),
    (ceremony, "_read_back"),
    (ceremony, "_move_in"),
    (os, "fsync"),
    (os, "rename"),
]


@pytest.mark.parametrize(("owner", "name"), STEPS, ids=[name for _, name in STEPS])
@pytest.mark.parametrize("after", [0, 1, 2])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()], ids=["disk", "ctrl-c"])
def test_a_ceremony_that_breaks_at_any_step_leaves_a_complete_home_or_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, after: int, error: BaseException
) -> None:
    real: Callable[..., Any] = getattr(owner, name)
    calls = 0

    def breaks(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > after:
            raise error
        return real(*args, **kwargs)

    monkeypatch.setattr(owner, name, breaks)
    home, told = Home(tmp_path / "north"), None
    try:
        make_station(home, Plan("NORTH"), None)
    except (HotlineError, OSError, KeyboardInterrupt) as e:
        told = e
    monkeypatch.undo()
    if told is None:
        Keyring.load(home, never)  # it has fewer steps of this kind
    else:
        assert list(tmp_path.iterdir()) == []
        assert owner is not os or not isinstance(told, OSError), "the system's error came through outside the tree"
        make_station(home, Plan("NORTH"), None)
    assert [p.name for p in tmp_path.iterdir()] == ["north"]


KILLED = """
import os, signal, sys
from pathlib import Path
from hotline.custody import ceremony
from hotline.home import Home
ceremony._move_in = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
ceremony.make_station(Home(Path(sys.argv[1])), ceremony.Plan("NORTH"), None)
"""


def test_a_killed_ceremony_leaves_no_home_and_the_next_one_clears_its_remains(tmp_path: Path) -> None:
    home = Home(tmp_path / "north")
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, home.path], cwd=Path(ceremony.__file__).parents[2], check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert not home.path.exists()
    assert [p.name.startswith(".north.init-") for p in tmp_path.iterdir()] == [True]
    make_station(home, Plan("NORTH"), None)
    assert list(tmp_path.iterdir()) == [home.path]


def test_two_ceremonies_for_one_home_do_not_disturb_each_other(tmp_path: Path) -> None:
    home = Home(tmp_path / "north")
    with ceremony._building(home.path), pytest.raises(BusyError, match="Another ceremony is making"):
        make_station(home, Plan("NORTH"), None)
    assert list(tmp_path.iterdir()) == []


def test_keys_that_come_back_from_the_disk_changed_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = keyfile.read

    def spoiled(*args: Any) -> dict[str, keyfile.Key]:
        return {**real(*args), "link": LinkKey.generate()}

    monkeypatch.setattr(keyfile, "read", spoiled)
    with pytest.raises(KeyError_, match="`link` key"):
        make_station(Home(tmp_path / "north"), Plan("NORTH"), None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": "   "},
        {"name": "N" * 65},
        {"name": "я" * 33},
        {"name": "NO\x1bRTH"},
        {"name": "NORTH\n"},
        {"name": "\u202eNORTH"},
        {"name": "\ue000"},
        {"name": "\udcff"},
        {"phone": "1" * 65},
        {"phone": "1\0"},
        {"officer": ""},
        {"prefix": ""},
        {"prefix": "North"},
        {"prefix": "a/"},
        {"prefix": "a\n"},
        {"prefix": "a" * 65},
    ],
    ids=ascii,
)
def test_a_plan_that_no_card_could_hold_is_refused_before_anything_is_made(change: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=r"cannot be an? ") as caught:
        Plan(**{"name": "NORTH", **change})
    assert caught.value.what.isprintable()


# --- the card anew ---------------------------------------------------------------------


def test_a_card_made_anew_has_the_next_number_and_the_same_keys(north: Home) -> None:
    old = north.card()
    new = reissue_card(north, never, name="NORTH-2", phone="+7 2")
    assert north.card() == new
    assert (new.body.number, new.body.name, new.body.phone) == (2, "NORTH-2", "+7 2")
    assert new.fingerprint == old.fingerprint
    assert (new.body.log, new.body.officers) == (old.body.log, old.body.officers)
    Keyring.load(north, never)


def test_what_is_not_given_stays(north: Home) -> None:
    assert reissue_card(north, never, phone="").body.name == "NORTH"
    assert reissue_card(north, never, name="N").body.phone == ""


def test_a_card_that_would_say_the_same_is_not_made(north: Home) -> None:
    same: list[dict[str, Any]] = [{}, {"name": "NORTH"}]
    for change in same:
        with pytest.raises(UsageError, match="says that already"):
            reissue_card(north, never, **change)
    assert north.card().body.number == 1


def test_a_name_that_cannot_be_shown_is_refused_before_the_root_is_asked_for(north: Home) -> None:
    north.root_key_path.unlink()
    with pytest.raises(UsageError, match="cannot be a name"):
        reissue_card(north, never, name="a\nb")


def test_a_root_key_that_is_offline_is_named_and_one_on_a_stick_is_used(north: Home, tmp_path: Path) -> None:
    stick = tmp_path / "stick.key"
    north.root_key_path.rename(stick)
    with pytest.raises(NotFoundError, match=r"root\.key"):
        reissue_card(north, never, name="N")
    assert reissue_card(north, never, name="N", root_key=stick).body.number == 2


def test_the_root_of_another_station_is_refused_and_the_card_stays(north: Home, south: Home) -> None:
    with pytest.raises(KeyError_, match="`root` key"):
        reissue_card(north, never, name="N", root_key=south.root_key_path)
    assert north.card().body.number == 1


def test_a_number_at_its_bound_cannot_grow(north: Home) -> None:
    root = keyfile.read(north.root_key_path, "root", never)["root"]
    assert isinstance(root, HybridKey)
    body = station("any").body(root=root.public, number=2**53 - 1)
    files.replace(north.card_path, ceremony.sign_card(body, root).text().encode())
    with pytest.raises(CardError, match="cannot grow"):
        reissue_card(north, never, name="N")


def test_a_card_is_not_signed_over_keys_that_no_peer_would_accept() -> None:
    north = station("north")
    with pytest.raises(CardError, match="small order"):
        ceremony.sign_card(north.body(link=bytes([1]) + bytes(31)), north.root)


# --- another officer -------------------------------------------------------------------


def adding(home: Home, name: str = "Colonel B", passphrase: Passphrase | None = WORDS) -> Card:
    return ceremony.add_officer(home, name, never, lambda: passphrase, cost=CHEAP)


def test_an_officer_added_stands_in_the_next_card_after_those_who_were_there(north: Home) -> None:
    old = north.card()
    new = adding(north)
    assert north.card() == new
    assert new.carries_on(old)
    assert [o.name for o in new.body.officers] == ["Duty officer", "Colonel B"]
    assert new.body.number == 2


def test_the_new_officers_key_is_private_and_opens_with_the_own_passphrase_only(north: Home) -> None:
    card = adding(north)
    path = north.officer_key_path("Colonel B")
    assert path.stat().st_mode & 0o7777 == 0o600
    key = keyfile.read(path, "officer", lambda _: WORDS)["officer"]
    assert key.public == card.body.officers[1].public
    with pytest.raises(KeyError_, match="does not open"):
        keyfile.read(path, "officer", lambda _: Passphrase("somebody else's"))


def test_the_old_card_still_opens_and_the_peers_take_the_new_one(north: Home, south: Home) -> None:
    enrol(south, north.card_path, confirm=lambda *_: True)
    adding(north)
    assert enrol(south, north.card_path).replaced == 1


@pytest.mark.parametrize("name", ["Duty officer", "duty OFFICER", "Duty  officer", " duty officer "])
def test_two_officers_of_one_name_are_refused_as_people_see_names(north: Home, name: str) -> None:
    with pytest.raises(UsageError) as refused:
        adding(north, name)
    assert refused.value.reason in ("name-taken", "usage")
    assert north.card().body.number == 1
    assert len(north.officer_key_paths()) == 1


@pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * 65, "\u202eB"], ids=ascii)
def test_an_officers_name_that_no_card_could_hold_is_refused_before_anybody_is_asked(north: Home, name: str) -> None:
    north.root_key_path.unlink()
    with pytest.raises(UsageError, match="cannot be an officer's name"):
        ceremony.add_officer(north, name, never, lambda: pytest.fail("was asked"))


def test_names_that_look_alike_in_ascii_get_files_of_their_own(north: Home) -> None:
    for name in ("Colonel B", "Colonel-B", "Полковник B", "Генерал"):
        adding(north, name, None)
    card = north.card()
    assert len(north.officer_key_paths()) == len(card.body.officers) == 5
    officers = Officers(north, card)
    assert officers.names() == [o.name for o in card.body.officers]
    assert all(officers.unlock(o.name, None).public == o.public for o in card.body.officers)


def test_the_thirty_third_officer_is_refused_with_the_bound(north: Home) -> None:
    root = read_root(north.root_key_path, north.card(), never)
    more = tuple(OfficerKey(f"Officer {n}", HybridKey.generate().public) for n in range(31))
    body = structs.replace(north.card().body, officers=(*north.card().body.officers, *more))
    files.replace(north.card_path, ceremony.sign_card(body, root).text().encode())
    with pytest.raises(CardError, match="32 officers, which is the most"):
        adding(north)
    assert len(north.officer_key_paths()) == 1


def test_a_full_card_of_the_longest_names_is_within_its_bound(north: Home) -> None:
    root = read_root(north.root_key_path, north.card(), never)
    more = tuple(OfficerKey(f"{n:02}" + "я" * 31, HybridKey.generate().public) for n in range(32))
    card = ceremony.sign_card(structs.replace(north.card().body, officers=more), root)
    assert len(card.text()) <= limits.CARD_BYTES


def test_a_try_stopped_before_the_card_goes_on_with_the_same_key(north: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object) -> None:
        raise HostError("The power went.")

    before = everything(north.path)
    with monkeypatch.context() as patch:
        patch.setattr(files, "replace", stopped)
        with pytest.raises(HostError):
            adding(north)
    left = north.officer_key_path("Colonel B")
    assert {k: v for k, v in everything(north.path).items() if k != f"keys/{left.name}"} == before
    assert list(Keyring.load(north, never).officers) == ["Duty officer"]  # the station starts all the same
    key = left.read_bytes()
    for wrong in (Passphrase("another passphrase"), None):
        with pytest.raises(KeyError_, match="the passphrase of then"):
            adding(north, passphrase=wrong)
    adding(north)
    assert left.read_bytes() == key
    Officers(north, north.card()).unlock("Colonel B", WORDS)


def test_an_open_key_that_somebody_put_there_is_not_certified_for_a_passphrase(north: Home) -> None:
    keyfile.create(north.officer_key_path("Colonel B"), "officer", {"officer": HybridKey.generate()}, None)
    with pytest.raises(KeyError_, match="is here already"):
        adding(north)
    assert north.card().body.number == 1


def test_another_officers_key_is_not_certified_twice(north: Home) -> None:
    shutil.copy(north.officer_key_path("Duty officer"), north.officer_key_path("Colonel B"))
    with pytest.raises(KeyError_, match="is here already"):
        adding(north, passphrase=None)


def test_an_officer_is_added_with_a_root_key_on_a_stick_and_only_that_of_this_station(
    north: Home, south: Home, tmp_path: Path
) -> None:
    stick = tmp_path / "stick.key"
    north.root_key_path.rename(stick)
    with pytest.raises(NotFoundError, match=r"root\.key"):
        adding(north)
    with pytest.raises(KeyError_, match="`root` key"):
        ceremony.add_officer(north, "B", never, lambda: None, root_key=south.root_key_path)
    assert len(north.officer_key_paths()) == 1, "no key is made before the root is known"
    assert ceremony.add_officer(north, "B", never, lambda: None, root_key=stick).body.number == 2


def test_two_that_sign_the_card_anew_at_once_do_not_lose_one_of_them(north: Home) -> None:
    with files.locked(north.keys_path):
        for change in (partial(adding, north), partial(reissue_card, north, never, phone="+7 2")):
            with pytest.raises(BusyError, match="Another command is changing"):
                change()
    assert north.card().body.number == 1


def test_no_officer_is_added_to_a_card_whose_number_cannot_grow(north: Home) -> None:
    root = read_root(north.root_key_path, north.card(), never)
    body = structs.replace(north.card().body, number=2**53 - 1)
    files.replace(north.card_path, ceremony.sign_card(body, root).text().encode())
    with pytest.raises(CardError, match="cannot grow"):
        adding(north)
    assert len(north.officer_key_paths()) == 1


# --- made anew from its root ----------------------------------------------------------------------------


def test_a_home_made_anew_has_the_old_root_and_no_other_old_key(south: Home, tmp_path: Path) -> None:
    old, home = south.card(), Home(tmp_path / "anew")
    card = ceremony.renew_station(home, Plan("SOUTH"), lambda: None, south.root_key_path, never, 2)
    assert (card.fingerprint, card.body.number) == (old.fingerprint, 2)
    for field in ("log", "receipt", "prekey_signer", "link", "seal", "address", "officers"):
        assert getattr(card.body, field) != getattr(old.body, field)
    assert home.renewed_path.exists()
    assert not home.root_key_path.exists(), "the root key is read, and not copied"
    assert Keyring.load(home, never).card == card
    assert not list(tmp_path.glob(".anew*"))


def test_the_root_is_opened_before_a_new_passphrase_is_asked_for(south: Home, tmp_path: Path) -> None:
    def asked() -> Passphrase:
        raise AssertionError("a passphrase was asked for")

    with pytest.raises(NotFoundError):
        ceremony.renew_station(Home(tmp_path / "anew"), Plan("SOUTH"), asked, tmp_path / "nowhere", never, 2)
    with pytest.raises(KeyError_):
        ceremony.renew_station(Home(tmp_path / "anew"), Plan("SOUTH"), asked, south.station_key_path, never, 2)
    with pytest.raises(UsageError, match="number"):
        ceremony.renew_station(Home(tmp_path / "anew"), Plan("SOUTH"), asked, south.root_key_path, never, 1)
    assert not (tmp_path / "anew").exists()


def test_a_home_is_never_made_anew_over_another(north: Home, south: Home) -> None:
    before = everything(north.path)
    with pytest.raises(UsageError, match="nothing in it was touched"):
        ceremony.renew_station(north, Plan("SOUTH"), lambda: None, south.root_key_path, never, 2)
    assert everything(north.path) == before


def test_a_card_of_another_root_is_refused_before_a_new_passphrase_is_asked_for(
    north: Home, south: Home, tmp_path: Path
) -> None:
    def asked() -> Passphrase:
        raise AssertionError("a passphrase was asked for")

    place = Home(tmp_path / "anew")
    with pytest.raises(CardError, match="not of the root key"):
        ceremony.renew_station(place, Plan("N"), asked, south.root_key_path, never, 2, old=north.card())
    assert not list(tmp_path.glob("*anew*"))
    made = ceremony.renew_station(place, Plan("S"), lambda: None, south.root_key_path, never, 2, old=south.card())
    assert made.fingerprint == south.card().fingerprint
