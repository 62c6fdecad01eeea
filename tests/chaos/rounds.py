"""A round: one pair of real stations that lives through many trials, judged after each and whole at the end."""

import asyncio
import contextlib
import shutil
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hotline import config
from hotline.api.types import LineStatus
from hotline.audit import verify_home
from hotline.client import Client
from hotline.errors import DaemonError, StoreError
from hotline.home import Home
from tests.brokers import Broker, embedded, mosquitto
from tests.chaos import ondisk
from tests.chaos.disks import Disk, mounted
from tests.chaos.faults import Scene, Trial
from tests.chaos.oracle import Verdict, judge_handled, judge_inbox, surfaced_twice
from tests.chaos.proxy import proxy
from tests.chaos.sides import Side, take_copies
from tests.integration.pair import Station, all_stored, inbox
from tests.station.pair import NAMES, line_of

KEEPALIVE_S = 5
# A path waits up to 30 s before it connects again, and entries up to 30 s before they are sent again.
SETTLE_S = 120
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
    counts: Counter[str] = field(default_factory=Counter)
    notices: int = 0  # accepted, both sides
    verified: int = 0  # homes read whole from disk
    verdict: Verdict = field(default_factory=Verdict)

    @property
    def trials(self) -> int:
        """Faults that were applied, and everything was at the other side afterwards."""
        return sum(map(len, self.settled_s.values()))


class Round:
    """Two sides and what is between them."""

    def __init__(self, scene: Scene, sides: tuple[Side, Side], folder: Path, figures: Figures) -> None:
        self.scene, self.sides, self._folder, self._figures = scene, sides, folder, figures
        self._copies = 0

    @property
    def ways(self) -> tuple[tuple[Side, Side], tuple[Side, Side]]:
        """From whom to whom."""
        north, south = self.sides
        return (north, south), (south, north)

    async def play(self, trials: Iterable[Trial], tell: Tell) -> None:
        """Apply one fault after the other while notices go both ways; then judge the whole."""
        async with asyncio.TaskGroup() as tasks:
            consumers = [tasks.create_task(side.consumer.run()) for side in self.sides]
            senders = [tasks.create_task(side.sender.run()) for side in self.sides]
            await self._judge_disks()
            for trial in trials:
                tell(f"trial {trial.number}: {trial.kind}, {trial.struck}, after {trial.before_s:.3f} s")
                with _named(f"trial {trial.number} ({trial.kind}, {trial.struck})"):
                    await self._play_one(trial)
            for side in self.sides:
                side.sender.stop()
            await asyncio.gather(*senders)
            await self._everything_is_there()
            for task in consumers:
                task.cancel()
        await self._judge()

    async def _play_one(self, trial: Trial) -> None:
        await trial.apply(self.scene)
        began = time.monotonic()
        await self._everything_is_there()
        await self._logs_agree()
        took_s = time.monotonic() - began
        for side in self.sides:
            self._figures.counts["stations that stopped by themselves at a refused write"] += side.stopped_itself
            side.stopped_itself, side.may_end = 0, False
        await self._judge_disks()
        self._figures.settled_s[trial.kind].append(took_s)

    async def _everything_is_there(self) -> None:
        """Wait until all that is accepted by now was handled at the other side."""
        due = [set(source.sender.sent.due) for source, _ in self.ways]
        end = time.monotonic() + SETTLE_S
        for accepted, (source, target) in zip(due, self.ways, strict=True):
            while missing := accepted - {key for _, key in target.consumer.handled()}:
                for side in self.sides:
                    await side.keep_up()
                if time.monotonic() > end:
                    self._figures.verdict.lost += sorted(missing)
                    raise AssertionError(f"{source.station.name}: {len(missing)} notices did not come in {SETTLE_S} s")
                await asyncio.sleep(POLL_S)

    async def _logs_agree(self) -> None:
        """Wait until each log is at both ends as far as it is at either now: what an old backup lacks is back."""
        end = time.monotonic() + SETTLE_S
        for owner, holder in self.ways:
            own, mirror = await self._line(owner, end), await self._line(holder, end)
            size = max(own.own.signed, mirror.mirror.signed)
            while min(own.own.signed, mirror.mirror.signed) < size:
                assert time.monotonic() < end, f"{owner.station.name}: {own.own}, and at the other side {mirror.mirror}"
                await asyncio.sleep(POLL_S)
                own, mirror = await self._line(owner, end), await self._line(holder, end)

    async def _line(self, side: Side, end: float) -> LineStatus:
        while True:
            await side.keep_up()
            with contextlib.suppress(DaemonError, StoreError):
                return await line_of(side.client)
            assert time.monotonic() < end, f"{side.station.name} does not answer:\n{side.station.log}"
            await asyncio.sleep(POLL_S)

    async def _judge_disks(self) -> None:
        """Both homes as a SIGKILL of this moment would leave them, read by the product's own verification."""
        self._copies += 1
        folder = self._folder / f"copy-{self._copies}"
        folder.mkdir()
        north, south = await take_copies(self.sides, folder)
        found = await asyncio.to_thread(ondisk.problems, (north, south))
        self._figures.verified += 2
        for _, target in self.ways:
            self._figures.verdict.twice += surfaced_twice(target.consumer.handled())
        self._figures.verdict.faults += found
        assert self._figures.verdict.holds, self._figures.verdict

    async def _judge(self) -> None:
        for side in self.sides:
            await all_stored(side.client, SETTLE_S)
        figures = self._figures
        for source, target in self.ways:
            sent, arrived = source.sender.sent, await inbox(target.client)
            handled, deaths = target.consumer.handled(), target.consumer.deaths
            crashes = target.crashes + deaths + 1  # it is killed once more, at the end
            figures.verdict += judge_inbox(sent, arrived) + judge_handled(handled, arrived, crashes, target.shown_again)
            figures.notices += len(sent.accepted)
            figures.counts["notices submitted again that were there already"] += sent.repeats
            figures.counts["notices that an old backup did not know, and that had not reached the peer"] += len(
                sent.unsure & sent.accepted
            )
            figures.counts["notices handled again by a consumer that had not confirmed"] += len(handled) - len(
                set(handled)
            )
            figures.counts["SIGKILLs of a consumer"] += deaths
        await asyncio.gather(*(side.station.stop() for side in self.sides))
        for side in self.sides:
            figures.verified += 1
            report = await asyncio.to_thread(verify_home, side.station.home)
            figures.verdict.faults += [f"{side.station.name}: {problem}" for problem in report.all_problems()]
        assert figures.verdict.holds, figures.verdict


