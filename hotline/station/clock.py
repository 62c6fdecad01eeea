"""The clocks of the daemon, in one place so that a test can give its own in-process; no setting changes them."""

import time
from typing import Protocol

from hotline.core.step import Now


class Clock(Protocol):
    """A source of moments."""

    def now(self) -> Now:
        """This moment on both clocks."""
        ...


class SystemClock:
    """The machine's clocks."""

    def now(self) -> Now:
        return Now(time.time_ns() // 1_000_000, time.monotonic())
