"""`hotline ack`."""

import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from hotline.cli.options import HomeOption, JsonOption, NoColorOption, OfficerOption, RefArgument
from hotline.cli.output import Output
from hotline.cli.station import ask
from hotline.errors import CheckFailed, UsageError
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.api.types import Notice, Step
    from hotline.client import Client

Verdict = Literal["acknowledged", "refused"]


def ack(
    ref: RefArgument,
    refuse: Annotated[bool, typer.Option("--refuse", help="Say that we cannot process it; --text says why.")] = False,
    text: Annotated[str, typer.Option("--text", metavar="WORDS", help="Goes with the answer.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; scripts are never asked.")] = False,
    officer: OfficerOption = "",
    home: HomeOption = None,
    json: JsonOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Acknowledge a notice of the peer: received and understood.

    Signed in the name of an officer on duty, it cannot be taken back. It does not mean
    that we agree. With --refuse it says "cannot process" instead, with the reason.

    Example:
      hotline ack "SOUTH 7"
      hotline ack "SOUTH 8" --refuse --text "Area B has two points only."
    """
    out = Output(json, no_color)
    if refuse and not text.strip():
        raise UsageError("A refusal needs its reason.", 'Add --text "Why it cannot be processed."')
    verdict: Verdict = "refused" if refuse else "acknowledged"
    if not (yes or json) and sys.stdin.isatty() and sys.stdout.isatty():
        _confirm(out, ask(home, lambda client: client.show(ref)), verdict)
    notice, step = ask(home, lambda client: _answer(client, ref, verdict, text, officer))
    if not out.document({"ref": notice.ref, "id": notice.id, "line": notice.line, "step": step}):
        _tell(out, notice, step, verdict)


def _confirm(out: Output, notice: "Notice", verdict: Verdict) -> None:
    """Show the person what is being answered, and ask: it cannot be taken back."""
    out.say("  ".join(map(safe, (notice.ref, notice.precedence, notice.mode, f"{notice.kind}: {notice.subject}"))))
    question = "Received and understood?" if verdict == "acknowledged" else "Tell them that it cannot be processed?"
    if not typer.confirm(question):
        raise CheckFailed("Nothing was answered.", f'Read it with: hotline show "{safe(notice.ref)}"')


async def _answer(client: "Client", ref: str, verdict: Verdict, text: str, officer: str) -> "tuple[Notice, Step]":
    from hotline.api.types import Answer

    step = await client.answer(Answer(ref=ref, verdict=verdict, text=text, officer=officer))
    return await client.show(ref), step


def _tell(out: Output, notice: "Notice", step: "Step", verdict: Verdict) -> None:
    who = f" by {safe(step.officer)}" if step.officer else ""
    said = "acknowledged (received and understood; not agreed)" if verdict == "acknowledged" else "refused"
    out.say(f"{safe(notice.ref)} is {said}{who}. The answer goes to {safe(notice.line)} by itself.", style="green")
