"""`hotline outbox`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from hotline import limits
from hotline.cli import listing, words
from hotline.cli.options import HomeOption, JsonOption, NoColorOption
from hotline.cli.output import Output
from hotline.cli.station import ask
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.api.types import LineStatus, Notice, Page
    from hotline.client import Client


def outbox(
    limit: Annotated[int, typer.Option("--limit", min=1, max=limits.API_PAGE, help="How many at most.")] = 50,
    before: Annotated[
        int, typer.Option("--before", metavar="PLACE", min=0, help="Go on where the last list ended.")
    ] = 0,
    home: HomeOption = None,
    json: JsonOption = False,
    no_color: NoColorOption = False,
) -> None:
    """List what we have sent, and how far each notice has come.

    The latest first. "queued, NOT at SOUTH yet" means that nobody there has it. OVERDUE
    names who has not done what; REMARKS say what the reader is told beside the text.

    Example:
      hotline outbox --limit 10
    """
    out = Output(json, no_color)

    async def question(client: "Client") -> "tuple[Page, list[LineStatus]]":
        page = await client.outbox(limit=limit, before=before)
        return page, [] if json else (await client.status()).lines

    page, lines = ask(home, question)
    if not out.document(page):
        _tell(out, page, lines)


def _tell(out: Output, page: "Page", lines: "Sequence[LineStatus]") -> None:
    if not page.notices:
        out.say("Nothing was sent.")
        return
    listing.show(out, page.notices)
    if page.next:
        out.say(f"There is more: --before {page.next}, or a larger --limit.")
    for line in lines:
        out.say(f"Last to {safe(line.name)}: {line.last_sent or 'none'}.")
        if line.held:
            out.say(f"{line.held} HELD: the rules differ from {safe(line.name)}'s. Let one go:", style="red")
            # The whole id: it has no serial yet, and the list shortens it.
            held = [notice for notice in page.notices if notice.line == line.name and _held(notice)]
            for notice in held:
                out.say(f"  hotline release {safe(notice.id)} --despite-rules")
            if len(held) < line.held:
                out.say("  Not all of them are in this list: a larger --limit.")


def _held(notice: "Notice") -> bool:
    return any(words.mark(remark) == "HELD" for remark in notice.remarks)
