"""Frames that have come in and wait to be opened: bounded for each relay, and fair between relays and lines."""

from collections import deque
from dataclasses import dataclass

from hotline import limits


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame, where it came from, and the topic, which tells the line."""

    path: str
    topic: str
    data: bytes


class Inbound:
    """One queue for each relay and topic. Whoever floods one topic of one relay loses frames of that queue alone.

    Not thread-safe: the engine holds its lock around each call.
    """

    def __init__(self) -> None:
        self._queues: dict[tuple[str, str], deque[Frame]] = {}
        self._held: dict[str, int] = {}  # by relay

    def __bool__(self) -> bool:
        return any(self._held.values())

    def held(self, path: str) -> int:
        """How many frames of this relay wait."""
        return self._held.get(path, 0)

    def add(self, frame: Frame) -> Frame | None:
        """Take one frame; return the one that had to go for it: the oldest of the relay's longest queue, or None."""
        dropped = None
        if self.held(frame.path) >= limits.RELAY_INBOUND_FRAMES:
            longest = max((q for (path, _), q in self._queues.items() if path == frame.path), key=len)
            dropped = longest.popleft()
            self._held[frame.path] -= 1
        self._queues.setdefault((frame.path, frame.topic), deque()).append(frame)
        self._held[frame.path] = self.held(frame.path) + 1
        return dropped

    def take(self, most: int) -> list[Frame]:
        """Remove and return up to about `most` frames, one of each queue in turn."""
        taken: list[Frame] = []
        while len(taken) < most and self:
            for queue in [q for q in self._queues.values() if q]:
                frame = queue.popleft()
                self._held[frame.path] -= 1
                taken.append(frame)
        return taken
