"""The notices of a bulk submission, as bodies of requests."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Iterable
from itertools import islice

from hotline import limits
from hotline.api import bounds
from hotline.api.types import Submit
from hotline.client.transport import encode


class Source:
    """Gives bodies, each as long as one request may be, until the iterable ends or raises: that is in `error`."""

    def __init__(self, notices: Iterable[Submit] | AsyncIterable[Submit]) -> None:
        self._packets = _packets(notices)
        self.sent = 0  # in the current request
        self.ended = False
        self.error: Exception | None = None

    async def body(self) -> AsyncGenerator[bytes]:
        self.sent = 0
        try:
            while self.sent + bounds.PACKET_NOTICES <= limits.API_BULK_NOTICES:
                packet = await anext(self._packets, None)
                if packet is None:
                    self.ended = True
                    return
                self.sent += len(packet)
                yield b"".join(encode(notice) + b"\n" for notice in packet)
        except Exception as e:
            self.error = e  # what sends the body only sees that it ended
            raise


async def _packets(notices: Iterable[Submit] | AsyncIterable[Submit]) -> AsyncGenerator[list[Submit]]:
    """What may be sent together: one of an async iterable, which may pause before the next, or some of a plain one."""
    if isinstance(notices, AsyncIterable):
        async for notice in notices:
            yield [notice]
    else:
        rest = iter(notices)
        while packet := list(islice(rest, bounds.PACKET_NOTICES)):
            yield packet
            await asyncio.sleep(0)
