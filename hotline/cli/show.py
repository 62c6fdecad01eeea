"""`hotline show`."""

import time
from typing import TYPE_CHECKING, Annotated

import typer

from hotline.cli import owed, words
from hotline.cli.options import HomeOption, JsonOption, NoColorOption, OfficerOption, RefArgument
from hotline.cli.output import Output
from hotline.cli.station import ask
from hotline.errors import UsageError
from hotline.text import safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hotline.api.types import Notice
    from hotline.client import Client

UNATTENDED = "Not recorded as opened"
_TEXT_CHARS = 2_000_000  # no cut: a body's bound is far below, also with every character escaped
_INDENT = "    "


def show(
    ref: RefArgument,
    peek: Annotated[bool, typer.Option("--peek", help="Look without opening: the sender is told nothing.")] = False,
    open_it: Annotated[bool, typer.Option("--open", help="Open it also with --json or --print.")] = False,
    paper: Annotated[
        bool, typer.Option("--print", help="Plain text of 78 columns for paper: message, remarks, ladder.")
    ] = False,
    officer: OfficerOption = "",
    home: HomeOption = None,
    json: JsonOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Show one notice in full, with its ladder.

    Reading a notice of the peer is opening it: on a station with an officer on duty,
    `opened` is signed in that officer's name and the sender is told. --peek looks without
    that. A program (--json) and a printer (--print) open nothing unless they say --open:
    paper in a tray was read by nobody. Opening says nothing of having understood: that is
    hotline ack.

    Example:
      hotline show "SOUTH 7"
      hotline show "NORTH 42" --json
      hotline show "SOUTH 7" --print | lp
    """
    out = Output(json, no_color or paper)
    if peek and (open_it or officer):
        raise UsageError("--peek opens nothing.", "Leave out --open and --officer, or --peek.")
    if paper and json:
        raise UsageError("--print is for paper and --json for programs.", "Leave one out.")
    opening = open_it or not (peek or json or paper)
    notice, remark = ask(home, lambda client: _fetch(client, ref, opening, open_it or bool(officer), officer))
    if out.document(notice):
        return
    if paper:
        out.say("\n".join(page(notice)))
    else:
        _tell(out, notice, on_duty=not remark.startswith(UNATTENDED))
    if remark:
        out.note(remark)


async def _fetch(client: "Client", ref: str, opening: bool, insist: bool, officer: str) -> "tuple[Notice, str]":
    """The notice, opened where it should be and can be, and a remark about that."""
    from hotline.api.types import Answer

    notice = await client.show(ref)
    if not opening or not _unopened(notice):
        return notice, ""
    if not insist and not (await client.status()).attended:
        return notice, f"{UNATTENDED}: no officer is on duty here. {safe(notice.line)} sees it as stored."
    # By its id: what officers call it may be said on two lines.
    step = await client.answer(Answer(ref=notice.id, verdict="opened", officer=officer))
    return await client.show(notice.id), f"Opened by {safe(step.officer)}; {safe(notice.line)} is told."


def _unopened(notice: "Notice") -> bool:
    """Whether nobody of ours has opened it and can: also where it is overdue or superseded, which hides that."""
    if notice.past:
        return False
    opened = any(step.state in ("OPENED", "ACKNOWLEDGED", "REFUSED", "ANSWERED") for step in notice.ladder)
    unread_states = ("STORED", "OVERDUE", "SUPERSEDED")
    return notice.direction == "received" and notice.state in unread_states and not opened and not notice.invalid


def page(notice: "Notice") -> list[str]:
    """Return a notice as lines of at most 78 columns for paper: the message, what the line knows of it, its ladder.

    What makes it late or void stands above the message. A drill or a test says so first and last.
    """
    banner = _banner(notice)
    return [*banner, *_folded([*_matter(notice), *text_of(notice).split("\n"), *_facts(notice)]), *banner]


def _folded(lines: "Iterable[str]") -> list[str]:
    """Lines for paper. What is continued is indented, so that no text from outside can begin a line."""
    from hotline.notices.columns import columns, wrap
    from hotline.notices.render import WIDTH

    folded = ([line] if columns(line) <= WIDTH else wrap(line, WIDTH - len(_INDENT)) for line in lines)
    return [f"{_INDENT if at else ''}{piece}" for pieces in folded for at, piece in enumerate(pieces)]


def text_of(notice: "Notice") -> str:
    """Return the formatted message, safe to show; of what cannot be formatted, its kind and subject."""
    text = notice.text or f"{safe(notice.kind)}: {safe(notice.subject)}\n"
    # The text was made safe line by line when it was rendered; once more costs nothing and trusts no daemon.
    return safe(text.rstrip("\n"), limit=_TEXT_CHARS, lines=True)


def _matter(notice: "Notice") -> "Iterator[str]":
    """What an officer must know before the text is acted upon."""
    yield from (safe(remark) for remark in notice.remarks)
    if notice.state == "SUPERSEDED":
        yield f"NOT IN FORCE: {words.superseded_how(notice) or 'superseded'}."


def _facts(notice: "Notice") -> "Iterator[str]":
    """What the line knows of the notice beside its text."""
    if notice.relation:
        yield f"It {safe(notice.relation)}."
    if notice.thread and (notice.thread != notice.ref or notice.revision > 1):
        revision = words.revision(notice.thread_state, notice.revision)
        yield f"Thread of {safe(notice.thread)}: {safe(notice.thread_state) or 'no state of its own'}{revision}."
    elif notice.thread_state:
        yield f"Thread: {safe(notice.thread_state)}."
    if notice.drafters:
        yield f"Drafted by {', '.join(map(safe, notice.drafters))}."
    now_ms = time.time_ns() // 1_000_000
    yield from (owed.said(due, notice.line, now_ms, superseded=notice.state == "SUPERSEDED") for due in notice.due)
    yield "Ladder; times are by our clock unless another is named:"
    yield from (words.rung(step, notice) for step in notice.ladder)
    yield f"State: {words.notice_state(notice)}."


def _banner(notice: "Notice") -> list[str]:
    return [] if notice.mode in ("OPERATION", "") else [" ".join([safe(notice.mode)] * 3)]


def _tell(out: Output, notice: "Notice", *, on_duty: bool) -> None:
    drill = bool(_banner(notice))
    for line in _banner(notice):
        out.say(line, style="cyan")
    for line in _matter(notice):
        out.say(line, style="bold red")
    out.say(text_of(notice), style="cyan" if drill else "")
    out.say()
    alarming = notice.invalid or notice.state in ("QUEUED", "REFUSED", "EXPIRED", "OVERDUE", "SUPERSEDED")
    for line in _facts(notice):
        late = "OVERDUE" in line or "VOID" in line
        style = ("bold red" if alarming else "bold") if line.startswith("State: ") else ("red" if late else "")
        out.say(line, style=style)
    for line in _banner(notice):
        out.say(line, style="cyan")
    if on_duty and _waits(notice):
        if notice.read_back:
            out.say(f"To be read back: {', '.join(safe(each.label) for each in notice.read_back)}.")
        out.say(f'When it is understood: hotline ack "{safe(notice.ref)}"')
    if notice.past and notice.direction == "received" and not notice.invalid:
        of = words.ended(notice)
        out.say(f"It is {of}: answer by a new notice." if of else "Its line is closed: answer by telephone.")


def _waits(notice: "Notice") -> bool:
    """Whether an officer of ours has still to say that it is understood, or cannot be."""
    answered = any(step.state in ("ACKNOWLEDGED", "REFUSED", "ANSWERED") and not step.void for step in notice.ladder)
    open_states = ("STORED", "OPENED", "OVERDUE")
    waits = notice.direction == "received" and notice.state in open_states and not answered
    return waits and not (notice.invalid or notice.past)
