"""`hotline run`."""

from typing import Annotated

import typer

from hotline.cli.options import HomeOption, JsonOption, NoColorOption, PassphraseFileOption


def run(
    passphrase_file: PassphraseFileOption = None,
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
    Ctrl-C or SIGTERM. The passphrase is asked for once, before anything starts. With
    --json only a failure to start is JSON; the log's form is log_format in station.toml.

    Example:
      hotline run --passphrase-file duty.passphrase
    """
    from hotline.custody.passphrase import PassphraseSource
    from hotline.home import Home
    from hotline.station.daemon import run_daemon

    code = run_daemon(Home.find(home), PassphraseSource(passphrase_file).for_file, attended=not unattended)
    raise typer.Exit(code)
