"""`hotline inbox`."""

import sys
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from hotline import limits
from hotline.cli import listing
from hotline.cli.options import HomeOption, JsonOption, NoColorOption, PrecedenceWord
from hotline.cli.output import Output
from hotline.cli.station import ask
from hotline.errors import UsageError
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.api.types import Notice, Page


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

    For people: the latest, oldest first. For programs: each named consumer gets every
    notice once and in order. It confirms with --confirm, or by itself once it has
    handled them; until then it gets them again.

    Example:
      hotline inbox
      hotline inbox --consumer archive --confirm --json
    """
    out = Output(json, no_color)
    if confirm and not consumer:
        raise UsageError("--confirm needs to know for whom.", "Add --consumer NAME.")
    if consumer and after is not None:
        raise UsageError("--after and --consumer both say where to begin.", "Leave one out.")
    page = ask(home, lambda client: client.inbox(consumer=consumer, after=after, limit=limit, everything=everything))
    _tell(out, page)
    if confirm and page.notices:
        sys.stdout.flush()  # what could not be handed over is not confirmed
        seq = page.notices[-1].seq
        ask(home, lambda client: client.confirm(consumer, seq))


def _tell(out: Output, page: "Page") -> None:
    if out.document(page):
        return
    if not page.notices:
        out.say("Nothing has been received.")
        return
    out.table(listing.COLUMNS, [listing.row(notice) for notice in page.notices], listing.style)
    if page.next:
        out.say(f"There is more: --after {page.next}, or a larger --limit.")
    unread = [n for n in page.notices if n.state == "STORED" and not n.invalid and n.kind]
    if unread:
        first = max(unread, key=_urgency)  # the earliest of those that are equal
        what = "" if first.precedence == "ROUTINE" else f" ({safe(first.precedence)})"
        out.say(f'{len(unread)} of these not opened yet. Read first: hotline show "{safe(first.ref)}"{what}')


def _urgency(notice: "Notice") -> tuple[bool, int]:
    """What is meant comes before drills and tests, then what is more urgent."""
    rank = {word: at for at, word in enumerate(get_args(PrecedenceWord))}
    return notice.mode == "OPERATION", rank.get(notice.precedence, 0)
