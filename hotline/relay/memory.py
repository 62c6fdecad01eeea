"""A relay in memory, for tests: the same promises as over a network, in a deterministic order."""

import asyncio

from hotline.relay import bounds
from hotline.relay.base import BasePath, Deliver, OnState


class MemoryBroker:
    """Passes frames between its relays. Forgets everything when stopped, as a killed broker does."""

    def __init__(self, *, max_frame_bytes: int = bounds.FRAME_MOST_BYTES) -> None:
        self.max_frame_bytes = max_frame_bytes
        self._relays: list[MemoryRelay] = []
        self._up = asyncio.Event()
        self._up.set()
        self._down = asyncio.Event()

    def relay(self, name: str, deliver: Deliver, on_state: OnState) -> "MemoryRelay":
        """Return a new path to this broker."""
        return MemoryRelay(self, name, deliver, on_state)

    def stop(self) -> None:
        """Cut every relay off; frames on their way are lost."""
        self._up.clear()
        self._down.set()
        for relay in list(self._relays):
            relay.cut()

    def start(self) -> None:
        """Let relays connect again."""
        self._down.clear()
        self._up.set()

    def publish(self, topic: str, frame: bytes) -> None:
        """Hand `frame` to every connected relay that wants `topic`, each in a turn of the loop of its own."""
        for relay in self._relays:
            if relay.wants(topic):
                asyncio.get_running_loop().call_soon(relay.arrive, topic, frame)

    async def attach(self, relay: "MemoryRelay") -> None:
        """Wait until the broker runs, and connect `relay` to it."""
        await self._up.wait()
        self._relays.append(relay)

    def detach(self, relay: "MemoryRelay") -> None:
        if relay in self._relays:
            self._relays.remove(relay)

    async def stopped(self) -> None:
        await self._down.wait()


class MemoryRelay(BasePath):
    """One path to a MemoryBroker; see `hotline.relay.base.Relay`."""

    def __init__(self, broker: MemoryBroker, name: str, deliver: Deliver, on_state: OnState) -> None:
        super().__init__(name, deliver, on_state)
        self._broker = broker
        self._flushing = False

    async def run(self) -> None:
        try:
            while True:
                await self._broker.attach(self)
                self.max_frame_bytes = self._broker.max_frame_bytes
                self._answered_s = 0.0
                self.counters.connects += 1
                self._become("up")
                await self._broker.stopped()
        finally:
            self._broker.detach(self)
            self._forget_queued()
            self._become("down", f"relay {self.name} is not in use")

    def send(self, topic: str, frame: bytes) -> bool:
        queued = super().send(topic, frame)
        if queued and not self._flushing:
            self._flushing = True
            asyncio.get_running_loop().call_soon(self._flush)
        return queued

    def cut(self) -> None:
        """The broker has stopped."""
        self._broker.detach(self)
        self._forget_queued()
        self.counters.failures += 1
        self._become("down", f"relay {self.name} has stopped")

    def wants(self, topic: str) -> bool:
        return topic in self._wanted

    def arrive(self, topic: str, frame: bytes) -> None:
        if self.state.status == "up":
            self._take(topic, frame)

    def _flush(self) -> None:
        self._flushing = False
        for topic, frame in self._queued():
            self._broker.publish(topic, frame)
            self.counters.sent += 1
