"""Two who give a station too much: a stranger who writes on its topic, and a peer that misuses its own keys.

    python -m tests.benchmarks.flooding stranger PORT USER PASSWORD_FILE TOPIC FRAMES_A_SECOND SECONDS
    python -m tests.benchmarks.flooding peer HOME hello|need|entries|mute

`peer` is a whole station, which besides sends one valid frame after the other as fast as it can make them, or, mute,
never signs a receipt.
"""

import asyncio
import os
import socket
import sys
import time
from pathlib import Path

from hotline import config, limits
from hotline.core.frame import SIZES, VERSION
from hotline.core.step import Now, Send, SignHead, SignReceipt, Step
from hotline.custody.keyring import Keyring
from hotline.home import Home
from hotline.station.clock import SystemClock
from hotline.station.daemon import Daemon
from hotline.station.logs import configure
from hotline.station.port import Port
from tests.station.pair import no_passphrase

_BURST_S = 0.01
_MADE = 16  # valid frames of one kind, made in one turn of the engine
_BURST = 20
VALID_A_SECOND = 1000  # about what one core can seal


def _field(data: bytes) -> bytes:
    return len(data).to_bytes(2, "big") + data


def _packet(first: int, rest: bytes) -> bytes:
    length, encoded = len(rest), b""
    while True:
        length, byte = divmod(length, 128)
        encoded += bytes([byte | (0x80 if length else 0)])
        if not length:
            return bytes([first]) + encoded + rest


def stranger(port: int, user: str, password_file: Path, topic: str, a_second: int, seconds: float) -> int:
    """Publish garbage that looks like frames until the MAC is checked; return how many."""
    password = password_file.read_text().strip().encode()
    connect = _field(b"MQTT") + b"\x04\xc2\x00\x00" + _field(b"stranger") + _field(user.encode()) + _field(password)
    with socket.create_connection(("127.0.0.1", port)) as wire:
        wire.sendall(_packet(0x10, connect))
        wire.recv(4)
        begun, sent = time.monotonic(), 0
        while (passed := time.monotonic() - begun) < seconds:
            due = int(passed * a_second) - sent
            for _ in range(due):
                frame = bytes([VERSION]) + os.urandom(SIZES[0] - 1)
                wire.sendall(_packet(0x30, _field(topic.encode()) + frame))
            sent += due
            time.sleep(_BURST_S)
        wire.sendall(b"\xe0\x00")
    return sent


def _sign_heads_only(self: Port, request: SignHead | SignReceipt) -> Step:
    return Step() if isinstance(request, SignReceipt) else _SIGN(self, request)


_SIGN = Port.sign


async def peer(home: Home, how: str) -> None:
    """Run a station that misbehaves until it is told to stop."""
    if how == "mute":
        Port.sign = _sign_heads_only  # type: ignore[method-assign]  # in this process alone
    settings = config.load(home.config_path)
    configure("error", "text")
    daemon = Daemon(home, settings, Keyring.load(home, no_passphrase), SystemClock(), attended=True)
    running = asyncio.create_task(daemon.run())
    while not home.socket_path().exists():
        if running.done():
            running.result()
        await asyncio.sleep(0.05)
    engine = daemon._engine_ref
    (port,) = engine.ports.values()
    if how != "mute":
        flood = asyncio.create_task(_flood(daemon, port, how))
        running.add_done_callback(lambda _: flood.cancel())
    await running


async def _flood(daemon: Daemon, port: Port, how: str) -> None:
    """Make more frames than a receiver remembers, so that none is a repeat, and send them round and round."""
    machine, engine = port.machine, daemon._engine_ref
    while not (await asyncio.wrap_future(engine.call(lambda _: machine.own.in_step))):  # noqa: ASYNC110 (no event tells)
        await asyncio.sleep(0.1)

    def make(_: Now) -> list[bytes]:
        own, mirror = machine.own.ledger, machine.mirror.ledger
        sends = {
            # Fresh, and without a new nonce each, which would make the answers to its own HELLOs worthless.
            "hello": Send("hello", ask=True, echo=machine.freshness.peers),
            "need": Send("need", mirror.origin, 0, mirror.size),
            "entries": Send("entries", own.origin, own.size - 1, own.size),
        }
        return [frame for _ in range(_MADE) for frame in machine.render(sends[how])]

    frames: list[bytes] = []
    while len(frames) <= limits.REPEAT_FRAMES + _MADE:
        frames += await asyncio.wrap_future(engine.call(make))
    at, due = 0, time.monotonic()
    while True:
        daemon._paths.send(port.outgoing_topic, [frames[(at + n) % len(frames)] for n in range(_BURST)])
        at, due = at + _BURST, due + _BURST / VALID_A_SECOND
        await asyncio.sleep(max(0.0, due - time.monotonic()))


def main(words: list[str]) -> None:
    """Run one of the two."""
    if words[0] == "stranger":
        print(stranger(int(words[1]), words[2], Path(words[3]), words[4], int(words[5]), float(words[6])))
    else:
        asyncio.run(peer(Home(Path(words[1])), words[2]))


if __name__ == "__main__":
    main(sys.argv[1:])
