"""When a follower of events connects anew, and when it gives up."""

import asyncio

from hotline.api import bounds
from hotline.errors import HotlineError


class Retry:
    """Doubles the wait up to a bound; patience counts from the moment of the loss. None is patience for ever."""

    def __init__(self, patience_s: float | None) -> None:
        self._patience_s = patience_s
        self._delay_s = bounds.RECONNECT_FIRST_S
        self._lost_at: float | None = None
        self.is_first = True

    def succeeded(self) -> None:
        self._delay_s, self._lost_at, self.is_first = bounds.RECONNECT_FIRST_S, None, False

    async def wait(self, error: HotlineError) -> None:
        """Wait a little longer each time. Raises `error` once patience is at its end."""
        now = asyncio.get_running_loop().time()
        self._lost_at = now if self._lost_at is None else self._lost_at
        if self._patience_s is not None and now + self._delay_s - self._lost_at > self._patience_s:
            raise error
        await asyncio.sleep(self._delay_s)
        self._delay_s = min(2 * self._delay_s, bounds.RECONNECT_MOST_S)
