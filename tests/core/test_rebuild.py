"""A store that was lost, and whose operator has said so: held back until the peer has given back what it holds."""

import pytest

from hotline import limits
from hotline.core.rebuild import Lost
from tests.simulation.network import Faults
from tests.simulation.world import World

ROUGH = Faults(loss=0.2, repeat=0.3, delay_s=(0.005, 0.5), late=0.05, late_s=20.0)


def talked(seed: int) -> World:
    """Both have said and acknowledged some."""
    world = World(seed)
    world.advance(40)
    for number in range(12):
        world.submit(number % 2)
        world.advance(0.3)
    world.acknowledge(0)
    world.acknowledge(1)
    world.settle()
    return world


def lose(world: World, *, lock: bool) -> None:
    station = world.parties[0]
    assert world.restore(0, lock=lock, total=True)
    if not lock:
        station.lock = None
    station.lost = Lost()


@pytest.mark.parametrize("lock", [True, False], ids=["lock file kept", "lock file lost"])
@pytest.mark.parametrize("seed", range(6))
def test_both_logs_come_back_on_a_bad_network_and_traffic_goes_on(seed: int, *, lock: bool) -> None:
    world = talked(seed)
    sizes = [station.view().own.size() for station in world.parties]
    lose(world, lock=lock)
    world.net.faults = ROUGH
    world.start(0)
    world.submit(0)
    world.submit(1)
    world.advance(20)
    world.crash(0)
    world.advance(2)
    world.start(0)
    world.settle()
    station = world.parties[0]
    assert not station.line.rebuild.active
    assert station.view().own.size() > sizes[0]
    assert station.view().mirror.size() > sizes[1]


def test_nothing_is_proposed_or_cosigned_before_the_peer_has_been_heard_and_all_is_back() -> None:
    world = talked(7)
    lose(world, lock=False)
    world.net.cut = {0}
    world.start(0)
    world.submit(0)
    world.advance(300)
    own, mirror = world.parties[0].line.own, world.parties[0].line.mirror
    assert (own.ledger.size, own.signed, mirror.cosigned[0]) == (0, 0, 0)
    assert own.restored
    world.net.cut = set()
    world.settle()
    assert not own.restored


@pytest.mark.parametrize("lock", [True, False], ids=["lock file kept", "lock file lost"])
def test_with_a_peer_that_holds_nothing_it_stands_still_and_says_why_once(*, lock: bool) -> None:
    world = talked(3)
    lose(world, lock=lock)
    peer = world.parties[1]
    kept = peer.snapshot()
    peer.restore(None, lock=False)
    peer.start(world.now_s)
    world.start(0)
    world.advance(40 + limits.REBUILD_SHORT_S)
    line = world.parties[0].line
    assert line.own.ledger.size == 0, "a second genesis"
    assert ("holds nothing" in line.rebuild.why) != lock
    assert ("what lies between is lost" in line.rebuild.why) == lock
    assert world.parties[0].alarms["stands-still"] == 1
    world.advance(200)
    assert world.parties[0].alarms["stands-still"] == 1
    peer.restore(kept, lock=False)
    peer.start(world.now_s)
    world.settle()
    assert line.rebuild.why == ""
    assert not line.rebuild.active


def test_a_line_on_which_the_lock_file_knows_of_nothing_signed_may_begin() -> None:
    world = World(4)
    world.parties[0].die()
    world.parties[0].lost = Lost(may_begin=True)
    world.start(0)
    world.submit(0)
    world.settle()
    assert not world.parties[0].line.rebuild.active
