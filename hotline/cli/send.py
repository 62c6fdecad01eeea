"""`hotline send`."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from hotline.cli import bulk, words
from hotline.cli.compose import Words, compose
from hotline.cli.options import (
    HomeOption,
    JsonOption,
    LevelWord,
    ModeWord,
    NoColorOption,
    OfficerOption,
    PrecedenceWord,
)
from hotline.cli.output import Output
from hotline.cli.progress import waiting
from hotline.cli.station import ask
from hotline.errors import CheckFailed, HotlineError, NotYet, UsageError
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.api.types import Notice, Submitted
    from hotline.client import Client


LEVELS: tuple[LevelWord, ...] = ("STORED", "OPENED", "ACKNOWLEDGED")


class SendCommand(TyperCommand):
    """Takes `--wait=OPENED` for `--wait --until OPENED`, which is what people try."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the words of the call."""
        return super().parse_args(ctx, [f"--until={a[7:]}" if a.startswith("--wait=") else a for a in args])


COMMAND_CLASS = SendCommand


def send(
    kind: Annotated[
        str, typer.Argument(metavar="KIND", help="exercise, consultation or line-test; not needed with --bulk.")
    ] = "",
    text: Annotated[str | None, typer.Argument(metavar="[TEXT]", help="What is said, in quotes.")] = None,
    file: Annotated[
        Path | None, typer.Option("--from", metavar="FILE", help="A notice as TOML or JSON; - reads standard input.")
    ] = None,
    to: Annotated[str, typer.Option("--to", metavar="LINE", help="The peer.  [else the only one]")] = "",
    precedence: Annotated[
        PrecedenceWord | None,
        typer.Option("--precedence", case_sensitive=False, help="How fast it goes and is handled."),
    ] = None,
    mode: Annotated[
        ModeWord | None, typer.Option("--mode", case_sensitive=False, help="Whether it is meant.  [else OPERATION]")
    ] = None,
    expires: Annotated[str, typer.Option("--expires", metavar="TIME", help='Such as "040000Z DEC 24".')] = "",
    subject: Annotated[str, typer.Option("--subject", metavar="WORDS", help="Of a TEXT.  [else its first words]")] = "",
    notice_id: Annotated[
        str, typer.Option("--id", metavar="ID", help="Your own id: sending the same again then does no harm.")
    ] = "",
    officer: OfficerOption = "",
    wait: Annotated[bool, typer.Option("--wait", help="Wait until it is STORED at the peer.")] = False,
    until: Annotated[
        LevelWord | None,
        typer.Option("--until", case_sensitive=False, help="Wait for this instead; also --wait=LEVEL."),
    ] = None,
    timeout_s: Annotated[float, typer.Option("--timeout", metavar="SECONDS", min=0, help="How long to wait.")] = 60,
    bulk_file: Annotated[
        Path | None,
        typer.Option("--bulk", metavar="FILE", help="Send many: one JSON object a line; - reads standard input."),
    ] = None,
    template: Annotated[
        bool, typer.Option("--template", help="Print a file to fill in for this KIND; send nothing.")
    ] = False,
    home: HomeOption = None,
    json: JsonOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Send a notice.

    It is on disk here when the command returns, and it says so if it is NOT at the peer
    yet. The station goes on sending it until the peer has it, whatever fails on the way:
    a wait that ends too early (exit code 5) loses nothing.

    Example:
      hotline send consultation "Request your intentions." --wait
      hotline send exercise --from exercise.toml --to SOUTH --until ACKNOWLEDGED --timeout 600
      hotline send exercise --template > exercise.toml
    """
    out = Output(json, no_color)
    if bulk_file is not None:
        _refuse_beside_bulk(kind, file)
        bulk.send(out, home, bulk_file)
        return
    if not kind:
        raise UsageError("The kind of notice is missing.", 'Such as: hotline send consultation "Your text."')
    if template:
        _template(out, kind)
        return
    given = Words(kind, text, file, subject, to, precedence or "", mode or "", expires, notice_id, officer)
    level = until or ("STORED" if wait else None)
    _send(out, home, given, level, timeout_s)


def _refuse_beside_bulk(kind: str, file: Path | None) -> None:
    if kind or file is not None:
        raise UsageError("--bulk takes everything from its file.", "Leave out KIND, TEXT and --from.")


def _template(out: Output, kind: str) -> None:
    from hotline.notices import template

    text = template(kind)
    if not out.document({"kind": kind, "template": text}):
        out.say(text.rstrip("\n"))


def _send(out: Output, home: Path | None, given: Words, level: str | None, timeout_s: float) -> None:
    async def question(client: "Client") -> "tuple[Submitted, Notice | HotlineError | None, float]":
        notice = compose(given, test_serial=await _test_serial(client, given))
        begun = time.monotonic()
        submitted = await client.submit(notice)
        if level is None:
            return submitted, None, 0
        seen = await _awaited(out, client, submitted, level, timeout_s)
        return submitted, seen, time.monotonic() - begun

    if given.kind != "line-test":
        compose(given)  # a wrong notice is told as such also where no station runs
    submitted, seen, seconds = ask(home, question)
    _tell(out, submitted, seen, seconds)


async def _test_serial(client: "Client", given: Words) -> int:
    """The next number for a line test: past every serial that this line has used."""
    if given.kind != "line-test" or given.file is not None:
        return 1
    lines = (await client.status()).lines
    return max((each.last_sent + each.queued for each in lines if given.to in ("", each.name)), default=0) + 1


async def _awaited(
    out: Output, client: "Client", submitted: "Submitted", level: str, timeout_s: float
) -> "Notice | HotlineError":
    """Wait for a rung of the ladder; return the notice there, or why it is not there."""
    peer = safe(submitted.line)
    rungs = LEVELS[: LEVELS.index(level) + 1]
    deadline = time.monotonic() + timeout_s
    with waiting(out, f"queued, NOT at {peer} yet; waiting for {level}") as say:
        try:
            for rung in rungs:
                left = max(deadline - time.monotonic(), 0)
                notice = await client.wait_for(submitted.id, state=rung, timeout_s=left)
                if rung != level:
                    say(f"{words.sent_state(notice.state, submitted.line)}; waiting for {level}")
        except (NotYet, CheckFailed) as error:
            return error
    return notice


def _tell(out: Output, submitted: "Submitted", seen: "Notice | HotlineError | None", seconds: float) -> None:
    from hotline.api.types import Notice

    notice = seen if isinstance(seen, Notice) else None
    document = {
        "id": submitted.id,
        "line": submitted.line,
        "state": notice.state if notice else submitted.state,
        "repeated": submitted.repeated,
        "ref": notice.ref if notice else "",
        "waited_ms": round(seconds * 1000, 1),
    }
    if not out.document(document):
        _say(out, submitted, notice, seconds)
    if isinstance(seen, HotlineError):
        out.fail(_explained(seen, submitted))


def _say(out: Output, submitted: "Submitted", notice: "Notice | None", seconds: float) -> None:
    state = notice.state if notice else submitted.state
    name = safe(notice.ref) if notice and notice.ref else f"Notice {submitted.id}"
    said = words.sent_state(state, submitted.line)
    again = "This id was sent before, with the same text; nothing was queued twice. " if submitted.repeated else ""
    after = f" after {words.took(seconds)}" if notice else ""
    out.say(f"{again}{name}: {said}{after}.", style="yellow" if state == "QUEUED" else "green")


def _explained(error: "HotlineError", submitted: "Submitted") -> "HotlineError":
    """What a wait that ended means to the person who sent."""
    if not isinstance(error, NotYet):
        return error
    return NotYet(error.what, f"Nothing is lost: the station goes on by itself. See: hotline show {submitted.id}")
