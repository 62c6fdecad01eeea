"""`hotline generation`."""

import os
import shlex
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from hotline.cli import generations
from hotline.cli.files import STANDARD, hand_out, named_after, shown
from hotline.cli.options import HomeOption, JsonOption, NoColorOption, OfficerOption
from hotline.cli.output import Output
from hotline.cli.terminal import Keyboard, declined
from hotline.errors import HostError, HotlineError, UsageError
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.core.card import Card
    from hotline.core.generation import ClosingFile
    from hotline.custody.closing import Confirm, Offer, Opened
    from hotline.custody.suite import HybridKey
    from hotline.home import Home, PeerLine

Action = Literal["close", "open", "show"]
ReasonWord = Literal["fork", "stalled", "store-lost", "other"]
_REASONS: dict[str, int] = {"fork": 0, "stalled": 1, "store-lost": 2, "other": 4}


FileArgument = Annotated[
    Path | None, typer.Argument(metavar="[FILE]", help="The other side's closing file; with open always.")
]
BecauseOption = Annotated[
    str, typer.Option("--because", metavar="TEXT", help="With close: why, as both sides read it.")
]
ReasonOption = Annotated[
    ReasonWord | None, typer.Option("--reason", help="With close.  [else fork if a log is frozen, other if not]")
]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="Our closing file; - prints it.  [else NORTH-1.hotline-closing here]"),
]
NumberOption = Annotated[
    str | None,
    typer.Option("--number", metavar="DIGITS", help="With open: the 60 digits as the other side reads them."),
]
WhichOption = Annotated[
    int | None, typer.Option("--generation", metavar="N", min=1, help="With close and show: which.  [else the present]")
]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask before closing; for scripts.", show_default=False)]
PassphraseOption = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        metavar="FILE",
        help="The officer's passphrase, in a file of mode 0600.  [else asked]",
        show_default=False,
    ),
]


@dataclass(frozen=True, slots=True)
class Closing:
    """What was typed to close a line."""

    home: "Home"
    line: str
    file: Path | None
    because: str
    reason: ReasonWord | None
    out_file: Path | None
    officer: str
    passphrase_file: Path | None
    number: int | None
    yes: bool


