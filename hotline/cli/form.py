"""`hotline form`."""

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hotline.cli import draft as drafting
from hotline.cli import prefill
from hotline.cli.compose import Words, numbered
from hotline.cli.delivery import Wait, deliver, told
from hotline.cli.files import hand_out, shown
from hotline.cli.options import (
    DespiteOption,
    ExpiresOption,
    HomeOption,
    JsonOption,
    KindArgument,
    ModeOption,
    NoColorOption,
    OfficerOption,
    OfficerPassphraseOption,
    OfOption,
    PrecedenceOption,
    ToOption,
)
from hotline.cli.output import Output
from hotline.cli.station import ask
from hotline.cli.terminal import Keyboard, declined
from hotline.errors import DaemonError, HotlineError, NoticeError, UsageError
from hotline.text import safe

if TYPE_CHECKING:
    from hotline import notices
    from hotline.cli.dialogue import Dialogue

_ENDINGS = "s: send, d: keep as a draft, f: save to a file, c: change something, q: leave"


def form(
    kind: KindArgument = "",
    of: OfOption = "",
    send: Annotated[bool, typer.Option("--send", help="Send it at the end; do not ask what to do with it.")] = False,
    draft: Annotated[bool, typer.Option("--draft", help="Keep it as a draft at the end, to be released.")] = False,
    out_file: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Save it there at the end; send nothing.")
    ] = None,
    to: ToOption = "",
    precedence: PrecedenceOption = None,
    mode: ModeOption = None,
    expires: ExpiresOption = "",
    officer: OfficerOption = "",
    despite_rules: DespiteOption = False,
    passphrase_file: OfficerPassphraseOption = None,
    home: HomeOption = None,
    json: JsonOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Fill in a notice field by field, at the terminal.

    Required fields first, then whichever others you name; each answer is checked at once.
    ? explains a field, - goes back, Ctrl-D or Ctrl-C ends with nothing sent. At the end the formatted
    message is shown, and you say what becomes of it. With --of the notice that it is about
    is filled in; an amendment begins with the whole text in force.

    Example:
      hotline form exercise
      hotline form amendment --of "NORTH 7" --draft
    """
    out = Output(json, no_color)
    if not kind:
        raise UsageError("The kind of notice is missing.", "Name it: hotline form exercise. `hotline new` lists all.")
    if send + draft + (out_file is not None) > 1:
        raise UsageError("--send, --draft and --out exclude each other.", "Give one of them.")
    if kind == "amendment" and not of:
        raise UsageError("What is amended is missing.", 'Name it: hotline form amendment --of "NORTH 7".')
    keyboard = Keyboard.require(out, f"Begin a file instead: hotline new {safe(kind)} --out notice.toml")
    words = Words(
        kind, to=to, precedence=precedence or "", mode=mode or "", expires=expires, officer=officer,
        despite_rules=despite_rules,
    )  # fmt: skip
    ending = Ending(out, home, keyboard, words, passphrase_file)
    first = "s" if send else "d" if draft else "f" if out_file is not None else ""
    try:
        _run(ending, of, first, out_file)
    except typer.Abort:
        keyboard.say("\nNothing was sent or kept.")
        raise


def _run(ending: "Ending", of: str, first: str, file: Path | None) -> None:
    from hotline.cli.dialogue import Dialogue

    kind = ending.words.kind
    start = ask(ending.home, lambda client: prefill.about(client, kind, of)) if of else prefill.Start()
    for line in (line for remarks in start.remarks.values() for line in remarks):
        ending.keyboard.say(safe(line, limit=600))
    given = {name: value for name, value in start.given.items() if name != "answers"}  # asked one by one
    dialogue = Dialogue(ending.keyboard, kind, prefill.spoken_notice(kind, given), ending.find)
    ending.show(dialogue.fill(ending.check))
    ending.choose(dialogue, first, file)


class Ending:
    """What becomes of a notice that is filled in. Whatever is refused on the way, it stays here until it is not."""

    def __init__(
        self, out: Output, home: Path | None, keyboard: Keyboard, words: Words, passphrase_file: Path | None
    ) -> None:
        self.home, self.keyboard, self.words = home, keyboard, words
        self._out, self._passphrase_file = out, passphrase_file

    def find(self, name: str) -> bytes:
        """Return the id of a notice by its name; a made-up one where no station runs to be asked."""
        try:
            return bytes.fromhex(ask(self.home, lambda client: client.show(name)).id)
        except DaemonError:
            return bytes(16)

    def check(self, data: Mapping[str, Any]) -> "notices.Draft":
        """Return the notice as it would go. NoticeError naming the field at fault."""
        from hotline import notices

        words = self.words
        made = notices.draft(words.kind, numbered(words.kind, data, 1), now_s=int(time.time()))
        made = replace(
            made,
            precedence=notices.parse_precedence(words.precedence) if words.precedence else made.precedence,
            mode=notices.parse_mode(words.mode) if words.mode else made.mode,
        )
        notices.check_envelope(made.notice, made.precedence, made.mode)
        return made

    def show(self, made: "notices.Draft") -> None:
        """Show the formatted message."""
        from hotline import notices

        sender, recipient = self._names()
        text = notices.render(made.notice, notices.Envelope(sender, recipient, made.precedence, made.mode))
        self.keyboard.say("\n" + text.rstrip("\n"))

    def _names(self) -> tuple[str, str]:
        try:
            status = ask(self.home, lambda client: client.status())
        except HotlineError:
            return "THIS STATION", self.words.to or "THE PEER"
        lines = [line.name for line in status.lines]
        return status.name, self.words.to or (lines[0] if len(lines) == 1 else "THE PEER")

    def choose(self, dialogue: "Dialogue", first: str, file: Path | None) -> None:
        """Ask what becomes of the notice, until something has, or it is left."""
        key = first
        while True:
            key = key or self.keyboard.line(f"{_ENDINGS}:").lower()
            if key == "q":
                declined(self._out, "Nothing was sent or kept.")
            if key == "c":
                dialogue.more() if prefill.REPLACEMENT not in dialogue.data else dialogue.change_replacement()
                self.show(dialogue.mend(self.check))
            elif key in ("s", "d", "f") and self._did(dialogue, key, file):
                return
            key, file = "", None

    def _did(self, dialogue: "Dialogue", key: str, file: Path | None) -> bool:
        """Whether it went where it was to go. What the station refuses is said, and can be mended or saved."""
        words = replace(self.words, data=dialogue.data)
        try:
            if key == "s":
                told(self._out, deliver(self._out, self.home, words, Wait()), Wait())
            elif key == "d":
                drafting.tell(self._out, drafting.keep(self._out, self.home, words, self._passphrase_file))
            else:
                self._save(dialogue, file or Path(self.keyboard.line("File, ending in .toml:")))
        except NoticeError as error:
            dialogue.wrong(error)
            self.show(dialogue.mend(self.check))
            return False
        except HotlineError as error:
            self.keyboard.say(safe(str(error), limit=600), "bold red")
            self.keyboard.say("Nothing that you typed is lost: f saves it to a file.")
            return False
        return True

    def _save(self, dialogue: "Dialogue", file: Path) -> None:
        words = self.words
        envelope = {
            name: value
            for name, value in (
                ("precedence", words.precedence), ("mode", words.mode), ("expires", words.expires), ("to", words.to)
            )
            if value
        }  # fmt: skip
        hand_out(file, prefill.written(words.kind, dialogue.data, envelope).encode())
        if not self._out.document({"kind": words.kind, "file": str(file)}):
            self.keyboard.say(f"{shown(file)} is written. Send it: hotline send {words.kind} --from {shown(file)}")
