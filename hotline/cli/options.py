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
OfficerPassphraseOption = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        metavar="FILE",
        help="Where the officer is not on duty: a file of mode 0600.  [else asked]",
        show_default=False,
    ),
]
OfficerOption = Annotated[
    str, typer.Option("--officer", metavar="NAME", help="The officer who does this; needed if several are on duty.")
]
RefArgument = Annotated[
    str, typer.Argument(metavar="REF", help='What officers call it, such as "SOUTH 7", or the notice\'s id.')
]
GenerationOption = Annotated[
    int | None,
    typer.Option("--generation", metavar="N", min=1, help="Of this generation of the line.  [else the present one]"),
]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace the file if it is there already.")]

PrecedenceWord = Literal["ROUTINE", "PRIORITY", "IMMEDIATE", "FLASH"]
ModeWord = Literal["OPERATION", "DRILL", "TEST"]
LevelWord = Literal["STORED", "OPENED", "ACKNOWLEDGED", "ANSWERED"]

# --- of what makes a notice: send, draft, form, new ---

KindArgument = Annotated[str, typer.Argument(metavar="[KIND]", help="Such as exercise; `hotline new` lists them all.")]
TextArgument = Annotated[str | None, typer.Argument(metavar="[TEXT]", help="What is said, in quotes.")]
FromOption = Annotated[
    Path | None, typer.Option("--from", metavar="FILE", help="A notice as TOML or JSON; - reads standard input.")
]
ToOption = Annotated[str, typer.Option("--to", metavar="LINE", help="The peer.  [else the only one]")]
PrecedenceOption = Annotated[
    PrecedenceWord | None,
    typer.Option("--precedence", case_sensitive=False, help="How fast it goes and is handled."),
]
ModeOption = Annotated[
    ModeWord | None, typer.Option("--mode", case_sensitive=False, help="Whether it is meant.  [else OPERATION]")
]
ExpiresOption = Annotated[str, typer.Option("--expires", metavar="TIME", help='Such as "040000Z DEC 24", or never.')]
SubjectOption = Annotated[str, typer.Option("--subject", metavar="WORDS", help="Of a TEXT.  [else its first words]")]
IdOption = Annotated[
    str, typer.Option("--id", metavar="ID", help="Your own id: sending the same again then does no harm.")
]
LateOption = Annotated[
    str, typer.Option("--reason-late", metavar="WORDS", help="Why notice is given later than was agreed.")
]
DespiteOption = Annotated[
    bool, typer.Option("--despite-rules", help="Let it go although the two sides hold different rules.")
]
OfOption = Annotated[
    str, typer.Option("--of", metavar="REF", help='The notice that it is about, such as "NORTH 7": filled in.')
]
WaitOption = Annotated[bool, typer.Option("--wait", help="Wait until it is STORED at the peer.")]
UntilOption = Annotated[
    LevelWord | None,
    typer.Option("--until", case_sensitive=False, help="Wait for this instead; also --wait=LEVEL."),
]
TimeoutOption = Annotated[
    float, typer.Option("--timeout", metavar="SECONDS", min=0, max=31_536_000, help="How long to wait.")
]
