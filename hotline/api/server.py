"""The local API's server: the endpoints of `hotline.api.routes` on a Unix socket, over a `Service`.

    server = ApiServer(service, home.socket_path(create=True))
    await server.start()      # the socket is there, 0600, and answers
    ...
    await server.stop(10)     # followers end, requests under way finish, the socket is gone

Whoever can write to the socket can do all that the station can, so its mode is the only authentication. A server
is used once. It writes nothing: what it answers as durable, the service has committed.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog
from aiohttp import web

from hotline import limits
from hotline.api import bounds, decode, listener, openapi
from hotline.api.failures import RequestError
from hotline.api.routes import JSON, find
from hotline.api.server_connection import Connections, answered, connection, expect, failed
from hotline.api.server_desk import Desk
from hotline.api.server_streams import Ended, Stream, bulk, follow, unexpected
from hotline.api.service import Service
from hotline.api.types import Answer, Confirm, EventsQuery, InboxQuery, OutboxQuery
from hotline.errors import BusyError, HotlineError, NotFoundError, UsageError

log = structlog.get_logger("hotline.api")

_METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Call:
    """One request, and the reference that its path held."""

    request: web.BaseRequest
    ref: str

    @property
    def query(self) -> str:
        return self.request.rel_url.raw_query_string

    async def body(self) -> bytes:
        """The whole body. RequestError if it is too long or does not come."""
        declared = self.request.content_length
        if declared is not None and declared > limits.API_REQUEST_BYTES:
            raise _too_large()
        await expect(self.request)
        read = bytearray()
        try:
            async with asyncio.timeout(bounds.BODY_S):
                async for chunk in self.request.content.iter_any():
                    read += chunk
                    if len(read) > limits.API_REQUEST_BYTES:
                        raise _too_large()
        except TimeoutError:
            raise RequestError("The body of the request did not come.", "Send it at once.", status=408) from None
        except web.RequestPayloadError:
            raise RequestError("The body of the request is not HTTP.", "See openapi.json.", status=400) from None
        return bytes(read)


Handler = Callable[[Call], Awaitable[web.StreamResponse]]


class ApiServer:
    """Serves one station. `metrics` returns Prometheus' text; without it GET /metrics is not found."""

    def __init__(self, service: Service, socket_path: Path, *, metrics: Callable[[], bytes] | None = None) -> None:
        self._service = service
        self._path = socket_path
        self._metrics = metrics
        self._streams = 0
        self._server: asyncio.Server | None = None
        self._handlers: dict[str, Handler] = {
            "status": self._status,
            "submit": self._submit,
            "submit_many": self._submit_many,
            "inbox": self._inbox,
            "confirm": self._confirm,
            "outbox": self._outbox,
            "show": self._show,
            "answer": self._answer,
            "events": self._events,
            "openapi": self._openapi,
            "metrics": self._metrics_text,
            **Desk(service).handlers(),
        }

    async def start(self) -> None:
        """Listen. HostError, naming the path, if that is not possible; the socket of a dead daemon is replaced."""
        loop = asyncio.get_running_loop()
        self._stopping: asyncio.Future[None] = loop.create_future()
        self._connections = Connections(self._serve)
        bound = listener.bind(self._path)
        self._identity = listener.identity(self._path)
        self._server = await loop.create_server(self._connections, sock=bound, backlog=bounds.CONNECTIONS)

    async def stop(self, timeout_s: float = limits.STOP_S) -> None:
        """Take no more requests, end the streams, give what is under way `timeout_s`, and remove the socket.

        May be called twice, and after a start that failed.
        """
        if self._server is None:
            return
        listener.remove(self._path, self._identity)
        self._server.close()
        if not self._stopping.done():
            self._stopping.set_result(None)
        await asyncio.sleep(0)  # so that connections just accepted are among those that are ended
        clients = self._connections.clients
        self._connections.pre_shutdown()
        await self._connections.shutdown(timeout_s / 2)  # aiohttp waits twice: for handlers, then for cancelled ones
        if unread := [client.lost for client in clients if not client.lost.done()]:
            await asyncio.wait(unread, timeout=bounds.FLUSH_S)
        for client in clients:
            client.cut()
        await self._server.wait_closed()

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        try:
            if connection(request).surplus:
                raise BusyError(f"More than {bounds.CONNECTIONS} programs use this station.", "Close some.")
            route, ref = find(request.method, request.rel_url.raw_path)
            return await self._handlers[route.id](Call(request, ref))
        except HotlineError as e:
            return self._refused(request, e)
        except ConnectionError:
            raise  # the client has gone; there is nobody to tell
        except Exception:
            log.exception("request failed", method=request.method, path=request.path)
            return self._refused(request, unexpected())

    def _refused(self, request: web.BaseRequest, error: HotlineError) -> web.StreamResponse:
        if request.writer.output_size > 0:
            raise ConnectionResetError("The answer has begun: it can only be cut off.") from error
        response = failed(error)
        if connection(request).surplus:
            response.force_close()
        return response

    async def _status(self, _call: Call) -> web.StreamResponse:
        return answered(await self._service.status())

    async def _submit(self, call: Call) -> web.StreamResponse:
        (outcome,) = await self._service.submit([decode.submit(await call.body())])
        if isinstance(outcome, HotlineError):
            raise outcome
        return answered(outcome, 200 if outcome.repeated else 201)

    async def _inbox(self, call: Call) -> web.StreamResponse:
        query = decode.query(call.query, InboxQuery)
        if query.after is not None and query.consumer:
            raise UsageError("The query names both `after` and `consumer`.", "Give one: a consumer has its own place.")
        return answered(
            await self._service.inbox(
                after=query.after, consumer=query.consumer, limit=query.limit, notices_only=not query.all
            )
        )

    async def _confirm(self, call: Call) -> web.StreamResponse:
        await self._service.confirm(decode.body(await call.body(), Confirm))
        return web.Response(status=204)

    async def _outbox(self, call: Call) -> web.StreamResponse:
        query = decode.query(call.query, OutboxQuery)
        return answered(
            await self._service.outbox(limit=query.limit, newest_first=query.newest_first, before=query.before)
        )

    async def _show(self, call: Call) -> web.StreamResponse:
        return answered(await self._service.show(call.ref))

    async def _answer(self, call: Call) -> web.StreamResponse:
        return answered(await self._service.answer(decode.body(await call.body(), Answer)), 201)

    async def _openapi(self, _call: Call) -> web.StreamResponse:
        return web.Response(body=openapi.text(), content_type=JSON)

    async def _metrics_text(self, _call: Call) -> web.StreamResponse:
        if self._metrics is None:
            raise NotFoundError("This station keeps no metrics.", "Switch them on in station.toml.")
        return web.Response(body=self._metrics(), headers={"Content-Type": _METRICS_TYPE})

    async def _submit_many(self, call: Call) -> web.StreamResponse:
        await expect(call.request)
        async with self._stream(call) as stream:
            await bulk(stream, self._service)
        return stream.response

    async def _events(self, call: Call) -> web.StreamResponse:
        query = decode.query(call.query, EventsQuery)
        async with self._stream(call) as stream:
            await follow(stream, self._service, query)
        return stream.response

    @asynccontextmanager
    async def _stream(self, call: Call) -> AsyncIterator[Stream]:
        if self._streams >= bounds.STREAMS:
            raise BusyError(f"{bounds.STREAMS} programs follow or submit already.", "Close one of them.")
        self._streams += 1
        try:
            stream = await Stream.open(call.request, self._stopping)
            try:
                yield stream
            except Ended:
                if not self._stopping.done():
                    raise ConnectionResetError("The client has gone.") from None
        finally:
            self._streams -= 1


def _too_large() -> RequestError:
    return RequestError(
        f"The request is longer than {limits.API_REQUEST_BYTES} bytes.",
        "A notice has at most 64 KiB; many go to /v1/notices:bulk.",
        status=413,
        reason="too-large",
    )
