"""`hotline show`."""

from typing import TYPE_CHECKING, Annotated

import typer

from hotline.cli import words
from hotline.cli.options import HomeOption, JsonOption, NoColorOption, OfficerOption, RefArgument
from hotline.cli.output import Output
from hotline.cli.station import ask
from hotline.errors import UsageError
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.api.types import Notice
    from hotline.client import Client

UNATTENDED = "Not recorded as opened"


def show(
    ref: RefArgument,
    peek: Annotated[bool, typer.Option("--peek", help="Look without opening: the sender is told nothing.")] = False,
    open_it: Annotated[bool, typer.Option("--open", help="Open it also with --json.")] = False,
    officer: OfficerOption = "",
    home: HomeOption = None,
    json: JsonOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Show one notice in full, with its ladder.

    Reading a notice of the peer is opening it: on a station with an officer on duty,
    `opened` is signed in that officer's name and the sender is told. --peek looks without
    that. A program (--json) opens nothing unless it says --open. Opening says nothing of
    having understood: that is hotline ack.

    Example:
      hotline show "SOUTH 7"
      hotline show "NORTH 42" --json
    """
    out = Output(json, no_color)
    if peek and (open_it or officer):
        raise UsageError("--peek opens nothing.", "Leave out --open and --officer, or --peek.")
    opening = open_it or not (peek or json)
    notice, remark = ask(home, lambda client: _fetch(client, ref, opening, open_it or bool(officer), officer))
    if out.document(notice):
        return
    _tell(out, notice, on_duty=not remark.startswith(UNATTENDED))
    if remark:
        out.note(remark)


async def _fetch(client: "Client", ref: str, opening: bool, insist: bool, officer: str) -> "tuple[Notice, str]":
    """The notice, opened where it should be and can be, and a remark about that."""
    from hotline.api.types import Answer

    notice = await client.show(ref)
    if not opening or notice.direction == "sent" or notice.state != "STORED" or notice.invalid:
        return notice, ""
    if not insist and not (await client.status()).attended:
        return notice, f"{UNATTENDED}: no officer is on duty here. {safe(notice.line)} sees it as stored."
    # By its id: what officers call it may be said on two lines.
    step = await client.answer(Answer(ref=notice.id, verdict="opened", officer=officer))
    return await client.show(notice.id), f"Opened by {safe(step.officer)}; {safe(notice.line)} is told."


def _tell(out: Output, notice: "Notice", *, on_duty: bool) -> None:
    text = notice.text or f"{safe(notice.kind)}: {safe(notice.subject)}\n"
    # The text was made safe line by line when it was rendered; once more costs nothing and trusts no daemon.
    out.say(safe(text.rstrip("\n"), limit=2_000_000, lines=True))
    out.say()
    for step in notice.ladder:
        out.say(words.rung(step, notice))
    alarming = notice.invalid or notice.state in ("QUEUED", "REFUSED", "EXPIRED")
    out.say(f"State: {words.notice_state(notice)}.", style="bold red" if alarming else "bold")
    if on_duty and notice.direction == "received" and notice.state in ("STORED", "OPENED") and not notice.invalid:
        out.say(f'When it is understood: hotline ack "{safe(notice.ref)}"')
