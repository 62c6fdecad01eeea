"""`hotline export`."""

from pathlib import Path
from typing import Annotated

import typer

from hotline.cli.files import shown
from hotline.cli.options import HomeOption, JsonOption, NoColorOption
from hotline.cli.output import Output


def export(
    folder: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="A new or empty folder.")],
    line: Annotated[str | None, typer.Option("--line", metavar="NAME", help="The line.  [else the only one]")] = None,
    home: HomeOption = None,
    json: JsonOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Write both logs of a line to a folder, for a third party.

    Both cards, all entries with their bodies, and the signed and receipted heads: with
    protocol/reference.py anybody can verify it who has neither Hotline nor trust in us.
    The folder holds everything that was said on the line, in clear.

    Example:
      hotline export --out evidence --line SOUTH
    """
    from hotline.audit import export_line
    from hotline.home import Home

    out = Output(json, no_color)
    written = export_line(Home.find(home), line, folder)
    if not out.document({"folder": str(folder), "files": [str(path) for path in written]}):
        for path in written:
            out.say(shown(path))
