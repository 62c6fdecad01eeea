"""A network that drops, repeats, delays, reorders and replays; each direction can be cut alone. Relays stand in it."""

import heapq
import random
from collections import Counter
from dataclasses import dataclass, field

from tests.simulation.relays import Memory, Relay


@dataclass
class Faults:
    """What the network does to each frame on its way through each relay."""

    loss: float = 0.0
    repeat: float = 0.0
    delay_s: tuple[float, float] = (0.005, 0.05)
    late: float = 0.0  # share of frames held back for up to `late_s`
    late_s: float = 60.0


@dataclass
class Network:
    """Frames on their way to a party, on every relay: both a station and its clone are sent each."""

    rng: random.Random
    faults: Faults = field(default_factory=Faults)
    cut: set[int] = field(default_factory=set)  # parties that nothing reaches
    counts: Counter[str] = field(default_factory=Counter)
    relays: list[Relay] = field(default_factory=lambda: [Relay()])

    def __post_init__(self) -> None:
        self._queue: list[tuple[float, int, int, bytes]] = []
        self._number = 0
        self._memory = Memory(self.rng)

    def send(self, to: int, frame: bytes, now_s: float) -> None:
        self.counts["sent"] += 1
        self._memory.keep(to, frame)
        for relay in self.relays:
            self._relay(relay, to, frame, now_s)

    def _relay(self, relay: Relay, to: int, frame: bytes, now_s: float) -> None:
        f, r = self.faults, self.rng
        copies = 1 + (r.random() < f.repeat)
        self.counts["repeated"] += copies - 1
        for _ in range(copies):
            if to in self.cut or r.random() < f.loss:
                self.counts["dropped"] += 1
            elif relay.drops(frame, r):
                self.counts["dropped by a relay"] += 1
            else:
                self._push(now_s + self._delay(relay), to, frame)
        if relay.acts("replays", r):
            self.replay(now_s)
        if relay.acts("forges", r):
            self.counts["forged"] += 1
            self._push(now_s, *self._memory.forged())

    def _delay(self, relay: Relay) -> float:
        f, r = self.faults, self.rng
        delay = r.uniform(*f.delay_s)
        if r.random() < f.late:
            self.counts["held back"] += 1
            delay = r.uniform(0.0, f.late_s)
        held = relay.hold(r)
        self.counts["held back by a relay"] += held > 0
        return delay + held

    def replay(self, now_s: float) -> None:
        """Some frame of the past arrives again."""
        if self._memory.kept:
            self.counts["replayed"] += 1
            self._push(now_s, *self._memory.any())

    def garble(self, now_s: float) -> None:
        """Some frame of the past arrives with one bit turned."""
        if self._memory.kept:
            self.counts["garbled"] += 1
            self._push(now_s, *self._memory.garbled())

    def _push(self, at_s: float, to: int, frame: bytes) -> None:
        self._number += 1
        heapq.heappush(self._queue, (at_s, self._number, to, frame))

    def next_s(self) -> float:
        return self._queue[0][0] if self._queue else float("inf")

    def due(self, now_s: float) -> dict[int, list[bytes]]:
        """The frames that have arrived, by party; a cut holds for what is under way too."""
        found: dict[int, list[bytes]] = {}
        while self._queue and self._queue[0][0] <= now_s:
            _, _, to, frame = heapq.heappop(self._queue)
            if to in self.cut:
                self.counts["dropped"] += 1
            else:
                found.setdefault(to, []).append(frame)
        return found
