"""Frames that have come in and wait to be opened: bounded for each relay, and fair between relays and lines."""

import time
from collections import deque
from dataclasses import dataclass, field

from hotline import limits


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame, where it came from, the topic, which tells the line, and when, in monotonic seconds."""

    path: str
    topic: str
    data: bytes
    at_s: float = field(default_factory=time.monotonic)


class Inbound:
    """One queue for each relay and topic. Whoever floods one topic of one relay loses frames of that queue alone.

    Not thread-safe: the engine holds its lock around each call.
    """

    def __init__(self) -> None:
        self._queues: dict[tuple[str, str], deque[Frame]] = {}
        self._held: dict[str, int] = {}  # by relay
        self._bytes: dict[str, int] = {}

    def __bool__(self) -> bool:
        return any(self._held.values())

    def held(self, path: str) -> int:
        """How many frames of this relay wait."""
        return self._held.get(path, 0)

    def add(self, frame: Frame) -> list[Frame]:
        """Take one frame; return those that had to go for it: the oldest of the relay's longest queue each time."""
        dropped: list[Frame] = []
        path, size = frame.path, len(frame.data)
        while self.held(path) >= limits.RELAY_INBOUND_FRAMES or (
            self.held(path) and self._bytes[path] + size > limits.RELAY_INBOUND_BYTES
        ):
            longest = max((q for (name, _), q in self._queues.items() if name == path), key=len)
            dropped.append(self._pop(longest))
        self._queues.setdefault((path, frame.topic), deque()).append(frame)
        self._held[path] = self.held(path) + 1
        self._bytes[path] = self._bytes.get(path, 0) + size
        return dropped

    def _pop(self, queue: deque[Frame]) -> Frame:
        frame = queue.popleft()
        self._held[frame.path] -= 1
        self._bytes[frame.path] -= len(frame.data)
        return frame

    def take(self, most: int) -> list[Frame]:
        """Remove and return up to about `most` frames, one of each queue in turn."""
        taken: list[Frame] = []
        while len(taken) < most and self:
            for queue in [q for q in self._queues.values() if q]:
                taken.append(self._pop(queue))
        return taken
