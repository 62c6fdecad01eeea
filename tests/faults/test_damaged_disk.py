"""A bit of any file of a home turned, or its end cut off: told with a clear message, or nothing stated changes.

`make damage` turns a bit of every byte and cuts at every length; here bytes at a prime stride, one byte in the head of
each page or frame, and the cuts at both sides of their ends. What is compared, and what no log can vouch for, stands in
`tests.faults.damage`.
"""

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from hotline.audit import shown
from hotline.cli.program import run
from hotline.core.view import Lock
from hotline.home import Home
from hotline.rules import BUILT_IN, format
from hotline.store import lockfile, wal
from hotline.store.lockfile import LockFile
from tests.faults.damage import Damaged, Picture, live
from tests.station.pair import make_homes

_STRIDE, _WAL_STRIDE = 1009, 8009  # primes, so that all places within pages come to be met
_PARTS = 8
_PAGE = 4096
_WAL_HEAD, _FRAME = 32, 24 + _PAGE


@pytest.fixture(scope="session")
def lived(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Home]:
    folder = tmp_path_factory.mktemp("lived")
    make_homes(folder)
    return live(folder)


@pytest.fixture
def rests(lived: tuple[Home, Home], tmp_path: Path) -> Damaged:
    """Of a station that was stopped."""
    return Damaged(lived[0], tmp_path / "rests")


@pytest.fixture
def cut(lived: tuple[Home, Home], tmp_path: Path) -> Damaged:
    """Of a station whose power was cut: a -wal stands beside its database."""
    return Damaged(lived[1], tmp_path / "cut")


def check(damaged: Damaged, path: Path, data: bytes, what: str) -> None:
    damaged.put(path, data)
    changed = damaged.changed()
    assert damaged.says() or not changed, f"{what}: {changed} changed in silence"


def flipped(data: bytes, at: int) -> bytes:
    """With one bit of the byte at `at` turned; which one depends on the place alone."""
    image = bytearray(data)
    image[at] ^= 1 << random.Random(at).randrange(8)
    return bytes(image)


def places(size: int, unit: int, head: int, stride: int, *, every: bool) -> list[int]:
    """All bytes, or those at the stride and one, another each time, of the first `head` of each unit."""
    if every:
        return list(range(size))
    heads = (start + number % head for number, start in enumerate(range(0, size - head, unit)))
    return sorted({*range(0, size, stride), *heads})


def cuts(size: int, unit: int, *, every: bool) -> list[int]:
    """All lengths, or those around each tenth end of a unit and some others."""
    if every:
        return list(range(size))
    chance = random.Random(4)
    ends = (end + by for end in range(0, size, 10 * unit) for by in (-1, 0, 1))
    return sorted({at for at in ends if 0 <= at < size} | {chance.randrange(size) for _ in range(16)})


@pytest.mark.parametrize("home", ["rests", "cut"])
def test_of_the_whole_home_nothing_is_found_wrong_and_nothing_is_changed(
    home: str, request: pytest.FixtureRequest
) -> None:
    damaged: Damaged = request.getfixturevalue(home)
    assert (damaged.wal in damaged.whole) == (home == "cut")
    assert (damaged.changed(), damaged.says(), damaged.reads()) == ([], "", "")


@pytest.mark.parametrize("part", range(_PARTS))
def test_a_turned_bit_of_the_database_is_told_or_harmless(rests: Damaged, part: int, every: bool) -> None:
    whole = rests.whole[rests.database]
    for at in places(len(whole), _PAGE, 12, _STRIDE, every=every)[part::_PARTS]:
        check(rests, rests.database, flipped(whole, at), f"byte {at}")


@pytest.mark.parametrize("part", range(_PARTS))
def test_a_database_that_is_cut_is_told_or_harmless(rests: Damaged, part: int, every: bool) -> None:
    whole = rests.whole[rests.database]
    for size in cuts(len(whole), _PAGE, every=every)[part::_PARTS]:
        check(rests, rests.database, whole[:size], f"cut to {size}")


