"""`hotline inbox`."""

import math
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from hotline import limits
from hotline.cli import emergency, listing, owed, words
from hotline.cli.options import HomeOption, JsonOption, NoColorOption, PrecedenceWord
from hotline.cli.output import Output
from hotline.cli.station import ask
from hotline.errors import UsageError
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.api.types import LineStatus, Notice, Page, Status
    from hotline.client import Client

_READ = ("OPENED", "ACKNOWLEDGED", "ANSWERED", "REFUSED")  # rungs that a person of ours has made
_TASK = ("NOTICE", "PRECEDENCE", "TO DO", "UNTIL", "SUBJECT")


def inbox(
    consumer: Annotated[
        str, typer.Option("--consumer", metavar="NAME", help="Go on after what this program has confirmed.")
    ] = "",
    confirm: Annotated[
        bool, typer.Option("--confirm", help="With --consumer: what is listed is handled; do not list it again.")
    ] = False,
    after: Annotated[
        int | None, typer.Option("--after", metavar="SEQ", min=0, help="List what came after this one.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="List answers and other entries too.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=limits.API_PAGE, help="How many at most.")] = 50,
    home: HomeOption = None,
    json: JsonOption = False,
    no_color: NoColorOption = False,
) -> None:
    """List what the peers have sent.

    For people: first what is to be handled, by mode, precedence and deadline; then the
    latest, oldest first. Line tests between machines are left out: see hotline status.
    For programs: each named consumer gets every notice once and in order. It confirms
    with --confirm, or by itself once it has handled them; until then it gets them again.

    Example:
      hotline inbox
      hotline inbox --consumer archive --confirm --json
    """
    out = Output(json, no_color)
    if confirm and not consumer:
        raise UsageError("--confirm needs to know for whom.", "Add --consumer NAME.")
    if consumer and after is not None:
        raise UsageError("--after and --consumer both say where to begin.", "Leave one out.")

    async def question(client: "Client") -> "tuple[Page, Status | None]":
        page = await client.inbox(consumer=consumer, after=after, limit=limit, everything=everything)
        return page, None if json else await client.status()

    page, state = ask(home, question)
    lines = state.lines if state else []
    if not out.document(page):
        emergency.show(out, state.emergencies if state else [], emergency.closed(lines))
        latest = not (consumer or everything) and after is None
        _tell(out, page, lines, latest=latest, full=len(page.notices) >= limit)
    if confirm and page.notices:
        sys.stdout.flush()  # what could not be handed over is not confirmed
        seq = page.notices[-1].seq
        ask(home, lambda client: client.confirm(consumer, seq))


def _tell(out: Output, page: "Page", lines: "Sequence[LineStatus]", *, latest: bool, full: bool = True) -> None:
    if not page.notices:
        out.say("Nothing has been received.")
        return
    if latest:
        _to_handle(out, page.notices)
    listing.show(out, page.notices)
    if page.next:
        out.say(f"There is more: --after {page.next}, or a larger --limit.")
    for line in lines:
        _continuity(out, line, page.notices if latest and full else ())
    unread = [n for n in page.notices if n.state == "STORED" and not n.invalid and n.serial and not words.ended(n)]
    if unread:
        first = min(unread, key=_urgency)  # the earliest of those that are equal
        what = "" if first.precedence == "ROUTINE" else f" ({safe(first.precedence)})"
        out.say(f'{len(unread)} of these not opened yet. Read first: hotline show "{safe(first.ref)}"{what}')


def _to_handle(out: Output, notices: "Sequence[Notice]") -> None:
    """What waits for us, the most urgent first."""
    waiting = sorted((notice for notice in notices if _waits_for_us(notice)), key=_urgency)
    if not waiting:
        return
    out.say("TO HANDLE", style="bold")
    now_ms = time.time_ns() // 1_000_000
    rows = [_task(notice, now_ms) for notice in waiting]
    listing.table(out, _TASK, rows, [listing.colour(notice) for notice in waiting])
    out.say()


def _waits_for_us(notice: "Notice") -> bool:
    if notice.invalid or not notice.serial or words.ended(notice):
        return False
    if owed.next_of_ours(notice):
        return True
    # Without a deadline that says who is late, it is taken to be us.
    return notice.state in ("STORED", "OPENED") or (notice.state == "OVERDUE" and not notice.due)


def _urgency(notice: "Notice") -> tuple[bool, int, float]:
    """What is meant comes before drills and tests, then what is more urgent, then what is due earlier."""
    rank = {word: at for at, word in enumerate(get_args(PrecedenceWord))}
    due = owed.next_of_ours(notice)
    return notice.mode != "OPERATION", -rank.get(notice.precedence, 0), due.due_ms if due else math.inf


def _task(notice: "Notice", now_ms: int) -> list[str]:
    due = owed.next_of_ours(notice)
    verb = safe(due.what) if due else "acknowledge"
    return [
        listing.name(notice),
        safe(notice.precedence),
        f"read, then {verb}" if _unread(notice) else verb,
        owed.when(due, now_ms) if due else "-",
        safe(notice.subject, limit=120) or "-",
    ]


def _unread(notice: "Notice") -> bool:
    """Whether nobody of ours has opened it yet; of one that is OVERDUE or SUPERSEDED, the ladder says it."""
    hidden = notice.state in ("OVERDUE", "SUPERSEDED")
    return notice.state == "STORED" or (hidden and not any(step.state in _READ for step in notice.ladder))


def _continuity(out: Output, line: "LineStatus", notices: "Sequence[Notice]") -> None:
    """The last serials both ways: a gap would show at the other end. `notices`: of a list that more comes before."""
    name = safe(line.name)
    out.say(f"Last from {name}: {line.last_received or 'none'}. Last to {name}: {line.last_sent or 'none'}.")
    present = [n for n in notices if n.line == line.name and not words.ended(n)]
    listed = sum(n.state == "STORED" and not n.invalid for n in present)
    if notices and line.unread > listed:
        more = line.unread - listed
        out.say(f"{more} of {name}'s before these are not opened yet: a larger --limit.", style="yellow")
