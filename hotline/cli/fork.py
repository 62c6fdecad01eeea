"""`hotline fork`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from hotline.cli.files import STANDARD, hand_out, named_after, shown
from hotline.cli.options import GenerationOption, HomeOption, JsonOption, NoColorOption
from hotline.cli.output import Output
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.audit import Convicted

WhoseWord = Literal["ours", "theirs"]


def fork(
    line: Annotated[str | None, typer.Argument(metavar="[LINE]", help="The line.  [else the only one]")] = None,
    out_file: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Where to; - prints it.  [else SOUTH.hotline-fork here]"),
    ] = None,
    whose: Annotated[
        WhoseWord | None, typer.Option("--whose", help="If both logs of the line are frozen: of which one.")
    ] = None,
    generation: GenerationOption = None,
    home: HomeOption = None,
    json: JsonOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Write the proof for which a log is frozen to a file.

    The file holds two heads that one log key has signed and that cannot both be true, with
    the card of their owner. `hotline verify FILE` and protocol/reference_fork.py check it with
    nothing else of ours. It convicts the custody of that key, and says nothing of intent.
    Without --generation it is the latest fork of the line. The daemon may run or not.

    Example:
      hotline fork SOUTH --out south.hotline-fork
    """
    from hotline import audit
    from hotline.home import Home

    out = Output(json, no_color)
    proof, convicted = audit.fork_proof(Home.find(home), line, whose, generation=generation)
    place = out_file or named_after(convicted.owner, ".hotline-fork")
    if place != STANDARD or not json:
        hand_out(place, proof)
    if not out.document({"file": str(place), "proof": proof.decode(), "convicted": convicted}) and place != STANDARD:
        tell(out, convicted)
        out.say(f"The proof is in {shown(place)}: {len(proof)} bytes.")


def tell(out: Output, convicted: "Convicted") -> None:
    """Say who is convicted of what."""
    owner, (first, second) = safe(convicted.owner), convicted.sizes
    out.say(f"FORK: the log key of {owner} signed two heads, of the sizes {first} and {second}, of two histories.")
    out.say(f"Log: {safe(convicted.origin, limit=300)}")
    for size, root in zip(convicted.sizes, convicted.roots, strict=True):
        out.say(f"  size {size}, root {root}")
    out.say(f"Root fingerprint of the owner, to be compared with the one you know: {convicted.fingerprint}")
    out.say(f"{owner} is convicted of broken custody of its log key. This says nothing of intent.")
