"""`hotline relay`."""

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hotline.cli.options import HomeOption, JsonOption, NoColorOption
from hotline.cli.output import Output
from hotline.errors import UsageError

if TYPE_CHECKING:
    from hotline.relay.tls import ServerTls

_PASSWORDS = "mosquitto.passwd"


def relay(
    host: Annotated[str, typer.Option("--host", metavar="ADDRESS", help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="0: a free one, chosen by the operating system.")
    ] = 1883,
    users: Annotated[
        Path | None,
        typer.Option("--users", metavar="FILE", help="Lines of name:password, mode 0600.", show_default=False),
    ] = None,
    allow_anonymous: Annotated[
        bool, typer.Option("--allow-anonymous", help="Let stations in without a name.", show_default=False)
    ] = False,
    cert_file: Annotated[
        Path | None,
        typer.Option("--cert-file", metavar="FILE", help="PEM; makes it TLS, with --key-file.", show_default=False),
    ] = None,
    key_file: Annotated[
        Path | None, typer.Option("--key-file", metavar="FILE", help="PEM.", show_default=False)
    ] = None,
    client_ca_file: Annotated[
        Path | None,
        typer.Option(
            "--client-ca-file", metavar="FILE", help="Let in only holders of its certificates.", show_default=False
        ),
    ] = None,
    print_mosquitto_conf: Annotated[
        bool,
        typer.Option(
            "--print-mosquitto-conf",
            help="Print a mosquitto.conf instead; --users is its password file.  [mosquitto.passwd]",
            show_default=False,
        ),
    ] = False,
    home: HomeOption = None,  # noqa: ARG001 (taken by every command; a relay has no home)
    json: JsonOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Run a small relay for a first line.

    It keeps nothing on disk and learns no content: it sees addresses, times and padded
    sizes. It prints one line when it is ready and runs until Ctrl-C or SIGTERM. It speaks
    MQTT 3.1.1 only, which stations find out. For many stations run mosquitto instead:
    --print-mosquitto-conf prints good settings for it.

    Example:
      hotline relay --port 1883 --users relay.users
    """
    out = Output(json, no_color)
    if print_mosquitto_conf:
        _print_conf(out, host, port, users, _tls(cert_file, key_file, client_ca_file))
        return
    from hotline.relay.embedded import read_users, serve

    def ready(at: int) -> None:
        if not out.document({"ready": True, "host": host, "port": at}):
            print(f"ready {at}", flush=True)

    asyncio.run(
        serve(
            host,
            port,
            users=read_users(str(users)) if users else None,
            ready=ready,
            allow_anonymous=allow_anonymous,
            tls=_tls(cert_file, key_file, client_ca_file),
        )
    )


def _tls(cert_file: Path | None, key_file: Path | None, client_ca_file: Path | None) -> "ServerTls | None":
    from hotline.relay.tls import ServerTls

    if cert_file and key_file:
        authority = os.path.abspath(client_ca_file) if client_ca_file else None
        return ServerTls(os.path.abspath(cert_file), os.path.abspath(key_file), authority)
    if cert_file or key_file or client_ca_file:
        raise UsageError("TLS needs both --cert-file and --key-file.", "Give both, or none of the options for TLS.")
    return None


def _print_conf(out: Output, host: str, port: int, users: Path | None, tls: "ServerTls | None") -> None:
    from hotline.relay.mosquitto import MosquittoTls, mosquitto_conf

    keys = MosquittoTls(tls.cert_file, tls.key_file, tls.client_ca_file) if tls else None
    # Started by root, mosquitto becomes a user who cannot read the password file that root has made beside it.
    user = "root" if os.geteuid() == 0 else None
    conf = mosquitto_conf(
        port=port or 1883, password_file=os.path.abspath(users or _PASSWORDS), host=host, tls=keys, user=user
    )
    if not out.document({"mosquitto_conf": conf}):
        out.say(conf.rstrip("\n"))
