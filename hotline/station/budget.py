"""A token bucket: how many frames of one relay may be opened in a second, so that floods cost little."""


class Budget:
    """Refills continuously; holds at most one second's worth."""

    def __init__(self, per_s: float) -> None:
        self._per_s = per_s
        self._tokens = per_s
        self._at: float | None = None

    def has(self, now_s: float) -> bool:
        """Return whether one more is allowed now (monotonic seconds)."""
        if self._at is not None:
            self._tokens = min(self._per_s, self._tokens + (now_s - self._at) * self._per_s)
        self._at = now_s
        return self._tokens >= 1

    def spend(self) -> None:
        """One was used."""
        self._tokens -= 1
