"""Options that many commands share, declared once."""

from pathlib import Path
from typing import Annotated, Literal

import typer

HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home", metavar="FOLDER", help="The station's home.  [HOTLINE_HOME, else ~/.hotline]", show_default=False
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer in JSON, for programs.", show_default=False)]
NoColorOption = Annotated[
    bool, typer.Option("--no-color", help="No colours, no progress.  [also NO_COLOR]", show_default=False)
]
PassphraseFileOption = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        metavar="FILE",
        help="Read the passphrase from a file of mode 0600.  [else HOTLINE_PASSPHRASE, else asked]",
        show_default=False,
    ),
]
OfficerOption = Annotated[
    str, typer.Option("--officer", metavar="NAME", help="The officer who does this; needed if several are on duty.")
]
RefArgument = Annotated[
    str, typer.Argument(metavar="REF", help='What officers call it, such as "SOUTH 7", or the notice\'s id.')
]

PrecedenceWord = Literal["ROUTINE", "PRIORITY", "IMMEDIATE", "FLASH"]
ModeWord = Literal["OPERATION", "DRILL", "TEST"]
LevelWord = Literal["STORED", "OPENED", "ACKNOWLEDGED"]
