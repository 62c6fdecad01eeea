"""`hotline release`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hotline.cli.delivery import Sent, Wait, follow, told
from hotline.cli.options import (
    HomeOption,
    JsonOption,
    NoColorOption,
    OfficerOption,
    OfficerPassphraseOption,
    TimeoutOption,
    UntilOption,
    WaitOption,
)
from hotline.cli.output import Output
from hotline.cli.send import SendCommand
from hotline.cli.signing import signed
from hotline.cli.station import ask
from hotline.cli.terminal import declined, talks
from hotline.errors import NotFoundError, UsageError
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.api.types import Draft, Notice, Release
    from hotline.client import Client

COMMAND_CLASS = SendCommand

_DIGITS = 15  # of a draft's number; an id has 32


def release(
    what: Annotated[str, typer.Argument(metavar="DRAFT", help="The draft's number; or a notice that is HELD, by id.")],
    despite_rules: Annotated[
        bool, typer.Option("--despite-rules", help="Let it go although the two sides hold different rules.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; a script has to say it.")] = False,
    wait: WaitOption = False,
    until: UntilOption = None,
    timeout_s: TimeoutOption = 60,
    officer: OfficerOption = "",
    passphrase_file: OfficerPassphraseOption = None,
    home: HomeOption = None,
    json: JsonOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Let a draft go, as its releaser.

    The whole text is shown first, and the releaser confirms its precedence. The releaser
    signs the same bytes as the drafter. A notice that is HELD because the two sides hold
    different rules goes with --despite-rules, in the name of the officer who says so.

    Example:
      hotline release 3 --officer "Colonel B"
      hotline release 0193a2b4c5d67e8f9a0b1c2d3e4f5a6b --despite-rules
    """
    from hotline.api.types import Release

    out = Output(json, no_color)
    number = int(what) if what.isascii() and what.isdigit() and len(what) <= _DIGITS else 0
    if not number and not despite_rules:
        raise UsageError(
            f"{safe(what, limit=60)!r} is no number of a draft.",
            "`hotline draft` lists them; a notice that is HELD goes with --despite-rules.",
        )
    if not yes:
        _confirm(out, home, number, what, officer)
    asked = Release(draft=number, ref="" if number else what, officer=officer, despite_rules=despite_rules)
    waiting = Wait(until or ("STORED" if wait else None), timeout_s)
    told(
        out,
        signed(home, officer, passphrase_file, lambda secret: _let_go(out, home, asked, secret, waiting)),
        waiting,
    )


def _confirm(out: Output, home: Path | None, number: int, ref: str, officer: str) -> None:
    """Show the whole text, and have its precedence confirmed: what is released cannot be taken back."""
    from hotline.api.types import Draft

    if not talks(out):
        raise UsageError("Nobody is at a terminal to confirm the release.", "Read the draft first; then add --yes.")
    found = ask(home, lambda client: _found(client, number, ref))
    if isinstance(found, Draft):
        _require_another(home, number, found, officer)
    out.say(safe(found.text.rstrip("\n"), limit=2_000_000, lines=True))
    drafter = getattr(found, "drafter", "")
    out.say(f"Drafted by {safe(drafter)}." if drafter else "")
    if not typer.confirm(f"Release it to {safe(found.line)} as {safe(found.precedence)} {safe(found.mode)}?"):
        discard = f" To take it away: hotline draft --discard {number}" if number else ""
        declined(out, f"Nothing was released; it waits as before.{discard}")


def _require_another(home: Path | None, number: int, draft: "Draft", officer: str) -> None:
    """Tell the drafter before anything is asked, where the agreed rules want two people."""
    known = ask(home, lambda client: client.on_duty())
    named = [officer] if officer else known.on_duty or known.officers
    if draft.signatures > 1 and named == [draft.drafter]:
        raise UsageError(
            f"{safe(draft.drafter)} drafted it, and the agreed rules ask for a second person to release it.",
            f'Another officer releases it: hotline release {number} --officer "NAME".',
        )


async def _found(client: "Client", number: int, ref: str) -> "Draft | Notice":
    if not number:
        return await client.show(ref)
    for each in (await client.drafts()).drafts:
        if each.number == number:
            return each
    raise NotFoundError(f"There is no draft {number}.", "`hotline draft` lists those that wait.")


def _let_go(out: Output, home: Path | None, asked: "Release", secret: str, wait: Wait) -> Sent:
    import msgspec

    release = msgspec.structs.replace(asked, passphrase=secret)
    return ask(home, lambda client: follow(out, client, client.release(release), wait))
