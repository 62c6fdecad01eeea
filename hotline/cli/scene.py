"""What `hotline demo` plays: two stations that know nothing of each other, up to a notice proven at both ends."""

import asyncio
import os
import secrets
import statistics
import time
from collections.abc import Callable
from contextlib import aclosing
from importlib import resources
from pathlib import Path
from typing import Literal

from hotline import notices
from hotline.api.types import Answer, Notice, NoticeState, Submit
from hotline.audit import Report, verify_home
from hotline.cli.compose import Words, compose
from hotline.cli.processes import Group, Process
from hotline.client import Client
from hotline.custody import safety
from hotline.custody.ceremony import Plan, make_station
from hotline.custody.enrol import enrol
from hotline.errors import BusyError, CheckFailed, DaemonError, NotFoundError, NotYet
from hotline.home import Home
from hotline.relay.config import RelayConfig
from hotline.text import safe

CONSULTATIONS = 20
READY_S = 20.0  # for a process to be ready, and for a rung of the ladder; on an idle machine both take under a second
_HOST = "127.0.0.1"

Verdict = Literal["opened", "acknowledged"]
RUNGS: dict[Verdict, NoticeState] = {"opened": "OPENED", "acknowledged": "ACKNOWLEDGED"}
Tell = Callable[[str, str, float], None]  # name of the step, what happened, seconds


class Scene:
    """One performance in one folder. `tell` is called after each step."""

    def __init__(self, folder: Path, group: Group, tell: Tell) -> None:
        self.folder = folder
        self.north = Home(folder / "north")
        self.south = Home(folder / "south")
        self.median_ms = 0.0
        self._group = group
        self._tell = tell
        self._stations: list[Process] = []

    async def set_up(self) -> None:
        """From nothing to an attended line; its three processes run when this returns."""
        port = self._relay()
        self._keys(port)
        self._pair()
        async with Client(self.north) as north, Client(self.south) as south:
            await self._stations_up(north, south)

    async def exchange(self) -> None:
        """A notice from NORTH up to its acknowledgement by SOUTH, and then how fast that goes."""
        async with Client(self.north) as north, Client(self.south) as south:
            ref = await self._submit(north)
            await self._answer(north, south, ref, "opened")
            await self._answer(north, south, ref, "acknowledged")
            await self._speed(north)

    def stop(self) -> None:
        """Stop the stations as an operator does, and say how they ended."""
        begun = time.monotonic()
        codes = [self._group.stop(station) for station in self._stations]
        if any(codes):
            raise DaemonError(f"A station did not stop cleanly: exit codes {codes}.", "Its log, shown above, says why.")
        self._tell("stop", "both stations stopped cleanly", time.monotonic() - begun)

    def verify(self) -> None:
        """Check both homes from disk, each for itself."""
        for home in (self.north, self.south):
            begun = time.monotonic()
            report = verify_home(home)
            if not report.ok:
                raise CheckFailed(f"The logs of {home.path.name} do not hold: {safe(report.all_problems()[0])}")
            self._tell("verify", f"{home.path.name}: {_checked(report)}", time.monotonic() - begun)

    # --- the steps ----------------------------------------------------------------------------------

    def _relay(self) -> int:
        begun = time.monotonic()
        users = self.folder / "relay.users"
        passwords = {name: secrets.token_hex(16) for name in ("north", "south")}
        _private(users, "".join(f"{name}:{password}\n" for name, password in passwords.items()))
        for name, password in passwords.items():
            _private(self._password_file(name), password + "\n")
        relay = self._group.start("relay", "relay", "--host", _HOST, "--port", "0", "--users", str(users), "--json")
        port = relay.ready_document(READY_S)["port"]
        if not isinstance(port, int):
            raise DaemonError("The relay did not say at which port it listens.")
        self._tell("relay", f"listens at {_HOST}:{port}, process {relay.pid}", time.monotonic() - begun)
        return port

    def _password_file(self, name: str) -> Path:
        return self.folder / f"{name}.relay-password"

    def _keys(self, port: int) -> None:
        begun = time.monotonic()
        for home in (self.north, self.south):
            name = home.path.name
            relay = RelayConfig(
                name="demo",
                url=f"mqtt://{_HOST}:{port}",
                version="3.1.1",
                username=name,
                password_file=str(self._password_file(name)),
            )
            make_station(home, Plan(name.upper(), phone="+1 555 0100", relays=(relay,)), None)
        self._tell("keys", "NORTH and SOUTH made their keys, open on the disk: it is a demo", time.monotonic() - begun)

    def _pair(self) -> None:
        """Each takes the other's card as a file, with the number that the other one computed."""
        begun = time.monotonic()
        north, south = self.north.card(), self.south.card()
        enrol(self.north, self.south.card_path, safety_number=safety.number(south, north))
        enrol(self.south, self.north.card_path, safety_number=safety.number(north, south))
        number = safety.number(north, south)
        self._tell("cards", f"exchanged; both show {number[:17]} … {number[-5:]}", time.monotonic() - begun)

    async def _stations_up(self, north: Client, south: Client) -> None:
        begun = time.monotonic()
        homes = (self.north, self.south)
        self._stations = [self._group.start(home.path.name, "run", "--home", str(home.path)) for home in homes]
        deadline = begun + READY_S
        while not (await _attended(north) and await _attended(south)):
            for process in self._group.all:
                process.require_alive()
            if time.monotonic() > deadline:
                raise NotYet(f"The two stations did not meet within {READY_S:g} s.", "Their logs are shown above.")
            await asyncio.sleep(0.02)
        pids = ", ".join(f"{each.name} process {each.pid}" for each in self._stations)
        self._tell("stations", f"{pids}; the line is attended", time.monotonic() - begun)

    async def _submit(self, north: Client) -> str:
        with resources.as_file(resources.files("hotline.cli") / "data" / "exercise.toml") as path:
            notice = compose(Words("exercise", file=path))
        begun = time.monotonic()
        queued = await north.submit(notice)
        self._tell("QUEUED", "an exercise notice, read from a file; NOT at SOUTH yet", time.monotonic() - begun)
        stored = await north.wait_for(queued.id, timeout_s=READY_S)
        self._tell("STORED", f"{stored.ref} is at SOUTH, and NORTH holds the receipt", time.monotonic() - begun)
        return stored.ref

    async def _answer(self, north: Client, south: Client, ref: str, verdict: Verdict) -> None:
        begun = time.monotonic()
        await _arrived(south, ref)
        values = _key_values(await south.show(ref)) if verdict == "acknowledged" else {}
        step = await south.answer(Answer(ref=ref, verdict=verdict, read_back=values))
        seen = await north.wait_for(ref, state=RUNGS[verdict], timeout_s=READY_S)
        text = f"by SOUTH's {safe(step.officer)}; NORTH shows {seen.state}"
        self._tell(RUNGS[verdict], text, time.monotonic() - begun)

    async def _speed(self, north: Client) -> None:
        """Submit one after the other, and time each until NORTH holds its receipt, as a program of NORTH's sees it."""
        begun = time.monotonic()
        spans_ms = []
        async with aclosing(north.events(after=0)) as events, asyncio.timeout(READY_S):
            for number in range(CONSULTATIONS + 1):
                started = time.perf_counter()
                queued = await north.submit(_consultation(number))
                async for event in events:
                    if event.kind == "stored" and (await north.show(queued.id)).state == "STORED":
                        break
                spans_ms.append(1000 * (time.perf_counter() - started))
        spans_ms = sorted(spans_ms[1:])  # the first one opened the stream of events
        self.median_ms = round(statistics.median(spans_ms), 1)
        text = f"{CONSULTATIONS} consultations, submit to STORED: median {self.median_ms} ms"
        self._tell("speed", f"{text} ({spans_ms[0]:.1f} to {spans_ms[-1]:.1f})", time.monotonic() - begun)


