"""What is shown of the paths: which brings the peer's frames, how late, and which does not."""

from hotline.core.frame import HEADER_BYTES
from hotline.station import arrivals
from hotline.station.arrivals import Arrivals, Tally

UP = [("fast", 0.0), ("slow", 0.0)]


def frame(number: int) -> bytes:
    """Bytes that differ where a frame has its MAC."""
    return number.to_bytes(HEADER_BYTES, "big") + bytes(100)


def test_a_path_is_as_late_as_it_is_behind_the_first_that_brings_a_frame() -> None:
    seen = Arrivals()
    for number in range(100):
        seen.heard("fast", frame(number), 10.0 + number)
        seen.heard("slow", frame(number), 10.4 + number)
    assert seen.of("fast").late_s == 0.0
    assert abs((seen.of("slow").late_s or 0.0) - 0.4) < 1e-6
    assert (seen.of("fast").carried, seen.of("slow").carried) == (100, 100)


def test_a_path_that_brings_nothing_while_another_does_is_seen_to_miss() -> None:
    seen = Arrivals()
    for number in range(5):
        seen.heard("fast", frame(number), 10.0)
    seen.judge(10.0 + arrivals.GRACE_S / 2, UP)
    assert seen.of("slow").missed == 0
    seen.judge(10.0 + arrivals.GRACE_S, UP)
    assert (seen.of("slow").missed, seen.of("fast").missed) == (5, 0)


def test_a_path_that_came_up_after_a_frame_has_not_missed_it() -> None:
    seen = Arrivals()
    seen.heard("fast", frame(1), 10.0)
    seen.judge(100.0, [("slow", 50.0)])
    assert seen.of("slow") == Tally()


def test_a_frame_that_one_path_brings_twice_is_a_repeat_there_and_nowhere_else() -> None:
    seen = Arrivals()
    for path in ("fast", "fast", "slow"):
        seen.heard(path, frame(1), 10.0)
    assert (seen.of("fast").repeats, seen.of("slow").repeats) == (1, 0)
    assert (seen.of("fast").carried, seen.of("slow").carried) == (1, 1)


def test_what_waits_to_be_judged_is_bounded() -> None:
    seen = Arrivals()
    for number in range(2 * arrivals.AWAITED):
        seen.heard("fast", frame(number), 10.0)
        seen.judge(10.0, UP)
    assert len(seen._seen) == arrivals.AWAITED
    assert seen.of("slow").missed == arrivals.AWAITED


def test_a_removed_path_is_forgotten() -> None:
    seen = Arrivals()
    seen.heard("fast", frame(1), 10.0)
    seen.forget("fast")
    seen.forget("never there")
    assert seen.of("fast") == Tally()
