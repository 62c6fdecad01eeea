"""When a missing lock file is no loss."""

from hotline.core.view import never_signed
from tests.simulation.world import World


def test_a_missing_lock_file_is_missed_only_once_something_was_signed() -> None:
    world = World(1)
    assert never_signed(world.parties[0].view())
    world.advance(5)
    assert not never_signed(world.parties[0].view())


def crashed_between_commit_and_lock() -> World:
    """A world whose party 1 died with its first statement committed and no lock file yet."""
    for passes in range(40):
        world = World(1)
        world.arm(1, "after commit", passes)
        world.advance(5)
        station = world.parties[1]
        station.die()
        station.open_store()
        if station.lock is None and station.view().mirror.intent() is not None:
            return world
    raise AssertionError("no crash came between the two")


def test_a_statement_that_was_committed_and_not_signed_makes_no_restored_station() -> None:
    """The lock file is written after that commit: a crash between the two used to look like a lost file."""
    world = crashed_between_commit_and_lock()
    world.start(1)
    assert world.parties[1].running is not None
    assert not world.parties[1].line.own.restored
    world.settle()
    assert world.parties[1].alarms["restored"] == 0
