"""Notices as rows of a table, the same in every list."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hotline.cli import words
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.api.types import Notice
    from hotline.cli.output import Output

COLUMNS = ("NOTICE", "TIME", "PRECEDENCE", "KIND", "SUBJECT", "STATE", "REMARKS")
# What was settled needs nobody's eye any more.
_SETTLED = ("ACKNOWLEDGED", "ANSWERED", "SUPERSEDED", "REFUSED")


def show(out: "Output", notices: Sequence["Notice"]) -> None:
    """Print a table of notices; the column of remarks is left out where there is none."""
    rows = [row(notice) for notice in notices]
    count = len(COLUMNS) if any(cells[-1] for cells in rows) else len(COLUMNS) - 1
    table(out, COLUMNS[:count], [cells[:count] for cells in rows], [colour(notice) for notice in notices])


def table(out: "Output", columns: Sequence[str], rows: Sequence[Sequence[str]], colours: Sequence[str]) -> None:
    """Print a table whose rows have these colours, one each."""
    of_row = dict(zip(map(tuple, rows), colours, strict=True))
    out.table(columns, rows, lambda cells: of_row[tuple(cells)])


def row(notice: "Notice") -> list[str]:
    """Return the cells of one notice; drill and test traffic is marked in the first of them."""
    return [
        name(notice),
        words.time(notice.time_ms),
        safe(notice.precedence),
        safe(notice.kind) or "-",
        safe(notice.subject, limit=120) or "-",
        words.notice_state(notice),
        "; ".join(remarks(notice)),
    ]


def name(notice: "Notice") -> str:
    """Return what officers call a notice, with DRILL or TEST before it."""
    return f"{mode_mark(notice.mode)}{safe(notice.ref) or safe(notice.id[:8]) + '…'}"


def mode_mark(mode: str) -> str:
    """Return `DRILL ` or `TEST `; nothing for what is meant."""
    return f"{safe(mode)} " if mode not in ("OPERATION", "") else ""


def remarks(notice: "Notice") -> list[str]:
    """Return the marks of what an officer must see, what the notice refers to, and what became of its matter."""
    marks = [words.mark(remark) for remark in notice.remarks]
    relation = [safe(notice.relation)] if notice.relation else []
    told = notice.relation or notice.state == "SUPERSEDED"
    changed = not told and notice.thread_state not in ("", "announced")
    revision = f", revision {notice.revision}" if notice.revision > 1 else ""
    return marks + relation + ([f"{safe(notice.thread_state)}{revision}"] if changed else [])


def colour(notice: "Notice") -> str:
    """Return the colour of a row. Drill and test traffic has one of its own, whatever its state."""
    if notice.mode not in ("OPERATION", ""):
        return "cyan"
    late = notice.state == "OVERDUE" or any(each.state == "overdue" for each in notice.due)
    if late or (notice.precedence == "FLASH" and notice.state not in _SETTLED):
        return "bold red"
    if notice.invalid or notice.state in ("QUEUED", "EXPIRED", "REFUSED"):
        return "red"
    if notice.state in _SETTLED:
        return "dim" if notice.state == "SUPERSEDED" else ""
    if notice.remarks:
        return "red"
    return "yellow" if notice.direction == "received" and notice.state == "STORED" else ""
