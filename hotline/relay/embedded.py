"""A small relay in a process of its own, for a first line and for tests. MQTT 3.1.1, by amqtt.

It keeps nothing on disk, nothing for absent clients, and never sees what frames say. For
many stations run mosquitto or a cluster instead; see `hotline.relay.mosquitto`.
"""

import argparse
import asyncio
import errno
import logging
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from typing import Any

from amqtt.broker import Broker

from hotline.errors import ConfigError, HotlineError, RelayError, UsageError
from hotline.relay import bounds
from hotline.relay.gate import Door, Link
from hotline.relay.secret_file import read_private
from hotline.relay.tls import ServerTls, server_context
from hotline.text import safe

_LISTENER = "hotline"


async def serve(
    host: str,
    port: int,
    *,
    users: Mapping[str, str] | None,
    ready: Callable[[int], None],
    allow_anonymous: bool = False,
    tls: ServerTls | None = None,
    max_connections: int = bounds.CONNECTIONS,
) -> None:
    """Run a relay until SIGTERM, SIGINT or cancellation; call `ready` with the port once it listens.

    `users` maps names to passwords; `port` 0 lets the operating system choose. It is meant for a
    process of its own: it takes over the two signals and silences amqtt's logging.
    Raises UsageError if nobody could ever connect, RelayError if it cannot listen there.
    """
    if not users and not allow_anonymous:
        raise UsageError("this relay would let nobody in.", "Give it users, or explicitly allow anonymous clients.")
    for noisy in ("amqtt", "transitions"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    door = Door(users=dict(users or {}), allow_anonymous=allow_anonymous)
    context = server_context(tls) if tls is not None else None
    broker = Broker(_settings(door))
    server = await _listen(_Host(broker, door, max_connections).accept, host, port, context)
    await broker.start()
    try:
        ready(server.sockets[0].getsockname()[1])
        await _until_told_to_stop()
    finally:
        server.close()
        for link in list(door.links.values()):
            await link.close()
        await broker.shutdown()


def _settings(door: Door) -> dict[str, Any]:
    listener = {"type": "external", "bind": "0.0.0.0:0"}  # never bound: we accept ourselves
    return {
        "listeners": {"default": listener, _LISTENER: listener},
        "plugins": {"hotline.relay.gate.Gate": {"door": door}},
    }


class _Host:
    """Accepts connections for a broker, up to a bound, and cleans up behind them."""

    def __init__(self, broker: Broker, door: Door, max_connections: int) -> None:
        self._broker = broker
        self._door = door
        self._max_connections = max_connections

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = Link(self._broker, reader, writer)
        peer = link.get_peer_info()
        if peer is None or len(self._door.links) >= self._max_connections:
            writer.transport.abort()
            return
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._door.links[peer] = link
        try:
            await self._broker.external_connected(link, link, _LISTENER)
        finally:
            del self._door.links[peer]
            writer.close()
            self._forget(peer)

    def _forget(self, peer: tuple[str, int]) -> None:
        """Mark sessions of `peer` as ended: amqtt leaves those of refused clients connected, for good."""
        for session, _ in list(self._broker.sessions.values()):
            if (session.remote_address, session.remote_port) == peer:
                session.transitions.disconnect()


async def _listen(accept: Any, host: str, port: int, context: Any) -> asyncio.Server:
    try:
        if port == 0:
            # A name may have two addresses, and each would get a port of its own: take the first.
            found = await asyncio.get_running_loop().getaddrinfo(host, 0, type=socket.SOCK_STREAM)
            host = str(found[0][4][0])
        return await asyncio.start_server(accept, host, port, ssl=context, backlog=bounds.CONNECTIONS)
    except OSError as error:
        raise _cannot_listen(host, port, error) from None


def _cannot_listen(host: str, port: int, error: OSError) -> RelayError:
    at = f"{safe(host)}:{port}"
    if error.errno == errno.EADDRINUSE:
        return RelayError(
            f"another program already listens at {at}.", "Stop it, or give this relay another port.", reason="port"
        )
    why = safe(error.strerror or str(error))
    return RelayError(f"cannot listen at {at}: {why}.", "Give an address of this machine and a free port.")


async def _until_told_to_stop() -> None:
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    signals = (signal.SIGTERM, signal.SIGINT)
    for each in signals:
        loop.add_signal_handler(each, told.set)
    try:
        await told.wait()
    finally:
        for each in signals:
            loop.remove_signal_handler(each)


def read_users(path: str) -> dict[str, str]:
    """Return names and passwords from a file of lines `name:password`; empty lines and # comments are skipped.

    Raises RelayError if the file is not private or unreadable, ConfigError (with the line's number, never
    its text) if a line has another form or a name comes twice.
    """
    users: dict[str, str] = {}
    text = read_private(path, limit_bytes=bounds.USERS_FILE_BYTES, holds="the users file of this relay")
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, colon, password = line.partition(":")
        if not (name and colon and password) or name in users:
            what = f"line {number} of the users file {safe(path)} is no user, or one named before."
            raise ConfigError(what, "Write one `name:password` a line, each name once.")
        users[name] = password
    return users


def _arguments(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="hotline relay", description="Run a small relay in the foreground.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=1883, help="0: chosen by the operating system")
    parser.add_argument("--users-file", help="lines of name:password, mode 0600")
    parser.add_argument("--allow-anonymous", action="store_true", help="let clients in without a name")
    parser.add_argument("--cert-file", help="PEM; with --key-file the relay speaks TLS only")
    parser.add_argument("--key-file")
    parser.add_argument("--client-ca-file", help="let in only clients with a certificate of this authority")
    parser.add_argument("--max-connections", type=int, default=bounds.CONNECTIONS)
    return parser.parse_args(words)


def _tls(given: argparse.Namespace) -> ServerTls | None:
    if given.cert_file and given.key_file:
        return ServerTls(given.cert_file, given.key_file, given.client_ca_file)
    if given.cert_file or given.key_file or given.client_ca_file:
        raise UsageError("TLS needs both --cert-file and --key-file.", "Give both, or none of the TLS options.")
    return None


def main(words: list[str] | None = None) -> int:
    """Run the relay as a program; prints `ready <port>` on a line of its own, returns the exit code."""
    given = _arguments(words)

    def ready(port: int) -> None:
        print(f"ready {port}", flush=True)

    try:
        asyncio.run(
            serve(
                given.host,
                given.port,
                users=read_users(given.users_file) if given.users_file else None,
                ready=ready,
                allow_anonymous=given.allow_anonymous,
                tls=_tls(given),
                max_connections=given.max_connections,
            )
        )
    except HotlineError as error:
        print(f"hotline relay: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
