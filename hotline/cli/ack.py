"""`hotline ack`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from hotline.cli import words
from hotline.cli.options import HomeOption, JsonOption, NoColorOption, OfficerOption, RefArgument
from hotline.cli.output import Output
from hotline.cli.station import ask
from hotline.cli.terminal import declined, talks
from hotline.errors import CallerError, NoticeError, UsageError
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.api.types import Notice, ReadBack, Step

Verdict = Literal["standby", "acknowledged", "refused"]

_TRIES = 3  # who reads a value wrong three times should look at the notice again
_SAID: Mapping[Verdict, str] = {
    "acknowledged": "acknowledged (received and understood; not agreed)",
    "standby": "received, stand by (not acknowledged yet)",
    "refused": "refused",
}
_KEYS: Mapping[str, Verdict] = {"y": "acknowledged", "yes": "acknowledged", "s": "standby"}


def ack(
    ref: RefArgument,
    read_back: Annotated[
        list[str] | None,
        typer.Option("--read-back", metavar="NAME=VALUE", help="A key value as you read it; for scripts, repeatable."),
    ] = None,
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

    The key values of a FLASH, an IMMEDIATE, and of every area or window are read back:
    at a terminal they are asked for, and a script gives them. The station compares them.

    Example:
      hotline ack "SOUTH 7"
      hotline ack "SOUTH 9" --read-back "start=010500Z DEC 24" --read-back "end=031700Z DEC 24"
      hotline ack "SOUTH 8" --refuse --text "Area B has two points only."
    """
    out = Output(json, no_color)
    if refuse and not text.strip():
        raise UsageError("A refusal needs its reason.", 'Add --text "Why it cannot be processed."')
    if refuse and read_back:
        raise UsageError("A refusal reads nothing back.", "Leave out --read-back, or --refuse.")
    verdict: Verdict = "refused" if refuse else "acknowledged"
    values = _parsed(read_back or [])
    person = talks(out) and not yes
    notice = ask(home, lambda client: client.show(ref))
    earlier = next((s for s in notice.ladder if s.state == verdict.upper() and s.clock == "ours"), None)
    arrived = not (notice.past and words.not_carried(notice))
    if earlier is not None and arrived and notice.direction == "received":
        Giving(out, home, notice, verdict, text, officer).tell(earlier, again=True)
        return
    if person:
        verdict = _confirmed(out, notice, verdict)
    wanted = notice.read_back if verdict == "acknowledged" else []
    if not person:
        _require(notice, wanted, values)
    give = Giving(out, home, notice, verdict, text, officer)
    give.tell(give.asking(wanted, values) if person else give.answer(values))


def _parsed(given: Sequence[str]) -> dict[str, str]:
    values: dict[str, str] = {}
    for each in given:
        name, equals, value = (part.strip() for part in each.partition("="))
        if not (name and equals and value):
            raise UsageError(
                f"--read-back {safe(each, limit=80)!r} is no value.", 'Such as: --read-back "start=010500Z DEC 24".'
            )
        if name in values:
            raise UsageError(f"--read-back gives {safe(name, limit=80)} twice.", "Give it once.")
        values[name] = value
    return values


def _require(notice: "Notice", wanted: "Sequence[ReadBack]", values: Mapping[str, str]) -> None:
    """Refuse a script that reads back too little, saying what there is to read back, never what it is."""
    missing = [each for each in wanted if each.name not in values]
    unknown = [name for name in values if wanted and name not in {each.name for each in wanted}]
    give = " ".join(f'--read-back "{safe(each.name)}=…"' for each in missing or wanted)
    if unknown:
        raise UsageError(f"{safe(notice.ref)} has no {safe(unknown[0], limit=80)} to read back.", f"Give: {give}")
    if missing:
        labels = ", ".join(safe(each.label) for each in missing)
        raise UsageError(f"Acknowledging {safe(notice.ref)} needs its key values read back: {labels}.", f"Add: {give}")


