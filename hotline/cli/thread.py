"""`hotline thread`."""

from typing import TYPE_CHECKING, Annotated

import typer

from hotline.cli import listing, show, words
from hotline.cli.items import whole
from hotline.cli.options import HomeOption, JsonOption, NoColorOption, RefArgument
from hotline.cli.output import Output
from hotline.cli.station import ask
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.api.types import Notice, Thread
    from hotline.client import Client

_COLOURS = {"overdue": "bold red", "cancelled": "dim", "under way": "green"}


def thread(
    ref: RefArgument,
    full: Annotated[bool, typer.Option("--full", help="The whole text of each notice too, in order.")] = False,
    home: HomeOption = None,
    json: JsonOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Show one matter: all that both sides said of it, in order, and its state.

    An exercise with its amendments, start, completion and questions is one thread. Any of
    its notices names it. This opens nothing: --full shows also what nobody of ours has
    opened, and the sender is told nothing.

    Example:
      hotline thread "NORTH 7"
      hotline thread "SOUTH 9" --full
    """
    out = Output(json, no_color)
    matter, texts = ask(home, lambda client: _fetch(client, ref, full=full))
    document = {"thread": matter, "texts": texts} if full else matter
    if not out.document(document):
        _tell(out, matter)
        for text in texts:
            _text(out, text)


async def _fetch(client: "Client", ref: str, *, full: bool) -> "tuple[Thread, list[Notice]]":
    matter = await client.thread(ref)
    return matter, [await whole(client, notice) for notice in matter.notices] if full else []


def _tell(out: Output, matter: "Thread") -> None:
    kind, title = safe(matter.kind), safe(matter.title, limit=120)
    mark = next((listing.mode_mark(notice.mode) for notice in matter.notices), "")
    out.say(f"{mark}{safe(matter.ref)}  {kind}: {title}", style="cyan" if mark else "bold")
    if matter.state:
        revision = words.revision(matter.state, matter.revision)
        out.say(f"State: {safe(matter.state)}{revision}.", style=_COLOURS.get(matter.state, ""))
    listing.show(out, matter.notices)
    force = in_force(matter)
    if force is not None:
        what = "Its last text" if matter.state in words.OVER else "The text in force"
        out.say(f'{what}: hotline show "{safe(force.ref) or safe(force.id)}"')


def in_force(matter: "Thread") -> "Notice | None":
    """Return the notice that holds the text in force: the latest amendment, else the first; None where none does.

    An amendment has the complete replacement.
    """
    valid = [notice for notice in matter.notices if not notice.invalid]
    amendments = [notice for notice in valid if notice.kind == "amendment"]
    return next(iter(amendments[-1:] or valid[:1]), None)


def _text(out: Output, notice: "Notice") -> None:
    out.say()
    out.say(show.text_of(notice), style=listing.colour(notice) if notice.mode != "OPERATION" else "")
