"""`hotline run`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hotline.cli.options import HomeOption, JsonOption, NoColorOption, PassphraseFileOption
from hotline.errors import UsageError

if TYPE_CHECKING:
    from hotline.custody.keyfile import Unlock
    from hotline.home import Home


def run(
    passphrase_file: PassphraseFileOption = None,
    officer: Annotated[
        str, typer.Option("--officer", metavar="NAME", help="Who is on duty from the start.  [else the only one here]")
    ] = "",
    officer_passphrase_file: Annotated[
        Path | None,
        typer.Option(
            "--officer-passphrase-file",
            metavar="FILE",
            help="Read that officer's passphrase from a file of mode 0600.  [else as for the station]",
            show_default=False,
        ),
    ] = None,
    unattended: Annotated[
        bool,
        typer.Option(
            "--unattended", help="No officer is on duty: store and receipt, open no officer's key.", show_default=False
        ),
    ] = False,
    home: HomeOption = None,
    json: JsonOption = False,  # noqa: ARG001 (a failure to start is told by `failure`; the log's form is in station.toml)
    no_color: NoColorOption = False,  # noqa: ARG001
) -> None:
    """Run the station until it is told to stop.

    It stays in the foreground, writes its log to standard error, and stops cleanly on
    Ctrl-C or SIGTERM. The passphrase is asked for once, before anything starts, and
    again if the officer's is another one. Where several officers have their keys here,
    nobody is on duty until --officer or `hotline duty on` says who. With --json only a
    failure to start is JSON; the log's form is log_format in station.toml.

    Example:
      hotline run --passphrase-file duty.passphrase
      hotline run --officer "Colonel B"
    """
    from hotline.home import Home
    from hotline.station.daemon import run_daemon

    if unattended and (officer or officer_passphrase_file):
        raise UsageError("--unattended means that no officer is on duty.", "Leave it out, or leave out the officer.")
    place = Home.find(home)
    unlock = _unlock(place, passphrase_file, officer, officer_passphrase_file)
    raise typer.Exit(run_daemon(place, unlock, attended=not unattended, officer=officer))


def _unlock(home: "Home", file: Path | None, officer: str, officer_file: Path | None) -> "Unlock":
    from hotline.custody.passphrase import PassphraseSource

    station = PassphraseSource(file)
    if officer_file is None:
        return station.for_file
    watch = PassphraseSource(officer_file, whose=officer or "the officer", option="--officer-passphrase-file")
    return lambda path: (station if path == home.station_key_path else watch).for_file(path)
