"""A log held in a list, for judging outside a database (`hotline.core.view.LogView`)."""

from dataclasses import dataclass

from hotline.core.queue import Queued
from hotline.core.step import CosignIntent, KeepHead, KeepProposal, KeepReceipt, Stored


class HeldLog:
    """Entries and nothing else: no heads, receipts or proposals, judged from the beginning.

    `first` is the serial before its first notice.
    """

    def __init__(self, entries: list[Stored], first: int = 0) -> None:
        self._entries = entries
        self._first = first

    def size(self) -> int:
        return len(self._entries)

    def leaves(self, start: int, end: int) -> list[bytes]:
        return [s.leaf for s in self._entries[start:end]]

    def entries(self, start: int, end: int) -> list[Stored]:
        return self._entries[start:end]

    def head(self) -> KeepHead | None:
        return None

    def receipt(self) -> KeepReceipt | None:
        return None

    def intent(self) -> CosignIntent | None:
        return None

    def proposal_after(self, size: int) -> KeepProposal | None:  # noqa: ARG002 (the form of the view)
        return None

    def last_serial(self) -> int:
        return self._first

    def judged(self) -> tuple[int, int]:
        return 0, 0

    def has_notice(self, notice_id: bytes, before: int) -> bool:  # noqa: ARG002 (the form of the view)
        return False

    def frozen(self) -> bytes:
        return b""


@dataclass(frozen=True)
class HeldLine:
    """Two held logs and no queue (`hotline.core.view.LineView`)."""

    own: HeldLog
    mirror: HeldLog

    def queued(self, limit: int) -> list[Queued]:  # noqa: ARG002 (the form of the view)
        return []

    def emergency(self, emergency_id: bytes, *, mine: bool) -> bytes:  # noqa: ARG002 (the form of the view)
        return b""

    def earlier(self, notice_id: bytes) -> bytes:  # noqa: ARG002 (the form of the view)
        return b""

    def unseen_emergencies(self) -> list[tuple[bytes, bytes]]:
        return []
