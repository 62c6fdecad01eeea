"""`hotline follow`."""

from contextlib import aclosing
from typing import TYPE_CHECKING, Annotated

import typer

from hotline.cli import words
from hotline.cli.options import HomeOption, JsonOption, NoColorOption
from hotline.cli.output import Output
from hotline.cli.station import ask
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.api.types import Event
    from hotline.client import Client


def follow(
    after: Annotated[
        int | None,
        typer.Option("--after", metavar="SEQ", min=0, help="Begin after this one; 0 is the beginning.  [else now]"),
    ] = None,
    until_now: Annotated[bool, typer.Option("--until-now", help="Stop at what has happened so far.")] = False,
    alarms: Annotated[bool, typer.Option("--alarms", help="Show alarms only.")] = False,
    home: HomeOption = None,
    json: JsonOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Show what happens, as it happens.

    Events are kept: whoever gives --after the last seq that was handled misses none, and
    gets none twice. With --json there is one event on each line. Runs until Ctrl-C.

    Example:
      hotline follow --after 0 --json
    """
    out = Output(json, no_color)

    async def question(client: "Client") -> None:
        start = 0 if until_now and after is None else after
        async with aclosing(client.events(after=start, follow=not until_now)) as events:
            async for event in events:
                if event.alarm or not alarms:
                    _tell(out, event)

    ask(home, question)


def _tell(out: Output, event: "Event") -> None:
    if not out.document(event):
        text = f"{words.time(event.time_ms)}  {safe(event.line)}  {'ALARM: ' if event.alarm else ''}{safe(event.text)}"
        out.say(text, style="bold red" if event.alarm else "", flush=True)
