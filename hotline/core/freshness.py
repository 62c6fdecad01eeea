"""Which answers are fresh: those that echo one of the last nonces I sent (SPEC section 6.6)."""

from collections import OrderedDict, deque

from hotline import limits
from hotline.core.suite import Suite


class Freshness:
    """My own nonces of this process, and the peer's latest. Nothing of it survives a restart, on purpose."""

    def __init__(self, suite: Suite) -> None:
        self._suite = suite
        self._mine: deque[bytes] = deque(maxlen=limits.NONCES)
        self.made = 0
        self.peers = b""

    def new(self) -> bytes:
        """Return a new nonce of mine, 16 bytes."""
        nonce = self._suite.random(16)
        self._mine.append(nonce)
        self.made += 1
        return nonce

    def latest(self) -> bytes:
        """My latest nonce, made now if there is none."""
        return self._mine[-1] if self._mine else self.new()

    def fresh(self, echo: bytes) -> bool:
        """Return whether this echo proves that the message was made after a recent one of mine."""
        return bool(echo) and echo in self._mine

    def number(self, echo: bytes) -> int:
        """Return how many nonces I had made when I made this fresh one: it orders an answer after an event here."""
        return self.made - len(self._mine) + 1 + self._mine.index(echo)


class Answers:
    """Which HELLOs that ask get an answer (SPEC section 7.8): three slots, so that old ones starve no honest one.

    Fresh ones; those that a living process of the peer may have made; and all others, at a growing distance.
    """

    def __init__(self) -> None:
        self._at_s: dict[str, float] = {}
        self._distance_s = limits.HELLO_PROMPTED_MIN_S
        self._newest_ms = -1  # of the prekeys that asked

    def learnt(self, prekey_ms: int | None) -> None:
        """A fresh HELLO has taught something. What it says of the clock of its prekeys counts, also backwards."""
        self._distance_s = limits.HELLO_PROMPTED_MIN_S
        if prekey_ms is not None:
            self._newest_ms = prekey_ms

    def new_prekey(self, prekey_ms: int) -> bool:
        """Whether a HELLO with this prekey is of the peer's newest process, as far as anybody has shown."""
        self._newest_ms = max(self._newest_ms, prekey_ms)
        return prekey_ms == self._newest_ms

    def due(self, *, fresh: bool, current: bool, now_s: float) -> bool:
        """Take the slot, if it is free."""
        slot = "fresh" if fresh else "current" if current else "old"
        distance_s = self._distance_s if slot == "old" else limits.HELLO_ANSWER_MIN_S
        at_s = self._at_s.get(slot)
        if at_s is not None and now_s < at_s + distance_s:
            return False
        self._at_s[slot] = now_s
        if slot == "old":
            self._distance_s = min(2 * self._distance_s, limits.HELLO_OLD_MOST_S)
        return True


class Repeats:
    """Hashes of the last frames that were fully processed (SPEC section 6.4)."""

    def __init__(self) -> None:
        self._seen: OrderedDict[bytes, None] = OrderedDict()

    def __contains__(self, digest: bytes) -> bool:
        return digest in self._seen

    def add(self, digest: bytes) -> None:
        """Remember one; the oldest is forgotten past the bound."""
        self._seen[digest] = None
        while len(self._seen) > limits.REPEAT_FRAMES:
            self._seen.popitem(last=False)
