"""`hotline line-test`."""

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from hotline.cli import words
from hotline.cli.options import HomeOption, JsonOption, NoColorOption, OfficerOption
from hotline.cli.output import Output
from hotline.cli.progress import waiting
from hotline.cli.station import ask
from hotline.errors import CheckFailed, NotYet
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.api.types import Submitted
    from hotline.client import Client

_LOOK_S = 0.1  # between looks at the line's state, which costs the station some milliseconds


def line_test(
    line: Annotated[str, typer.Option("--line", metavar="NAME", help="The line.  [else the only one]")] = "",
    manned: Annotated[bool, typer.Option("--manned", help="A person answers, not a machine.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the echo; with --manned, for the person.")] = False,
    timeout_s: Annotated[
        float, typer.Option("--timeout", metavar="SECONDS", min=0, max=86_400, help="How long to wait.")
    ] = 60,
    officer: OfficerOption = "",
    home: HomeOption = None,
    json: JsonOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Send a line test now.

    The station also sends them by itself, and echoes the peer's. An echo proves that both
    stations and a path work; it comes from a machine and proves no person. With --manned an
    officer is asked to answer by acknowledging, and is named.

    Example:
      hotline line-test --wait
      hotline line-test --manned --wait --timeout 900
    """
    from hotline.api.types import LineTestNew

    out = Output(json, no_color)
    asked = LineTestNew(line=line, manned=manned, officer=officer)

    async def question(client: "Client") -> "tuple[Submitted, Answered | None]":
        begun = time.monotonic()
        submitted = await client.line_test(asked)
        if not wait:
            return submitted, None
        who = f"an officer of {safe(submitted.line)}" if manned else f"the echo of {safe(submitted.line)}"
        with waiting(out, f"waiting for {who}"):
            return submitted, await _answered(client, submitted, begun, timeout_s, manned=manned)

    submitted, answered = ask(home, question)
    _tell(out, submitted, answered, manned=manned)
    if wait and answered is None:
        out.fail(_not_yet(submitted, timeout_s, manned=manned))


@dataclass(frozen=True, slots=True)
class Answered:
    """Who answered, after how long: a named officer, or a machine where `officer` is empty."""

    officer: str
    seconds: float


async def _answered(
    client: "Client", submitted: "Submitted", begun: float, timeout_s: float, *, manned: bool
) -> Answered | None:
    """Wait for the answer to this test and to no earlier one; None at the time-out."""
    look = _by_officer if manned else _by_machine
    while True:
        found = await look(client, submitted, time.monotonic() - begun)
        if found is not None:
            return found
        if time.monotonic() - begun >= timeout_s:
            return None
        await asyncio.sleep(_LOOK_S)


async def _by_officer(client: "Client", submitted: "Submitted", seconds: float) -> Answered | None:
    notice = await client.show(submitted.id)
    if any(step.state == "REFUSED" for step in notice.ladder):
        raise CheckFailed(
            f"{safe(submitted.line)} cannot process this test.", f'See: hotline show "{safe(notice.ref)}"'
        )
    named = [step.officer for step in notice.ladder if step.state == "ACKNOWLEDGED" and step.officer]
    return Answered(named[0], seconds) if named else None


async def _by_machine(client: "Client", submitted: "Submitted", _seconds: float) -> Answered | None:
    sent_ms = (await client.show(submitted.id)).time_ms
    lines = (await client.status()).lines
    tests = next((line.tests for line in lines if line.name == submitted.line), None)
    if tests is None or tests.echo_s is None:
        return None
    # Where the latest echo is that of an earlier test, its span begins before this one was sent.
    return Answered("", tests.echo_s) if tests.echo_ms - round(tests.echo_s * 1000) >= sent_ms else None


def _tell(out: Output, submitted: "Submitted", answered: Answered | None, *, manned: bool) -> None:
    document = {
        "id": submitted.id,
        "line": submitted.line,
        "manned": manned,
        "answered": answered is not None,
        "officer": answered.officer if answered else "",
        "seconds": round(answered.seconds, 3) if answered else None,
    }
    if out.document(document):
        return
    peer = safe(submitted.line)
    if answered is None:
        out.say(f"A {'manned ' if manned else ''}line test goes to {peer}. The answer will stand in: hotline status")
    elif manned:
        out.say(f"{safe(answered.officer)} of {peer} answered after {words.took(answered.seconds)}.", style="green")
    else:
        said = f"{peer}'s station echoed after {words.took(answered.seconds)}. A machine's echo proves no person."
        out.say(said, style="green")


def _not_yet(submitted: "Submitted", timeout_s: float, *, manned: bool) -> NotYet:
    who = f"No officer of {safe(submitted.line)}" if manned else f"The machine of {safe(submitted.line)}"
    what = "has answered" if manned else "has not echoed"
    return NotYet(f"{who} {what} after {words.took(timeout_s)}.", "The test goes on by itself. See: hotline status")
