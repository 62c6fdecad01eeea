"""Notices as rows of a table, the same in every list."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hotline.cli import words
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.api.types import Notice

COLUMNS = ("NOTICE", "TIME", "PRECEDENCE", "KIND", "SUBJECT", "STATE")


def row(notice: "Notice") -> list[str]:
    """Return the cells of one notice; drill and test traffic is marked in the first of them."""
    ref = safe(notice.ref) or safe(notice.id[:8]) + "…"
    mark = f"{safe(notice.mode)} " if notice.mode not in ("OPERATION", "") else ""
    return [
        f"{mark}{ref}",
        words.time(notice.time_ms),
        safe(notice.precedence),
        safe(notice.kind) or "-",
        safe(notice.subject, limit=120) or "-",
        words.notice_state(notice),
    ]


def style(cells: Sequence[str]) -> str:
    """Return the colour of a row, from its cells."""
    state, precedence = cells[5], cells[2]
    if state.startswith(("INVALID", "queued", "expired")) or "cannot process" in state:
        return "red"
    if cells[0].startswith(("DRILL ", "TEST ")):
        return "cyan"
    if precedence == "FLASH" and "acknowledged" not in state:
        return "bold red"
    return "yellow" if state == "not opened yet" else ""
