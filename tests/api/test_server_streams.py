"""Bulk submissions and followed events: order, batches, bounds, back-pressure, and what cuts them short."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from structlog.testing import capture_logs

from hotline import limits
from hotline.api import bounds
from hotline.api.server import ApiServer
from hotline.errors import StoreError
from tests.api.fake import FakeStation, serving

GOOD = b'{"kind":"line-test","notice":{"text":"radio check"}}'


async def bulk(http: aiohttp.ClientSession, body: bytes) -> list[Any]:
    async with http.post("/v1/notices:bulk", data=io.BytesIO(body)) as answer:
        assert (answer.status, answer.headers["Content-Type"]) == (200, "application/x-ndjson")
        return [json.loads(line) for line in (await answer.read()).splitlines() if line]


async def test_ten_thousand_notices_in_one_request_are_answered_in_order_and_committed_in_batches(
    http: aiohttp.ClientSession, station: FakeStation
) -> None:
    ids = [f"{n:032x}" for n in range(10_000)]
    body = b"".join(b'{"kind":"line-test","notice":{"n":%d},"id":"%s"}\n' % (n, i.encode()) for n, i in enumerate(ids))
    answers = await bulk(http, body)
    assert [answer["id"] for answer in answers] == ids
    assert sum(station.batches) == 10_000
    assert max(station.batches) == bounds.BATCH_NOTICES
    assert len(station.batches) < 200


async def test_a_wrong_line_is_answered_in_its_place_with_its_number_and_stops_no_other(
    http: aiohttp.ClientSession,
) -> None:
    poem = b'{"kind":"poem","notice":{}}'
    answers = await bulk(http, b"\n".join([GOOD, b"{", b"", poem, GOOD]))
    assert [answer.get("number", "queued") for answer in answers] == ["queued", 2, 4, "queued"]
    assert answers[2]["field"] == "kind"


async def test_a_line_over_the_bound_is_refused_without_being_held(http: aiohttp.ClientSession) -> None:
    answers = await bulk(http, b"x" * (3 * limits.API_REQUEST_BYTES) + b"\n" + GOOD + b"\n")
    assert [answer.get("reason", "queued") for answer in answers] == ["too-large", "queued"]


async def test_lines_past_the_bound_of_a_submission_are_refused_and_the_answer_ends(
    http: aiohttp.ClientSession, station: FakeStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "API_BULK_NOTICES", 3)
    answers = await bulk(http, (GOOD + b"\n") * 4)
    assert [answer.get("reason", "queued") for answer in answers] == ["queued", "queued", "queued", "too-many"]
    assert answers[3]["number"] == 4
    assert len(station.sent) == 3


@pytest.mark.parametrize(
    ("error", "reason", "logged"), [(StoreError("No disk."), "store", 0), (KeyError("secret"), "internal", 1)]
)
async def test_a_batch_that_fails_as_a_whole_is_answered_line_by_line(
    http: aiohttp.ClientSession, station: FakeStation, error: Exception, reason: str, logged: int
) -> None:
    station.failure = error
    with capture_logs() as logs:
        answers = await bulk(http, (GOOD + b"\n") * 2)
    assert [(answer["reason"], answer["number"]) for answer in answers] == [(reason, 1), (reason, 2)]
    assert "secret" not in json.dumps(answers)
    assert len(logs) == logged


async def test_an_empty_submission_has_an_empty_answer(http: aiohttp.ClientSession) -> None:
    assert await bulk(http, b"") == []


@asynccontextmanager
async def connected(path: Path) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_unix_connection(path)
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(ConnectionError):  # cut off by the other side
            await writer.wait_closed()


BULK_HEAD = b"POST /v1/notices:bulk HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


async def head_of(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    assert await reader.readexactly(len(chunk(b"\n"))) == chunk(b"\n")
    return head


async def test_a_line_is_answered_while_the_request_still_goes_on(
    http: aiohttp.ClientSession, socket_path: Path
) -> None:
    async with connected(socket_path) as (reader, writer):
        writer.write(BULK_HEAD)
        assert (await head_of(reader)).startswith(b"HTTP/1.1 200")
        for _ in range(3):
            writer.write(chunk(GOOD + b"\n"))
            assert b"QUEUED" in await reader.readuntil(b"}\n\r\n")


async def test_a_client_that_leaves_in_the_middle_has_queued_its_whole_lines_and_not_the_part_of_one(
    http: aiohttp.ClientSession, station: FakeStation, socket_path: Path
) -> None:
    async with connected(socket_path) as (reader, writer):
        writer.write(BULK_HEAD + chunk(GOOD + b"\n" + GOOD + b"\n" + GOOD[:20]))
        await head_of(reader)
        await reader.readuntil(b"}\n\r\n")
    async with http.get("/v1/status") as answer:
        assert answer.status == 200
    assert station.batches == [2]


async def test_a_submission_that_turns_into_garbage_keeps_what_came_before_and_disturbs_nobody(
    http: aiohttp.ClientSession, station: FakeStation, socket_path: Path
) -> None:
    async with connected(socket_path) as (reader, writer):
        writer.write(BULK_HEAD + chunk(GOOD + b"\n"))
        await head_of(reader)
        await reader.readuntil(b"}\n\r\n")
        writer.write(b"no length\r\n" * 1000)
        await writer.drain()
    async with http.get("/v1/status") as answer:
        assert answer.status == 200
    assert station.batches == [1]


async def write_for_ever(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(chunk((GOOD + b"\n") * 256))
        await writer.drain()


async def test_a_client_that_does_not_read_is_not_read_from_either(
    http: aiohttp.ClientSession, station: FakeStation, socket_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "UNREAD_S", 0.3)
    with capture_logs() as logs:
        async with connected(socket_path) as (_, writer):
            writer.write(BULK_HEAD)
            with pytest.raises(ConnectionError):
                await write_for_ever(writer)
    assert [entry["event"] for entry in logs] == ["a bulk submission was cut off: nobody reads its answers"]
    assert len(station.sent) < 20_000


async def read_events(answer: aiohttp.ClientResponse, count: int) -> list[int]:
    seqs: list[int] = []
    while len(seqs) < count:
        line = await answer.content.readline()
        assert line, "the stream ended"
        seqs += [json.loads(line)["seq"]] if line.strip() else []
    return seqs


async def test_events_without_follow_are_those_kept_after_the_cursor(
    http: aiohttp.ClientSession, station: FakeStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "EVENTS_PAGE", 3)
    await station.happen(count=10)
    async with http.get("/v1/events?after=2") as answer:
        lines = (await answer.read()).splitlines()
    assert [json.loads(line)["seq"] for line in lines if line] == [3, 4, 5, 6, 7, 8, 9, 10]


async def test_followed_events_come_as_they_happen(http: aiohttp.ClientSession, station: FakeStation) -> None:
    await station.happen(count=2)
    async with http.get("/v1/events?follow=1") as answer:
        assert await read_events(answer, 2) == [1, 2]
        await station.happen()
        assert await read_events(answer, 1) == [3]


async def test_a_quiet_stream_is_kept_alive_by_blank_lines(
    http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "KEEP_ALIVE_S", 0.01)
    async with http.get("/v1/events?follow=1") as answer:
        assert [await answer.content.readline() for _ in range(4)] == [b"\n"] * 4


async def test_a_slow_reader_loses_nothing_and_is_read_for_a_page_at_a_time(
    http: aiohttp.ClientSession, station: FakeStation
) -> None:
    async with http.get("/v1/events?follow=1") as answer:
        await station.happen("x" * 200, count=20_000)
        await asyncio.wait_for(station.entered.wait(), 60)
        assert await read_events(answer, 20_000) == list(range(1, 20_001))


async def test_a_follower_that_leaves_frees_its_place_at_once(
    http: aiohttp.ClientSession, station: FakeStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "STREAMS", 1)
    async with http.get("/v1/events?follow=1"):
        async with http.get("/v1/events?follow=1") as second:
            assert second.status == 503
        async with http.post("/v1/notices:bulk", data=GOOD) as third:
            assert third.status == 503
    async with asyncio.timeout(60):
        while True:
            async with http.get("/v1/events") as answer:
                if answer.status == 200:
                    return


async def test_a_stop_ends_the_streams_cleanly_also_of_those_who_do_not_read(
    station: FakeStation, socket_path: Path
) -> None:
    server = ApiServer(station, socket_path)
    await server.start()
    connector = aiohttp.UnixConnector(path=str(socket_path))
    async with aiohttp.ClientSession("http://hotline", connector=connector) as http:
        follower = await http.get("/v1/events?follow=1")
        stuck = await http.get("/v1/events?follow=1")
        await station.happen("x" * 1000, count=1)
        assert await read_events(follower, 1) == [1]
        await station.happen("x" * 1000, count=2000)
        async with asyncio.timeout(30):
            await server.stop(4)
        follower.close()
        stuck.close()


async def test_a_fault_in_the_middle_of_a_stream_cuts_it_and_is_logged(
    http: aiohttp.ClientSession, station: FakeStation
) -> None:
    async with http.get("/v1/events?follow=1") as answer:
        await answer.content.readline()
        station.failure = KeyError("secret")
        with capture_logs() as logs:
            await station.happen()
            with pytest.raises(aiohttp.ClientPayloadError):
                await answer.content.read()
    assert [entry["event"] for entry in logs] == ["request failed"]


async def test_a_stream_goes_on_after_a_restart_from_the_cursor(station: FakeStation, socket_path: Path) -> None:
    connector = aiohttp.UnixConnector(path=str(socket_path), force_close=True)
    async with aiohttp.ClientSession("http://hotline", connector=connector) as http:
        async with serving(station, socket_path):
            await station.happen(count=3)
            async with http.get("/v1/events?follow=1") as answer:
                assert await read_events(answer, 3) == [1, 2, 3]
        await station.happen(count=2)
        async with serving(station, socket_path), http.get("/v1/events?follow=1&after=3") as answer:
            assert await read_events(answer, 2) == [4, 5]
