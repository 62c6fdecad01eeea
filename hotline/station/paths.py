"""The relays of a running station: each with a task and a queue of its own, added and removed while the line lives.

Nothing here waits for a relay. A frame is put into the queue of each, which is bounded; one that hangs fills its own
and loses what it would have carried, and nobody else notices.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog
from msgspec import structs

from hotline.api.types import Path
from hotline.relay.base import Deliver, OnState, Relay
from hotline.relay.config import RelayConfig
from hotline.station.arrivals import Tally

log = structlog.get_logger(__name__)

OpenRelay = Callable[[RelayConfig, Deliver, OnState], Relay]

# A relay that is removed may still write what waits in its queue. What it does not is sent again on the others.
_LAST_FRAMES_S = 1.0
_LOOK_S = 0.01


@dataclass(slots=True)
class _Held:
    config: RelayConfig
    relay: Relay
    task: "asyncio.Task[None] | None" = None


class Paths:
    """On the loop. `on_defect` is told when the loop of a relay ends by itself, which is a fault of ours."""

    def __init__(
        self,
        open_relay: OpenRelay,
        deliver: Deliver,
        on_state: OnState,
        topics: Sequence[str],
        on_defect: Callable[[BaseException], None],
    ) -> None:
        self._open_relay = open_relay
        self._deliver = deliver
        self._on_state = on_state
        self._topics = topics
        self._on_defect = on_defect
        self._held: dict[str, _Held] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        self.hanging_up = False  # read by any thread
        self._running = False
        self._changing = asyncio.Lock()

    @property
    def relays(self) -> list[Relay]:
        """Those in use, in the order of the configuration. The list is a copy, for any thread."""
        return [held.relay for held in list(self._held.values())]

    def up(self) -> list[tuple[str, float]]:
        """The names of those that are up, each with the monotonic second since when; for any thread."""
        return [(relay.name, relay.state.since) for relay in self.relays if relay.state.status == "up"]

    def add(self, config: RelayConfig) -> None:
        """Begin to use a relay; its name must be new."""
        relay = self._open_relay(config, self._deliver, self._on_state)
        for topic in self._topics:
            relay.subscribe(topic)
        held = self._held[config.name] = _Held(config, relay)
        if self._running:
            self._start(held)

    async def change(self, configs: Sequence[RelayConfig]) -> tuple[list[str], list[str]]:
        """Use exactly these relays from now on; return the names of the added and the removed.

        One whose settings differ is both. The new ones are begun before any old one ends, and one that stays is not
        touched. A removed one takes no more frames, writes what it holds for a second at most, and hangs up.
        """
        async with self._changing:
            wanted = {config.name: config for config in configs}
            gone = [held for name, held in self._held.items() if wanted.get(name) != held.config]
            for held in gone:
                del self._held[held.config.name]
            new = [config for config in configs if config.name not in self._held]
            for config in new:
                self.add(config)
            self._held = {config.name: self._held[config.name] for config in configs}
            for held in gone:
                self._leave(held)
            return [config.name for config in new], [held.config.name for held in gone]

    def send(self, topic: str, frames: list[bytes]) -> None:
        """Put frames into the queue of every relay that is up."""
        for held in self._held.values():
            if held.relay.state.status == "up":
                for frame in frames:
                    held.relay.send(topic, frame)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep all of them connected while the block runs."""
        if not self._held:
            log.warning("no-relay", remedy="hotline relay add NAME URL")
        self._running = True
        for held in self._held.values():
            self._start(held)
        try:
            yield
        finally:
            self._running, self.hanging_up = False, True
            tasks = [held.task for held in self._held.values() if held.task is not None] + list(self._leaving)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, held: _Held) -> None:
        held.task = asyncio.create_task(held.relay.run(), name=f"relay {held.relay.name}")
        held.task.add_done_callback(self._on_end)

    def _on_end(self, task: "asyncio.Task[None]") -> None:
        """A relay's loop never ends by itself; if it does, that is a fault of ours, and nobody may go on deaf."""
        if not self._running or all(held.task is not task for held in self._held.values()):
            return
        error = None if task.cancelled() else task.exception()
        defect = error or RuntimeError(f"The loop of {task.get_name()} ended by itself.")
        log.error("task-failed", task=task.get_name(), exc_info=defect)
        self._on_defect(defect)

    def _leave(self, held: _Held) -> None:
        leaving = asyncio.create_task(_hang_up(held), name=f"leaving relay {held.relay.name}")
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)


async def _hang_up(held: _Held) -> None:
    task = held.task
    if task is None:
        return
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_FRAMES_S):
                while held.relay.pending and held.relay.state.status == "up":  # noqa: ASYNC110 (a queue wakes nobody)
                    await asyncio.sleep(_LOOK_S)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def row(relay: Relay, tally: Tally) -> Path:
    """What `status` shows of one path."""
    c, state = relay.counters, relay.state
    return Path(
        name=relay.name,
        state=state.status,
        detail=state.detail,
        delay_ms=_ms(relay.delay_s),
        since_s=round(time.monotonic() - state.since, 1),
        late_ms=_ms(tally.late_s),
        carried=tally.carried,
        missed=tally.missed,
        frames_out=c.sent,
        frames_in=c.received,
        dropped=c.dropped,
        failures=c.failures,
        rejected={
            reason: count
            for reason, count in (
                ("oversized", c.oversized_in),
                ("wrong-topic", c.wrong_topic),
                ("topic-refused", c.topics_refused),
                ("too-large-for-it", c.oversized_out),
                ("repeat", tally.repeats),
            )
            if count
        },
    )


def with_rejected(path: Path, rejected: dict[str, int]) -> Path:
    """The same, with the frames that failed a check, by reason."""
    return structs.replace(path, rejected={**path.rejected, **rejected})


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(1000 * seconds, 1)
