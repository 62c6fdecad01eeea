"""Hypothesis drives the same world: it finds the shortest life that breaks an invariant."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.simulation.disk import WRITE_FAULTS
from tests.simulation.network import Faults
from tests.simulation.seeds import AT_OPENING
from tests.simulation.station import CRASH_POINTS
from tests.simulation.world import World

parties = st.integers(0, 1)
DAY_MS = 86_400_000


class LineMachine(RuleBasedStateMachine):
    """Rules are the world's actions; the world itself asserts DESIGN section 4 after each."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(0)
        self.world.advance(2.0)

    @rule(seconds=st.sampled_from((0.02, 0.1, 0.5, 2.0, 10.0, 40.0)))
    def time_passes(self, seconds: float) -> None:
        self.world.advance(seconds)

    @rule(party=parties, precedence=st.integers(0, 3), size=st.sampled_from((1, 100, 60_000)), times=st.integers(1, 4))
    def submits(self, party: int, precedence: int, size: int, times: int) -> None:
        for _ in range(times):
            self.world.submit(party, precedence, size)

    @rule(party=parties)
    def submits_what_the_peer_cannot_read(self, party: int) -> None:
        self.world.submit(party, known=False)

    @rule(party=parties)
    def acknowledges(self, party: int) -> None:
        self.world.acknowledge(party)

    @rule(party=parties, on=st.booleans())
    def stands_watch(self, party: int, on: bool) -> None:
        self.world.stand_watch(party, on=on)

    @rule(party=parties)
    def client_reads_and_confirms(self, party: int) -> None:
        self.world.consume(party)

    @rule(party=parties)
    def announces_a_card(self, party: int) -> None:
        self.world.announce(party)

    @rule(loss=st.sampled_from((0.0, 0.3)), repeat=st.sampled_from((0.0, 0.5)), late=st.sampled_from((0.0, 0.3)))
    def network_changes(self, loss: float, repeat: float, late: float) -> None:
        self.world.net.faults = Faults(loss=loss, repeat=repeat, late=late)

    @rule(party=parties)
    def direction_is_cut_or_mended(self, party: int) -> None:
        self.world.cut(party)

    @rule()
    def old_frame_is_played_again(self) -> None:
        self.world.net.replay(self.world.now_s)

    @rule()
    def frame_is_garbled(self) -> None:
        self.world.net.garble(self.world.now_s)

    @rule(party=parties)
    def process_is_killed(self, party: int) -> None:
        self.world.crash(party)

    @rule(party=parties, point=st.sampled_from(CRASH_POINTS + WRITE_FAULTS), passes=st.integers(0, 3))
    def process_will_die_at(self, party: int, point: str, passes: int) -> None:
        self.world.arm(party, point, passes)

    @rule(party=parties)
    def process_starts(self, party: int) -> None:
        self.world.start(party)

    @rule(party=parties)
    def backup_is_taken(self, party: int) -> None:
        self.world.take_snapshot(party)

    @rule(party=parties, lock=st.booleans(), total=st.booleans())
    def backup_is_put_back(self, party: int, lock: bool, total: bool) -> None:
        self.world.restore(party, lock=lock, total=total)

    @rule(party=parties, damaged=st.booleans())
    def lock_file_is_lost(self, party: int, damaged: bool) -> None:
        self.world.lose_lock(party, damaged=damaged)

    @rule(party=parties)
    def machine_is_cloned(self, party: int) -> None:
        self.world.clone(party)

    @rule()
    def clone_submits(self) -> None:
        self.world.submit_to_clone()

    @rule()
    def clones_stop(self) -> None:
        self.world.stop_clones()

    @rule(party=parties)
    def officer_closes_the_generation(self, party: int) -> None:
        self.world.close(party)

    @rule(party=parties, fault=st.sampled_from(AT_OPENING))
    def officer_opens_the_other_sides_file(self, party: int, fault: str) -> None:
        self.world.open(party, fault=fault)

    @rule(party=parties, by_ms=st.integers(-DAY_MS, DAY_MS))
    def clock_jumps(self, party: int, by_ms: int) -> None:
        self.world.jump_clock(party, by_ms)

    @invariant()
    def holds(self) -> None:
        self.world.check()

    def teardown(self) -> None:
        self.world.settle()


TestLine = pytest.mark.simulation(LineMachine.TestCase)
TestLine.settings = settings(
    max_examples=150, stateful_step_count=40, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
