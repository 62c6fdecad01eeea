"""What too much is told as: one alarm when it begins, one event when it is over, and counts between the two.

Three kinds of too much, each told apart because people act differently on each: frames that fail their checks in
great numbers (call who runs the relay), a queue that fills (send less; FLASH has a share of its own), and a peer
that answers and gives no receipts (telephone it).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from hotline import limits
from hotline.core.step import Event
from hotline.text import safe

Rejected = Mapping[tuple[bytes, str, str], int]  # by line, path and reason


@dataclass(slots=True)
class _Flood:
    quiet_since_s: float
    reasons: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class _Unreceipted:
    receipted: int
    since_s: float
    told: bool = False


class LoadWatch:
    """On the engine's thread; asked about every second. Returns what to write, by line."""

    def __init__(self) -> None:
        self._counted_s: float | None = None
        self._floods: dict[tuple[bytes, str], _Flood] = {}
        self._full: set[bytes] = set()
        self._unreceipted: dict[bytes, _Unreceipted] = {}

    def standing(self, line: bytes) -> set[str]:
        """The kinds of alarms of this file that hold on a line now."""
        kinds = {"flood" for flooded, _ in self._floods if flooded == line}
        kinds |= {"queue-filling"} if line in self._full else set()
        waiting = self._unreceipted.get(line)
        return kinds | ({"no-receipts"} if waiting is not None and waiting.told else set())

    # --- frames that fail their checks ---------------------------------------------------------------

    def rejected(self, counts: Rejected, now_s: float) -> Iterable[tuple[bytes, Event]]:
        """Take what was rejected since the last call: at FLOOD_FRAMES_PER_S on one path it is a flood."""
        passed_s = max(1.0, now_s - self._counted_s) if self._counted_s is not None else 1.0
        self._counted_s = now_s
        by_path: dict[tuple[bytes, str], Counter[str]] = {}
        for (line, path, reason), count in counts.items():
            by_path.setdefault((line, path), Counter())[reason] += count
        for where, reasons in by_path.items():
            a_second = reasons.total() / passed_s
            known = self._floods.get(where)
            if known is not None:
                known.reasons += reasons
            if a_second >= limits.FLOOD_FRAMES_PER_S:
                if known is None:
                    self._floods[where] = _Flood(now_s, reasons)
                    yield where[0], _begun(where[1], a_second, reasons)
                else:
                    known.quiet_since_s = now_s
        for where, flood in list(self._floods.items()):
            if now_s - flood.quiet_since_s >= limits.FLOOD_OVER_S:
                del self._floods[where]
                yield where[0], _over(where[1], flood)

    # --- the queue and the window ----------------------------------------------------------------------

    def queue(self, line: bytes, share: float) -> Iterable[Event]:
        """Take how full a line's queue is, 1.0 for as full as it may be."""
        if share >= limits.QUEUE_FILLING and line not in self._full:
            self._full.add(line)
            text = f"The queue is {share:.0%} full; when it is full, only FLASH is taken."
            yield Event("queue-filling", text, alarm=True)
        elif share < limits.QUEUE_FILLING / 2 and line in self._full:
            self._full.discard(line)
            yield Event("queue-drained", f"The queue is {share:.0%} full again.")

    def receipts(self, line: bytes, size: int, receipted: int, now_s: float, *, heard: bool) -> Iterable[Event]:
        """Take the sizes of my log and of the peer's receipt for it; `heard` says whether the peer answers at all."""
        known = self._unreceipted.get(line)
        if receipted >= size or known is None or known.receipted != receipted:
            if receipted >= size:
                self._unreceipted.pop(line, None)
            else:
                self._unreceipted[line] = _Unreceipted(receipted, now_s)
            if known is not None and known.told:
                yield Event("receipts-again", "The peer gives receipts again.")
        elif heard and not known.told and now_s - known.since_s >= limits.NO_RECEIPTS_S:
            known.told = True
            text = (
                f"The peer answers and has given no receipt for {limits.NO_RECEIPTS_S} s: "
                f"{size - receipted} entries of ours are NOT known to be there."
            )
            yield Event("no-receipts", text, alarm=True)


def _begun(path: str, a_second: float, reasons: Counter[str]) -> Event:
    what = ", ".join(f"{reason} {count}" for reason, count in reasons.most_common(4))
    text = (
        f"Relay {safe(path)} brings {a_second:.0f} frames a second that are not taken ({what}). "
        "They are counted and dropped; what other relays bring is not touched by it."
    )
    return Event("flood", text, alarm=True)


def _over(path: str, flood: _Flood) -> Event:
    what = ", ".join(f"{reason} {count}" for reason, count in flood.reasons.most_common(4))
    return Event("flood-over", f"Relay {safe(path)} is quiet again; rejected meanwhile: {what}.")
