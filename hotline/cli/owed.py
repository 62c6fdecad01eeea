"""Deadlines in words: what is owed, by whom, until when."""

from typing import TYPE_CHECKING

from hotline.cli import words
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.api.types import Due, Notice

_NOUNS = {"acknowledge": "Acknowledgement", "reply": "Reply", "report": "Report"}


def next_of_ours(notice: "Notice") -> "Due | None":
    """Return the earliest deadline that we have not met; None if we owe nothing."""
    unmet = [each for each in notice.due if each.owed_by == "ours" and each.state not in ("met", "ended")]
    return min(unmet, key=lambda each: each.due_ms, default=None)


def said(due: "Due", line: str, now_ms: int, *, superseded: bool = False) -> str:
    """Return one deadline: `Acknowledgement, owed by SOUTH: OVERDUE since 271230Z NOV 24, for 2 h`.

    Nobody need have acknowledged a notice that is superseded: what was asked of it is not asked any more.
    """
    who = "us" if due.owed_by == "ours" else safe(line)
    if superseded and due.state == "met":
        return f"{_NOUNS.get(due.what, safe(due.what))}: not owed any more; it was due {words.time(due.due_ms)}"
    return f"{_NOUNS.get(due.what, safe(due.what))}, owed by {who}: {when(due, now_ms)}"


def when(due: "Due", now_ms: int) -> str:
    """Return until when, and how long that is: `due 271230Z NOV 24, in 2 h`."""
    time = words.time(due.due_ms)
    span = words.ago(abs(due.due_ms - now_ms) / 1000)
    if due.state == "met":
        return f"done; it was due {time}"
    if due.state == "ended":
        return f"ended with the generation of its line; it was due {time}"
    if due.state == "overdue" or due.due_ms <= now_ms:
        return f"OVERDUE since {time}, for {span}"
    return f"{'DUE SOON' if due.state == 'warned' else 'due'} {time}, in {span}"
