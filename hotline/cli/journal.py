"""`hotline journal`."""

from contextlib import aclosing
from typing import TYPE_CHECKING, Annotated

import typer

from hotline import limits
from hotline.cli import words
from hotline.cli.options import HomeOption, JsonOption, NoColorOption
from hotline.cli.output import Output
from hotline.cli.station import ask
from hotline.errors import UsageError
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.api.types import JournalEntry
    from hotline.client import Client

_STYLES = {"alarm": "bold red", "cleared": "green"}
_WORDS = {"alarm": "ALARM: ", "cleared": "OVER: "}


def journal(
    since: Annotated[
        str, typer.Option("--since", metavar="TIME", help="Since this time, as in 221530ZNOV26.  [else the latest]")
    ] = "",
    kind: Annotated[
        str, typer.Option("--kind", metavar="KIND", help="Only entries of this kind, as in relay-up.")
    ] = "",
    alarms: Annotated[bool, typer.Option("--alarms", help="Only alarms, and where they were over.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=limits.API_PAGE, help="How many at most.")] = 50,
    follow: Annotated[bool, typer.Option("--follow", help="Go on with what happens, until Ctrl-C.")] = False,
    home: HomeOption = None,
    json: JsonOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Show the station's own journal: what happened to it, and what was done with its keys.

    The newest stands last. The journal is a Merkle log like those of the lines, signed with
    the log key every minute in which something is new: hotline verify checks it. It names
    notices and never holds what they say. With --follow and --json there is one entry on
    each line.

    Example:
      hotline journal --since 220600ZNOV26 --alarms
      hotline journal --follow
    """
    out = Output(json, no_color)
    since_ms = _since_ms(since)
    _check_kind(kind)

    async def question(client: "Client") -> None:
        seq = (await client.status()).last_event  # before the first look, so that nothing falls between
        page = await client.journal(since_ms=since_ms, kind=kind, alarms=alarms, limit=limit)
        if not follow:
            if not out.document(page):
                for entry in page.entries:
                    _tell(out, entry)
                out.say(_covered(page.size, page.signed))
            return
        for entry in page.entries:
            _show(out, entry)
        last = max(page.size - 1, 0)
        # An entry and its event are committed together: who has seen the one finds the other.
        async with aclosing(client.events(after=seq)) as events:
            async for _ in events:
                last = await _more(client, out, last, kind, alarms=alarms)

    ask(home, question)


async def _more(client: "Client", out: Output, last: int, kind: str, *, alarms: bool) -> int:
    """Show what has come after the entry `last`; return the last one now."""
    while True:
        page = await client.journal(after=last, kind=kind, alarms=alarms, limit=limits.API_PAGE)
        for entry in page.entries:
            _show(out, entry)
        if len(page.entries) < limits.API_PAGE:
            return max(last, page.size - 1)
        last = page.entries[-1].index


def _show(out: Output, entry: "JournalEntry") -> None:
    if not out.document(entry):
        _tell(out, entry)


def _tell(out: Output, entry: "JournalEntry") -> None:
    who = f"{safe(entry.line)}: " if entry.line else ""
    phone = f" {words.phone_of(entry.line, entry.phone)}" if entry.level == "alarm" else ""
    said = f"{_WORDS.get(entry.level, '')}{who}{safe(entry.text)}{phone}"
    text = f"{words.time(entry.time_ms)}  {said}  [{safe(entry.kind)}]"
    out.say(text, style=_STYLES.get(entry.level, ""), flush=True)


def _covered(size: int, signed: int) -> str:
    if signed >= size:
        return f"All {size} entries are under a signed head."
    return f"{size} entries; the first {signed} are under a signed head, the rest will be within a minute."


def _since_ms(since: str) -> int:
    if not since:
        return 0
    from hotline.errors import NoticeError
    from hotline.notices.dtg import parse_time

    try:
        return 1000 * parse_time(since, "--since")
    except NoticeError as e:
        raise UsageError(e.what, e.remedy or "Give a date-time group, as in 221530ZNOV26.") from None


def _check_kind(kind: str) -> None:
    """A misspelt kind finds nothing, which looks as if nothing had happened."""
    from hotline.core.kinds import KINDS

    if kind and (kind not in KINDS or not KINDS[kind].journalled):
        known = ", ".join(name for name, each in KINDS.items() if each.journalled)
        raise UsageError(f"The journal has no kind {safe(kind, limit=40)!r}.", f"Kinds: {known}.")
