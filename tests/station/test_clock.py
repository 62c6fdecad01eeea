"""Both clocks of the machine, in the units that their names say."""

import time

from hotline.station.clock import SystemClock


def test_the_wall_clock_is_milliseconds_since_1970_and_the_other_never_goes_back() -> None:
    first, second = SystemClock().now(), SystemClock().now()
    assert abs(first.wall_ms / 1000 - time.time()) < 60
    assert first.mono_s <= second.mono_s <= time.monotonic()
