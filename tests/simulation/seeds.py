"""One seed, one life of a line: what it draws decides every fault, so that it can be played again.

Each seed draws once, before the first step:

- the network: loss of 0 to 30 % of frames, 0 to 50 % repeated, a delay of milliseconds, of tenths of a second or of
  seconds (frames overtake each other in all three), 0 to 20 % held back for up to 3 or 90 s;
- the relays: one honest; two honest; one that drops, replays, holds back or forges, or drops HELLOs alone; or one such
  beside an honest one. The share of frames to which it does so, and for how long it holds (up to 10 minutes);
- the clocks: each right, or off by up to a day;
- how many crashes are at a write: 80, 90 or 100 %. At a write means around a commit or the lock file, or that one row,
  commit or lock file is refused, or refused and kept all the same;
- the weight of every action below, which may be none.

Each step draws one action and a party: time passes (20 ms to 40 s); notices are submitted, read by a client, and
acknowledged; a watch is stood; a card is renewed; an old frame is played again, or garbled; one direction is cut, or
both, or mended; a relay dies or comes back; the process is killed, armed to die, or started; a backup is taken, or put
back with the lock file as it is now or as it was then, or all is lost; the lock file alone is lost or damaged; a clone
starts beside the first, takes notices, stops; a clock jumps, ahead or back, by up to a day. In half of the seeds
officers close the generation and open the other side's file, each at its own time: carrying over may be cut short by a
crash or by the disk, a clone goes on in the old generation, and so do frames on their way.

One seed in fifty runs with the product's cryptography. In one seed in five both stores may be old at once, and one lock
file too: the invariants of safety hold all the same, and liveness is not promised (SPEC section 11), so not asked for
until officers of both sides have begun a new generation at the end: then all that is new must arrive in time.
In all others the faults stop at the end, an honest relay remains beside the dishonest one, and all must arrive in time.
"""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from hotline.core.generation import KEYS_LOST
from tests.simulation.disk import WRITE_FAULTS
from tests.simulation.network import Faults
from tests.simulation.relays import MANNERS, Relay
from tests.simulation.world import World

DAY_MS = 86_400_000
STEPS = 120
AMNESIA_EVERY = 5  # in one seed of so many both stores may be rolled back at once, and one lock file too
REAL_EVERY = 50  # one seed in so many runs with the product's cryptography
AT_A_WRITE = ("before commit", "after commit", "after lock", *WRITE_FAULTS)
ELSEWHERE = ("killed", "after sign", "before send", "between sends")
AT_OPENING = ("", "", "before commit", "after commit", "write failed")  # of what the next generation begins with
CLOSES = (0, 0, 0.2, 1)  # weights of closing a generation; of opening one it is 2
OFFICERS_ACT = 0.15  # share of steps in which they do one or the other too

Say = Callable[[str], None]


@dataclass
class Outcome:
    """Figures of one run, or of many."""

    steps: int = 0
    simulated_s: float = 0.0
    settled_s: float = 0.0  # the longest that a liveness phase took
    settled: int = 0
    frames: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    checked: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Outcome") -> None:
        self.steps += other.steps
        self.simulated_s += other.simulated_s
        self.settled_s = max(self.settled_s, other.settled_s)
        self.settled += other.settled
        for mine, more in (self.frames, other.frames), (self.faults, other.faults), (self.checked, other.checked):
            mine.update(more)


def _quiet(_: str) -> None:
    pass


