"""The whole of late November 2024, as it should have been: a call asked for in writing, an exercise told in advance.

    python examples/acceptance.py            # narrates itself, both sides, to the end
    python examples/acceptance.py --keep     # and leaves the folder with both homes and the evidence

A telephone call is asked for and granted; an exercise with missile firings is notified, its weapons withheld, not to
be announced; it is received, opened, acknowledged; amended, which makes that acknowledgement void; a relay dies; it
starts and is completed; there is a question, a consultation, and a statement in words that both sides have seen. Then
both sides export their logs, and a third party who has neither Hotline nor trust in either verifies them.

ILLUSTRATIVE: the area and most times were not published. They are plausible inventions, moved to the days after
today; people are named by post. Everything runs for real: two relays and two stations, four processes, fresh keys.
"""

import argparse
import asyncio
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from hotline.api.types import Answer, DraftNew, Notice, Release, Submit, Thread
from hotline.client import Client
from hotline.errors import DaemonError, NotFoundError
from hotline.notices.dtg import format_time

REFERENCE = Path(__file__).resolve().parent.parent / "protocol" / "reference.py"
RULES = Path(__file__).resolve().parent / "rules.toml"
NORTH_OFFICERS = ("Duty general", "Naval desk")
SOUTH_OFFICERS = ("Duty officer", "Watch deputy")
DAY = timedelta(days=1)
BOX = ["35-20.00N 034-10.00E", "35-20.00N 035-20.00E", "34-10.00N 035-20.00E", "34-10.00N 034-10.00E"]
IMPACT = {"name": "Impact area A (illustrative)", "centre": "34-45.00N 034-40.00E", "radius_nm": 12.5}

WITHIN_S = 60.0  # for what takes milliseconds on an idle machine
HOTLINE = [sys.executable, "-m", "hotline"]
_T = TypeVar("_T")