def pictures(cut: Damaged) -> list[Picture]:
    """As each transaction in the -wal has left the database, the first without any of them."""
    whole, found = cut.whole[cut.wal], [Picture()]
    ends = [_WAL_HEAD + n * _FRAME for n in range((len(whole) - _WAL_HEAD) // _FRAME + 1)]
    for end in ends:
        if end == _WAL_HEAD or any(whole[end - _FRAME + 4 : end - _FRAME + 8]):  # the frame before it ends one
            cut.put(cut.wal, whole[:end])
            found.append(cut.now())
    return found


@pytest.mark.parametrize("part", range(_PARTS))
def test_a_turned_bit_of_the_wal_is_told_or_costs_no_more_than_its_end(cut: Damaged, part: int, every: bool) -> None:
    """Nothing tells the last transaction from one that was never finished. It may hold what was queued last."""
    whole = cut.whole[cut.wal]
    before = pictures(cut)[-3:]
    for at in places(len(whole), _FRAME, 24, _WAL_STRIDE, every=every)[part::_PARTS]:
        cut.put(cut.wal, flipped(whole, at))
        now = cut.now()
        assert cut.says() or now in before, f"byte {at}: more than the last transaction is gone in silence"


@pytest.mark.parametrize("part", range(_PARTS))
def test_a_wal_that_is_cut_is_told_or_a_shorter_history(cut: Damaged, part: int, every: bool) -> None:
    """Whatever was signed is asked back from the peer: the lock file names it."""
    whole = cut.whole[cut.wal]
    before = pictures(cut)
    for size in cuts(len(whole), _FRAME, every=every)[part::_PARTS]:
        cut.put(cut.wal, whole[:size])
        now = cut.now()
        assert cut.says() or now in before, f"cut to {size}: a state that never was"


def test_a_lock_file_with_any_bit_turned_or_cut_anywhere_is_refused_and_the_verification_says_so(
    rests: Damaged, every: bool
) -> None:
    whole = rests.whole[rests.locks]
    images = [flipped(whole, at) for at in range(len(whole))] + [whole[:size] for size in range(len(whole))]
    for number, image in enumerate(images):
        rests.locks.write_bytes(image)
        assert not rests.locks_changed(), f"image {number} is read as something else"
        if every or number % 80 == 0:
            rests.put(rests.locks, image)
            assert "heads.lock" in rests.says()


# --- the files that people and the ceremony made -----------------------------------------------------------


def small_files(rests: Damaged) -> Iterator[Path]:
    (peer,) = rests.home.lines()
    rules = rests.home.lines_path / f"{peer.file_stem}.rules.toml"
    rests.whole[rules] = format(BUILT_IN).encode()
    rests.put(rules, rests.whole[rules])
    yield from (path for path, whole in rests.whole.items() if whole and path not in (rests.database, rests.locks))


def images(whole: bytes, *, every: bool) -> Iterator[bytes]:
    stride = 1 if every else max(1, len(whole) // 23)
    yield from (flipped(whole, at) for at in range(0, len(whole), stride))
    yield from (whole[:size] for size in range(0, len(whole), stride))


def test_a_damaged_card_or_key_file_is_refused_or_read_as_it_was(rests: Damaged, every: bool) -> None:
    """A key that was read is the one of the card: the product compares them.

    Settings carry no signature: another legible word in them is what their owner could have written.
    """
    mine, (peer,) = rests.home.card(), rests.home.lines()
    met = set()
    for path in small_files(rests):
        met.add(path.suffix)
        for number, image in enumerate(images(rests.whole[path], every=every)):
            rests.put(path, image)
            if not rests.reads():
                assert rests.home.card().raw == mine.raw, f"{path.name} {number}"
                assert [line.card.raw for line in rests.home.lines()] == [peer.card.raw], f"{path.name} {number}"
    assert met == {".card", ".key", ".toml"}


# --- the command ---------------------------------------------------------------------------------------------


def test_the_command_ends_with_a_sentence_and_a_code_whatever_is_damaged(
    rests: Damaged, every: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    codes = set()
    for path in [rests.database, rests.locks, *small_files(rests)]:
        whole = rests.whole[path]
        chance = random.Random(path.name)
        for _ in range(40 if every else 3):
            for image in (flipped(whole, chance.randrange(len(whole))), whole[: chance.randrange(len(whole))]):
                rests.put(path, image)
                code, said = run(["verify", "--home", str(rests.home.path)]), capsys.readouterr()
                codes.add(code)
                assert "Traceback" not in said.out + said.err
                assert code in (0, 1, 2, 4), f"{path.name}: {code}, {said.err}"
                assert code == 0 or said.err.startswith("error: "), said.err
    assert codes == {0, 1, 2, 4}


# --- these tests find what they are for -----------------------------------------------------------------------


def _parses_unchecked(data: bytes) -> object:
    body = data.decode("ascii")[:-65]
    return _PARSE((body + hashlib.sha256(body.encode()).hexdigest() + "\n").encode())


_PARSE = lockfile._parse


def test_a_lock_file_whose_checksum_is_not_compared_is_found(rests: Damaged, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lockfile, "_parse", _parses_unchecked)
    with pytest.raises(AssertionError, match="is read as something else"):
        test_a_lock_file_with_any_bit_turned_or_cut_anywhere_is_refused_and_the_verification_says_so(rests, every=False)


def test_a_wal_that_nobody_looks_at_is_found(cut: Damaged, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wal, "fault", lambda _: "")
    monkeypatch.setattr(LockFile, "lock", lambda *_, fresh: Lock(fresh))  # it tells what was signed, and would find it
    with pytest.raises(AssertionError, match="gone in silence"):
        test_a_turned_bit_of_the_wal_is_told_or_costs_no_more_than_its_end(cut, 0, every=False)


def test_lists_that_nobody_holds_against_the_logs_are_found(rests: Damaged, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown, "problems", lambda *_: [])
    whole = rests.whole[rests.database]
    place = [at for at in range(len(whole)) if whole.startswith(b"say again", at)]
    with pytest.raises(AssertionError, match="changed in silence"):
        _turn_each(rests, whole, place)


def _turn_each(rests: Damaged, whole: bytes, place: list[int]) -> None:
    for at in place:
        check(rests, rests.database, flipped(whole, at), f"byte {at}")
