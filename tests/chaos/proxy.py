"""A TCP proxy between a station and its relay that cuts, stalls, throttles, delays and leaves connections half open."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from tests.brokers import HOST, Broker

CHUNK_BYTES = 65536
SLICE_BYTES = 256  # that pass at a time through a throttle
CHUNKS_HELD = 256  # that wait for their time in one direction; past this nothing more is read


class Proxy:
    """What stands between one station and the relay. The faults stay until `heal`; all may be set at any time."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._links: set[Link] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.latency_s = 0.0  # added to each direction
        self.bytes_per_s = 0.0  # in each direction of each connection; 0 for no limit
        self.refuses = False  # new connections are reset
        self._flows = asyncio.Event()
        self._flows.set()

    @property
    def url(self) -> str:
        """Where the station believes its relay."""
        return f"mqtt://{HOST}:{self.port}"

    def cut(self) -> None:
        """Reset every connection at both of its ends."""
        for link in self._links:
            link.cut()

    def leave_half_open(self) -> None:
        """Reset the relay's end of every connection; the station's stays, and whatever it writes is swallowed."""
        for link in self._links:
            link.leave_half_open()

    def deafen(self) -> None:
        """Swallow what the relay sends; what the station sends still passes."""
        for link in self._links:
            link.deaf = True

    def stall(self) -> None:
        """Pass nothing on, and lose nothing: after `heal` it arrives, all at once."""
        self._flows.clear()

    def heal(self) -> None:
        """Pass on everything again. A connection that has lost bytes cannot be mended: it is reset."""
        self.latency_s, self.bytes_per_s, self.refuses = 0.0, 0.0, False
        self._flows.set()
        for link in self._links:
            if link.spoilt:
                link.cut()

    async def passable(self, size: int) -> int:
        """Wait until bytes may pass, and return how many of `size` may."""
        await self._flows.wait()
        if not self.bytes_per_s:
            return size
        await asyncio.sleep(min(size, SLICE_BYTES) / self.bytes_per_s)
        return SLICE_BYTES

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of the station, until either end closes it."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._carry(reader, writer)
        finally:
            writer.transport.abort()
            self._tasks.discard(task)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refuses:
            return
        try:
            from_relay, to_relay = await asyncio.open_connection(self._broker.host, self._broker.port)
        except OSError:
            return  # the relay is down: the station sees a connection that ends at once
        link = Link(self, writer, to_relay)
        self._links.add(link)
        try:
            await link.carry(reader, from_relay)
        finally:
            self._links.discard(link)
            link.cut()

    async def end(self) -> None:
        """Reset all, and wait until nothing of it is left."""
        self.refuses = True
        self.cut()
        await asyncio.gather(*self._tasks)


class Link:
    """One connection of a station to the relay: two sockets, and bytes that wait between them."""

    def __init__(self, proxy: Proxy, to_station: asyncio.StreamWriter, to_relay: asyncio.StreamWriter) -> None:
        self._proxy, self._to_station, self._to_relay = proxy, to_station, to_relay
        self._ended = asyncio.Event()
        self._half_open = False
        self.deaf = False

    @property
    def spoilt(self) -> bool:
        """Whether bytes of it may have been swallowed."""
        return self._half_open or self.deaf

    def cut(self) -> None:
        """Reset both ends."""
        self._to_station.transport.abort()
        self._to_relay.transport.abort()
        self._ended.set()

    def leave_half_open(self) -> None:
        """Reset the relay's end alone."""
        self._half_open = True
        self._to_relay.transport.abort()

    async def carry(self, from_station: asyncio.StreamReader, from_relay: asyncio.StreamReader) -> None:
        """Pass bytes on in both directions, until either end has closed."""
        work = [
            asyncio.create_task(each)
            for each in (
                self._pass_on(from_station, self._to_relay, lambda: self._half_open),
                self._pass_on(from_relay, self._to_station, lambda: self.deaf or self._half_open),
                self._ended.wait(),
            )
        ]
        try:
            done, _ = await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
            if self._half_open and not self._ended.is_set() and work[0] not in done:
                await asyncio.wait((work[0], work[2]), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)

    async def _pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, swallows: Callable[[], bool]
    ) -> None:
        """Read at once and write when the delay is over: the delay costs time, not throughput."""
        held: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(CHUNKS_HELD)
        writing = asyncio.create_task(self._write(held, writer))
        try:
            with contextlib.suppress(OSError):
                while chunk := await reader.read(CHUNK_BYTES):
                    if not swallows():
                        await held.put((asyncio.get_running_loop().time() + self._proxy.latency_s, chunk))
        finally:
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)

    async def _write(self, held: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter) -> None:
        while True:
            due, chunk = await held.get()
            await asyncio.sleep(due - asyncio.get_running_loop().time())
            while chunk and not writer.transport.is_closing():
                size = await self._proxy.passable(len(chunk))
                writer.write(chunk[:size])
                chunk = chunk[size:]
                with contextlib.suppress(OSError):
                    await writer.drain()


@asynccontextmanager
async def proxy(broker: Broker) -> AsyncIterator[Proxy]:
    """A proxy before this relay, at a port that the operating system chose."""
    between = Proxy(broker)
    server = await asyncio.start_server(between.serve, HOST, 0)
    between.port = server.sockets[0].getsockname()[1]
    try:
        yield between
    finally:
        server.close()
        await between.end()
        await server.wait_closed()
