"""A short life of two stations, played with one fault in it, and all that must hold while it goes on and at its end."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import apsw

from hotline.audit import verify_home
from hotline.core import tree
from hotline.custody.keyring import Keyring
from hotline.home import Home, PeerLine
from tests.faults.machine import Machine, Plan, SimClock, notice_id
from tests.station.pair import NAMES, copy_home, no_passphrase

Act = Callable[["Play"], None]
_ROUNDS = 400  # a settling takes some 20 without a fault, some 60 with one


@dataclass(frozen=True)
class Cast:
    """Homes, keys and cards, loaded once for all plays."""

    homes: dict[str, Home]
    keys: dict[str, Keyring]
    peers: dict[str, PeerLine]

    @classmethod
    def load(cls, made: Path) -> "Cast":
        homes = {name: Home(made / name) for name in NAMES}
        keys = {name: Keyring.load(home, no_passphrase) for name, home in homes.items()}
        return cls(homes, keys, {name: home.lines()[0] for name, home in homes.items()})


@dataclass
class Play:
    """Two machines and what was seen of them. Every check is an assertion that names what broke."""

    plan: Plan
    clock: SimClock
    north: Machine
    south: Machine
    accepted: dict[str, set[bytes]] = field(default_factory=lambda: {name: set() for name in NAMES})
    surfaced: dict[str, dict[int, tuple[int, bytes]]] = field(default_factory=lambda: {name: {} for name in NAMES})

    @property
    def both(self) -> tuple[Machine, Machine]:
        return self.north, self.south

    def run(self, act: "Act") -> None:
        """Start both, let them do what the act has, and come to an end."""
        for machine in self.both:
            machine.start()
        self.settle()
        act(self)
        self.settle()

    def submit(self, machine: Machine, number: int, precedence: str = "ROUTINE") -> bytes:
        key = machine.submit(number, precedence)
        self.accepted[machine.name].add(key)
        return key

    def settle(self) -> None:
        """Let both go on until each has all of the other, signed."""
        for _ in range(_ROUNDS):
            for machine in self.both:
                machine.turn()
                self._look(machine)
            if any(machine.engine._inbound for machine in self.both):
                continue
            if all(_done(machine) for machine in self.both):
                return
            self.clock.mono_s = max(
                self.clock.mono_s + 0.001, min(machine.port.machine.next_tick() for machine in self.both)
            )
        raise AssertionError(f"not in step after {_ROUNDS} rounds")

    # --- what must hold at every moment --------------------------------------------------------------

    def _look(self, machine: Machine) -> None:
        """What a reader was shown stays as it was shown; STORED is shown only with a receipt and a head in hand."""
        db = machine.engine.store._db
        rows = list(db.execute("SELECT i.idx, i.seq, i.id FROM inbox i"))
        seen = self.surfaced[machine.name]
        shown = {idx: (seq, bytes(key)) for idx, seq, key in rows}
        assert all(shown.get(index) == row for index, row in seen.items()), "what was surfaced was lost or altered"
        self.surfaced[machine.name] = shown
        ids = [key for _, key in shown.values() if key]
        assert len(ids) == len(set(ids)), "surfaced twice"
        for table in ("receipt", "head"):
            (bare,) = next(
                db.execute(
                    f"""SELECT count(*) FROM outbox o WHERE o.stored_ms > 0
                        AND NOT EXISTS (SELECT 1 FROM {table} t WHERE t.log = o.log AND t.size > o.idx)"""  # noqa: S608  # fixed names
                )
            )
            assert bare == 0, f"STORED without a {table}"

    # --- what must hold at the end -------------------------------------------------------------------

    def check(self) -> None:
        """Each accepted notice at the other side once; all signatures fit one tree; the audit finds nothing."""
        for machine, other in (self.both, self.both[::-1]):
            received = [key for _, key in self.surfaced[other.name].values() if key in self.accepted[machine.name]]
            assert sorted(received) == sorted(self.accepted[machine.name]), "lost, or surfaced twice"
            _check_signed(machine)
            report = verify_home(machine.home)
            assert report.all_problems() == []
            assert all(log.signed == log.receipted == log.entries > 0 for log in report.lines[0].logs)


def _done(machine: Machine) -> bool:
    own, view = machine.port.machine.own, machine.port.view
    head = view.mirror.head()
    signed = own.in_step and own.signed == own.ledger.size > 0 and not view.queued(1)
    return signed and head is not None and head.size == view.mirror.size() == machine.port.view.mirror.judged()[0]


def _check_signed(machine: Machine) -> None:
    """All of one tree, and a receipt that was signed again is the same to the byte."""
    times: dict[tuple[str, int], int] = {}
    for each in machine.signed:
        assert _root(machine, each.origin, each.size) == each.root, f"signed another head of size {each.size}"
        if each.time_s:
            first = times.setdefault((each.origin, each.size), each.time_s)
            assert first == each.time_s, f"signed two receipts of size {each.size}, with two times"


def _root(machine: Machine, origin: str, size: int) -> bytes:
    (log,) = (log for log in (machine.port.view.own, machine.port.view.mirror) if log.origin == origin)
    return tree.Frontier.of(iter(log.leaves(0, size))).root()


def begin(_: Play) -> None:
    """The first start: the schema, the geneses."""


def tell(both: Play) -> None:
    """A notice from each to the other at the same time."""
    both.submit(both.north, 1)
    both.submit(both.south, 1)


def answer(both: Play) -> None:
    """South acknowledges what it was told, while North has more to say, and urgently."""
    both.south.acknowledge(notice_id("north", 1))
    both.submit(both.north, 2, "FLASH")


def restart(both: Play) -> None:
    """North goes down in good order and comes again."""
    both.north.restart()
    both.submit(both.north, 3)
    both.settle()
    both.south.restart()


ACTS: tuple[Act, ...] = (begin, tell, answer, restart)


@contextmanager
def play(cast: Cast, scratch: Path, plan: Plan, homes: Mapping[str, Home]) -> Iterator[Play]:
    """Two stations on copies of these homes; everything is closed and removed at the end."""
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        clock = SimClock()
        north, south = (
            Machine(homes[name], cast.keys[name], cast.peers[name], plan, clock, Path(folder)) for name in NAMES
        )
        north.peer, south.peer = south, north
        try:
            yield Play(plan, clock, north, south)
        finally:
            north.shut()
            south.shut()


@dataclass(frozen=True)
class Theatre:
    """All acts, each with the homes as the one before it has left them."""

    cast: Cast
    before: dict[str, dict[str, Home]]
    scratch: Path

    @classmethod
    def build(cls, made: Path, scratch: Path) -> "Theatre":
        cast = Cast.load(made)
        theatre = cls(cast, {}, scratch)
        homes: dict[str, Home] = cast.homes
        for act in ACTS:
            theatre.before[act.__name__] = homes
            with play(cast, scratch, Plan(), homes) as both:
                both.run(act)
                both.check()
                for machine in both.both:
                    machine.shut()
                homes = {m.name: copy_home(m.home, scratch / f"after-{act.__name__}" / m.name) for m in both.both}
        return theatre

    def played(self, act: Act, plan: Plan) -> Plan:
        """Play the act with one fault to its end, and check it."""
        with play(self.cast, self.scratch, plan, self.before[act.__name__]) as both:
            try:
                both.run(act)
                both.check()
            except (AssertionError, apsw.Error) as e:
                raise AssertionError(f"{plan.how} at step {plan.at} of {act.__name__}, {plan.hit}: {e}") from e
        return plan