def generation(
    action: Annotated[Action, typer.Argument(metavar="ACTION", help="close, open or show.")] = "show",
    line: Annotated[str, typer.Argument(metavar="[LINE]", help="The peer.  [else, with show, all]")] = "",
    file: FileArgument = None,
    because: BecauseOption = "",
    reason: ReasonOption = None,
    out_file: OutOption = None,
    number: NumberOption = None,
    of: WhichOption = None,
    yes: YesOption = False,
    officer: OfficerOption = "",
    passphrase_file: PassphraseOption = None,
    home: HomeOption = None,
    json: JsonOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Go on after a fork, a stalled line or lost keys: close a line for good, and begin anew.

    Both sides do the same, with their stations stopped. close signs where both logs end
    here, and writes the closing file for the other side. The line is silent from then on.
    open takes the other side's file, after both have compared the agreement number by
    voice: it is the same at both ends, and nobody else can make it so. Then start the
    station. What waits goes over; safety number and serials go on; old logs stay proven.

    show tells what both sides have signed and where they differ; with FILE, what that
    file would begin. A home made anew from its root (hotline init --from-root) closes
    with the other side's file, which comes first: hotline generation close LINE FILE

    Example:
      hotline generation close SOUTH --because "Our log is forked: a clone ran."
      hotline generation open SOUTH SOUTH-1.hotline-closing
      hotline generation show
    """
    from hotline.home import Home

    out = Output(json, no_color)
    place = Home.find(home).require()
    _check_words(action, line, file, because, number)
    if action == "close":
        _close(out, Closing(place, line, file, because, reason, out_file, officer, passphrase_file, of, yes))
    elif action == "open":
        assert file is not None  # noqa: S101 (`_check_words` has refused it)
        _open(out, place, line, file, number)
    elif file is not None:
        _look(out, place, line, file)
    else:
        generations.show(out, place, line, of, out_file)


def _check_words(action: Action, line: str, file: Path | None, because: str, number: str | None) -> None:
    if action != "show" and not line:
        raise UsageError(f"`hotline generation {action}` needs the name of a line.", "See: hotline generation show")
    if action == "open" and file is None:
        raise UsageError(
            "Which file?",
            f"Give the closing file of the other side: hotline generation open {safe(shlex.quote(line))} FILE",
        )
    if action != "close" and because:
        raise UsageError("--because belongs to `hotline generation close`.", "Leave it out.")
    if action != "open" and number is not None:
        raise UsageError("--number belongs to `hotline generation open`.", "Leave it out.")


# --- close -------------------------------------------------------------------------------------------------------


def _close(out: Output, asked: Closing) -> None:
    from hotline.custody import closing

    peer = closing.find(asked.home, asked.line)
    held = peer.generations
    is_made = held.closing is not None or asked.number in [before.generation for before in held.before]
    if not is_made and not asked.because:
        raise UsageError("Why is the line closed?", 'Say it for both sides to read: --because "…"')
    if not is_made and not asked.yes:
        _ask(out, peer)
    why = closing.Why(asked.because or "as before", _REASONS[asked.reason] if asked.reason else None)
    made = closing.close(
        asked.home,
        asked.line,
        why,
        _officer(asked, peer),
        time.time_ns() // 1_000_000,
        number=asked.number,
        theirs=asked.file,
    )
    is_made = is_made and made.closing.generation in (asked.number, held.closing and held.closing.closing.generation)
    where = _place(asked, made.card, made.closing.generation)
    if where != STANDARD or not out.json:
        _hand_over(peer, made, where, is_made=is_made)
    offer = closing.look(asked.home, asked.line, asked.file) if asked.file else None
    if not out.document(_document(peer, made, where, offer)) and where != STANDARD:
        _tell_closed(out, peer, made, where, offer, is_made=is_made)
        if is_made and _differs(asked, made):
            out.say(
                "What it said then stands, with its reason; what was given now was not signed.", style="bold yellow"
            )


def _differs(asked: Closing, made: "ClosingFile") -> bool:
    """Whether another reason was typed than the one that was signed."""
    text, reason = made.closing.text, made.closing.reason
    return asked.because not in ("", text) or (asked.reason is not None and _REASONS[asked.reason] != reason)


def _ask(out: Output, peer: "PeerLine") -> None:
    keyboard = Keyboard.require(out, "Add --yes.")
    who = safe(peer.alias)
    keyboard.say(f"Closing generation {peer.generations.number} of the line with {who} cannot be undone.", "bold")
    keyboard.say("From now on this station sends nothing, takes nothing and signs nothing on this line, emergency text")
    keyboard.say(
        f"neither, until the closing file of {who} is opened here. Telephone: {safe(peer.card.body.phone) or '-'}"
    )
    if keyboard.line("Close it? Type yes:") != "yes":
        declined(out, "Nothing was changed.")


def _place(asked: Closing, card: "Card", number: int) -> Path:
    return asked.out_file or named_after(f"{card.body.name}-{number}", ".hotline-closing")


def _require_place(where: Path) -> None:
    """That a new file can be written there, as far as that can be told before: closing cannot be taken back."""
    folder = where.parent
    if os.path.lexists(where):
        what = f"{shown(where)} exists already and holds something else"
    elif not folder.is_dir():
        what = f"{shown(where)} cannot be written: {shown(folder)} is no folder"
    elif not os.access(folder, os.W_OK | os.X_OK):
        what = f"{shown(where)} cannot be written: the folder {shown(folder)} takes no file from you"
    else:
        return
    raise UsageError(
        f"{what}. Nothing was signed, and nothing is closed.", "Choose another file: --out FILE.", reason="out-file"
    )


def _hand_over(peer: "PeerLine", made: "ClosingFile", where: Path, *, is_made: bool) -> None:
    from hotline.custody import closing

    try:
        hand_out(where, made.text().encode("ascii"))
    except HotlineError as e:
        who, number = safe(peer.alias), made.closing.generation
        before = " was closed before" if is_made else " IS CLOSED now"
        raise HostError(
            f"Generation {number} of the line with {who}{before}; only our closing file was not handed out. {e.what}",
            f"For the file: hotline generation show {closing.named(peer)} --generation {number} --out FILE",
            reason="closed-not-written",
        ) from None


def _officer(asked: Closing, peer: "PeerLine") -> "Callable[[Card], HybridKey]":
    """What opens the key of the officer who signs: the named one, or the only one whose key is here.

    It is asked for when all else is checked, and only where something is to be signed.
    """

    def open_key(card: "Card") -> "HybridKey":
        from hotline.custody import closing
        from hotline.custody.officers import Officers
        from hotline.custody.passphrase import PassphraseSource

        where = _place(asked, card, closing.number_of(asked.file) if asked.file else peer.generations.number)
        if where != STANDARD:
            _require_place(where)
        officers = Officers(asked.home, card)
        name = asked.officer or officers.only()
        if not name:
            names = ", ".join(map(safe, officers.names())) or "none"
            raise UsageError(f"Which officer signs? Keys that are here: {names}.", "Say which one: --officer NAME.")
        return officers.open(name, PassphraseSource(asked.passphrase_file, whose=name).for_file)

    return open_key


def _document(peer: "PeerLine", made: "ClosingFile", where: Path, offer: "Offer | None") -> dict[str, Any]:
    return {
        "line": peer.alias,
        "generation": made.closing.generation,
        "file": str(where),
        "closing": made.text(),
        "statement": generations.statement(made),
        "agreement_number": offer.number if offer else None,
    }


def _tell_closed(
    out: Output, peer: "PeerLine", made: "ClosingFile", where: Path, offer: "Offer | None", *, is_made: bool
) -> None:
    who, number = safe(peer.alias), made.closing.generation
    out.say(f"Generation {number} of the line with {who} {'was closed before' if is_made else 'is closed'}.")
    for row in generations.statement_lines(made):
        out.say(f"  {row}")
    out.say(f"\nOur closing file is {shown(where)}. Hand it over to {who}.")
    if offer:
        _say_number(out, offer)
    if not is_made or peer.generations.closing is not None:
        out.say(f"Then take theirs: hotline generation open {who} FILE")


# --- open --------------------------------------------------------------------------------------------------------


def _open(out: Output, home: "Home", line: str, file: Path, number: str | None) -> None:
    from hotline.custody import closing

    ask = None if out.json or number is not None or not sys.stdin.isatty() else _asking(out)
    done = closing.open_(home, line, file, typed=number, confirm=ask)
    if not out.document(_opened(done)):
        _tell_opened(out, done, asked=ask is not None)


def _look(out: Output, home: "Home", line: str, file: Path) -> None:
    from hotline.custody import closing

    offer = closing.look(home, line, file)
    if not out.document(_offered(offer)):
        _tell_offer(out, offer)


def _asking(out: Output) -> "Confirm":
    """Return what shows the file and the number to a person, and asks for the other side's."""

    def confirm(offer: "Offer") -> bool:
        _tell_offer(out, offer)
        answer = typer.prompt("Type the agreement number as they read it to you, or `equal` if you hold both screens")
        return answer.strip().lower() == "equal" or offer.is_number(answer)

    return confirm


def _tell_offer(out: Output, offer: "Offer") -> None:
    who = safe(offer.line.alias)
    out.say(f"The closing file of {who}:")
    for row in generations.statement_lines(offer.file):
        out.say(f"  {row}")
    for change in offer.changes:
        out.say(f"  THEIR CARD CHANGES: {change}", style="bold yellow")
    _say_number(out, offer)
    out.say(f"Compare all twelve groups with {who} by voice, with somebody you know. If they differ, begin nothing.")


def _say_number(out: Output, offer: "Offer") -> None:
    from hotline.custody import safety

    out.say(f"\nAgreement number of generation {offer.agreed.generation} with {safe(offer.line.alias)}:\n")
    for row in safety.rows(offer.number):
        out.say(f"    {row}", style="bold")
    out.say()


def _offered(offer: "Offer") -> dict[str, Any]:
    return {
        "line": offer.line.alias,
        "generation": offer.agreed.generation,
        "line_id": offer.agreed.line.hex(),
        "agreement_number": offer.number,
        "card_changes": list(offer.changes),
        "statement": generations.statement(offer.file),
    }


def _opened(done: "Opened") -> dict[str, Any]:
    return {**_offered(done.offer), "already": done.already}


def _tell_opened(out: Output, done: "Opened", *, asked: bool) -> None:
    offer = done.offer
    if not asked or done.already:
        _say_number(out, offer)
    began = "had begun already" if done.already else "has begun here"
    out.say(f"Generation {offer.agreed.generation} of the line with {safe(offer.line.alias)} {began}.", style="green")
    out.say(f"Their notices go on after number {offer.agreed.peer_serial}. Start the station: hotline run")