class Play:
    """One performance: two clients, and a narrator."""

    def __init__(self, stage: "Stage", north: Client, south: Client) -> None:
        self.stage, self.north, self.south = stage, north, south
        self._begun = time.monotonic()
        now = datetime.now(UTC).replace(second=0, microsecond=0)
        self.now = now
        self.start = now.replace(hour=5, minute=0) + 4 * DAY

    def tell(self, who: str, text: str) -> None:
        """One line of the story."""
        print(f"{time.monotonic() - self._begun:6.1f} s  {who:<6} {text}", flush=True)

    def act(self, title: str) -> None:
        """A heading."""
        print(f"\n{title}", flush=True)

    def at(self, moment: datetime) -> str:
        """A time as an officer writes it."""
        return format_time(int(moment.timestamp()))

    # --- what each side does again and again ------------------------------------------------------------

    async def send(self, sender: Client, kind: str, fields: dict[str, object]) -> Notice:
        """Queue a notice and wait until it is on the other side's disk."""
        queued = await sender.submit(Submit(kind=kind, notice=fields, precedence="PRIORITY"))
        return await self.stored(sender, queued.id)

    async def stored(self, sender: Client, notice_id: str) -> Notice:
        """Wait for the receipt, and tell."""
        notice = await sender.wait_for(notice_id, state="STORED", timeout_s=60)
        receiver = self.south if sender is self.north else self.north
        await until(lambda: receiver.show(notice_id), lambda n: n.seq > 0, f"{notice.ref} has arrived")
        marks = f"  [{'; '.join(notice.remarks)}]" if notice.remarks else ""
        self.tell(notice.ref.split()[0], f"{notice.ref} {notice.kind}: {notice.subject}  STORED{marks}")
        return notice

    async def acknowledge(self, reader: Client, sender: Client, sent: Notice, values: dict[str, str]) -> None:
        """Open, read back the key values, acknowledge; the sender sees who did."""
        await reader.answer(Answer(ref=sent.id, verdict="opened"))
        shown = await reader.show(sent.id)
        asked = {value.name: values[value.name] for value in shown.read_back}
        step = await reader.answer(Answer(ref=sent.id, verdict="acknowledged", read_back=asked))
        seen = await sender.wait_for(sent.id, state="ACKNOWLEDGED", timeout_s=60)
        read = f", who read back {', '.join(asked)}" if asked else ""
        self.tell(sent.line, f"{seen.ref} opened and ACKNOWLEDGED by {step.officer}{read}")

    # --- the story ---------------------------------------------------------------------------------------

    async def call(self) -> None:
        """27 November: a voice call, asked for in writing; the answer says when, and how each side knows the other."""
        self.act("A call is asked for, in writing")
        asked = await self.send(
            self.north,
            "call-request",
            {
                "principals_own": ["Chief of the General Staff"],
                "principals_other": ["Chairman of the Joint Chiefs of Staff"],
                "subject": "Naval exercise in the eastern Mediterranean; other questions of security",
                "windows": [{"start": self.at(self.now + DAY / 24), "end": self.at(self.now + DAY / 8)}],
                "interpreters": "both",
                "method": "Telephone, secure line 1",
                "call_back_check": "Each side calls back the number on the other's card.",
                "publicity": "do-not-announce",
            },
        )
        window = {"start": self.at(self.now + DAY / 24), "end": self.at(self.now + DAY / 12)}
        await self.send(self.south, "call-answer", {"request": asked.id, "verdict": "accept", "windows": [window]})
        seen = await until(lambda: self.north.show(asked.id), lambda n: n.state == "ANSWERED", "the call is granted")
        self.tell("NORTH", f"{seen.ref} is {seen.state}, {seen.ladder[-1].text}")

    def exercise(self, start: datetime) -> dict[str, object]:
        """The notice: late, with its reason; weapons withheld, with theirs; not to be announced."""
        return {
            "designation": "EASTERN MEDITERRANEAN NAVAL EXERCISE (illustrative)",
            "purpose": "Practice of naval and air forces with missile launches at sea targets. Notice is given so that "
            "ships near the area do not misread the launches.",
            "states": ["North"],
            "command_level": "Navy, under the General Staff",
            "start": self.at(start),
            "end": self.at(self.start + 2 * DAY + DAY / 2),
            "areas": [{"name": "Exercise area (illustrative)", "shape": "polygon", "points": BOX}],
            "live_fire": True,
            "hazard_areas": [IMPACT],
            "contact_point": "Duty general, by this line or the number on the card",
            "troops": [{"state": "North", "people": 1000, "bound": "at-least"}],
            "ships": 10,
            "aircraft": 24,
            "environment": "sea",
            "late_reason": "The dates were fixed yesterday.",
            "publicity": "do-not-announce",
            "withheld": [{"field": "weapon_class", "reason": "Types of weapon are not told before the exercise."}],
        }

    async def by_two(self, kind: str, fields: dict[str, object]) -> Notice:
        """Drafted by one officer, released by another, as the two sides agreed."""
        submit = Submit(kind=kind, notice=fields, precedence="PRIORITY", officer=NORTH_OFFICERS[1])
        draft = await self.north.draft(DraftNew(submit=submit))
        self.tell("NORTH", f"draft {draft.number} signed by {draft.drafter}; nothing is sent")
        released = await self.north.release(Release(draft=draft.number, officer=NORTH_OFFICERS[0]))
        return await self.stored(self.north, released.id)

    async def announce(self) -> Notice:
        """The exercise, and everything that follows of it."""
        self.act("The exercise is announced, four days before; then it moves to a day earlier")
        first = await self.by_two("exercise", self.exercise(self.start))
        values = self.values(self.start)
        await self.acknowledge(self.south, self.north, first, values)
        amended = await self.by_two(
            "amendment",
            {
                "target": first.ref,
                "reason": "The weather: the first day of firing moves one day ahead.",
                "replacement": {"kind": "exercise", **self.exercise(self.start - DAY)},
            },
        )
        for side, client in (("NORTH", self.north), ("SOUTH", self.south)):
            old = await until(lambda c=client: c.show(first.id), lambda n: n.state == "SUPERSEDED", "superseded")  # type: ignore[misc]  # bound now
            void = [step.officer for step in old.ladder if step.void]
            self.tell(side, f"{first.ref} is {old.state}, {old.ladder[-1].text}; void: acknowledgement by {void[0]}")
        due = next(d for d in (await self.south.show(amended.id)).due if d.what == "acknowledge")
        self.tell("SOUTH", f"{amended.ref} is to be acknowledged anew by {format_time(due.due_ms // 60_000 * 60)}")
        values |= self.values(self.start - DAY, "replacement.")
        await self.acknowledge(self.south, self.north, amended, values)
        return first

    def values(self, start: datetime, prefix: str = "") -> dict[str, str]:
        """What an officer reads back of the exercise, from the paper."""
        return {
            f"{prefix}start": self.at(start),
            f"{prefix}end": self.at(self.start + 2 * DAY + DAY / 2),
            f"{prefix}hazard_areas[0].centre": str(IMPACT["centre"]),
            f"{prefix}areas[0].points[0]": BOX[0],
        }

    async def relay_dies(self) -> None:
        """Half of the network goes; nothing else does."""
        self.act("A relay dies")
        self.stage.kill("first")
        for side, client in (("NORTH", self.north), ("SOUTH", self.south)):
            status = await until(
                client.status, lambda s: [p.state for p in s.paths].count("up") == 1, "the loss of a path is seen"
            )
            paths = ", ".join(f"{path.name} {path.state}" for path in status.paths)
            self.tell(side, f"paths: {paths}; the line is {status.lines[0].state}")

    async def exercise_runs(self, first: Notice) -> None:
        """Start, a question about what is seen, its answer, completion."""
        self.act("The exercise starts, is asked about, and ends")
        began = {"target": first.ref, "actual": self.at(self.start - DAY), "as_notified": True}
        started = await self.send(self.north, "start", began)
        await self.acknowledge(self.south, self.north, started, {"actual": self.at(self.start - DAY)})
        asked = await self.send(
            self.south,
            "inquiry",
            {
                "about": first.ref,
                "concerns": "A launch was seen that came close to the edge of the impact area.",
                "activity": "Missile launch at sea",
                "place": "Eastern Mediterranean, south of the impact area",
                "questions": ["Did this launch belong to the exercise?", "What was launched?"],
            },
        )
        await self.acknowledge(self.north, self.south, asked, {})
        await self.send(
            self.north,
            "reply",
            {
                "inquiry": asked.ref,
                "answers": [
                    {"number": 1, "text": "Yes. It fell within the area notified."},
                    {"number": 2, "refusal": "Types of weapon are not told before the exercise has ended."},
                ],
            },
        )
        seen = await until(lambda: self.south.show(asked.id), lambda n: n.state == "ANSWERED", "the answer is seen")
        self.tell("SOUTH", f"{asked.ref} is {seen.state}, {seen.ladder[-1].text}")
        ended = self.at(self.start + 2 * DAY + DAY / 3)
        done = {"target": first.ref, "actual": ended, "as_notified": True, "residual_hazards": False}
        completed = await self.send(self.north, "completion", done)
        await self.acknowledge(self.south, self.north, completed, {"actual": ended})

    async def words_for_the_public(self) -> None:
        """5 December: both sides confirm, in words that the other has seen."""
        self.act("A consultation, and a statement that both sides have seen")
        await self.send(
            self.north, "consultation", {"text": "We propose to confirm the call of last week in public, in one text."}
        )
        statement = await self.by_two(
            "statement",
            {
                "text": "The chiefs of staff spoke by telephone on 27 November, at the request of one side, about an "
                "exercise announced in advance to prevent incidents.",
                "release": self.at(self.now + 5 * DAY),
                "consent_sought": True,
                "publicity": "agreed-text",
            },
        )
        await self.send(self.south, "view", {"target": statement.ref, "view": "agree"})
        seen = await until(lambda: self.north.show(statement.id), lambda n: n.state == "ANSWERED", "the view is seen")
        self.tell("NORTH", f"{statement.ref} is {seen.state}, {seen.ladder[-1].text}")

    async def threads(self, first: Notice) -> None:
        """What each side holds of the exercise."""
        for side, client in (("NORTH", self.north), ("SOUTH", self.south)):
            thread = await client.thread(first.id)
            print("\n".join(_thread_lines(side, thread)), flush=True)


