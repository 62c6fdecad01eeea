"""A follower waits longer each time, up to a bound, and no longer than its patience."""

import asyncio

import pytest

from hotline.api import bounds
from hotline.client.retry import Retry
from hotline.errors import DaemonError

GONE = DaemonError("Gone.")


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    delays: list[float] = []

    async def sleep(delay_s: float) -> None:
        delays.append(delay_s)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return delays


async def test_the_wait_doubles_up_to_its_bound_and_starts_anew_after_a_success(slept: list[float]) -> None:
    retry = Retry(None)
    for _ in range(20):
        await retry.wait(GONE)
    assert slept[:3] == [bounds.RECONNECT_FIRST_S * 2**n for n in range(3)]
    assert max(slept) == slept[-1] == bounds.RECONNECT_MOST_S
    retry.succeeded()
    await retry.wait(GONE)
    assert slept[-1] == bounds.RECONNECT_FIRST_S


async def test_patience_ends_with_the_error_that_it_was_about(slept: list[float]) -> None:
    with pytest.raises(DaemonError, match="Gone"):
        await Retry(bounds.RECONNECT_FIRST_S / 2).wait(GONE)
    assert slept == []


async def test_only_a_first_success_makes_it_worth_waiting(slept: list[float]) -> None:
    retry = Retry(1)
    assert retry.is_first
    retry.succeeded()
    assert not retry.is_first
