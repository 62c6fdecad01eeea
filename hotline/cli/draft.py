"""`hotline draft`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hotline.cli import words
from hotline.cli.compose import Words, compose
from hotline.cli.delivery import in_time
from hotline.cli.files import STANDARD
from hotline.cli.options import (
    ExpiresOption,
    FromOption,
    HomeOption,
    IdOption,
    JsonOption,
    KindArgument,
    LateOption,
    ModeOption,
    NoColorOption,
    OfficerOption,
    OfficerPassphraseOption,
    PrecedenceOption,
    SubjectOption,
    TextArgument,
    ToOption,
)
from hotline.cli.output import Output
from hotline.cli.signing import signed
from hotline.cli.station import ask
from hotline.errors import UsageError
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.api.types import Draft


def draft(
    kind: KindArgument = "",
    text: TextArgument = None,
    file: FromOption = None,
    to: ToOption = "",
    precedence: PrecedenceOption = None,
    mode: ModeOption = None,
    expires: ExpiresOption = "",
    subject: SubjectOption = "",
    notice_id: IdOption = "",
    officer: OfficerOption = "",
    reason_late: LateOption = "",
    discard: Annotated[
        int | None, typer.Option("--discard", metavar="NUMBER", min=1, help="Take this draft away; nothing was sent.")
    ] = None,
    passphrase_file: OfficerPassphraseOption = None,
    home: HomeOption = None,
    json: JsonOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Keep a notice until somebody releases it, or list what waits.

    The drafter signs it, and whoever releases it signs the same bytes: another person,
    where the agreed rules ask for two. Nothing is sent before. --officer is the drafter;
    the passphrase is asked for only if that officer is not on duty.

    Example:
      hotline draft --from exercise.toml --officer "Major A"
      hotline draft
      hotline draft --discard 3
    """
    out = Output(json, no_color)
    given = Words(kind, text, file, subject, to, precedence or "", mode or "", expires, notice_id, officer, reason_late)
    if discard is not None:
        _discard(out, home, discard, given)
    elif kind or file is not None:
        tell(out, keep(out, home, given, passphrase_file))
    elif given != Words(""):
        raise UsageError("The kind of notice is missing.", 'Such as: hotline draft consultation "Your text."')
    else:
        _list(out, home)


def keep(out: Output, home: Path | None, given: Words, passphrase_file: Path | None) -> "Draft":
    """Give a notice to the station as a draft. A person whose notice is late is asked for the reason."""
    from hotline.api.types import DraftNew

    def once(given: Words) -> "Draft":
        submit = compose(given)
        return signed(
            home,
            given.officer,
            passphrase_file,
            lambda secret: ask(home, lambda client: client.draft(DraftNew(submit=submit, passphrase=secret))),
        )

    if given.file == STANDARD:
        return once(given)  # it can be read once only
    return in_time(out, given, once)


def tell(out: Output, kept: "Draft") -> None:
    """Say under which number a draft waits, and what it waits for."""
    if out.document(kept):
        return
    out.say(f"Draft {kept.number} waits, signed by {safe(kept.drafter)}. Nothing was sent.", style="yellow")
    who = "somebody else has to release it" if kept.signatures > 1 else "it still has to be released"
    out.say(f"As the rules stand, {who}: hotline release {kept.number}")


def _discard(out: Output, home: Path | None, number: int, given: Words) -> None:
    if given != Words(""):
        raise UsageError("--discard takes a draft away, and a notice is given too.", "Give one of them.")
    ask(home, lambda client: client.discard(number))
    if not out.document({"discarded": number}):
        out.say(f"Draft {number} is taken away; nothing of it was sent.")


def _list(out: Output, home: Path | None) -> None:
    found = ask(home, lambda client: client.drafts())
    if out.document(found):
        return
    if not found.drafts:
        out.say("No draft waits.")
        return
    rows = [
        (str(d.number), safe(d.line), d.precedence, d.mode, safe(d.kind), words.time(d.made_ms), safe(d.drafter),
         safe(d.subject)) for d in found.drafts
    ]  # fmt: skip
    out.table(["DRAFT", "TO", "PRECEDENCE", "MODE", "KIND", "MADE", "DRAFTER", "SUBJECT"], rows)
