"""What aiohttp's connection does not do by itself: say that the client has gone, be counted, and fail in our words."""

import asyncio
from typing import Any, cast

import msgspec
import structlog
from aiohttp import web

from hotline.api import bounds
from hotline.api.failures import RequestError, failure, status
from hotline.api.routes import JSON
from hotline.errors import HotlineError
from hotline.text import safe

log = structlog.get_logger("hotline.api")

_RETRY_AFTER_S = "1"


class Connection(web.RequestHandler):
    """One client. `lost` is done once it has gone; `surplus` means that there were too many when it came."""

    __slots__ = ("_wire", "lost", "surplus")

    def __init__(self, manager: "Connections", *, loop: asyncio.AbstractEventLoop, **settings: Any) -> None:
        super().__init__(manager, loop=loop, **settings)
        self.lost: asyncio.Future[None] = loop.create_future()
        self.surplus = False
        self._wire: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        manager = self._manager
        others = len(manager.connections) if manager is not None else 0
        self.surplus = others >= bounds.CONNECTIONS
        self._wire = cast(asyncio.Transport, transport)  # aiohttp forgets its own as soon as it has asked it to close
        super().connection_made(transport)
        if others >= bounds.CONNECTIONS_CUT:
            self.force_close()

    def connection_lost(self, exc: BaseException | None) -> None:
        super().connection_lost(exc)
        if not self.lost.done():
            self.lost.set_result(None)

    def cut(self) -> None:
        """End the connection now. Closing would first wait until the client has read what was written."""
        if self._wire is not None:
            self._wire.abort()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer to what is not HTTP, and to failures inside aiohttp itself."""
        if request.writer.output_size > 0:
            raise ConnectionResetError("The answer has begun: it can only be cut off.")
        if status < 500:
            log.info("not HTTP", status=status, said=safe(message or "", limit=200))
            error = RequestError("What was sent is not HTTP.", "See protocol/openapi.json.", status=status)
        else:
            log.error("request failed in the server", exc_info=exc)
            error = RequestError("The station failed on this request.", "Its log says why.", status=status)
        response = failed(error)
        response.force_close()
        return response

    def log_exception(self, *args: Any, **kw: Any) -> None:
        log.error("connection failed", exc_info=kw.get("exc_info", False), said=safe(str(args[0])) if args else "")


class Connections(web.Server):
    """All clients, made as `Connection`, with our bounds."""

    @property
    def clients(self) -> list[Connection]:
        return [cast(Connection, handler) for handler in self.connections]

    def __call__(self) -> Connection:
        return Connection(
            self,
            loop=self._loop,
            access_log=None,
            auto_decompress=False,  # nobody compresses into a Unix socket, except to make us unpack a lot
            tcp_keepalive=False,
            keepalive_timeout=bounds.IDLE_S,
            lingering_time=bounds.LINGER_S,
            max_line_size=bounds.LINE_BYTES,
            max_field_size=bounds.HEADER_BYTES,
            max_headers=bounds.HEADERS,
        )


def connection(request: web.BaseRequest) -> Connection:
    """The connection that a request came by."""
    return cast(Connection, request.protocol)


def answered(value: object, code: int = 200) -> web.Response:
    """An answer in JSON."""
    return web.Response(body=msgspec.json.encode(value), status=code, content_type=JSON)


def failed(error: HotlineError) -> web.Response:
    """An error as an answer."""
    response = answered(failure(error), status(error))
    if response.status == 503:
        response.headers["Retry-After"] = _RETRY_AFTER_S
    return response


async def expect(request: web.BaseRequest) -> None:
    """Tell a client that waits for it (curl, with long bodies) to go on and send."""
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0
