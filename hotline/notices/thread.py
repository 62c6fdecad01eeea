"""The record: what a notice and those that change it come to (NOTICES.md, section 26).

A fold: `begin` with the first notice, `advance` with each later one of the thread that `check_relations` has
passed, in the order of the logs. Who holds the notices is not said here.
"""

from dataclasses import dataclass, replace
from typing import Literal, cast

from hotline.notices.amendment import Amendment
from hotline.notices.link import link_of
from hotline.notices.notice import Notice
from hotline.notices.registry import KINDS

State = Literal["announced", "amended", "under way", "completed", "cancelled"]

OVER: frozenset[State] = frozenset({"completed", "cancelled"})


@dataclass(frozen=True, slots=True)
class Thread:
    """What is in force: `revision` 1 is the first notice; the window in seconds since 1970 UTC, 0 where none is."""

    kind: str  # of the first notice
    title: str  # as its originator wrote it: not yet safe to show
    state: State
    revision: int
    start_s: int
    end_s: int


def begin(notice: Notice) -> Thread:
    """Return the thread that a notice without a target begins."""
    return _described(Thread(notice.kind, "", "announced", 1, 0, 0), notice)


def advance(thread: Thread, notice: Notice) -> Thread:
    """Return the thread after one more of its notices; the same where the notice changes no record.

    What is under way stays so when it is amended: that it has begun is not undone.
    """
    link = link_of(notice)
    match link.relation if link else None:
        case "amends":
            amendment = cast(Amendment, notice)
            state: State = "under way" if thread.state == "under way" else "amended"
            return _described(replace(thread, state=state, revision=amendment.revision), amendment.replacement)
        case "cancels":
            return replace(thread, state="cancelled")
        case "starts":
            return replace(thread, state="under way")
        case "completes" | "reports":
            return replace(thread, state="completed")
    return thread


def state_at(thread: Thread, now_s: int, completion_grace_s: int) -> str:
    """Return the state, or `overdue` where what has to be told by `now_s` was not (seconds since 1970 UTC).

    Overdue is an exercise of which no start was told by the end of its window, and a launch not reported, or
    anything under way not completed, `completion_grace_s` after the end of the window. What has no window, and
    what ends by itself (a hazard, an out-of-service), is never overdue.
    """
    due_s = _due_s(thread, completion_grace_s)
    return "overdue" if due_s is not None and now_s > due_s else thread.state


def _due_s(thread: Thread, completion_grace_s: int) -> int | None:
    if thread.state in OVER or not thread.end_s:
        return None
    if thread.state == "under way" or thread.kind == "launch":
        return thread.end_s + completion_grace_s
    return thread.end_s if thread.kind == "exercise" else None


def _described(thread: Thread, notice: Notice) -> Thread:
    kind = KINDS[notice.kind]
    start_s, end_s = kind.window(notice) or (0, 0)
    return replace(thread, title=kind.title_of(notice), start_s=start_s, end_s=end_s)
