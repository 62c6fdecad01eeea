"""`hotline backup`."""

from pathlib import Path
from typing import Annotated

import typer

from hotline.cli.files import shown
from hotline.cli.options import HomeOption, JsonOption, NoColorOption
from hotline.cli.output import Output
from hotline.cli.progress import counting
from hotline.text import safe


def backup(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder, best on another disk.")],
    home: HomeOption = None,
    json: JsonOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Copy the home to a new folder, while the station runs or not.

    The copy is a home that can be put in the place of a lost one: the database as it was
    at one moment, the cards, the settings and the keys, which keep their passphrases. It
    holds every notice in clear: keep it as you keep the home. The root key is not in it,
    nor heads.lock, on purpose: without that a restored station knows that it is one.

    Example:
      hotline backup saved/monday
    """
    from hotline.home import Home
    from hotline.recovery.backup import back_up

    out = Output(json, no_color)
    with counting(out, "pages copied") as progress:
        made = back_up(Home.find(home), folder, progress)
    if not out.document(made):
        out.say(
            f"{len(made.files)} files are in {shown(Path(made.folder))}. It holds everything that was said, in clear."
        )
        if made.left_out:
            out.say(f"Not in it: {', '.join(safe(name) for name in made.left_out)}")
