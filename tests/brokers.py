"""Brokers as processes of their own, on ports that the operating system chose: `mosquitto(...)` and `embedded(...)`.

Each yields a Broker, and proves before that its own process is the one that listens: another
program on the port, or another test's broker, would make a test pass or fail for nothing.
"""

import asyncio
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hotline.relay import bounds
from hotline.relay.config import RelayConfig
from hotline.relay.mosquitto import MosquittoTls, mosquitto_conf, password_line
from hotline.relay.tls import ServerTls

ROOT = Path(__file__).resolve().parents[1]
HOST = "127.0.0.1"
START_S = 30  # two shared cores, and an interpreter to start
STOP_S = 10
PORT_ATTEMPTS = 5
_PORTS = range(20_000, 32_000)


class BrokerFailed(AssertionError):
    """The broker of a test does not run; the message says why."""


async def eventually(condition: Callable[[], object], *, within_s: float = 20, what: str = "the condition") -> None:
    """Return as soon as `condition()` is true; fail the test when it is not within `within_s` seconds."""
    end = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < end, f"{what} did not come true within {within_s} s"
        await asyncio.sleep(0.005)


@dataclass
class Broker:
    """A running broker. `username` and `password` are random, so that they open no other."""

    kind: str
    folder: Path
    versions: tuple[str, ...]
    command: Callable[[int], list[str]]
    tls: bool = False
    host: str = HOST
    port: int = 0
    username: str = field(default_factory=lambda: f"test-{secrets.token_hex(4)}")
    password: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"{'mqtts' if self.tls else 'mqtt'}://{self.host}:{self.port}"

    @property
    def password_file(self) -> Path:
        """A client's: the password alone, private."""
        return self.folder / "password"

    @property
    def output(self) -> str:
        return (self.folder / "stdout").read_text(errors="replace")

    @property
    def errors(self) -> str:
        return (self.folder / "stderr").read_text(errors="replace")

    def config(self, name: str, **fields: Any) -> RelayConfig:
        """Return the configuration of a path to this broker; `fields` replace or add to it."""
        given = {
            "url": self.url,
            "version": self.versions[0],
            "username": self.username,
            "password_file": str(self.password_file),
        }
        return RelayConfig(name=name, **(given | fields))

    async def start(self) -> None:
        """Start it, again at the same port if it ran before; return once its own process listens there."""
        assert self.process is None, "it already runs"
        self._spawn()
        try:
            await eventually(self._listens_or_ended, within_s=START_S, what=f"the start of {self.kind}")
        except BaseException:
            await self.kill()
            raise
        if not self.port:
            await self.kill()
            raise BrokerFailed(f"{self.kind} did not start:\n{self.output}\n{self.errors}")

    async def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        await self._end(signal.SIGKILL)

    async def stop(self, by: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end, and return its exit code."""
        return await self._end(by)

    def _spawn(self) -> None:
        with (self.folder / "stdout").open("wb") as out, (self.folder / "stderr").open("wb") as err:
            self.process = subprocess.Popen(
                self.command(self.port), cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=err
            )

    def _listens_or_ended(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            self.port = 0
            return True
        if not self.port:
            self.port = _ready_port(self.output)
        return bool(self.port) and self.port in listening_ports(self.process.pid)

    async def _end(self, by: signal.Signals) -> int:
        process, self.process = self.process, None
        if process is None:
            return 0
        process.send_signal(by)
        try:
            return await asyncio.to_thread(process.wait, STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise


def _ready_port(output: str) -> int:
    ready = [line.split()[1] for line in output.splitlines() if line.startswith("ready ")]
    return int(ready[0]) if ready and output.endswith("\n") else 0


def listening_ports(pid: int) -> set[int]:
    """The TCP ports on which process `pid` itself listens, from /proc."""
    sockets = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            sockets.add(os.readlink(link))
        except FileNotFoundError:
            continue  # closed meanwhile
    rows = [row.split() for table in ("tcp", "tcp6") for row in Path(f"/proc/net/{table}").read_text().splitlines()[1:]]
    listening = "0A"
    return {
        int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == listening and f"socket:[{row[9]}]" in sockets
    }


def free_port() -> int:
    """A port that was free a moment ago; for programs that cannot be given port 0, and for where nobody listens.

    Below those that the system gives to whoever connects: else one of many connections may have it the next moment.
    """
    while True:
        port = _PORTS.start + secrets.randbelow(len(_PORTS))
        with socket.socket() as probe, suppress(OSError):
            probe.bind((HOST, port))
            return port


def _private(path: Path, text: str) -> None:
    path.touch(0o600)
    path.write_text(text)


@asynccontextmanager
async def mosquitto(
    folder: Path,
    *,
    tls: MosquittoTls | None = None,
    max_packet_bytes: int = bounds.PACKET_BYTES,
    edit: Callable[[str], str] = lambda conf: conf,
) -> AsyncIterator[Broker]:
    """Run mosquitto, configured by `mosquitto_conf` and then `edit`, with its files in a new folder in `folder`."""
    program = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
    if program is None:
        raise BrokerFailed("mosquitto is not installed, and these tests need a real broker: apt-get install mosquitto")
    inside = folder / f"mosquitto-{secrets.token_hex(4)}"
    inside.mkdir()
    broker = Broker("mosquitto", inside, ("5", "3.1.1"), lambda _: [program, "-c", str(inside / "conf")], bool(tls))
    _private(broker.password_file, broker.password + "\n")
    _private(inside / "users", password_line(broker.username, broker.password))

    def configure(port: int) -> None:
        conf = mosquitto_conf(
            port=port,
            host=HOST,
            password_file=str(inside / "users"),
            tls=tls,
            user="root" if os.geteuid() == 0 else None,  # its own account could not read our private files
            max_packet_bytes=max_packet_bytes,
        )
        (inside / "conf").write_text(edit(conf))

    await _start_on_free_port(broker, configure)
    try:
        yield broker
    finally:
        await broker.kill()


async def _start_on_free_port(broker: Broker, configure: Callable[[int], None]) -> None:
    """mosquitto takes no port 0: let the system name one, and try another if somebody was faster."""
    for attempt in range(PORT_ATTEMPTS):
        broker.port = free_port()
        configure(broker.port)
        try:
            await broker.start()
        except BrokerFailed:
            if attempt == PORT_ATTEMPTS - 1 or "in use" not in broker.errors:
                raise
        else:
            return


@asynccontextmanager
async def embedded(
    folder: Path, *, tls: ServerTls | None = None, options: tuple[str, ...] = ()
) -> AsyncIterator[Broker]:
    """Run our own relay as a process, with its files in a new folder in `folder` and further `options`."""
    inside = folder / f"embedded-{secrets.token_hex(4)}"
    inside.mkdir()

    def command(port: int) -> list[str]:
        words = [sys.executable, "-m", "hotline.relay.embedded", "--host", HOST, "--port", str(port)]
        words += ["--users-file", str(inside / "users"), *options]
        if tls is not None:
            words += ["--cert-file", tls.cert_file, "--key-file", tls.key_file]
            words += ["--client-ca-file", tls.client_ca_file] if tls.client_ca_file else []
        return words

    broker = Broker("embedded", inside, ("3.1.1",), command, bool(tls))
    _private(broker.password_file, broker.password + "\n")
    _private(inside / "users", f"# name:password\n{broker.username}:{broker.password}\n")
    await broker.start()
    try:
        yield broker
    finally:
        await broker.kill()
