"""The proxy does to a connection what its methods say, and nothing else."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from tests.brokers import HOST, Broker
from tests.chaos.proxy import Proxy, proxy

WITHIN_S = 30
QUIET_S = 0.2


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await reader.read(1024):
            writer.write(chunk)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def echoed() -> AsyncIterator[tuple[Proxy, asyncio.StreamReader, asyncio.StreamWriter]]:
    """A proxy before a server that sends everything back, and a connection through it that works."""
    server = await asyncio.start_server(echo, HOST, 0)
    behind = Broker("echo", Path(), (), lambda _: [], port=server.sockets[0].getsockname()[1])
    async with server, proxy(behind) as between:
        reader, writer = await asyncio.open_connection(HOST, between.port)
        try:
            await said_back(reader, writer)
            yield between, reader, writer
        finally:
            writer.close()


async def said_back(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> float:
    """Return the seconds that one exchange took."""
    began = time.monotonic()
    writer.write(b"hello")
    async with asyncio.timeout(WITHIN_S):
        assert await reader.readexactly(5) == b"hello"
    return time.monotonic() - began


async def ended(reader: asyncio.StreamReader) -> None:
    async with asyncio.timeout(WITHIN_S):
        with suppress(ConnectionError):
            assert await reader.read() == b""


async def test_a_cut_connection_ends_and_the_next_one_works() -> None:
    async with echoed() as (between, reader, _):
        between.cut()
        await ended(reader)
        fresh = await asyncio.open_connection(HOST, between.port)
        await said_back(*fresh)
        fresh[1].close()


async def test_a_proxy_that_refuses_ends_new_connections_until_it_is_healed() -> None:
    async with echoed() as (between, *_):
        between.refuses = True
        refused, writer = await asyncio.open_connection(HOST, between.port)
        await ended(refused)
        writer.close()
        between.heal()
        fresh = await asyncio.open_connection(HOST, between.port)
        await said_back(*fresh)
        fresh[1].close()


async def test_latency_delays_both_directions_and_keeps_the_order() -> None:
    async with echoed() as (between, reader, writer):
        between.latency_s = 0.1
        assert await said_back(reader, writer) >= 0.2
        for number in range(50):
            writer.write(bytes([number]))
        between.latency_s = 0.0
        async with asyncio.timeout(WITHIN_S):
            assert await reader.readexactly(50) == bytes(range(50))


async def test_a_stalled_connection_passes_nothing_and_loses_nothing() -> None:
    async with echoed() as (between, reader, writer):
        between.stall()
        writer.write(b"hello")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(QUIET_S):
                await reader.read(1)
        between.heal()
        async with asyncio.timeout(WITHIN_S):
            assert await reader.readexactly(5) == b"hello"
        await said_back(reader, writer)


async def test_a_throttle_lets_bytes_pass_at_its_rate_in_their_order() -> None:
    sent = bytes(range(256)) * 8
    async with echoed() as (between, reader, writer):
        between.bytes_per_s = 10_000.0
        began = time.monotonic()
        writer.write(sent)
        async with asyncio.timeout(WITHIN_S):
            assert await reader.readexactly(len(sent)) == sent
        assert time.monotonic() - began >= len(sent) / between.bytes_per_s


@pytest.mark.parametrize("fault", ["leave_half_open", "deafen"])
async def test_a_connection_that_swallows_stays_open_and_silent_until_it_is_healed(fault: str) -> None:
    async with echoed() as (between, reader, writer):
        getattr(between, fault)()
        writer.write(b"hello")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(QUIET_S):
                await reader.read(1)
        between.heal()
        await ended(reader)


async def test_a_relay_that_is_down_shows_as_a_connection_that_ends_at_once() -> None:
    async with echoed() as (between, *_):
        between._broker.port = 1  # nobody listens there
        reader, writer = await asyncio.open_connection(HOST, between.port)
        await ended(reader)
        writer.close()
