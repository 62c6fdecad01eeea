"""A round: one pair of real stations that lives through many trials, judged after each and whole at the end."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hotline import config
from hotline.audit import verify_home
from hotline.client import Client
from hotline.home import Home
from tests.brokers import Broker, embedded, mosquitto
from tests.chaos.consumer import Consumer
from tests.chaos.faults import Scene, Trial, draw
from tests.chaos.oracle import Verdict, judge_handled, judge_inbox
from tests.chaos.proxy import proxy
from tests.chaos.sender import Sender
from tests.integration.pair import Station, all_stored, inbox
from tests.station.pair import NAMES, copy_home, make_homes

ROUND_TRIALS = 25
LANES = 3  # rounds that are played at the same time: much of a trial is waiting
KEEPALIVE_S = 5
# A path waits up to 30 s before it connects again, and entries up to 30 s before they are sent again.
SETTLE_S = 90
POLL_S = 0.05
RELAYS: dict[str, Callable[[Path], AbstractAsyncContextManager[Broker]]] = {
    "mosquitto": mosquitto,
    "embedded": embedded,
}
Tell = Callable[[str], None]


@dataclass
class Figures:
    """What a run has seen."""

    settled_s: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))  # by kind of fault
    notices: int = 0  # accepted, both sides
    repeats: int = 0  # submissions of an id that was submitted before
    handled_again: int = 0  # by consumers that had not confirmed
    consumer_deaths: int = 0
    verified: int = 0  # homes read whole from disk
    verdict: Verdict = field(default_factory=Verdict)

    @property
    def trials(self) -> int:
        """Faults that were applied, and everything was at the other side afterwards."""
        return sum(map(len, self.settled_s.values()))


class Side:
    """One station with who submits at it and who consumes its inbox."""

    def __init__(self, station: Station, client: Client, folder: Path, seed: str) -> None:
        self.station, self.client = station, client
        self.sender = Sender(client, station.name, f"{seed} sends at {station.name}")
        self.consumer = Consumer(station.home, folder / f"{station.name}.handled", f"{seed} {station.name}")


class Round:
    """Two sides and what is between them."""

    def __init__(self, scene: Scene, sides: tuple[Side, Side], figures: Figures) -> None:
        self.scene, self.sides, self._figures = scene, sides, figures

    @property
    def ways(self) -> tuple[tuple[Side, Side], tuple[Side, Side]]:
        """From whom to whom."""
        north, south = self.sides
        return (north, south), (south, north)

    async def play(self, trials: list[Trial], tell: Tell) -> None:
        """Apply one fault after the other while notices go both ways; then judge the whole."""
        working: list[asyncio.Task[None]] = []
        async with asyncio.TaskGroup() as tasks:
            consumers = [tasks.create_task(side.consumer.run()) for side in self.sides]
            working = [tasks.create_task(side.sender.run()) for side in self.sides]
            for trial in trials:
                tell(f"trial {trial}")
                await self._play_one(trial)
            for side in self.sides:
                side.sender.stop()
            await asyncio.gather(*working)
            await self._everything_is_there()
            for task in consumers:
                task.cancel()
        await self._judge()

    async def _play_one(self, trial: Trial) -> None:
        await trial.apply(self.scene)
        began = time.monotonic()
        await self._everything_is_there()
        self._figures.settled_s[trial.kind].append(time.monotonic() - began)

    async def _everything_is_there(self) -> None:
        """Wait until all that is accepted by now was handled at the other side."""
        due = [set(source.sender.sent.accepted) for source, _ in self.ways]
        end = time.monotonic() + SETTLE_S
        for accepted, (source, target) in zip(due, self.ways, strict=True):
            while missing := accepted - {key for _, key in target.consumer.handled()}:
                for side in self.sides:
                    process = side.station.process
                    assert process is not None
                    assert process.poll() is None, f"{side.station.name} ended:\n{side.station.log}"
                if time.monotonic() > end:
                    self._figures.verdict.lost += sorted(missing)
                    raise AssertionError(f"{source.station.name}: {len(missing)} notices did not come in {SETTLE_S} s")
                await asyncio.sleep(POLL_S)

    async def _judge(self) -> None:
        for side in self.sides:
            await all_stored(side.client, SETTLE_S)
        for source, target in self.ways:
            sent, arrived = source.sender.sent, await inbox(target.client)
            handled = target.consumer.handled()
            crashes = self.scene.crashes + target.consumer.deaths + 1  # it is killed once more, at the end
            self._figures.verdict += judge_inbox(sent, arrived) + judge_handled(handled, arrived, crashes)
            self._figures.notices += len(sent.accepted)
            self._figures.repeats += sent.repeats
            self._figures.handled_again += len(handled) - len(set(handled))
            self._figures.consumer_deaths += target.consumer.deaths
        await asyncio.gather(*(side.station.stop() for side in self.sides))
        for side in self.sides:
            self._figures.verified += 1
            report = await asyncio.to_thread(verify_home, side.station.home)
            self._figures.verdict.faults += [f"{side.station.name}: {problem}" for problem in report.all_problems()]


@asynccontextmanager
async def opened(made: Path, folder: Path, relay: str, seed: str, figures: Figures) -> AsyncIterator[Round]:
    """A pair that runs, with a proxy before each station; whatever runs at the end is killed."""
    folder.mkdir()  # noqa: ASYNC240  # once a round, and nothing else waits for it
    async with AsyncExitStack() as stack:
        broker = await stack.enter_async_context(RELAYS[relay](folder))
        proxies = [await stack.enter_async_context(proxy(broker)) for _ in NAMES]
        stations = [Station(copy_home(Home(made / name), folder / name)) for name in NAMES]
        for station, between in zip(stations, proxies, strict=True):
            config.add_relay(station.home.config_path, broker.config("relay", url=between.url, keepalive_s=KEEPALIVE_S))
            stack.push_async_callback(station.kill)
        await asyncio.gather(*(station.start() for station in stations))
        clients = [await stack.enter_async_context(Client(station.home)) for station in stations]
        north, south = (Side(station, client, folder, seed) for station, client in zip(stations, clients, strict=True))
        yield Round(Scene(broker, proxies, stations), (north, south), figures)


async def run(folder: Path, trials: int, seed: int, tell: Tell, figures: Figures) -> None:
    """Play `trials` in rounds, with relays of both kinds in turn; add to `figures`.

    Raises AssertionError, mostly in an ExceptionGroup, for the first round that fails; the others are ended.
    """
    made = folder / "made"
    made.mkdir()
    make_homes(made)
    free = asyncio.Semaphore(LANES)
    rounds = min(trials, max(LANES, -(-trials // ROUND_TRIALS)))
    async with asyncio.TaskGroup() as tasks:
        for number in range(rounds):
            count = trials * (number + 1) // rounds - trials * number // rounds
            tasks.create_task(_play_round(free, made, (f"{seed}/{number}", number, count), tell, figures))


async def _play_round(
    free: asyncio.Semaphore, made: Path, what: tuple[str, int, int], tell: Tell, figures: Figures
) -> None:
    seed, number, count = what
    relay = list(RELAYS)[number % len(RELAYS)]
    async with free, opened(made, made.with_name(str(number)), relay, seed, figures) as pair:
        await pair.play(draw(seed, count), lambda text: tell(f"round {number}, {relay}: {text}"))
    assert figures.verdict.holds, f"round {number}: {figures.verdict}"