def _thread_lines(side: str, thread: Thread) -> list[str]:
    lines = [f"\n{side} holds: {thread.title}", f"  {thread.state}, revision {thread.revision}"]
    for notice in thread.notices:
        relation = notice.relation or "begins it"
        lines.append(f"  {notice.ref:<9} {notice.kind:<11} {relation:<22} {notice.state}")
        lines += [f"    {_rung(step.time_ms)} {step.state}{_by(step.officer, step.text)}" for step in notice.ladder]
    return lines


def _rung(time_ms: int) -> str:
    return format_time(time_ms // 60_000 * 60)


def _by(officer: str, text: str) -> str:
    return (f" by {officer}" if officer else "") + (f": {text}" if text else "")


def third_party(stage: "Stage") -> None:
    """Somebody who has only the exports, Python, and the package `cryptography`."""
    for home in (stage.north, stage.south):
        evidence = stage.folder / f"evidence-{home.name}"
        stage.hotline("export", "--home", home, "--out", evidence)
        done = subprocess.run(
            [sys.executable, str(REFERENCE), "export", str(evidence)], capture_output=True, text=True, check=False
        )
        print(f"\nThe third party, of what {home.name.upper()} handed over:")
        print("  " + (done.stdout or done.stderr).strip().replace("\n", "\n  "), flush=True)
        if done.returncode != 0:
            raise RuntimeError("The evidence does not hold.")
    names = sorted(path.name for path in (stage.folder / "evidence-north").glob("*.entries"))
    logs = [(stage.folder / f"evidence-{who}" / name).read_bytes() for name in names for who in ("north", "south")]
    if logs[0] != logs[1] or logs[2] != logs[3]:
        raise RuntimeError("The two sides did not hand over the same logs.")
    print("\nBoth sides handed over the same two logs, byte for byte.", flush=True)


class Stage:
    """Two stations and two relays, real processes in one folder. `close` stops what still runs at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.north = folder / "north"
        self.south = folder / "south"
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._environ = {key: value for key, value in os.environ.items() if not key.startswith("HOTLINE_")}

    def hotline(self, *words: str | Path) -> str:
        """Run one command to its end and return what it printed. RuntimeError with its own words if it fails."""
        done = subprocess.run(
            [*HOTLINE, *map(str, words)], capture_output=True, text=True, env=self._environ, check=False
        )
        if done.returncode != 0:
            raise RuntimeError(f"hotline {' '.join(map(str, words))}: {done.stderr or done.stdout}")
        return done.stdout

    def start(self, name: str, *words: str | Path) -> subprocess.Popen[bytes]:
        """Start a command that goes on running; its log is a file in the folder."""
        with open(self.folder / f"{name}.out", "wb") as out, open(self.folder / f"{name}.log", "wb") as log:
            process = subprocess.Popen(
                [*HOTLINE, *map(str, words)], stdin=subprocess.DEVNULL, stdout=out, stderr=log, env=self._environ
            )
        self._running[name] = process
        return process

    def relay(self, name: str) -> str:
        """Start a relay on a free port and return its address."""
        users = self.folder / f"{name}.users"
        passwords = {who: secrets.token_hex(16) for who in ("north", "south")}
        _private(users, "".join(f"{who}:{password}\n" for who, password in passwords.items()))
        for who, password in passwords.items():
            _private(self.folder / f"{name}.{who}.password", password + "\n")
        self.start(name, "relay", "--port", "0", "--users", users, "--json")
        document = self._first_line(name)
        return f"mqtt://127.0.0.1:{document['port']}"

    def station(self, home: Path, officers: tuple[str, str], phone: str, relays: dict[str, str]) -> None:
        """Make a station with two officers that knows these relays. Its keys lie open: it is an example."""
        (first, url), *others = relays.items()
        who = home.name
        self.hotline(
            "init", "--home", home, "--name", who.upper(), "--phone", phone, "--officer", officers[0], "--relay", url,
            "--relay-user", who, "--relay-password-file", self.folder / f"{first}.{who}.password", "--no-passphrase",
        )  # fmt: skip
        self.hotline("officer", "--home", home, "add", officers[1], "--no-passphrase")
        with open(home / "station.toml", "a", encoding="utf-8") as settings:
            for name, other in others:
                password = self.folder / f"{name}.{who}.password"
                settings.write(f'\n[[relay]]\nname = "{name}"\nurl = "{other}"\nversion = "3.1.1"\n')
                settings.write(f'username = "{who}"\npassword_file = "{password}"\n')

    def pair(self) -> str:
        """Let each side take the other's card, with the number that the other one computed; return that number."""
        cards = {home: self.folder / f"{home.name}.card" for home in (self.north, self.south)}
        for home, card in cards.items():
            self.hotline("card", "--home", home, "--out", card)
        shown = json.loads(self.hotline("pair", "--home", self.north, cards[self.south], "--show", "--json"))
        number = str(shown["safety_number"])
        for home, other in ((self.north, self.south), (self.south, self.north)):
            self.hotline("pair", "--home", home, cards[other], "--safety-number", number)
        return number

    def _first_line(self, name: str) -> dict[str, object]:
        end = time.monotonic() + WITHIN_S
        while time.monotonic() < end:
            line, newline, _ = (self.folder / f"{name}.out").read_bytes().partition(b"\n")
            if newline:
                return dict(json.loads(line))
            if self._running[name].poll() is not None:
                break
            time.sleep(0.02)
        raise RuntimeError(f"{name} did not start: {(self.folder / f'{name}.log').read_text(errors='replace')}")

    def kill(self, name: str) -> None:
        """End a process as a crash does."""
        process = self._running.pop(name)
        process.kill()
        process.wait()

    def stop(self, name: str) -> None:
        """End a process as an operator does."""
        process = self._running.pop(name)
        process.send_signal(signal.SIGTERM)
        if process.wait(WITHIN_S) != 0:
            raise RuntimeError(f"{name} did not stop cleanly; its log is in {self.folder}.")

    def close(self) -> None:
        """Stop whatever still runs."""
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running.clear()


async def until(ask: Callable[[], Awaitable[_T]], holds: Callable[[_T], object], what: str) -> _T:
    """Ask until the answer holds, and return it. TimeoutError, saying what was waited for, if it does not."""
    end = time.monotonic() + WITHIN_S
    while True:
        try:
            answer = await ask()
        except (DaemonError, NotFoundError):
            pass  # it has only begun to start, or the notice is on its way
        else:
            if holds(answer):
                return answer
        if time.monotonic() > end:
            raise TimeoutError(f"It did not come to pass within {WITHIN_S:g} s: {what}.")
        await asyncio.sleep(0.05)


async def attended(client: Client) -> None:
    """Wait until an officer is on duty at the other end."""
    await until(client.status, lambda s: [line.state for line in s.lines] == ["attended"], "the line is attended")


def _private(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(handle, "w", encoding="ascii") as file:
        file.write(text)


async def perform(stage: Stage) -> None:
    """From nothing to the evidence."""
    print("Two stations, two relays, fresh keys; two officers at each side.")
    relays = {name: stage.relay(name) for name in ("first", "second")}
    stage.station(stage.north, NORTH_OFFICERS, "+7 000 555 0100", relays)
    stage.station(stage.south, SOUTH_OFFICERS, "+1 000 555 0100", relays)
    number = stage.pair()
    stage.start("north", "run", "--home", stage.north, "--officer", NORTH_OFFICERS[0])
    stage.start("south", "run", "--home", stage.south, "--officer", SOUTH_OFFICERS[0])
    async with Client(stage.north) as north, Client(stage.south) as south:
        play = Play(stage, north, south)
        await attended(north)
        await attended(south)
        play.tell("both", f"cards exchanged, both read {number[:11]} … {number[-5:]}; the line is attended")
        await south.set_rules(RULES.read_text(encoding="utf-8"))
        view = await north.set_rules(RULES.read_text(encoding="utf-8"))
        await until(north.rules, lambda v: v.agree and bool(v.peer_digest) and v.digest == v.peer_digest, "rules agree")
        play.tell("both", f"agreed rules: {view.title}; digest {view.digest[:8]} at both ends")
        await play.call()
        first = await play.announce()
        await play.relay_dies()
        await play.exercise_runs(first)
        await play.words_for_the_public()
        await play.threads(first)
    for name in ("north", "south"):
        stage.stop(name)
    third_party(stage)


def main() -> int:
    """Play it; exit 0 if everything held."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--keep", action="store_true", help="leave the folder with homes and evidence")
    keep = parser.parse_args().keep
    folder = Path(tempfile.mkdtemp(prefix="hotline-acceptance-"))
    stage = Stage(folder)
    begun = time.monotonic()
    try:
        asyncio.run(perform(stage))
    finally:
        stage.close()
        if not keep:
            shutil.rmtree(folder)
    print(f"\nAll of it took {time.monotonic() - begun:.1f} s." + (f" It is in {folder}." if keep else ""))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
