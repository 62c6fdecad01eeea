"""`hotline relay`."""

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from hotline.cli.options import HomeOption, JsonOption, NoColorOption
from hotline.cli.output import Output
from hotline.errors import UsageError

if TYPE_CHECKING:
    from hotline.relay.tls import ServerTls

_PASSWORDS = "mosquitto.passwd"


Action = Literal["run", "list", "add", "remove"]
ActionArgument = Annotated[
    Action, typer.Argument(metavar="[ACTION]", help="run; or of this station: list, add, remove.")
]
NameArgument = Annotated[str, typer.Argument(metavar="[NAME]", help="With add and remove: as status shows it.")]
UrlArgument = Annotated[str, typer.Argument(metavar="[URL]", help="With add: mqtt://host:port, or mqtts:// with TLS.")]
HostOption = Annotated[str, typer.Option("--host", metavar="ADDRESS", help="The address to listen at.")]
PortOption = Annotated[
    int, typer.Option("--port", min=0, max=65535, help="0: a free one, chosen by the operating system.")
]
UsersOption = Annotated[
    Path | None, typer.Option("--users", metavar="FILE", help="Lines of name:password, mode 0600.", show_default=False)
]
AnonymousOption = Annotated[
    bool, typer.Option("--allow-anonymous", help="Let stations in without a name.", show_default=False)
]
CertOption = Annotated[
    Path | None,
    typer.Option(
        "--cert-file",
        metavar="FILE",
        help="PEM; makes it TLS, with --key-file. With add: our own, where the relay asks for one.",
        show_default=False,
    ),
]
KeyOption = Annotated[Path | None, typer.Option("--key-file", metavar="FILE", help="PEM.", show_default=False)]
ClientCaOption = Annotated[
    Path | None,
    typer.Option(
        "--client-ca-file", metavar="FILE", help="Let in only holders of its certificates.", show_default=False
    ),
]
ConfOption = Annotated[
    bool,
    typer.Option(
        "--print-mosquitto-conf",
        help="Print a mosquitto.conf instead; --users is its password file.  [mosquitto.passwd]",
        show_default=False,
    ),
]
UserOption = Annotated[
    str | None, typer.Option("--user", metavar="NAME", help="With add: our name there.", show_default=False)
]
PasswordOption = Annotated[
    Path | None,
    typer.Option(
        "--password-file", metavar="FILE", help="With add: holds our password there; mode 0600.", show_default=False
    ),
]
CaOption = Annotated[
    Path | None,
    typer.Option(
        "--ca-file", metavar="FILE", help="With add: the relay's certificate authority, PEM.", show_default=False
    ),
]
YesOption = Annotated[bool, typer.Option("--yes", help="With remove: the last one too.", show_default=False)]


def relay(
    action: ActionArgument = "run",
    name: NameArgument = "",
    url: UrlArgument = "",
    host: HostOption = "127.0.0.1",
    port: PortOption = 1883,
    users: UsersOption = None,
    allow_anonymous: AnonymousOption = False,
    cert_file: CertOption = None,
    key_file: KeyOption = None,
    client_ca_file: ClientCaOption = None,
    print_mosquitto_conf: ConfOption = False,
    user: UserOption = None,
    password_file: PasswordOption = None,
    ca_file: CaOption = None,
    yes: YesOption = False,
    home: HomeOption = None,
    json: JsonOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Run a small relay for a first line, or list, add and remove the relays of a station.

    add and remove change station.toml and, if the station runs, the station itself, which
    goes on meanwhile: nothing is lost. Use at best several relays of different owners;
    each frame goes to all of them. Passwords are in files, never in a command.

    Run, it keeps nothing on disk and learns no content: it sees addresses, times and padded
    sizes. It prints one line when it is ready and runs until Ctrl-C or SIGTERM. It speaks
    MQTT 3.1.1 only, which stations find out. For many stations run mosquitto instead:
    --print-mosquitto-conf prints good settings for it.

    Example:
      hotline relay --port 1883 --users relay.users
      hotline relay add second mqtts://relay.example.org --user north --password-file relay.password
      hotline relay remove first
    """
    out = Output(json, no_color)
    if action != "run":
        from hotline.cli import relays

        with_add = relays.Given(url, user, password_file, ca_file, cert_file, key_file)
        relays.change(out, home, action, name, with_add, yes=yes)
        return
    if name or url or user or password_file or ca_file or yes:
        raise UsageError("That belongs to `hotline relay add` or `remove`.", "See: hotline relay --help")
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
