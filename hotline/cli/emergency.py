"""`hotline emergency`."""

import asyncio
import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hotline.cli import words
from hotline.cli.options import (
    HomeOption,
    JsonOption,
    NoColorOption,
    OfficerOption,
    OfficerPassphraseOption,
    ToOption,
)
from hotline.cli.output import Output
from hotline.cli.progress import waiting
from hotline.cli.signing import signed
from hotline.cli.station import ask
from hotline.errors import NotYet
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.api.types import Emergency, LineStatus
    from hotline.client import Client

_LOOK_S = 0.1


def emergency(
    text: Annotated[
        str, typer.Argument(metavar="[TEXT]", help="What is said, in quotes.  [else those that are here are listed]")
    ] = "",
    to: ToOption = "",
    officer: OfficerOption = "",
    wait: Annotated[bool, typer.Option("--wait", help="Wait until the peer's station has seen it.")] = False,
    timeout_s: Annotated[
        float, typer.Option("--timeout", metavar="SECONDS", min=0, max=86_400, help="How long to wait.")
    ] = 60,
    passphrase_file: OfficerPassphraseOption = None,
    home: HomeOption = None,
    json: JsonOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Send an emergency text beside the logs, or list those that went and came.

    For when the line is frozen or stalled and a notice cannot pass: an officer's signed
    text that needs no log, and goes before all else. It is sent again until the peer's
    station says SEEN: stored and shown by its software. That is of no person; telephone.

    It is no notice: no log holds it, and it proves only that this officer's key signed it.

    Example:
      hotline emergency --to SOUTH "Our station was cloned. Believe nothing of it. Telephone us." --wait
      hotline emergency
    """
    out = Output(json, no_color)
    if not text:
        listed, lines = ask(home, _listed)
        if not out.document({"emergencies": listed}):
            show(out, listed, closed(lines))
            if not listed:
                out.say("No emergency text went or came.")
        return
    sent = _send(home, text, to, officer, passphrase_file)
    seen = sent if not wait else ask(home, lambda client: _seen(out, client, sent, timeout_s))
    if not out.document(seen):
        show(out, [seen])
    if wait and not seen.seen_ms:
        out.fail(NotYet("The peer's station has not said that it has seen it.", "It goes on being sent. Telephone."))


async def _listed(client: "Client") -> "tuple[list[Emergency], list[LineStatus]]":
    return await client.emergencies(), (await client.status()).lines


def closed(lines: "Sequence[LineStatus]") -> set[str]:
    """Return the names of the lines that are closed: what is unseen there waits for the next generation."""
    return {line.name for line in lines if line.state == "closed"}


def _send(home: Path | None, text: str, to: str, officer: str, file: Path | None) -> "Emergency":
    from hotline.api.types import EmergencyNew

    def act(passphrase: str) -> "Emergency":
        new = EmergencyNew(text=text, line=to, officer=officer, passphrase=passphrase)
        return ask(home, lambda client: client.emergency(new))

    return signed(home, officer, file, act)


async def _seen(out: Output, client: "Client", sent: "Emergency", timeout_s: float) -> "Emergency":
    """As it stands when it was seen, or at the time-out."""
    end = time.monotonic() + timeout_s
    with waiting(out, f"waiting until {safe(sent.line)}'s station has seen it"):
        while True:
            now = next((e for e in await client.emergencies() if e.id == sent.id), sent)
            if now.seen_ms or time.monotonic() >= end:
                return now
            await asyncio.sleep(_LOOK_S)


def show(out: Output, emergencies: "Sequence[Emergency]", waiting: Collection[str] = ()) -> None:
    """Say each loudly: what came, and what of ours nobody has seen. `waiting`: the lines that are closed."""
    for e in emergencies:
        line, who = safe(e.line), safe(e.officer)
        text = safe(e.text)
        if e.direction == "received":
            out.say(f"EMERGENCY from {line}, {who}, {words.time(e.at_ms)}: {text}", style="bold red")
        else:
            out.say(f"EMERGENCY to {line}, {who}, {words.time(e.at_ms)}: {text}", style="bold")
            seen = f"SEEN {words.time(e.seen_ms)}: stored and shown by {line}'s station; that is of no person."
            how = (
                "waits for the next generation of this line, which is closed"
                if e.line in waiting
                else "goes on being sent"
            )
            unseen = f"NOT SEEN by {line}'s station yet; it {how}. Telephone."
            out.say(f"  {seen}" if e.seen_ms else f"  {unseen}", style="" if e.seen_ms else "bold red")
