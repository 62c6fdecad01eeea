"""`hotline follow`."""

from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hotline.cli import words
from hotline.cli.options import HomeOption, JsonOption, NoColorOption
from hotline.cli.output import Output
from hotline.cli.station import ask
from hotline.errors import UsageError
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
    printer: Annotated[
        str, typer.Option("--print", metavar="COMMAND", help="Hand each notice that arrives to it, as a page.")
    ] = "",
    consumer: Annotated[
        str, typer.Option("--consumer", metavar="NAME", help="With --print: go on after what this one has printed.")
    ] = "",
    home: HomeOption = None,
    json: JsonOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Show what happens, as it happens.

    Events are kept: whoever gives --after the last seq that was handled misses none, and
    gets none twice. With --json there is one event on each line. Runs until Ctrl-C.

    --print runs a command for each notice of a peer, with the page of hotline show --print
    on its standard input. It opens nothing: paper in a tray was read by nobody.

    Example:
      hotline follow --after 0 --json
      hotline follow --print "lp -d duty-desk" --consumer duty-desk
    """
    out = Output(json, no_color)
    if printer:
        _print(out, home, printer, consumer, others=json or alarms or until_now or after is not None)
        return
    if consumer:
        raise UsageError("--consumer goes with --print.", "Leave it out; --after says where to begin.")

    async def question(client: "Client") -> None:
        start = 0 if until_now and after is None else after
        async with aclosing(client.events(after=start, follow=not until_now)) as events:
            async for event in events:
                if event.alarm or not alarms:
                    _tell(out, event)

    ask(home, question)


def _print(out: Output, home: Path | None, command: str, consumer: str, *, others: bool) -> None:
    from hotline.cli.printing import print_arrivals, words_of

    if others:
        raise UsageError("--print prints notices, not events.", "Leave out the options of events.")
    words_to_run = words_of(command)
    ask(home, lambda client: print_arrivals(out, client, words_to_run, consumer))


def _tell(out: Output, event: "Event") -> None:
    if out.document(event):
        return
    alarm, call = ("ALARM: ", words.phone_of(event.line, event.phone)) if event.alarm else ("", "")
    text = f"{words.time(event.time_ms)}  {safe(event.line)}  {alarm}{safe(event.text)} {call}".rstrip()
    out.say(text, style="bold red" if event.alarm else "", flush=True)
