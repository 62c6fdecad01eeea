"""Officers: whose keys are here, and who is on duty; nobody by another's key, and nobody's secret shown."""

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hotline.custody import bounds, files, keyfile
from hotline.custody.ceremony import add_officer
from hotline.custody.officers import Officers, key_places
from hotline.custody.passphrase import Passphrase
from hotline.custody.suite import HybridKey
from hotline.errors import BusyError, KeyError_
from hotline.home import Home
from tests.custody.conftest import CHEAP

MINE, OTHERS = Passphrase("tamarind hexagon 41"), Passphrase("windmill parsley 77")
FIRST, SECOND, THIRD = "Duty officer", "Colonel B", "Colonel C"


def never(path: Path) -> Passphrase:
    raise AssertionError(f"the passphrase for {path} was asked")


@pytest.fixture
def home(north: Home) -> Home:
    """A home of three officers: one open key, two sealed."""
    add_officer(north, SECOND, never, lambda: MINE, cost=CHEAP)
    add_officer(north, THIRD, never, lambda: OTHERS, cost=CHEAP)
    return north


@pytest.fixture
def officers(home: Home) -> Officers:
    return Officers(home, home.card())


def test_at_first_nobody_is_on_duty_and_all_whose_keys_are_here_are_named(officers: Officers) -> None:
    assert (list(officers), bool(officers), len(officers)) == ([], False, 0)
    assert officers.names() == [FIRST, SECOND, THIRD]
    assert officers.only() is None


def test_unlocking_gives_the_certified_key_and_puts_nobody_on_duty(officers: Officers, home: Home) -> None:
    assert officers.unlock(SECOND, MINE).public == home.card().body.officers[1].public
    assert officers.unlock(FIRST, None).public == home.card().body.officers[0].public
    assert not officers


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        (SECOND, OTHERS, r"does not open .*officer-colonel-b\.key"),
        (SECOND, None, r"officer-colonel-b\.key has a passphrase, and none was given"),
        ("Colonel D", MINE, "Certified: Duty officer, Colonel B, Colonel C"),
        ("colonel b", MINE, "is no officer"),
        ("", MINE, "is no officer"),
        ("a\x1b[2J\nb", MINE, "is no officer"),
    ],
)
def test_what_opens_nobody_is_refused_in_one_sentence(
    officers: Officers, name: str, given: Passphrase | None, said: str
) -> None:
    with pytest.raises(KeyError_, match=said) as refused:
        officers.unlock(name, given)
    assert str(refused.value).isprintable()
    assert refused.value.remedy


def test_officers_stand_in_the_order_in_which_they_came_on(officers: Officers) -> None:
    officers.come_on(THIRD, officers.unlock(THIRD, OTHERS))
    officers.come_on(SECOND, officers.unlock(SECOND, MINE))
    assert list(officers) == list(officers.on_duty()) == [THIRD, SECOND]
    officers.go_off(THIRD)
    officers.go_off(THIRD)
    assert list(officers) == [SECOND]
    assert THIRD not in officers


def test_coming_on_twice_does_not_change_the_order(officers: Officers) -> None:
    for name, given in ((SECOND, MINE), (THIRD, OTHERS), (SECOND, MINE)):
        officers.come_on(name, officers.unlock(name, given))
    assert list(officers) == [SECOND, THIRD]


def test_nobody_comes_on_with_a_key_that_is_not_certified_for_that_name(officers: Officers) -> None:
    for key in (HybridKey.generate(), officers.unlock(THIRD, OTHERS)):
        with pytest.raises(KeyError_, match="not the one that the card certifies for Colonel B"):
            officers.come_on(SECOND, key)
    assert not officers


def test_what_was_taken_once_is_not_changed_by_who_goes_off_meanwhile(officers: Officers) -> None:
    officers.come_on(SECOND, officers.unlock(SECOND, MINE))
    held = officers.on_duty()
    officers.go_off(SECOND)
    assert list(held) == [SECOND]
    assert not officers.on_duty()


