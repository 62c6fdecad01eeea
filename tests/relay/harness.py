"""What the tests of relays share: an end of a path that remembers, and a relay that does what it is told."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from hotline.relay.base import BasePath, Deliver, OnState, PathState, Relay
from tests.brokers import HOST, STOP_S, eventually

Make = Callable[[Deliver, OnState], BasePath]


class End:
    """One running path, with every frame that it delivered and every state that it took."""

    def __init__(self, make: Make) -> None:
        self.frames: list[tuple[str, bytes]] = []
        self.states: list[PathState] = []
        self.relay = make(self._deliver, self._on_state)
        self.task: asyncio.Task[None] | None = None

    def _deliver(self, path_name: str, topic: str, frame: bytes) -> None:
        assert path_name == self.relay.name
        self.frames.append((topic, frame))

    def _on_state(self, relay: Relay) -> None:
        assert relay is self.relay
        self.states.append(relay.state)

    @property
    def payloads(self) -> list[bytes]:
        return [frame for _, frame in self.frames]

    async def until(self, status: str) -> PathState:
        """Wait for `status`, where `down` means refused too; a path that stopped with an exception fails the test."""

        def there() -> bool:
            if self.task is not None and self.task.done():
                self.task.result()
            return self.relay.state.status in ((status, "refused") if status == "down" else (status,))

        await eventually(there, what=f"{self.relay!r} being {status}")
        return self.relay.state

    async def until_frames(self, count: int) -> None:
        await eventually(lambda: len(self.frames) >= count, what=f"frame {count} at {self.relay!r}")


@asynccontextmanager
async def running(make: Make, *topics: str, wait_for: str | None = "up") -> AsyncIterator[End]:
    """Run a path that wants `topics` until the block ends."""
    end = End(make)
    for topic in topics:
        end.relay.subscribe(topic)
    end.task = asyncio.create_task(end.relay.run())
    try:
        if wait_for is not None:
            await end.until(wait_for)
        yield end
    finally:
        end.task.cancel()
        done, _ = await asyncio.wait((end.task,), timeout=STOP_S)
        assert done, f"{end.relay!r} was cancelled and goes on"
        if not end.task.cancelled():
            end.task.result()


# --- a relay that follows a script ---------------------------------------------------------

CONNACK = b"\x20\x02\x00\x00"  # 3.1.1, accepted

Packet = tuple[int, bytes]  # type and flags, rest


async def read_packet(reader: asyncio.StreamReader) -> Packet:
    """Read one MQTT packet; raises asyncio.IncompleteReadError at the end."""
    first = (await reader.readexactly(1))[0]
    length, shift = 0, 0
    while True:
        byte = (await reader.readexactly(1))[0]
        length |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return first, await reader.readexactly(length)


def packet(first: int, rest: bytes) -> bytes:
    """Encode one MQTT packet."""
    length, encoded = len(rest), b""
    while True:
        length, low = divmod(length, 128)
        encoded += bytes([low | (0x80 if length else 0)])
        if not length:
            return bytes([first]) + encoded + rest


def publish(topic: bytes, payload: bytes, *, retain: bool = False) -> bytes:
    """A PUBLISH of QoS 0 in 3.1.1."""
    return packet(0x31 if retain else 0x30, len(topic).to_bytes(2, "big") + topic + payload)


def suback(subscribe: Packet, *codes: int) -> bytes:
    """The answer to a SUBSCRIBE of 3.1.1."""
    return packet(0x90, subscribe[1][:2] + bytes(codes))


Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def scripted(script: Script) -> AsyncIterator[str]:
    """Run `script` for each connection; yields the URL. A client that leaves ends its script quietly."""
    running_scripts: set[asyncio.Task[None]] = set()

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running_scripts.add(task)
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
                await script(reader, writer)
        finally:
            running_scripts.discard(task)
            writer.transport.abort()

    server = await asyncio.start_server(one, HOST, 0)
    try:
        yield f"mqtt://{HOST}:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in list(running_scripts):
            task.cancel()
        await asyncio.gather(*running_scripts, return_exceptions=True)


async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *codes: int) -> None:
    """Let a client in, and answer its first SUBSCRIBE with `codes` (one QoS 0 by default)."""
    await read_packet(reader)
    writer.write(CONNACK)
    subscribe = await read_packet(reader)
    writer.write(suback(subscribe, *(codes or (0,))))


async def stay(reader: asyncio.StreamReader) -> None:
    """Read until the client leaves."""
    while await reader.read(65536):
        pass
