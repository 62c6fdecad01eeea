"""The two answers that do not fit in memory: bulk submissions, and events that are followed."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

import msgspec
import structlog
from aiohttp import web

from hotline import limits
from hotline.api import bounds, decode
from hotline.api.failures import RequestError, failure
from hotline.api.lines import Line, Lines
from hotline.api.routes import JSON_LINES
from hotline.api.server_connection import connection
from hotline.api.service import Service
from hotline.api.types import Api, EventsQuery, Failure, Submit, Submitted
from hotline.errors import HostError, HotlineError, NoticeError

log = structlog.get_logger("hotline.api")
T = TypeVar("T")
Outcome = Submit | Submitted | HotlineError

_encoder = msgspec.json.Encoder()
_BLANK = b"\n"


class Ended(Exception):
    """The client has gone or the station stops: the stream is over. Never leaves this package."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A request whose answer is lines, and what ends it early."""

    request: web.BaseRequest
    response: web.StreamResponse
    stopping: asyncio.Future[None]

    @classmethod
    async def open(cls, request: web.BaseRequest, stopping: asyncio.Future[None]) -> "Stream":
        """Send the head of the answer at once, so that the client begins to read."""
        response = web.StreamResponse(headers={"Content-Type": JSON_LINES, "Cache-Control": "no-store"})
        stream = cls(request, response, stopping)
        await response.prepare(request)
        await response.write(_BLANK)  # aiohttp holds the head back until the first byte of the body
        return stream

    async def unless_ended(self, waited_for: Coroutine[Any, Any, T]) -> T:
        """Return the result of a coroutine, or cancel it and raise Ended as soon as the stream is over."""
        task = asyncio.ensure_future(waited_for)
        try:
            ends: list[asyncio.Future[Any]] = [task, self.stopping, connection(self.request).lost]
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
            raise Ended
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait({task})

    async def write(self, data: bytes) -> None:
        """Write, and wait while the client is behind. A client that is behind when the stream ends is cut off."""
        try:
            await self.unless_ended(self.response.write(data))
        except BaseException:
            connection(self.request).cut()
            raise


async def follow(stream: Stream, service: Service, query: EventsQuery) -> None:
    """Send events after a cursor, read from the store a page at a time: a slow reader costs one page and loses none."""
    after = query.after
    while True:
        events = await service.events(after=after, limit=bounds.EVENTS_PAGE)
        if events:
            after = events[-1].seq
            await stream.write(b"".join(_line(event) for event in events))
        elif not query.follow:
            return
        elif not await stream.unless_ended(service.wait_event(after, bounds.KEEP_ALIVE_S)):
            await stream.write(_BLANK)


async def bulk(stream: Stream, service: Service) -> None:
    """Submit lines as they arrive, and answer each. What has arrived together is committed together."""
    async for batch in _batches(stream):
        answers = await _submit(batch, service)
        try:
            async with asyncio.timeout(bounds.UNREAD_S):
                await stream.write(b"".join(answers))
        except TimeoutError:
            log.warning("a bulk submission was cut off: nobody reads its answers", answered_to=batch[-1].number)
            raise Ended from None
        if batch[-1].number > limits.API_BULK_NOTICES:
            return


async def _batches(stream: Stream) -> AsyncIterator[list[Line]]:
    lines = Lines(limits.API_REQUEST_BYTES)
    try:
        while chunk := await stream.unless_ended(stream.request.content.readany()):
            for batch in _cut(lines.feed(chunk)):
                yield batch
    except (ConnectionError, web.RequestPayloadError):
        raise Ended from None  # what came before is queued, and was answered if it could be; a part of a line is not
    for batch in _cut(lines.rest()):
        yield batch


def _cut(lines: list[Line]) -> Iterator[list[Line]]:
    rest = iter(lines)
    while batch := list(islice(rest, bounds.BATCH_NOTICES)):
        yield batch


async def _submit(batch: list[Line], service: Service) -> list[bytes]:
    outcomes = [_decoded(line) for line in batch]
    notices = [outcome for outcome in outcomes if isinstance(outcome, Submit)]
    submitted = iter(await _submitted(notices, service) if notices else [])
    results = [next(submitted) if isinstance(outcome, Submit) else outcome for outcome in outcomes]
    return [_line(_answer(result, line.number)) for result, line in zip(results, batch, strict=True)]


def _decoded(line: Line) -> Submit | HotlineError:
    if line.number > limits.API_BULK_NOTICES:
        return RequestError(
            f"A bulk submission takes at most {limits.API_BULK_NOTICES} lines.",
            "Send the rest in another one, from this line on.",
            status=413,
            reason="too-many",
        )
    if line.data is None:
        return NoticeError(
            f"The line is longer than {limits.API_REQUEST_BYTES} bytes.", "Shorten the notice.", reason="too-large"
        )
    try:
        return decode.submit(line.data)
    except HotlineError as e:
        return e


async def _submitted(notices: list[Submit], service: Service) -> list[Submitted | HotlineError]:
    try:
        return await service.submit(notices)
    except HotlineError as e:
        return [e] * len(notices)
    except Exception:
        log.exception("a bulk submission failed", notices=len(notices))
        return [unexpected()] * len(notices)


def unexpected() -> HotlineError:
    """What a client is told about a fault of ours; the rest is in the log."""
    return HostError("The station failed on this request.", "Its log says why.", reason="internal")


def _answer(result: Submitted | HotlineError, number: int) -> Submitted | Failure:
    return result if isinstance(result, Submitted) else failure(result, number)


def _line(value: Api) -> bytes:
    return _encoder.encode(value) + b"\n"
