"""`hotline calendar`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hotline import limits
from hotline.cli import listing, words
from hotline.cli.options import ForceOption, HomeOption, JsonOption, NoColorOption
from hotline.cli.output import Output
from hotline.cli.station import ask
from hotline.errors import CallerError
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.api.types import Activity, Calendar
    from hotline.client import Client

COLUMNS = ("STATE", "NOTICE", "BY", "START", "END", "KIND", "TITLE", "REMARKS")
# What needs somebody comes first; what is over, and listed until its time has passed, comes last.
_ORDER = {"overdue": 0, "under way": 1, "completed": 3, "cancelled": 3}
_PLANNED = 2
_COLOURS = {"overdue": "bold red", "under way": "green", "amended": "yellow", "completed": "dim", "cancelled": "dim"}


def calendar(
    line: Annotated[str, typer.Option("--line", metavar="NAME", help="This line only.  [else all]")] = "",
    past: Annotated[bool, typer.Option("--past", help="What is over, the latest first.")] = False,
    ical: Annotated[
        Path | None, typer.Option("--ical", metavar="FILE", help="Write it as iCalendar; - prints it.")
    ] = None,
    force: ForceOption = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=limits.API_PAGE, help="How many at most.")] = 100,
    home: HomeOption = None,
    json: JsonOption = False,
    no_color: NoColorOption = False,
) -> None:
    """List what both sides plan and do, as it stands in force.

    Overdue ones first, then what is under way, then what is planned, by its start. An
    amended exercise stands with its latest times. "overdue" says that its time has passed
    and that its side has not said what became of it. A calendar in a file has left the
    line: each event says whether it may be made public, and whether it is a drill.

    Example:
      hotline calendar
      hotline calendar --line SOUTH --past
      hotline calendar --ical line.ics --force
    """
    out = Output(json, no_color)
    if ical is not None:
        _write(out, home, ical, force=force, line=line, past=past, limit=limit)
        return
    planned = ask(home, lambda client: client.calendar(line=line, past=past, limit=limit))
    if not out.document(planned):
        _tell(out, planned, past=past)


def _tell(out: Output, planned: "Calendar", *, past: bool) -> None:
    if not planned.activities:
        out.say("Nothing is past." if past else "Nothing is planned or under way. What is over: --past")
        return
    activities = planned.activities if past else sorted(planned.activities, key=_urgency)
    listing.table(out, COLUMNS, [row(each) for each in activities], [colour(each) for each in activities])
    if planned.next:
        out.say("There is more: a larger --limit.")


def _urgency(activity: "Activity") -> tuple[int, int, int]:
    return _ORDER.get(activity.state, _PLANNED), activity.start_s, activity.end_s


def row(activity: "Activity") -> list[str]:
    """Return the cells of one activity; drills and tests are marked in the second of them."""
    state = safe(activity.state) or "-"
    revision = [f"revision {activity.revision}"] if activity.revision > 1 else []
    return [
        state.upper() if activity.state == "overdue" else state,
        f"{listing.mode_mark(activity.mode)}{safe(activity.ref) or safe(activity.id[:8]) + '…'}",
        f"us, to {safe(activity.line)}" if activity.direction == "sent" else safe(activity.line),
        words.time(activity.start_s * 1000),
        words.time(activity.end_s * 1000),
        safe(activity.kind),
        safe(activity.title, limit=120) or "-",
        "; ".join([*map(words.mark, activity.remarks), *revision]),
    ]


def colour(activity: "Activity") -> str:
    """Return the colour of a row. Drills and tests have one of their own, whatever their state."""
    return "cyan" if activity.mode not in ("OPERATION", "") else _COLOURS.get(activity.state, "")


def _write(out: Output, home: Path | None, file: Path, *, force: bool, line: str, past: bool, limit: int) -> None:
    from hotline import exchange
    from hotline.cli.files import STANDARD, hand_out, shown
    from hotline.cli.items import item_of

    async def question(client: "Client") -> "tuple[Calendar, list[exchange.Item], list[str]]":
        planned = await client.calendar(line=line, past=past, limit=limit)
        own = (await client.status()).name
        items, left_out = [], []
        for each in planned.activities:
            try:
                items.append(await item_of(client, each.id, own))
            except CallerError as error:  # one that cannot be read must not keep the others from being told
                left_out.append(f"{safe(each.ref) or safe(each.id)} is left out: {safe(str(error))}")
        return planned, items, left_out

    planned, items, left_out = ask(home, question)
    text = exchange.calendar(items)
    if file != STANDARD or not out.json:
        hand_out(file, text.encode(), replace=force)
    document = {"file": str(file), "activities": len(items), "left_out": left_out, "text": text}
    if not out.document(document) and file != STANDARD:
        out.say(f"{len(items)} {'activity is' if len(items) == 1 else 'activities are'} in {shown(file)}.")
    for reason in left_out:
        out.note(reason)
    if planned.next:
        out.note("There is more than this: a larger --limit.")