class Life:
    """Draws actions by weight and carries them out."""

    def __init__(self, seed: int, say: Say = _quiet) -> None:
        self._say = say
        self._draw = random.Random(f"life {seed}")
        self._officers = random.Random(f"officers {seed}")
        self._closes = self._officers.choice(CLOSES)
        self.world = World(seed, real=seed % REAL_EVERY == REAL_EVERY - 1)
        self._draw_network()
        self._draw_clocks()
        if seed % AMNESIA_EVERY == 0:
            self.world.amnesia, self.world.oracle.both_lost = seed // AMNESIA_EVERY % 2, True
        self.steps = 0
        self._at_a_write = self._draw.choice((0.8, 0.9, 1.0))
        self._actions = self._weighed()

    def _draw_network(self) -> None:
        d = self._draw
        self.world.net.faults = Faults(
            loss=d.choice((0, 0, d.uniform(0.0, 0.3), 0.3)), repeat=d.choice((0, d.uniform(0.0, 0.5), 0.5)),
            delay_s=d.choice(((0.002, 0.01), (0.01, 0.3), (0.5, 2.0))), late=d.choice((0, 0, 0.05, 0.2)),
            late_s=d.choice((3.0, 90.0)),
        )  # fmt: skip
        layout = d.choice(("one", "one", "two", "bad", "bad and good", "bad and good"))
        bad = Relay(d.choice(MANNERS[1:]), d.choice((0.2, 0.6, 1.0)), d.choice((5.0, 600.0)))
        relays = {"one": [Relay()], "two": [Relay(), Relay()], "bad": [bad], "bad and good": [bad, Relay()]}[layout]
        self.world.stand_between(*relays)
        self.world.faults.update(f"relay {relay.manner}" for relay in relays if relay.manner != "honest")
        self.world.faults["dishonest relay beside an honest one"] += layout == "bad and good"

    def _draw_clocks(self) -> None:
        for party in (0, 1):
            self.world.set_clock(party, self._draw.choice((0, self._draw.randint(-DAY_MS, DAY_MS))))

    def _weighed(self) -> list[tuple[str, Callable[[int], object], float]]:
        """Each seed has its own mix: a kind of fault is rare, frequent, or absent."""
        w, d = self.world, self._draw

        def some(*levels: float) -> float:
            return d.choice(levels)

        return [
            ("time passes", lambda p: w.advance(d.choice((0.02, 0.2, 1.0, 3.0))), 10),
            ("much time passes", lambda p: w.advance(d.choice((10.0, 40.0))), 1),
            ("submits", self._submit, 4),
            ("submits again", w.submit_again, 1),
            ("a client reads", w.consume, 1),
            ("acknowledges", w.acknowledge, 1),
            ("stands watch", lambda p: w.stand_watch(p, on=d.random() < 0.7), 1),
            ("renews its card", w.announce, some(0, 0.2, 0.5)),
            ("an old frame is played again", lambda p: w.net.replay(w.now_s), some(0, 1, 4)),
            ("a frame is garbled", lambda p: w.net.garble(w.now_s), some(0, 0.3)),
            ("is cut off, or mended", w.cut, some(0, 0.3)),
            ("both are cut off, or mended", w.cut_both_ways, some(0, 0.3)),
            ("a relay dies, or comes back", w.fail_relay, some(0, 0.3)),
            ("will crash", self._crash, some(0, 0.5, 1)),
            ("starts", w.start, 3),
            ("takes a backup", w.take_snapshot, 1),
            (
                "puts a backup back",
                lambda p: w.restore(p, lock=d.random() < 0.5, total=d.random() < 0.1),
                some(0.3, 1, 3) if w.amnesia is not None else some(0, 0, 0.3),
            ),
            ("loses its lock file", lambda p: w.lose_lock(p, damaged=d.random() < 0.5), some(0, 0, 0.2)),
            ("is cloned", self._clone, some(0, 0, 0.2)),
            ("the clone submits", lambda p: w.submit_to_clone(), 1),
            ("the clone stops", lambda p: w.stop_clones(), 0.1),
            ("its clock jumps", lambda p: w.jump_clock(p, d.randint(-DAY_MS, DAY_MS)), some(0, 0.3)),
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

    def _close(self, party: int) -> None:
        """Often with an older database: put back before the officer signs, or after."""
        o, w = self._officers, self.world
        when, lock = o.choice(("", "", "before", "after")), o.random() < 0.5
        if when == "before":
            w.restore(party, lock=lock)
        w.close(party, o.randrange(KEYS_LOST))
        if when == "after":
            w.restore(party, lock=lock)

    def _open(self, party: int) -> None:
        self.world.open(party, fault=self._officers.choice(AT_OPENING))

    def _crash(self, party: int) -> None:
        d = self._draw
        point = d.choice(AT_A_WRITE if d.random() < self._at_a_write else ELSEWHERE)
        if point == "killed":
            self.world.crash(party)
        else:
            self.world.arm(party, point, d.choice((0, 0, 1, 5, 20) if point == "write failed" else (0, 0, 1, 5)))

    def step(self) -> None:
        self.steps += 1
        name, action, _ = self._draw.choices(self._actions, [weight for *_, weight in self._actions])[0]
        self._act(name, action, self._draw.randrange(2))
        if self._closes and self._officers.random() < OFFICERS_ACT:
            self._act(*self._of_officers(), self._officers.randrange(2))

    def _act(self, name: str, action: Callable[[int], object], party: int) -> None:
        self._say(f"{self.steps:4} {self.world.now_s:9.2f} s  {'AB'[party]}: {name}")
        action(party)
        self.world.check()
        self._say(f"{'':18}{self.world.describe()}")

    def _of_officers(self) -> tuple[str, Callable[[int], object]]:
        acts = ("closes the generation", self._close), ("opens the other's file", self._open)
        return self._officers.choices((*acts, ("takes a backup", self.world.take_snapshot)), (self._closes, 2, 2))[0]

    def run(self, steps: int) -> Outcome:
        self._say(f"network {self.world.net.faults}\nrelays {self.world.net.relays}")
        for _ in range(steps):
            self.step()
        self._say("faults off")
        w, lives = self.world, self.world.amnesia is None
        settled = w.settle() if lives else 0.0
        w.heal()
        w.advance(60.0)
        if not lives:
            w.go_on_anew()
        return Outcome(self.steps, w.now_s - 1000.0, settled, lives, w.net.counts, self.faults, w.oracle.checked)

    @property
    def faults(self) -> Counter[str]:
        """All that was done so far to machines, clocks and paths, by kind."""
        total = Counter(self.world.faults)
        for station in self.world.parties:
            total.update({f"crash {point}": count for point, count in station.crashes.items()})
            total.update(station.disk.failed)
        return +total
