"""A source gives bodies of at most one submission each, and remembers what the caller's iterable raised."""

from collections.abc import AsyncIterator, Iterator

import pytest

from hotline import limits
from hotline.api import bounds
from hotline.api.types import Submit
from hotline.client.source import Source
from tests.api.fake import line_test

PACKET = bounds.PACKET_NOTICES


async def bodies(source: Source) -> list[int]:
    """How many notices each request has."""
    counts = []
    while not source.ended:
        lines = b"".join([piece async for piece in source.body()]).splitlines()
        assert len(lines) == source.sent
        counts.append(len(lines))
    return counts


async def test_a_body_ends_at_the_bound_and_the_next_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "API_BULK_NOTICES", 2 * PACKET)
    assert await bodies(Source(line_test() for _ in range(5 * PACKET + 1))) == [2 * PACKET, 2 * PACKET, PACKET + 1, 0]
    assert await bodies(Source([])) == [0]


async def test_an_async_source_is_not_waited_for_to_fill_a_packet() -> None:
    async def two() -> AsyncIterator[Submit]:
        yield line_test("a")
        yield line_test("b")

    assert [piece.count(b"\n") async for piece in Source(two()).body()] == [1, 1]


async def test_what_the_iterable_raises_is_kept() -> None:
    def breaks() -> Iterator[Submit]:
        yield line_test()
        raise LookupError("mine")

    source = Source(breaks())
    with pytest.raises(LookupError):
        await bodies(source)
    assert isinstance(source.error, LookupError)
