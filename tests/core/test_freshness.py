"""Freshness and repeats: bounded memories of one process."""

import random

from hotline import limits
from hotline.core.freshness import Freshness, Repeats
from tests.simulation.suite import FastSuite


def freshness() -> Freshness:
    return Freshness(FastSuite(random.Random(1)))


def test_only_echoes_of_the_last_eight_nonces_are_fresh() -> None:
    fresh = freshness()
    nonces = [fresh.new() for _ in range(limits.NONCES + 1)]
    assert [fresh.fresh(n) for n in nonces] == [False] + [True] * limits.NONCES
    assert not fresh.fresh(b"")


def test_the_latest_nonce_is_made_when_there_is_none_and_then_kept() -> None:
    fresh = freshness()
    first = fresh.latest()
    assert fresh.latest() == first
    assert fresh.new() == fresh.latest() != first


def test_nonces_are_numbered_in_the_order_in_which_they_were_made() -> None:
    fresh = freshness()
    nonces = [fresh.new() for _ in range(limits.NONCES + 3)]
    assert fresh.made == len(nonces)
    assert [fresh.number(n) for n in nonces[3:]] == list(range(4, len(nonces) + 1))


def test_the_oldest_frame_is_forgotten_past_the_bound() -> None:
    repeats = Repeats()
    digests = [i.to_bytes(32, "big") for i in range(limits.REPEAT_FRAMES + 1)]
    for digest in digests:
        repeats.add(digest)
    assert digests[0] not in repeats
    assert all(d in repeats for d in digests[1:])
