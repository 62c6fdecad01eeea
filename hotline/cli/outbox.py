"""`hotline outbox`."""

from typing import TYPE_CHECKING, Annotated

import typer

from hotline import limits
from hotline.cli import listing
from hotline.cli.options import HomeOption, JsonOption, NoColorOption
from hotline.cli.output import Output
from hotline.cli.station import ask

if TYPE_CHECKING:
    from hotline.api.types import Page


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

    The latest first. "queued, NOT at SOUTH yet" means that nobody there has it.

    Example:
      hotline outbox --limit 10
    """
    out = Output(json, no_color)
    page = ask(home, lambda client: client.outbox(limit=limit, before=before))
    if not out.document(page):
        _tell(out, page)


def _tell(out: Output, page: "Page") -> None:
    if not page.notices:
        out.say("Nothing was sent.")
        return
    out.table(listing.COLUMNS, [listing.row(notice) for notice in page.notices], listing.style)
    if page.next:
        out.say(f"There is more: --before {page.next}, or a larger --limit.")
