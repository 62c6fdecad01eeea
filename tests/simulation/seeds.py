"""One seed, one life of a line: what it draws decides every fault, so that it can be played again."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from tests.simulation.network import Faults
from tests.simulation.station import CRASH_POINTS
from tests.simulation.world import World

DAY_MS = 86_400_000
AMNESIA_EVERY = 5  # in one seed of so many both stores may be rolled back at once, and one lock file too
REAL_EVERY = 50  # one seed in so many runs with the product's cryptography

Say = Callable[[str], None]


@dataclass
class Outcome:
    """Figures of one run."""

    steps: int
    simulated_s: float
    settled_s: float
    frames: Counter[str]
    faults: Counter[str]
    checked: Counter[str]


def _quiet(_: str) -> None:
    pass


class Life:
    """Draws actions by weight and carries them out."""

    def __init__(self, seed: int, say: Say = _quiet) -> None:
        self._say = say
        self._draw = random.Random(f"life {seed}")
        self.world = World(seed, real=seed % REAL_EVERY == REAL_EVERY - 1)
        d = self._draw
        self.world.net.faults = Faults(
            loss=d.choice((0, 0, 0.1, 0.3)), repeat=d.choice((0, 0.1, 0.5)),
            delay_s=d.choice(((0.002, 0.01), (0.01, 0.3), (0.5, 2.0))), late=d.choice((0, 0, 0.05, 0.2)),
            late_s=d.choice((3.0, 90.0)),
        )  # fmt: skip
        if seed % AMNESIA_EVERY == 0:
            self.world.amnesia, self.world.oracle.both_lost = seed // AMNESIA_EVERY % 2, True
        self.steps = 0
        self._actions = self._weighed()

    def _weighed(self) -> list[tuple[Callable[[int], object], float]]:
        """Each seed has its own mix: a kind of fault is rare, frequent, or absent."""
        w, d = self.world, self._draw

        def some(*levels: float) -> float:
            return d.choice(levels)

        return [
            (lambda p: w.advance(d.choice((0.02, 0.2, 1.0, 3.0))), 10),
            (lambda p: w.advance(d.choice((10.0, 40.0))), 1),
            (self._submit, 4),
            (w.acknowledge, 1),
            (lambda p: w.stand_watch(p, on=d.random() < 0.7), 1),
            (w.announce, some(0, 0.2, 0.5)),
            (lambda p: w.net.replay(w.now_s), some(0, 1, 4)),
            (lambda p: w.net.garble(w.now_s), some(0, 0.3)),
            (lambda p: w.net.cut.symmetric_difference_update({p}), some(0, 0.3)),
            (self._crash, some(0, 0.5, 1)),
            (w.start, 3),
            (w.take_snapshot, 1),
            (
                lambda p: w.restore(p, lock=d.random() < 0.5, total=d.random() < 0.1),
                some(0.3, 1, 3) if w.amnesia is not None else some(0, 0, 0.3),
            ),
            (lambda p: w.lose_lock(p, damaged=d.random() < 0.5), some(0, 0, 0.2)),
            (self._clone, some(0, 0, 0.2)),
            (lambda p: w.submit_to_clone(), 1),
            (lambda p: w.stop_clones(), 0.1),
            (lambda p: w.jump_clock(p, d.randint(-DAY_MS, DAY_MS)), some(0, 0.3)),
        ]

    def _submit(self, party: int) -> None:
        d = self._draw
        for _ in range(d.choice((1, 1, 1, 3, 40))):
            size = d.choice((1, 40, 40, 2000, 60_000))
            self.world.submit(party, d.randrange(4), size, known=d.random() < 0.97, released=d.random() < 0.1)

    def _clone(self, party: int) -> None:
        """With a full queue, so that both send the same notices."""
        self._submit(party)
        self.world.clone(party)

    def _crash(self, party: int) -> None:
        """Nine in ten at a point of the driver's order."""
        if self._draw.random() < 0.1:
            self.world.crash(party)
        else:
            self.world.arm(party, self._draw.choice(CRASH_POINTS), self._draw.choice((0, 0, 1, 5)))

    def step(self) -> None:
        self.steps += 1
        action, _ = self._draw.choices(self._actions, [weight for _, weight in self._actions])[0]
        party = self._draw.randrange(2)
        action(party)
        self._say(f"{self.steps:4} {self.world.now_s:9.2f} s  {self.world.describe()}")

    def run(self, steps: int) -> Outcome:
        for _ in range(steps):
            self.step()
        self._say("faults off")
        w = self.world
        settled = w.settle() if w.amnesia is None else 0.0
        w.heal()
        w.advance(60.0)
        faults = w.faults + Counter({f"crash {k}": n for s in w.parties for k, n in s.crashes.items()})
        return Outcome(self.steps, w.now_s - 1000.0, settled, w.net.counts, faults, w.oracle.checked)