def _consultation(number: int) -> Submit:
    return Submit(kind="consultation", notice={"subject": f"Demo {number}", "text": "This is a demonstration."})


async def _attended(client: Client) -> bool:
    """Whether the station answers, and sees an officer on duty at the other end."""
    try:
        return [line.state for line in (await client.status()).lines] == ["attended"]
    except (DaemonError, BusyError):
        return False  # it has only begun to start


async def _arrived(client: Client, ref: str) -> None:
    """Wait until the receiver shows what the sender knows to be stored: the signed head follows the receipt."""
    async with asyncio.timeout(READY_S):
        while True:
            try:
                await client.show(ref)
            except NotFoundError:
                await asyncio.sleep(0.005)
            else:
                return


def _key_values(shown: Notice) -> dict[str, str]:
    """What an officer who acknowledges this notice reads back from it."""
    if not shown.read_back or shown.notice is None:
        return {}
    notice = notices.from_mapping(shown.kind, shown.notice)
    return {value.name: value.shown for value in notices.KINDS[shown.kind].read_back(notice)}


def _private(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(handle, "w", encoding="ascii") as file:
        file.write(text)


def _checked(report: Report) -> str:
    logs = [log for line in report.lines for log in line.logs]
    entries, signatures = sum(log.entries for log in logs), sum(log.signatures for log in logs)
    return f"{entries} entries of both logs and {signatures} signatures hold, read from disk"