def _confirmed(out: Output, notice: "Notice", verdict: Verdict) -> Verdict:
    """Show the person what is being answered, and ask: it cannot be taken back."""
    head = (notice.ref, notice.precedence, notice.mode, f"{notice.kind}: {notice.subject}")
    out.say("  ".join(map(safe, head)), style="bold" if notice.mode == "OPERATION" else "bold magenta")
    for remark in notice.remarks:
        out.say(safe(remark), style="bold red")
    if verdict == "refused":
        chosen: Verdict | None = verdict if typer.confirm("Tell them that it cannot be processed?") else None
    else:
        key = typer.prompt("Received and understood?  y: yes, s: received, stand by, n: nothing", type=str)
        chosen = _KEYS.get(key.strip().lower())
    if chosen is None:
        declined(out, f'Nothing was answered. Read it with: hotline show "{safe(notice.ref)}"')
    return chosen


class Giving:
    """One answer to one notice."""

    def __init__(
        self, out: Output, home: Path | None, notice: "Notice", verdict: Verdict, text: str, officer: str
    ) -> None:
        self._out, self._home, self._notice = out, home, notice
        self._verdict, self._text, self._officer = verdict, text, officer

    def asking(self, wanted: "Sequence[ReadBack]", values: Mapping[str, str]) -> "Step":
        """Answer with what a person reads back; a value that the station refuses is asked for again."""
        labels = {each.name: each.label for each in wanted}
        read = dict(values)
        asked = [name for name in labels if name not in read]
        if asked:
            self._out.say("Read the key values back as they stand in the notice.")
        for left in range(_TRIES - 1, -1, -1):
            for name in asked:
                read[name] = typer.prompt(f"{safe(labels[name])}, {_form(name)}").strip()
            try:
                return self.answer(read)
            except CallerError as error:
                asked = [name for name in labels if _names(error, name)]
                if not asked:
                    raise
                if not left:
                    raise self._given_up(error) from None
                self._out.say(safe(str(error), limit=400), style="yellow")
        raise AssertionError  # the last try returns or raises

    def _given_up(self, error: CallerError) -> NoticeError:
        return NoticeError(
            f"{error.what} Nothing was acknowledged: it was read back wrong {_TRIES} times.",
            f'Read it again: hotline show "{safe(self._notice.ref)}"',
            field=getattr(error, "field", ""),
            reason=error.reason,
        )

    def answer(self, values: Mapping[str, str]) -> "Step":
        """Answer; the station compares what was read back, and refuses a value that differs."""
        from hotline.api.types import Answer

        # By its id: what officers call it may be said on two lines.
        answer = Answer(
            ref=self._notice.id, verdict=self._verdict, text=self._text, officer=self._officer, read_back=dict(values)
        )
        return ask(self._home, lambda client: client.answer(answer))

    def tell(self, step: "Step", *, again: bool = False) -> None:
        """Say what was answered; `again` where it had been before, and nothing was done."""
        notice = self._notice
        if self._out.document({"ref": notice.ref, "id": notice.id, "line": notice.line, "step": step}):
            return
        who = f" by {safe(step.officer)}" if step.officer else ""
        if again:
            when = words.time(step.time_ms)
            self._out.say(f"{safe(notice.ref)} was {_SAID[self._verdict]}{who} already, at {when}. Nothing was sent.")
            return
        said = f"{safe(notice.ref)} is {_SAID[self._verdict]}{who}."
        self._out.say(f"{said} The answer goes to {safe(notice.line)} by itself.", style="green")


def _form(name: str) -> str:
    """In which form a value is read back, by its name in the notice."""
    place = any(word in name for word in ("points", "centre", "position"))
    return "as a position such as 34-30.00N 033-12.00E" if place else "as a date-time group such as 010500Z DEC 24"


def _names(error: CallerError, name: str) -> bool:
    """Whether the station's refusal is of this value."""
    field = getattr(error, "field", "")
    return field in (name, f"read_back.{name}", f"read_back[{name}]")