@pytest.fixture
def hasty() -> Iterator[None]:
    """Threads take turns as often as they can."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("hasty")
def test_changes_on_many_threads_lose_nobody(officers: Officers) -> None:
    lost: list[str] = []

    def come_and_go(name: str, key: HybridKey) -> None:
        for _ in range(1000):
            officers.come_on(name, key)
            lost.extend([] if name in officers.on_duty() else [name])
            officers.go_off(name)
            lost.extend([name] if name in officers.on_duty() else [])

    given = {FIRST: None, SECOND: MINE, THIRD: OTHERS}
    keys = {name: officers.unlock(name, words) for name, words in given.items()}
    threads = [threading.Thread(target=come_and_go, args=each) for each in keys.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert lost == []


def test_an_officer_whose_file_was_taken_away_is_not_here_and_the_place_is_named(
    officers: Officers, home: Home
) -> None:
    home.officer_key_path(SECOND).unlink()
    assert officers.names() == [FIRST, THIRD]
    for ask in (lambda: officers.unlock(SECOND, MINE), lambda: officers.sealed(SECOND)):
        with pytest.raises(KeyError_, match=r"The key of Colonel B is not here.*officer-colonel-b\.key"):
            ask()


def test_the_only_one_here_is_known_whoever_else_the_card_names(officers: Officers, home: Home) -> None:
    for name in (FIRST, THIRD):
        home.officer_key_path(name).unlink()
    assert officers.only() == SECOND


def test_a_renamed_file_is_found_by_trying(officers: Officers, home: Home) -> None:
    renamed = home.officer_key_path(SECOND).rename(home.keys_path / "officer-x.key")
    keyfile.create(home.keys_path / "officer-a.key", "officer", {"officer": HybridKey.generate()}, OTHERS, cost=CHEAP)
    assert officers.names() == [FIRST, THIRD]
    assert renamed in officers.strays()
    assert officers.sealed(SECOND)
    officers.come_on(SECOND, officers.unlock(SECOND, MINE))
    assert officers.names() == [FIRST, SECOND, THIRD]


def test_an_open_key_in_a_file_of_another_name_is_known_without_trying(officers: Officers, home: Home) -> None:
    home.officer_key_path(FIRST).rename(home.keys_path / "officer-x.key")
    assert officers.names() == [FIRST, SECOND, THIRD]
    assert not officers.sealed(FIRST)


def test_the_file_under_an_officers_name_must_hold_that_officers_key(officers: Officers, home: Home) -> None:
    home.officer_key_path(THIRD).replace(home.officer_key_path(SECOND))
    with pytest.raises(KeyError_, match="is that of Colonel C, not of Colonel B"):
        officers.unlock(SECOND, OTHERS)
    home.officer_key_path(SECOND).unlink()
    keyfile.create(home.officer_key_path(SECOND), "officer", {"officer": HybridKey.generate()}, None)
    with pytest.raises(KeyError_, match="is not in this station's card"):
        officers.unlock(SECOND, None)


def test_a_file_open_to_others_or_damaged_is_refused_by_name(officers: Officers, home: Home) -> None:
    path = home.officer_key_path(SECOND)
    path.chmod(0o640)
    with pytest.raises(KeyError_, match="chmod 600"):
        officers.unlock(SECOND, MINE)
    path.chmod(0o600)
    path.write_text("hotline-key/1 officer sealed\nAAAA\n")
    with pytest.raises(KeyError_, match="damaged"):
        officers.unlock(SECOND, MINE)


def test_a_stray_file_that_cannot_be_read_hides_nobody(officers: Officers, home: Home) -> None:
    (home.keys_path / "officer-x.key").write_bytes(b"\xff")
    (home.keys_path / "officer-y.key").mkdir()
    assert officers.names() == [FIRST, SECOND, THIRD]
    officers.unlock(SECOND, MINE)


def test_a_folder_full_of_files_is_not_tried_without_end(officers: Officers, home: Home) -> None:
    for number in range(bounds.STRAY_OFFICER_FILES + 5):
        (home.keys_path / f"officer-{number:03}.key").touch(0o600)
    assert len(officers.strays()) == bounds.STRAY_OFFICER_FILES
    officers.unlock(SECOND, MINE)


def test_places_of_those_who_are_there_do_not_change_when_somebody_is_added(home: Home) -> None:
    names = ["Colonel B", "Colonel-B", "Б B", "colonel b", "Генерал", "Адмирал"]
    for count in range(1, len(names) + 1):
        places = key_places(home, names[:count])
        assert len(set(places.values())) == count
        assert list(places.items())[:-1] == list(key_places(home, names[: count - 1]).items())


def test_another_card_names_those_who_are_in_it(north: Home) -> None:
    officers = Officers(north, north.card())
    officers.take_card(add_officer(north, SECOND, never, lambda: None))
    assert officers.names() == [FIRST, SECOND]


def test_a_passphrase_is_changed_for_one_officer_only(officers: Officers, home: Home) -> None:
    third = home.officer_key_path(THIRD).read_bytes()
    fresh = Passphrase("a new one, and longer")
    officers.change_passphrase(SECOND, lambda _: MINE, lambda: fresh, cost=CHEAP)
    with pytest.raises(KeyError_, match="does not open"):
        officers.unlock(SECOND, MINE)
    assert officers.unlock(SECOND, fresh).public == home.card().body.officers[1].public
    assert home.officer_key_path(SECOND).stat().st_mode & 0o7777 == 0o600
    assert home.officer_key_path(THIRD).read_bytes() == third


def test_the_old_passphrase_is_asked_once_and_the_new_one_only_after_it_was_right(
    officers: Officers, home: Home
) -> None:
    asked: list[Path] = []

    def old(path: Path) -> Passphrase:
        asked.append(path)
        return MINE

    before = home.officer_key_path(THIRD).read_bytes()
    with pytest.raises(KeyError_, match="does not open"):
        officers.change_passphrase(THIRD, old, lambda: pytest.fail("was asked"))
    assert home.officer_key_path(THIRD).read_bytes() == before
    asked.clear()
    officers.change_passphrase(SECOND, old, lambda: OTHERS, cost=CHEAP)
    assert asked == [home.officer_key_path(SECOND)]


def test_a_passphrase_is_not_changed_while_another_command_changes_the_keys(officers: Officers, home: Home) -> None:
    with files.locked(home.keys_path), pytest.raises(BusyError):
        officers.change_passphrase(SECOND, lambda _: MINE, lambda: OTHERS, cost=CHEAP)


def test_the_repr_names_who_is_on_duty_and_no_key(officers: Officers) -> None:
    assert repr(officers) == "<Officers on duty: nobody>"
    key = officers.unlock(SECOND, MINE)
    officers.come_on(SECOND, key)
    assert repr(officers) == "<Officers on duty: 'Colonel B'>"
    for shown in (repr(officers), str(officers), f"{officers}", repr(vars(officers))):
        assert repr(key.seeds()) not in shown
