"""`hotline new`."""

from pathlib import Path
from typing import Annotated

import typer

from hotline.cli import prefill
from hotline.cli.files import STANDARD, hand_out, shown
from hotline.cli.options import HomeOption, JsonOption, KindArgument, NoColorOption, OfOption
from hotline.cli.output import Output
from hotline.cli.station import ask
from hotline.errors import UsageError
from hotline.text import safe


def new(
    kind: KindArgument = "",
    of: OfOption = "",
    out_file: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write it there; nothing is overwritten.")
    ] = None,
    home: HomeOption = None,
    json: JsonOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Begin a notice: print a file to fill in, or list all kinds.

    Every field stands in it with its words and an example; what may be left out is
    commented out. With --of the notice that it is about is filled in: an amendment begins
    with the whole text in force, a reply with the questions. Nothing is sent.

    Example:
      hotline new
      hotline new exercise > exercise.toml
      hotline new amendment --of "NORTH 7" --out amended.toml
    """
    out = Output(json, no_color)
    if not kind:
        if of or out_file is not None:
            raise UsageError("The kind of notice is missing.", "Name it: hotline new KIND. `hotline new` lists all.")
        _list(out)
        return
    start = ask(home, lambda client: prefill.about(client, kind, of)) if of else None
    hand_out_template(out, kind, start, out_file)


def hand_out_template(out: Output, kind: str, start: prefill.Start | None = None, file: Path | None = None) -> None:
    """Print the file to fill in, or write it to a new file. NoticeError if there is no such kind."""
    text = prefill.document(kind, start)
    if file is not None:
        hand_out(file, text.encode())
    if file == STANDARD or out.document({"kind": kind, "template": text, "file": "" if file is None else str(file)}):
        return
    if file is None:
        out.say(text.rstrip("\n"))
    else:
        out.say(f"{shown(file)} is written. Fill it in; then: hotline send {safe(kind)} --from {shown(file)}")


def _list(out: Output) -> None:
    from hotline.notices import KINDS

    kinds = [
        {"kind": kind.name, "title": kind.title, "precedence": kind.precedence.name, "mode": kind.mode.name}
        for kind in KINDS.values()
    ]
    if not out.document({"kinds": kinds}):
        out.table(["KIND", "TITLE", "PRECEDENCE"], [(k["kind"], k["title"], k["precedence"]) for k in kinds])
        out.say("\nBegin one: hotline new KIND > notice.toml, or answer questions: hotline form KIND")
