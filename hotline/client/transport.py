"""HTTP to a station's socket: one request and its answer; every way in which that fails is an error of the tree."""

import errno
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlencode

import msgspec

from hotline import limits
from hotline.api import bounds
from hotline.api.failures import as_error
from hotline.api.lines import Lines
from hotline.api.routes import JSON, JSON_LINES
from hotline.api.types import Api, Failure, Submitted
from hotline.client.http import Answer, Http, NotReached, Patience
from hotline.errors import DaemonError, HotlineError, UsageError
from hotline.home import Home
from hotline.text import safe

T = TypeVar("T", bound=Api)

BRIEF: Final = Patience(total_s=bounds.ANSWER_S)
# A stream lasts for as long as somebody wants it. A dead station closes its socket; a hung one falls silent.
FOLLOW: Final = Patience(silence_s=bounds.SILENCE_S)
BULK: Final = Patience()


class Transport:
    """The connections of one client. Opening it connects to nothing yet."""

    def __init__(self, station: Home | Path | str) -> None:
        self._socket, self._remedy = find(station)

    def start(self) -> None:
        """Begin anew, without connections."""
        self._http = Http(self._socket)

    async def close(self) -> None:
        await self._http.close()

    async def ask(
        self,
        method: str,
        path: str,
        kind: type[T],
        *,
        query: Mapping[str, str | int] | None = None,
        body: Api | None = None,
    ) -> T:
        sent = None if body is None else encode(body)
        if sent is not None and len(sent) > limits.API_REQUEST_BYTES:
            raise UsageError(f"The request is longer than {limits.API_REQUEST_BYTES} bytes.", "Shorten the notice.")
        async with self.open(method, path, query=query, body=sent) as answer:
            return self.decode(await self.checked(answer), kind)

    @asynccontextmanager
    async def open(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | int] | None = None,
        body: bytes | AsyncIterator[bytes] | None = None,
        patience: Patience = BRIEF,
    ) -> AsyncIterator[Answer]:
        """One request and its answer; whatever goes wrong between here and the station becomes a DaemonError."""
        target = f"{path}?{urlencode(query)}" if query else path
        kind = JSON if isinstance(body, bytes) else JSON_LINES
        try:
            async with self._http.exchange(method, target, body=body, kind=kind, patience=patience) as answer:
                yield answer
        except NotReached as e:
            raise self._not_reached(e.error) from None
        except TimeoutError:  # before OSError, which it is one of
            raise self.gone("does not answer") from None
        except OSError:
            raise self.gone("ended the connection before its answer was complete") from None

    async def checked(self, answer: Answer) -> bytes:
        """The body of an answer; the error that it states, if it is one."""
        read = bytearray()
        async for chunk in answer.chunks():
            read += chunk
            if len(read) > bounds.ANSWER_BYTES:
                raise self.gone(f"sent an answer of more than {bounds.ANSWER_BYTES} bytes")
        if answer.status >= 400:
            raise as_error(self.decode(bytes(read), Failure))
        return bytes(read)

    async def refused(self, answer: Answer) -> None:
        """Raise the error that stands in place of a stream."""
        if answer.status >= 400:
            await self.checked(answer)

    async def lines(self, answer: Answer) -> AsyncGenerator[list[bytes]]:
        lines = Lines(limits.API_REQUEST_BYTES)
        async for chunk in answer.chunks():
            whole = [line.data for line in lines.feed(chunk)]
            if None in whole:
                raise self.gone(f"sent a line of more than {limits.API_REQUEST_BYTES} bytes")
            yield [data for data in whole if data is not None]

    def outcome(self, line: bytes) -> Submitted | HotlineError:
        try:
            return msgspec.json.decode(line, type=Submitted)
        except msgspec.DecodeError:
            return as_error(self.decode(line, Failure))

    def decode(self, data: bytes, kind: type[T]) -> T:
        try:
            return msgspec.json.decode(data, type=kind)
        except (msgspec.DecodeError, ValueError, RecursionError):
            raise DaemonError(
                f"What answers on {self._shown} is not a station of this version.",
                "Stop it, and start it with the version that you use here.",
                reason="version",
            ) from None

    def _not_reached(self, error: OSError) -> DaemonError:
        if error.errno in (errno.ENOENT, errno.ECONNREFUSED, errno.ENOTDIR):
            return DaemonError(f"No station is running on {self._shown}.", self._remedy, reason="not-running")
        why = safe(error.strerror or str(error), limit=200)
        return DaemonError(f"The station on {self._shown} cannot be reached: {why}.", "Check the path and its owner.")

    def gone(self, what: str) -> DaemonError:
        return DaemonError(
            f"The station on {self._shown} {what}.", f"Look at its log. If it has stopped: {self._remedy}"
        )

    @property
    def _shown(self) -> str:
        return safe(str(self._socket), limit=400)


def find(station: Home | Path | str) -> tuple[Path, str]:
    """The socket, and what to type if nobody listens there."""
    if not isinstance(station, Home):
        path = Path(station)
        if path.is_socket() or (path.suffix == ".sock" and not path.is_dir()):
            return path, "Start it with `hotline run`."
        station = Home.find(path)
    return station.socket_path(), f"Start it with `hotline run --home {safe(str(station.path), limit=400)}`."


def encode(value: Api) -> bytes:
    return msgspec.json.encode(value)
