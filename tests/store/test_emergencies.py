"""Emergency texts on disk: bounded, in order, and what waits is never dropped."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hotline import limits
from hotline.core.step import EmergencySeen, KeepEmergency
from hotline.store.store import Store
from tests.store import samples


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = samples.opened(tmp_path / "station.db")
    store.line(samples.LINE, samples.OWN, samples.MIRROR)
    yield store
    store.close()


def keep(store: Store, number: int, *, mine: bool) -> bytes:
    key = number.to_bytes(16, "big")
    store.apply(samples.LINE, [KeepEmergency(key, mine, b"payload %d" % number, 5, "duty", f"text {number}")], 7)
    return key


def test_the_latest_of_each_direction_are_kept(store: Store) -> None:
    for n in range(limits.EMERGENCIES_KEPT + 9):
        keep(store, n, mine=False)
        store.apply(samples.LINE, [EmergencySeen(keep(store, n, mine=True), b"s")], 8)
    rows = store.emergencies.latest(limits.API_PAGE)
    for mine in (True, False):
        texts = [row.text for row in rows if row.mine is mine]
        assert texts == [f"text {n}" for n in range(9, limits.EMERGENCIES_KEPT + 9)]


def test_what_waits_is_not_dropped_whatever_comes_after_it(store: Store) -> None:
    first = keep(store, 9999, mine=True)
    for n in range(limits.EMERGENCIES_KEPT + 9):
        store.apply(samples.LINE, [EmergencySeen(keep(store, n, mine=True), b"s")], 8)
    assert store.emergencies.unseen(samples.LINE) == [(first, b"payload 9999")]


def test_a_seen_counts_once_and_for_mine_alone(store: Store) -> None:
    key = keep(store, 1, mine=True)
    keep(store, 1, mine=False)
    for at_ms in (20, 30):
        store.apply(samples.LINE, [EmergencySeen(key, b"s")], at_ms)
    assert [(row.mine, row.seen_ms) for row in store.emergencies.latest(9)] == [(True, 20), (False, 7)]
    assert store.emergencies.unseen(samples.LINE) == []


def test_the_printer_is_given_each_of_the_peers_until_it_has_taken_it(store: Store) -> None:
    keep(store, 1, mine=True)
    keep(store, 2, mine=False)
    keep(store, 3, mine=False)
    first, second = store.emergencies.to_print()
    store.emergency_printed(first.seq)
    assert store.emergencies.to_print() == [second]


def test_the_payload_is_given_back_as_it_was_kept_by_direction(store: Store) -> None:
    key = keep(store, 1, mine=False)
    assert store.emergencies.payload(samples.LINE, key, mine=False) == b"payload 1"
    assert store.emergencies.payload(samples.LINE, key, mine=True) == b""
    assert store.emergencies.payload(b"x" * 32, key, mine=False) == b""
