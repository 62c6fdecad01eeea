"""Handing a notice to the station, waiting for a rung of its ladder, and saying how far it came."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import typer

from hotline.cli import words
from hotline.cli.compose import LATE, Words, compose
from hotline.cli.files import STANDARD, shown
from hotline.cli.options import LevelWord
from hotline.cli.output import Output
from hotline.cli.progress import waiting
from hotline.cli.station import ask
from hotline.cli.terminal import talks
from hotline.errors import CheckFailed, HotlineError, NoticeError, NotYet
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.api.types import LineStatus, Notice, Submitted
    from hotline.client import Client

_T = TypeVar("_T")
LEVELS: tuple[LevelWord, ...] = ("STORED", "OPENED", "ACKNOWLEDGED", "ANSWERED")


@dataclass(frozen=True, slots=True)
class Wait:
    """How long to wait, and for what; an empty level is not waited for."""

    level: LevelWord | None = None
    timeout_s: float = 0


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


def deliver(out: Output, home: Path | None, given: Words, wait: Wait) -> Sent:
    """Submit what was given, and wait. A person whose notice is late is asked for the reason, and it goes once more."""

    async def submit(client: "Client", given: Words) -> "Submitted":
        return await client.submit(compose(given, test_serial=await test_serial(client, given)))

    if given.kind != "line-test" and given.file != STANDARD:
        compose(given)  # what is wrong with a notice is told also where no station runs
    return in_time(out, given, lambda given: ask(home, lambda client: follow(out, client, submit(client, given), wait)))


def in_time(out: Output, given: Words, act: Callable[[Words], _T]) -> _T:
    """Do `act`; where the station says that the notice is late, ask a person for the reason and do it again."""
    try:
        return act(given)
    except NoticeError as error:
        if given.late or error.field.rpartition(".")[2] != LATE or not talks(out):
            raise placed(error, given) from None
        out.say(safe(str(error), limit=600), style="yellow")
    reason = typer.prompt("Why is it late").strip()
    try:
        return act(replace(given, late=reason))
    except NoticeError as error:
        raise placed(error, given) from None


async def follow(out: Output, client: "Client", submitting: Awaitable["Submitted"], wait: Wait) -> Sent:
    """Wait for what is being submitted, and look at it."""
    begun = time.monotonic()
    submitted = await submitting
    ended = await _wait(out, client, submitted, wait.level, begun + wait.timeout_s) if wait.level else None
    seconds = time.monotonic() - begun
    line = next((line for line in (await client.status()).lines if line.name == submitted.line), None)
    seen = await client.show(submitted.id)
    troubled = line if seen.state == "QUEUED" and line and line.state != "attended" else None
    return Sent(submitted, seen, wait.level is not None, seconds, ended, troubled)


async def test_serial(client: "Client", given: Words) -> int:
    """Return the next number for a line test: past every serial that this line has used."""
    if given.kind not in ("line-test", ""):  # a file may say that it is one
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


def placed(error: NoticeError, given: Words) -> NoticeError:
    """Return the error of the station, which knows a field of the wire, as of an option or a line of a file."""
    file = shown(given.file) if given.file else ""
    if error.field.rpartition(".")[2] == LATE:
        here = f"{file}: " if file else ""
        remedy = f'{error.remedy} In words: --reason-late "…".'.strip()
        return NoticeError(f"{here}{error.what}", remedy, field=error.field, reason=error.reason)
    if error.field != "expires_s":
        return error
    place = f"{file}: envelope.expires" if file and not given.expires else "--expires"
    return NoticeError(error.what.replace("expires_s", place, 1), error.remedy, field=place, reason=error.reason)


def told(out: Output, sent: Sent, wait: Wait) -> None:
    """Say what became of it, and end the command with the error of a wait that ended too early."""
    _tell(out, sent)
    if wait.level is not None and sent.ended is not None:
        out.fail(_explained(sent, wait.level))


def _tell(out: Output, sent: Sent) -> None:
    submitted = sent.submitted
    document = {
        "id": submitted.id,
        "line": submitted.line,
        "state": sent.state,
        "repeated": submitted.repeated,
        "ref": sent.seen.ref,
        "remarks": sent.seen.remarks,
        "waited_ms": round(sent.seconds * 1000, 1) if sent.waited else 0,
    }
    if out.document(document):
        return
    if submitted.repeated:
        out.say("This id was sent before with the same text; it was not queued again.")
    after = f" after {words.took(sent.seconds)}" if sent.waited and not sent.ended else ""
    said = words.sent_state(sent.state, submitted.line)
    out.say(f"{sent.name}: {said}{after}.", style="yellow" if sent.state == "QUEUED" else "green")
    for remark in sent.seen.remarks:
        out.say(safe(remark), style="bold red")
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
