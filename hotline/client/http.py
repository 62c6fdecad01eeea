"""HTTP/1.1 as a station's Unix socket speaks it, for one client: requests out, answers in, connections used again.

Not aiohttp, which serves: importing it takes 0.3 s, and every command of the CLI would wait for that. What comes in is
bounded, and whatever is not HTTP, or ends too early, is a ConnectionError.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from hotline.api import bounds

_READ_BYTES = 64 * 1024
_HEAD_BYTES = 16 * 1024  # a status line and a few headers; also the most for the line before a chunk
_LENGTH_DIGITS = 15
_BODILESS = (204, 304)


class NotReached(Exception):
    """Nobody took the connection; `error` says why. Never leaves this package."""

    def __init__(self, error: OSError) -> None:
        super().__init__(str(error))
        self.error = error


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an exchange may take in all, and be silent; None is for ever. TimeoutError after that."""

    total_s: float | None = None
    silence_s: float | None = None


class Answer:
    """One answer whose head has come. `chunks` is read once."""

    def __init__(self, connection: "_Connection", status: int, headers: dict[str, str]) -> None:
        self.status = status
        self.complete = False
        self._connection = connection
        self._headers = headers
        self.keeps = headers.get("connection", "").lower() != "close"

    async def chunks(self) -> AsyncGenerator[bytes]:
        """The body as it comes, in pieces of at most 64 KiB. ConnectionError if it ends too early."""
        length = self._headers.get("content-length", "")
        if self._headers.get("transfer-encoding", "").lower() == "chunked":
            pieces = self._chunked()
        elif self.status in _BODILESS:
            pieces = self._exactly(0)
        elif length:
            pieces = self._exactly(_number(length, 10))
        else:
            pieces = self._to_the_end()
        async for piece in pieces:
            yield piece
        self.complete = True

    async def _exactly(self, count: int) -> AsyncGenerator[bytes]:
        while count:
            piece = await self._connection.read(min(count, _READ_BYTES))
            if not piece:
                raise ConnectionError("The answer is cut short.")
            count -= len(piece)
            yield piece

    async def _chunked(self) -> AsyncGenerator[bytes]:
        while size := _number((await self._connection.line()).partition(";")[0], 16):
            async for piece in self._exactly(size):
                yield piece
            if await self._connection.line():
                raise ConnectionError("A chunk is longer than it says.")
        if await self._connection.line():
            raise ConnectionError("There is more after the last chunk.")  # trailers: a station sends none

    async def _to_the_end(self) -> AsyncGenerator[bytes]:
        self.keeps = False
        while piece := await self._connection.read(_READ_BYTES):
            yield piece


