"""`hotline send`."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from hotline.cli import bulk, words
from hotline.cli.compose import Words, compose
from hotline.cli.files import STANDARD, shown
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
from hotline.errors import CheckFailed, HotlineError, NoticeError, NotYet, UsageError
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.api.types import LineStatus, Notice, Submitted
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
    expires: Annotated[str, typer.Option("--expires", metavar="TIME", help='Such as "040000Z DEC 24", or never.')] = "",
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
    timeout_s: Annotated[
        float, typer.Option("--timeout", metavar="SECONDS", min=0, max=31_536_000, help="How long to wait.")
    ] = 60,
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

    A line of --bulk is such as {"kind": "consultation", "notice": {"text": "…"}}, with
    "notice" as in a file for --from; "to", "id", "precedence", "mode", "expires_s" and
    "officer" may stand beside it.

    Example:
      hotline send consultation "Request your intentions." --wait
      hotline send exercise --from exercise.toml --to SOUTH --until ACKNOWLEDGED --timeout 600
      hotline send exercise --template > exercise.toml
      hotline send --bulk notices.ndjson
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


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a notice by the time that the command ends."""

    submitted: "Submitted"
    seen: "Notice"
    waited: bool = False
    seconds: float = 0
    ended: HotlineError | None = None  # why the wait ended before the rung
    troubled: "LineStatus | None" = None  # the line, where it is not at the peer yet and the line is not well

    @property
    def state(self) -> str:
        """How far it has come, as far as is known."""
        return self.seen.state if self.waited else self.submitted.state

    @property
    def name(self) -> str:
        """What officers call it, as soon as it has such a name."""
        return safe(self.seen.ref) if self.seen.ref else f"Notice {self.submitted.id}"

    @property
    def ref(self) -> str:
        """How to ask for it."""
        return f'"{safe(self.seen.ref)}"' if self.seen.ref else self.submitted.id


def _send(out: Output, home: Path | None, given: Words, level: LevelWord | None, timeout_s: float) -> None:
    async def question(client: "Client") -> Sent:
        notice = compose(given, test_serial=await _test_serial(client, given))
        begun = time.monotonic()
        submitted = await client.submit(notice)
        ended = await _wait(out, client, submitted, level, begun + timeout_s) if level else None
        seconds = time.monotonic() - begun
        line = await _line(client, submitted.line)
        seen = await client.show(submitted.id)
        troubled = line if seen.state == "QUEUED" and line and line.state != "attended" else None
        return Sent(submitted, seen, level is not None, seconds, ended, troubled)

    if given.kind != "line-test" and given.file != STANDARD:
        compose(given)  # what is wrong with a notice is told also where no station runs
    try:
        sent = ask(home, question)
    except NoticeError as error:
        raise _placed(error, given) from None
    _tell(out, sent)
    if level is not None and sent.ended is not None:
        out.fail(_explained(sent, level))


def _placed(error: NoticeError, given: Words) -> NoticeError:
    """The station knows the field by its name on the wire; the person knows an option, or a line of a file."""
    if error.field != "expires_s":
        return error
    place = f"{shown(given.file)}: envelope.expires" if given.file and not given.expires else "--expires"
    return NoticeError(error.what.replace("expires_s", place, 1), error.remedy, field=place, reason=error.reason)


async def _line(client: "Client", name: str) -> "LineStatus | None":
    return next((line for line in (await client.status()).lines if line.name == name), None)


async def _test_serial(client: "Client", given: Words) -> int:
    """The next number for a line test: past every serial that this line has used."""
    if given.kind != "line-test" or given.file is not None:
        return 1
    lines = (await client.status()).lines
    return max((each.last_sent + each.queued for each in lines if given.to in ("", each.name)), default=0) + 1


async def _wait(
    out: Output, client: "Client", submitted: "Submitted", level: LevelWord, deadline: float
) -> HotlineError | None:
    """Wait for a rung of the ladder; return None once it is reached, or why it is not."""
    first = words.sent_state("QUEUED", submitted.line)
    with waiting(out, f"{first}; waiting for {level}") as say:
        try:
            for rung in LEVELS[: LEVELS.index(level) + 1]:
                left_s = max(deadline - time.monotonic(), 0)
                notice = await client.wait_for(submitted.id, state=rung, timeout_s=left_s)
                if rung != level:
                    say(f"{words.sent_state(notice.state, submitted.line)}; waiting for {level}")
        except (NotYet, CheckFailed) as error:
            return error
    return None


def _tell(out: Output, sent: Sent) -> None:
    submitted = sent.submitted
    document = {
        "id": submitted.id,
        "line": submitted.line,
        "state": sent.state,
        "repeated": submitted.repeated,
        "ref": sent.seen.ref,
        "waited_ms": round(sent.seconds * 1000, 1) if sent.waited else 0,
    }
    if out.document(document):
        return
    if submitted.repeated:
        out.say("This id was sent before with the same text; it was not queued again.")
    after = f" after {words.took(sent.seconds)}" if sent.waited and not sent.ended else ""
    said = words.sent_state(sent.state, submitted.line)
    out.say(f"{sent.name}: {said}{after}.", style="yellow" if sent.state == "QUEUED" else "green")
    if sent.troubled:
        advice = words.line_advice(sent.troubled)
        out.say(f"{safe(submitted.line)}: {safe(sent.troubled.state)}. {advice}", style="bold red")


def _explained(sent: Sent, level: LevelWord) -> HotlineError:
    """What a wait that ended means to the person who sent."""
    if not isinstance(sent.ended, NotYet):
        return CheckFailed(
            f"{sent.name} will not be {level}: {words.sent_state(sent.state, sent.submitted.line)}.",
            f"See: hotline show {sent.ref}",
        )
    return NotYet(
        f"{sent.name} is not {level} after {words.took(sent.seconds)}.",
        f"Nothing is lost: the station goes on by itself. See: hotline show {sent.ref}",
    )