@contextmanager
def _named(what: str) -> Iterator[None]:
    """Say where it was, of whatever goes wrong inside."""
    try:
        yield
    except Exception as error:
        error.add_note(what)
        raise


@contextmanager
def _home(made: Home, at: Path, *, disk: bool) -> Iterator[tuple[Home, Disk | None]]:
    """A copy of a home, on a disk of its own; kept on the common one if the block fails."""
    at.mkdir(mode=0o700)
    with mounted(at) if disk else contextlib.nullcontext() as small:
        shutil.copytree(made.path, at, dirs_exist_ok=True)
        at.chmod(0o700)
        try:
            yield Home(at), small
        except BaseException:
            shutil.copytree(at, at.with_name(f"{at.name}-kept"), ignore=shutil.ignore_patterns("api.sock", "filler"))
            raise


@asynccontextmanager
async def opened(
    made: Path, folder: Path, relay: str, seed: str, figures: Figures, *, disks: bool
) -> AsyncIterator[Round]:
    """A pair that runs, with a proxy before each station; whatever runs at the end is killed."""
    folder.mkdir()  # noqa: ASYNC240  # once a round, and nothing else waits for it
    async with AsyncExitStack() as stack:
        broker = await stack.enter_async_context(RELAYS[relay](folder))
        proxies = [await stack.enter_async_context(proxy(broker)) for _ in NAMES]
        homes = [stack.enter_context(_home(Home(made / name), folder / name, disk=disks)) for name in NAMES]
        stations = [Station(home) for home, _ in homes]
        for station, between in zip(stations, proxies, strict=True):
            config.add_relay(station.home.config_path, broker.config("relay", url=between.url, keepalive_s=KEEPALIVE_S))
            stack.push_async_callback(station.kill)
        clients = [await stack.enter_async_context(Client(station.home)) for station in stations]
        north, south = (
            Side(station, client, disk, folder, seed)
            for station, client, (_, disk) in zip(stations, clients, homes, strict=True)
        )
        await asyncio.gather(north.start(), south.start())
        scene = Scene(broker, proxies, (north, south), figures.counts)
        yield Round(scene, (north, south), folder, figures)


async def play_round(
    made: Path,
    folder: Path,
    seed: str,
    trials: Iterable[Trial],
    tell: Tell,
    figures: Figures,
    *,
    relay: str,
    disks: bool,
) -> None:
    """Play these trials on copies of the homes in `made`, in a new folder; add to `figures`.

    AssertionError, mostly in an ExceptionGroup, for what does not hold.
    """
    async with opened(made, folder, relay, seed, figures, disks=disks) as pair:
        await pair.play(trials, tell)