class _Connection:
    """One connection, for one exchange at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._loop = asyncio.get_running_loop()
        self._patience = Patience()
        self._ends_at: float | None = None
        self._sending: asyncio.Task[None] | None = None
        self.used = False
        self.idle_since = 0.0

    def begin(self, head: bytes, body: bytes | AsyncIterator[bytes], patience: Patience) -> None:
        """Send a request; a streamed body goes on while the answer is read."""
        self._patience = patience
        self._ends_at = None if patience.total_s is None else self._loop.time() + patience.total_s
        if isinstance(body, bytes):
            self._writer.write(head + body)  # not waited for: an answer may come, and be read, before it is taken
        else:
            self._writer.write(head)
            self._sending = self._loop.create_task(self._send(body))

    async def _send(self, body: AsyncIterator[bytes]) -> None:
        try:
            async for piece in body:
                self._writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
                await self._writer.drain()
            self._writer.write(b"0\r\n\r\n")
        except Exception:
            self.abort()  # half a body is none: whoever reads the answer learns of it by its end
            raise

    async def answer(self) -> Answer:
        """The head of the answer."""
        first, *lines = (await self._until(b"\r\n\r\n")).removesuffix("\r\n\r\n").split("\r\n")
        version, _, rest = first.partition(" ")
        if version != "HTTP/1.1":
            raise ConnectionError("This is not HTTP/1.1.")
        headers = dict(_header(line) for line in lines)
        return Answer(self, _number(rest.partition(" ")[0], 10), headers)

    async def line(self) -> str:
        """One line, without its end."""
        return (await self._until(b"\r\n")).removesuffix("\r\n")

    async def _until(self, end: bytes) -> str:
        try:
            async with asyncio.timeout_at(self._deadline()):
                return (await self._reader.readuntil(end)).decode("latin-1")
        except asyncio.IncompleteReadError:
            raise ConnectionError("The connection ended.") from None
        except asyncio.LimitOverrunError:
            raise ConnectionError("A line is too long.") from None

    async def read(self, most: int) -> bytes:
        """Some bytes, empty at the end."""
        async with asyncio.timeout_at(self._deadline()):
            return await self._reader.read(most)

    def _deadline(self) -> float | None:
        silent_at = None if self._patience.silence_s is None else self._loop.time() + self._patience.silence_s
        return min((at for at in (self._ends_at, silent_at) if at is not None), default=None)

    async def end(self) -> bool:
        """Stop sending; return whether all was sent."""
        sending, self._sending = self._sending, None
        if sending is None:
            return True
        done = sending.done()
        sending.cancel()
        await asyncio.wait({sending})
        failed = sending.cancelled() or sending.exception() is not None
        return done and not failed

    @property
    def fit(self) -> bool:
        """Whether it can be used again."""
        idle_s = self._loop.time() - self.idle_since
        return not self._reader.at_eof() and not self._writer.is_closing() and idle_s < bounds.REUSE_S

    def abort(self) -> None:
        """End it now."""
        self._writer.transport.abort()

    async def close(self) -> None:
        """End it, and wait until it has."""
        self.abort()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()


class Http:
    """The connections of one client to one socket."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._idle: list[_Connection] = []

    async def close(self) -> None:
        """End those that nobody uses."""
        while self._idle:
            await self._idle.pop().close()

    @asynccontextmanager
    async def exchange(
        self, method: str, target: str, *, body: bytes | AsyncIterator[bytes] | None, kind: str, patience: Patience
    ) -> AsyncIterator[Answer]:
        """One request and the head of its answer. NotReached, ConnectionError (an OSError), TimeoutError."""
        head = _head(method, target, body, kind)
        connection, answer = await self._begun(head, b"" if body is None else body, patience, again=method == "GET")
        kept = False
        try:
            yield answer
            kept = answer.complete and answer.keeps
        finally:
            sent = await connection.end()
            if kept and sent:
                connection.idle_since = asyncio.get_running_loop().time()
                self._idle.append(connection)
            else:
                connection.abort()

    async def _begun(
        self, head: bytes, body: bytes | AsyncIterator[bytes], patience: Patience, *, again: bool
    ) -> tuple[_Connection, Answer]:
        while True:
            connection = self._fit() or await self._connect()
            used, connection.used = connection.used, True
            connection.begin(head, body, patience)
            try:
                return connection, await connection.answer()
            except BaseException as e:
                connection.abort()
                await connection.end()
                # The station may have ended a connection in the moment in which we used it again.
                if not (again and used and isinstance(e, ConnectionError)):
                    raise

    def _fit(self) -> _Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.fit:
                return connection
            connection.abort()
        return None

    async def _connect(self) -> _Connection:
        try:
            async with asyncio.timeout(bounds.CONNECT_S):
                return _Connection(*await asyncio.open_unix_connection(str(self._socket), limit=_HEAD_BYTES))
        except TimeoutError:
            raise
        except OSError as e:
            raise NotReached(e) from None


def _head(method: str, target: str, body: bytes | AsyncIterator[bytes] | None, kind: str) -> bytes:
    lines = [f"{method} {target} HTTP/1.1", "Host: hotline"]
    if body is not None:
        length = f"Content-Length: {len(body)}" if isinstance(body, bytes) else "Transfer-Encoding: chunked"
        lines += [f"Content-Type: {kind}", length]
    elif method != "GET":
        lines.append("Content-Length: 0")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


def _header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon:
        raise ConnectionError("A header has no name.")
    return name.lower(), value.strip()


def _number(digits: str, base: int) -> int:
    digits = digits.strip()
    if not digits.isascii() or not digits.isalnum() or len(digits) > _LENGTH_DIGITS:
        raise ConnectionError("A number is none.")
    try:
        return int(digits, base)
    except ValueError:
        raise ConnectionError("A number is none.") from None
