"""`hotline prove`."""

from pathlib import Path
from typing import Annotated

import typer

from hotline.cli.files import STANDARD, hand_out, named_after, shown
from hotline.cli.options import HomeOption, JsonOption, NoColorOption, RefArgument
from hotline.cli.output import Output
from hotline.text import safe


def prove(
    ref: RefArgument,
    out_file: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Where to; - prints it.  [else NORTH-7.tlog-proof here]"),
    ] = None,
    without_body: Annotated[
        bool, typer.Option("--without-body", help="Prove that it was sent and stored, and not what it says.")
    ] = False,
    home: HomeOption = None,
    json: JsonOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Write the evidence for one notice to a file.

    The file is a C2SP .tlog-proof: whoever holds both cards can check with it, and with
    nothing of ours, that this notice stands in its sender's log and that the other side
    had it. It shows this notice and no other. The cards are those of the notice's generation,
    which `hotline export --generation` writes. The daemon may run or not.

    Example:
      hotline prove "NORTH 7" --out north-7.tlog-proof
    """
    from hotline import audit
    from hotline.home import Home

    out = Output(json, no_color)
    proof = audit.prove(Home.find(home), ref, show_body=not without_body)
    place = out_file or Path(file_name(ref))
    if place != STANDARD or not json:
        hand_out(place, proof)
    if not out.document({"ref": ref, "file": str(place), "proof": proof.decode()}) and place != STANDARD:
        out.say(f"The evidence for {safe(ref)} is in {shown(place)}: {len(proof)} bytes.")


def file_name(ref: str) -> str:
    """Return the name of the file for a notice: its reference, in letters that every disk takes."""
    return str(named_after(ref, ".tlog-proof"))
