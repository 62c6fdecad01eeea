"""The faults, each applied to a running pair and taken away again."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from tests.brokers import Broker
from tests.chaos.proxy import Proxy
from tests.integration.pair import Station

BEFORE_MOST_S = 0.5
DOWN_MOST_S = 0.6
LATENCY_S = (0.02, 0.4)


@dataclass
class Scene:
    """All that a fault may strike. Proxies and stations are in the same order."""

    broker: Broker
    proxies: Sequence[Proxy]
    stations: Sequence[Station]
    crashes: int = 0  # SIGKILLs of stations


@dataclass(frozen=True)
class Trial:
    """One fault as drawn from the seed. `struck` are the indices of stations or of their connections."""

    number: int
    kind: str
    struck: tuple[int, ...]
    before_s: float
    lasts_s: float
    latency_s: float

    async def apply(self, scene: Scene) -> None:
        """Wait for the moment, strike, wait, and mend."""
        await asyncio.sleep(self.before_s)
        await (FAULTS | SLOW_FAULTS)[self.kind](self, scene)


Fault = Callable[[Trial, Scene], Awaitable[None]]


async def _kill_stations(trial: Trial, scene: Scene) -> None:
    struck = [scene.stations[index] for index in trial.struck]
    scene.crashes += len(struck)
    await asyncio.gather(*(station.kill() for station in struck))
    await asyncio.sleep(trial.lasts_s)
    await asyncio.gather(*(station.start() for station in struck))


async def _kill_relay(trial: Trial, scene: Scene) -> None:
    await scene.broker.kill()
    await asyncio.sleep(trial.lasts_s)
    await scene.broker.start()


async def _kill_everything(trial: Trial, scene: Scene) -> None:
    await asyncio.gather(_kill_relay(trial, scene), _kill_stations(trial, scene))


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


async def _delay(trial: Trial, scene: Scene) -> None:
    for index in trial.struck:
        scene.proxies[index].latency_s = trial.latency_s
    await _wait_and_heal(trial, scene)


async def _wait_and_heal(trial: Trial, scene: Scene) -> None:
    await asyncio.sleep(trial.lasts_s)
    for index in trial.struck:
        scene.proxies[index].heal()


FAULTS: dict[str, Fault] = {
    "NORTH killed": _kill_stations,
    "SOUTH killed": _kill_stations,
    "both stations killed": _kill_stations,
    "relay killed": _kill_relay,
    "relay and both stations killed": _kill_everything,
    "connection cut": _cut,
    "connection half open": _half_open,
    "nothing heard": _deafen,
    "delay": _delay,
}
SLOW_FAULTS: dict[str, Fault] = {"relay gone without a word": _vanish}
SLOW_AFTER = 2 * len(FAULTS)  # each costs two keepalives: there is one in a round, if it is a long one
NORTH, SOUTH, BOTH = (0,), (1,), (0, 1)
STRUCK = {"NORTH killed": [NORTH], "SOUTH killed": [SOUTH]}
EITHER = [NORTH, SOUTH, BOTH]
WHOLE = {kind: [BOTH] for kind in FAULTS if kind.endswith("stations killed")}


def draw(seed: str, count: int) -> list[Trial]:
    """Draw trials. Kinds are dealt like cards, so that each comes as often as any other."""
    chance = random.Random(seed)
    kinds: list[str] = []
    while len(kinds) < count:
        kinds += chance.sample(list(FAULTS), len(FAULTS))
    kinds[SLOW_AFTER:SLOW_AFTER] = SLOW_FAULTS
    return [_draw_one(number, kind, chance) for number, kind in enumerate(kinds[:count])]


def _draw_one(number: int, kind: str, chance: random.Random) -> Trial:
    return Trial(
        number,
        kind,
        chance.choice((STRUCK | WHOLE).get(kind, EITHER)),
        chance.uniform(0, BEFORE_MOST_S),
        chance.uniform(0, DOWN_MOST_S),
        chance.uniform(*LATENCY_S),
    )
