"""A bit of the database turned, or its end cut off: told with a clear message, or nothing that was stated is changed.

`make damage` turns a bit of every byte; here one in some two thousand, the same each time. What is compared, and
what no log can vouch for, stands in `tests.faults.damage`.
"""

import random
from pathlib import Path

import pytest

from hotline.home import Home
from tests.faults.damage import Damaged, live
from tests.station.pair import make_homes

_STRIDE = 1783  # a prime, so that all places within pages come to be met
_PARTS = 8
_PAGE = 4096


@pytest.fixture(scope="session")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lived")
    make_homes(folder)
    live(folder)
    return folder / "north"


@pytest.fixture
def damaged(lived: Path, tmp_path: Path) -> Damaged:
    return Damaged(Home(lived), tmp_path / "damaged")


def check(damaged: Damaged, path: Path, data: bytes, what: str) -> None:
    damaged.put(path, data)
    told, changed = damaged.says(), damaged.changed()
    assert told or not changed, f"{what}: {changed} changed in silence"


def flipped(data: bytes, at: int) -> bytes:
    """With one bit of the byte at `at` turned; which one depends on the place alone."""
    image = bytearray(data)
    image[at] ^= 1 << random.Random(at).randrange(8)
    return bytes(image)


def test_of_the_whole_home_nothing_is_found_wrong_and_nothing_is_changed(damaged: Damaged) -> None:
    damaged.put(damaged.database, damaged.whole[damaged.database])
    assert (damaged.says(), damaged.changed()) == ("", [])


@pytest.mark.parametrize("part", range(_PARTS))
def test_a_turned_bit_of_the_database_is_told_or_harmless(damaged: Damaged, part: int, every: bool) -> None:
    whole = damaged.whole[damaged.database]
    stride = 1 if every else _STRIDE
    for at in range(part * stride, len(whole), _PARTS * stride):
        check(damaged, damaged.database, flipped(whole, at), f"byte {at}")


def test_a_database_cut_at_a_page_or_anywhere_is_told_or_harmless(damaged: Damaged, every: bool) -> None:
    whole = damaged.whole[damaged.database]
    chance = random.Random(4)
    for size in [*range(0, len(whole), _PAGE), *(chance.randrange(len(whole)) for _ in range(1000 if every else 40))]:
        check(damaged, damaged.database, whole[:size], f"cut to {size}")


def test_a_lock_file_with_any_bit_turned_or_cut_anywhere_is_refused_and_the_verification_says_so(
    damaged: Damaged, every: bool
) -> None:
    whole = damaged.whole[damaged.locks]
    images = [flipped(whole, at) for at in range(len(whole))] + [whole[:size] for size in range(len(whole))]
    for number, image in enumerate(images):
        damaged.put(damaged.locks, image)
        assert not damaged.locks_changed(), f"image {number} is read as something else"
        if every or number % 40 == 0:
            assert "heads.lock" in damaged.says()
