"""What a relay is to the station: a lossy path for frames, the same over MQTT and in memory.

A relay promises nothing about delivery: frames may be lost, repeated, reordered or
invented by whoever runs it. The protocol above heals that, so everything here may drop,
as long as it is bounded and counted.
"""

import asyncio
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from hotline import limits
from hotline.errors import UsageError
from hotline.relay import bounds
from hotline.text import safe

# `refused` is a `down` that only a person can end: a password, a certificate, a version.
Status = Literal["connecting", "up", "refused", "down"]


@dataclass(frozen=True, slots=True)
class PathState:
    """What is known of a path now. `detail` is one safe sentence, empty when all is well."""

    status: Status
    detail: str
    since: float  # time.monotonic() of the last change of `status`, in seconds


@dataclass(slots=True)
class Counters:
    """Since the relay was made; each only grows. Owned by the relay, read by anybody."""

    connects: int = 0
    failures: int = 0  # attempts that failed, and connections that were lost
    sent: int = 0  # frames handed to the network
    received: int = 0  # frames given to `deliver`
    unsent: int = 0  # frames refused because the path was not up
    dropped: int = 0  # oldest frames thrown out of a full queue, and those queued when the connection went
    oversized_out: int = 0
    oversized_in: int = 0
    wrong_topic: int = 0
    topics_refused: int = 0


class Deliver(Protocol):
    """Takes one frame, on the loop; must neither block nor raise."""

    def __call__(self, path_name: str, topic: str, frame: bytes, /) -> None: ...


OnState = Callable[["Relay"], None]


@runtime_checkable
class Relay(Protocol):
    """One path. All methods are called on the event loop that runs `run`."""

    @property
    def name(self) -> str:
        """The name that the configuration gives, shown to people."""

    @property
    def state(self) -> PathState: ...

    @property
    def counters(self) -> Counters: ...

    @property
    def max_frame_bytes(self) -> int:
        """The largest frame that `send` takes now; may change with each connection."""

    @property
    def delay_s(self) -> float | None:
        """Seconds that the relay took to answer us last, or takes now if that is longer; None before the first.

        It is the way to the relay and back, not to the peer: `hotline.station.arrivals` compares paths end to end.
        """

    @property
    def pending(self) -> int:
        """Frames that wait to be written."""

    async def run(self) -> None:
        """Keep the path connected until cancelled. Network faults become states, never exceptions."""

    def send(self, topic: str, frame: bytes) -> bool:
        """Queue `frame` and return True; never blocks. True promises nothing about arrival.

        False when the path is not up or the frame is too large for it: not queued, but counted.
        A full queue, by frames or by bytes, drops its oldest. Raises UsageError for a topic that is none.
        """

    def subscribe(self, topic: str) -> None:
        """Want frames of `topic`, from now on and after each reconnect. Raises UsageError for a topic that is none."""

    def unsubscribe(self, topic: str) -> None:
        """Want them no longer."""


def check_topic(topic: str) -> None:
    """Raise UsageError unless `topic` is 1 to TOPIC_BYTES of printable ASCII without wildcards or empty levels."""
    plain = topic.isascii() and topic.isprintable() and not set(topic) & set("+#$ ")
    if not plain or not 0 < len(topic) <= bounds.TOPIC_BYTES or "" in topic.split("/"):
        raise UsageError(
            f"{safe(topic, limit=60)!r} cannot be a topic.",
            f"Use 1 to {bounds.TOPIC_BYTES} printable ASCII characters, none of + # $ or space, no empty level.",
        )


class BasePath(ABC):
    """The half of a relay that does not know what carries it: state, queue, wanted topics, counting."""

    def __init__(self, name: str, deliver: Deliver, on_state: OnState) -> None:
        self.name = name
        self.counters = Counters()
        self.state = PathState("connecting", "", time.monotonic())
        self.max_frame_bytes = bounds.FRAME_MOST_BYTES
        self._answered_s: float | None = None
        self._deliver = deliver
        self._on_state = on_state
        self._wanted: set[str] = set()
        self._wanted_changed = asyncio.Event()
        self._outbound: deque[tuple[str, bytes]] = deque()
        self._outbound_bytes = 0
        self._outbound_ready = asyncio.Event()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r} {self.state.status}>"

    @property
    def delay_s(self) -> float | None:
        return self._answered_s

    @property
    def pending(self) -> int:
        return len(self._outbound)

    @abstractmethod
    async def run(self) -> None:
        """As `Relay.run`: what carries it."""

    def send(self, topic: str, frame: bytes) -> bool:
        check_topic(topic)
        if self.state.status != "up":
            self.counters.unsent += 1
            return False
        if len(frame) > self.max_frame_bytes:
            self.counters.oversized_out += 1
            return False
        self._outbound.append((topic, frame))
        self._outbound_bytes += len(frame)
        # A newer frame says more than an older one.
        while len(self._outbound) > limits.RELAY_OUTBOUND_FRAMES or self._outbound_bytes > limits.RELAY_OUTBOUND_BYTES:
            self._outbound_bytes -= len(self._outbound.popleft()[1])
            self.counters.dropped += 1
        self._outbound_ready.set()
        return True

    def subscribe(self, topic: str) -> None:
        check_topic(topic)
        self._wanted.add(topic)
        self._wanted_changed.set()

    def unsubscribe(self, topic: str) -> None:
        self._wanted.discard(topic)
        self._wanted_changed.set()

    def _take(self, topic: str, frame: bytes) -> None:
        """Judge and pass on one frame from the network; `topic` is without the prefix."""
        if topic not in self._wanted:
            self.counters.wrong_topic += 1
        elif len(frame) > bounds.FRAME_MOST_BYTES:
            self.counters.oversized_in += 1
        else:
            self.counters.received += 1
            self._deliver(self.name, topic, frame)

    def _queued(self) -> Iterator[tuple[str, bytes]]:
        """Pop what waits, oldest first, until there is none."""
        while self._outbound:
            topic, frame = self._outbound.popleft()
            self._outbound_bytes -= len(frame)
            yield topic, frame
        self._outbound_ready.clear()

    def _forget_queued(self) -> None:
        """Drop what waits: after a reconnect the protocol knows better what is still worth sending."""
        self.counters.dropped += len(self._outbound)
        self._outbound.clear()
        self._outbound_bytes = 0
        self._outbound_ready.clear()

    def _become(self, status: Status, detail: str = "") -> None:
        before = self.state
        if (before.status, before.detail) == (status, detail):
            return
        since = before.since if before.status == status else time.monotonic()
        self.state = PathState(status, detail, since)
        self._on_state(self)
