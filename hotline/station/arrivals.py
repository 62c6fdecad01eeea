"""Which relay brings the peer's frames, and how much later than the fastest: what `status` shows of each path.

A peer sends each frame on all relays, byte for byte the same, so that the 16-byte MAC names a frame on all of them.
Only frames that passed every check are noted: a stranger can neither fill the table nor make a path look good.
Whoever runs a relay can still hold frames back, or hurry, as it likes: nothing here is used for safety.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field

from hotline.core.frame import HEADER_BYTES, MAC_BYTES

# A path has this long for a frame that another has brought; then it counts as missed on it.
GRACE_S = 10.0
# Frames waiting for that: an honest peer sends some hundreds in that time. The oldest are judged early.
AWAITED = 2048
# Each sample moves the shown lateness by an eighth, as TCP smooths its round trip (RFC 6298).
_SHARE = 1 / 8


@dataclass(slots=True)
class Tally:
    """Of one path, since it was added. `late_s` is None before its first frame."""

    carried: int = 0  # the peer's frames that it brought, each counted once
    missed: int = 0  # those that only others brought while it was up
    repeats: int = 0  # those that it brought again
    late_s: float | None = None

    def came(self, late_s: float) -> None:
        """One more frame, so much later than the first path that brought it."""
        self.carried += 1
        self.late_s = late_s if self.late_s is None else self.late_s + _SHARE * (late_s - self.late_s)


@dataclass(slots=True)
class _Seen:
    first_s: float
    paths: set[str] = field(default_factory=set)


class Arrivals:
    """On the engine's thread. Times are seconds of `time.monotonic`, as in `PathState.since`."""

    def __init__(self) -> None:
        self._seen: OrderedDict[bytes, _Seen] = OrderedDict()
        self._tallies: dict[str, Tally] = {}

    def heard(self, path: str, frame: bytes, at_s: float) -> None:
        """A path has brought a frame that passed every check, or is a repeat of one that did."""
        tag = frame[HEADER_BYTES - MAC_BYTES : HEADER_BYTES]
        tally = self._tallies.setdefault(path, Tally())
        seen = self._seen.get(tag)
        if seen is None:
            seen = self._seen[tag] = _Seen(at_s)
        if path in seen.paths:
            tally.repeats += 1
            return
        seen.paths.add(path)
        tally.came(max(0.0, at_s - seen.first_s))

    def judge(self, now_s: float, up: Iterable[tuple[str, float]]) -> None:
        """Count what did not come on each path that is `up`, a pair of its name and since when."""
        paths = list(up)
        while self._seen:
            seen = next(iter(self._seen.values()))
            if now_s - seen.first_s < GRACE_S and len(self._seen) <= AWAITED:
                return
            self._seen.popitem(last=False)
            for path, since_s in paths:
                if since_s < seen.first_s and path not in seen.paths:
                    self._tallies.setdefault(path, Tally()).missed += 1

    def of(self, path: str) -> Tally:
        """What is known of a path."""
        return self._tallies.get(path, Tally())

    def forget(self, path: str) -> None:
        """A path was removed; another of its name begins anew."""
        self._tallies.pop(path, None)
