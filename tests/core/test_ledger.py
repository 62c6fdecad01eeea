"""The ledger against the plain tree, and what a size that a peer names may cost."""

import hashlib
from typing import cast

import pytest

from hotline.core import ledger, tree
from hotline.core.ledger import Ledger
from hotline.core.view import LogView


class Log:
    """A log view of leaves alone; counts what is read."""

    def __init__(self, size: int) -> None:
        self.all = leaves(0, size)
        self.read = 0

    def size(self) -> int:
        return len(self.all)

    def leaves(self, start: int, end: int) -> list[bytes]:
        found = self.all[start:end]
        self.read += len(found)
        return found


def leaves(start: int, end: int) -> list[bytes]:
    return [hashlib.sha256(i.to_bytes(8, "big")).digest() for i in range(start, end)]


def over(log: Log) -> Ledger:
    return Ledger("origin", cast("LogView", log))


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "_MARK_LEAVES", 8)
    monkeypatch.setattr(ledger, "_ROOTS_KEPT", 5)


def test_every_earlier_root_is_that_of_the_plain_tree() -> None:
    log = Log(40)
    held = over(log)
    assert [held.root_at(n) for n in range(41)] == [tree.root(log.all[:n]) for n in range(41)]
    assert held.root() == tree.root(log.all)


def test_a_size_that_a_peer_names_costs_no_more_than_one_mark() -> None:
    log = Log(400)
    held = over(log)
    for size in (1, 7, 200, 399, 3):
        log.read = 0
        held.root_at(size)
        assert log.read < 8


def test_it_follows_appends_before_the_view_shows_them() -> None:
    log = Log(6)
    held = over(log)
    held.extend(leaves(6, 10))
    assert (held.size, held.root(), held.root_at(8)) == (10, tree.root(leaves(0, 10)), tree.root(leaves(0, 8)))
    log.all += leaves(6, 10)
    assert held.holds(9, tree.root(leaves(0, 9)))
    assert not held.holds(11, tree.root(leaves(0, 11)))
    assert not held.holds(9, bytes(32))


@pytest.mark.parametrize("size", [0, 5, 8, 15, 16, 20])
def test_it_follows_a_cut_and_what_is_put_in_its_place(size: int) -> None:
    log = Log(20)
    held = over(log)
    held.cut(size)
    log.all = log.all[:size] + leaves(100, 130)
    held.extend(leaves(100, 130))
    assert held.root() == tree.root(log.all)
    assert all(held.root_at(n) == tree.root(log.all[:n]) for n in range(size + 31))


def test_the_root_with_other_leaves_from_any_size_leaves_it_as_it_was() -> None:
    held = over(Log(20))
    assert held.root_with(leaves(50, 60), 13) == tree.root(leaves(0, 13) + leaves(50, 60))
    assert held.root_with(leaves(20, 21), 20) == tree.root(leaves(0, 21))
    assert held.root() == tree.root(leaves(0, 20))


def test_its_proofs_verify() -> None:
    held = over(Log(20))
    for first in range(1, 20):
        proof = held.proof_from(first, 19)
        assert tree.verify_consistency(first, 19, held.root_at(first), held.root_at(19), proof)


def test_the_present_root_is_never_forgotten() -> None:
    held = over(Log(3))
    for size in (0, 1, 2, 0, 1, 2):
        held.root_at(size)
    held.extend(leaves(3, 30))
    for size in range(28, 30):
        held.root_at(size)
    assert held.root() == tree.root(leaves(0, 30))
