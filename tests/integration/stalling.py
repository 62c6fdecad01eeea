"""A way to a relay that may hang: a TCP proxy which keeps its connections and stops carrying."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from tests.brokers import HOST, Broker

_PIECE = 64 * 1024


class Stalling:
    """Between stations and one broker. `let_through` cleared: nothing is read any more, and nothing is closed."""

    def __init__(self, broker: Broker) -> None:
        self._to = broker
        self.port = 0
        self.let_through = asyncio.Event()
        self.let_through.set()

    @property
    def url(self) -> str:
        return f"mqtt://{HOST}:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            there_reader, there_writer = await asyncio.open_connection(self._to.host, self._to.port)
            try:
                async with asyncio.TaskGroup() as both:
                    both.create_task(self._carry(reader, there_writer))
                    both.create_task(self._carry(there_reader, writer))
            finally:
                there_writer.close()
                writer.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while True:
                await self.let_through.wait()
                data = await reader.read(_PIECE)
                if not data:
                    return
                await self.let_through.wait()
                writer.write(data)
                await writer.drain()


@asynccontextmanager
async def stalling(broker: Broker) -> AsyncIterator[Stalling]:
    """Run one before `broker` until the block ends."""
    proxy = Stalling(broker)
    serving: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(proxy.serve(reader, writer))
        serving.add(task)
        task.add_done_callback(serving.discard)

    server = await asyncio.start_server(accept, HOST, 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        for task in list(serving):
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
