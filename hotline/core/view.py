"""What the core reads of the store: a line as it is on disk, with the writes of the present batch already applied."""

from dataclasses import dataclass
from typing import Protocol

from hotline.core.queue import Queued
from hotline.core.step import CosignIntent, KeepHead, KeepProposal, KeepReceipt, LockedHead, Stored


class LogView(Protocol):
    """One log: mine, or my mirror of the peer's."""

    def size(self) -> int:
        """The number of entries."""
        ...

    def leaves(self, start: int, end: int) -> list[bytes]:
        """Leaf hashes of [start, end)."""
        ...

    def entries(self, start: int, end: int) -> list[Stored]:
        """Entries with their bodies, [start, end)."""
        ...

    def head(self) -> KeepHead | None:
        """The largest signed head."""
        ...

    def receipt(self) -> KeepReceipt | None:
        """The largest receipt (own log), or the latest of mine (mirror)."""
        ...

    def intent(self) -> CosignIntent | None:
        """The latest statement committed for signing (mirror only)."""
        ...

    def proposal_after(self, size: int) -> KeepProposal | None:
        """The first kept proposal of a size larger than this (mirror only)."""
        ...

    def last_serial(self) -> int:
        """The largest serial of a notice in this log (own), or among those judged (mirror).

        If there is none, the one before the first: 0 in generation 1.
        """
        ...

    def judged(self) -> tuple[int, int]:
        """How far it was judged, and the largest seen size till then (mirror only)."""
        ...

    def has_notice(self, notice_id: bytes, before: int) -> bool:
        """Whether an entry of index less than `before` carries this notice id."""
        ...

    def frozen(self) -> bytes:
        """The FORK payload that froze it, or empty."""
        ...


class LineView(Protocol):
    """Both logs of a line and its queue."""

    @property
    def own(self) -> LogView:
        """My log."""
        ...

    @property
    def mirror(self) -> LogView:
        """My mirror of the peer's log."""
        ...

    def queued(self, limit: int) -> list[Queued]:
        """The first rows of the queue, by rank (highest first), then age."""
        ...

    def emergency(self, emergency_id: bytes, *, mine: bool) -> bytes:
        """The payload of a kept EMERGENCY, or empty."""
        ...

    def earlier(self, notice_id: bytes) -> bytes:
        """The commitment of a valid notice of the peer with this id that an earlier generation surfaced, or empty."""
        ...

    def unseen_emergencies(self) -> list[tuple[bytes, bytes]]:
        """Id and payload of mine that wait for their SEEN, oldest first."""
        ...


def never_signed(view: LineView) -> bool:
    """Whether nothing was ever signed on this line, so that no lock file need be there.

    A statement that was committed and not signed does not count: the lock file comes after the commit.
    """
    return view.own.head() is None and view.mirror.receipt() is None


@dataclass(frozen=True, slots=True)
class Lock:
    """What the lock file says of a line. `readable` is False if damaged, or missing where something was signed."""

    readable: bool
    own: LockedHead | None = None
    peer: LockedHead | None = None
