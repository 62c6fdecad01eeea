"""The faults, each applied to a running pair and taken away again."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from hotline.errors import HostError
from tests.brokers import Broker
from tests.chaos.disks import Disk, refuse_writes
from tests.chaos.proxy import Proxy
from tests.chaos.sides import BACKUPS, START_S, Side

BEFORE_MOST_S = 0.5
DOWN_MOST_S = 0.6
LATENCY_S = (0.02, 0.4)
RATE_BYTES_PER_S = 8000.0
REFUSED_AT_LEAST_S = 0.5  # a submission in each tenth of a second meets the disk
AGAIN_S = 0.1


@dataclass
class Scene:
    """All that a fault may strike. Proxies and sides are in the same order."""

    broker: Broker
    proxies: Sequence[Proxy]
    sides: Sequence[Side]
    counts: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Trial:
    """One fault as drawn from the seed. `struck` are the indices of sides or of their connections."""

    number: int
    kind: str
    struck: tuple[int, ...]
    before_s: float
    lasts_s: float
    latency_s: float
    age: int  # of the backup that is put back, 0 for the latest

    async def apply(self, scene: Scene) -> None:
        """Wait for the moment, strike, wait, and mend."""
        await asyncio.sleep(self.before_s)
        await (FAULTS | DISK_FAULTS | SLOW_FAULTS)[self.kind](self, scene)


Fault = Callable[[Trial, Scene], Awaitable[None]]


def _struck(trial: Trial, scene: Scene) -> list[Side]:
    return [scene.sides[index] for index in trial.struck]


# --- processes --------------------------------------------------------------------------------------------


async def _kill_stations(trial: Trial, scene: Scene) -> None:
    struck = _struck(trial, scene)
    scene.counts["SIGKILLs of a station"] += len(struck)
    await asyncio.gather(*(side.kill() for side in struck))
    await asyncio.sleep(trial.lasts_s)
    await asyncio.gather(*(side.start() for side in struck))


async def _kill_relay(trial: Trial, scene: Scene) -> None:
    """Neither relay keeps anything on disk: it comes back without a memory."""
    scene.counts[f"SIGKILLs of {scene.broker.kind}, which forgets everything"] += 1
    await scene.broker.kill()
    await asyncio.sleep(trial.lasts_s)
    await scene.broker.start()


async def _kill_everything(trial: Trial, scene: Scene) -> None:
    await asyncio.gather(_kill_relay(trial, scene), _kill_stations(trial, scene))


# --- connections ------------------------------------------------------------------------------------------


async def _cut(trial: Trial, scene: Scene) -> None:
    for index in trial.struck:
        scene.proxies[index].refuses = True
        scene.proxies[index].cut()
    await _wait_and_heal(trial, scene)


async def _half_open(trial: Trial, scene: Scene) -> None:
    for index in trial.struck:
        scene.proxies[index].leave_half_open()
    await _wait_and_heal(trial, scene)


async def _vanish(trial: Trial, scene: Scene) -> None:
    """Nobody mends it: the station has to find out by its keepalive."""
    for index in trial.struck:
        scene.proxies[index].leave_half_open()


async def _deafen(trial: Trial, scene: Scene) -> None:
    for index in trial.struck:
        scene.proxies[index].deafen()
    await _wait_and_heal(trial, scene)


async def _stall(trial: Trial, scene: Scene) -> None:
    for index in trial.struck:
        scene.proxies[index].stall()
    await _wait_and_heal(trial, scene)


async def _delay(trial: Trial, scene: Scene) -> None:
    for index in trial.struck:
        scene.proxies[index].latency_s = trial.latency_s
    await _wait_and_heal(trial, scene)


async def _throttle(trial: Trial, scene: Scene) -> None:
    for index in trial.struck:
        scene.proxies[index].bytes_per_s = RATE_BYTES_PER_S
    await _wait_and_heal(trial, scene)


async def _wait_and_heal(trial: Trial, scene: Scene) -> None:
    await asyncio.sleep(trial.lasts_s)
    for index in trial.struck:
        scene.proxies[index].heal()


# --- disks and what is on them ----------------------------------------------------------------------------


async def _refuse_writes(trial: Trial, scene: Scene) -> None:
    """Of the process that runs. One that was started meanwhile may write."""
    (side,) = _struck(trial, scene)
    process = side.station.process
    assert process is not None
    refuse_writes(process.pid, refused=True)
    await _run_on(trial, side)
    if process.returncode is None and process.poll() is None:
        refuse_writes(process.pid, refused=False)


async def _fill_disk(trial: Trial, scene: Scene) -> None:
    (side,) = _struck(trial, scene)
    disk = _disk(side)
    await asyncio.to_thread(disk.fill)
    try:
        await _run_on(trial, side)
    finally:
        disk.free()


async def _run_on(trial: Trial, side: Side) -> None:
    """Start it as often as it ends by itself, as a service manager does."""
    side.may_end = True
    end = asyncio.get_running_loop().time() + REFUSED_AT_LEAST_S + trial.lasts_s
    while asyncio.get_running_loop().time() < end:
        if await side.clear_away():
            side.station.spawn()
        await asyncio.sleep(AGAIN_S)


async def _read_only_disk(trial: Trial, scene: Scene) -> None:
    """The kernel takes no disk away from below a file that is open for writing: so the station is killed before."""
    (side,) = _struck(trial, scene)
    disk = _disk(side)
    await side.kill()
    disk.remount("ro")
    try:
        side.station.spawn()
        code = await side.station.ended(START_S)
        assert code == HostError.exit_code, f"{side.station.name} ended with {code}:\n{side.station.log}"
        scene.counts["starts that a read-only disk ended with a message"] += 1
        await asyncio.sleep(trial.lasts_s)
    finally:
        disk.remount("rw")
    await side.start()


def _disk(side: Side) -> Disk:
    assert side.disk is not None, "this fault is dealt only where a disk can be mounted"
    return side.disk


async def _put_back_home(trial: Trial, scene: Scene) -> None:
    await _put_back(trial, scene, whole=True)


async def _put_back_database(trial: Trial, scene: Scene) -> None:
    await _put_back(trial, scene, whole=False)


async def _put_back(trial: Trial, scene: Scene, *, whole: bool) -> None:
    (side,) = _struck(trial, scene)
    await side.kill()
    await asyncio.sleep(trial.lasts_s)
    side.put_back(side.backups[-1 - trial.age % len(side.backups)], whole=whole)
    await side.start()


FAULTS: dict[str, Fault] = {
    "NORTH killed": _kill_stations,
    "SOUTH killed": _kill_stations,
    "both stations killed": _kill_stations,
    "relay killed": _kill_relay,
    "relay and both stations killed": _kill_everything,
    "connection cut": _cut,
    "connection half open": _half_open,
    "connection stalled": _stall,
    "nothing heard": _deafen,
    "delay": _delay,
    "throttle": _throttle,
    "writes refused": _refuse_writes,
    "old home put back": _put_back_home,
    "old database put back": _put_back_database,
}
DISK_FAULTS: dict[str, Fault] = {"disk full": _fill_disk, "disk read-only": _read_only_disk}  # where one can be mounted
SLOW_FAULTS: dict[str, Fault] = {"relay gone without a word": _vanish}
SLOW_AFTER = 18  # it costs two keepalives: there is one in a round, if it is a long one
NORTH, SOUTH, BOTH = (0,), (1,), (0, 1)
STRUCK = {"NORTH killed": [NORTH], "SOUTH killed": [SOUTH]}
EITHER = [NORTH, SOUTH, BOTH]
WHOLE = {kind: [BOTH] for kind in FAULTS if kind.endswith("stations killed")}
# Both stores rolled back at once is what nobody promises anything for; and one disk at a time is full.
ONE = {kind: [NORTH, SOUTH] for kind in ("writes refused", "old home put back", "old database put back", *DISK_FAULTS)}


def draw(seed: str, count: int, *, disks: bool) -> list[Trial]:
    """Draw trials. Kinds are dealt like cards, so that each comes as often as any other."""
    chance = random.Random(seed)
    kinds: list[str] = []
    deck = [*FAULTS, *(DISK_FAULTS if disks else ())]
    while len(kinds) < count:
        kinds += chance.sample(deck, len(deck))
    kinds[SLOW_AFTER:SLOW_AFTER] = SLOW_FAULTS
    return [_draw_one(number, kind, chance) for number, kind in enumerate(kinds[:count])]


def _draw_one(number: int, kind: str, chance: random.Random) -> Trial:
    return Trial(
        number,
        kind,
        chance.choice((STRUCK | WHOLE | ONE).get(kind, EITHER)),
        chance.uniform(0, BEFORE_MOST_S),
        chance.uniform(0, DOWN_MOST_S),
        chance.uniform(*LATENCY_S),
        chance.randrange(BACKUPS),
    )
