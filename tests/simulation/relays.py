"""Relays of a simulated line: each frame goes to all of them, and each is honest or not in its own way."""

import random
from dataclasses import dataclass, field

from hotline.core.frame import SIZES

_REMEMBERED = 200  # frames that an eavesdropping relay keeps
MANNERS = ("honest", "drops", "replays", "holds back", "forges", "drops HELLO alone")
_KEY_ID = slice(1, 9)  # of a frame (SPEC section 6.1): in clear, so that a relay can tell HELLOs apart


@dataclass
class Relay:
    """What one relay does to each frame on top of the network: `share` of them, as its manner says."""

    manner: str = "honest"
    share: float = 0.0
    hold_s: float = 0.0  # the longest that it holds a frame back
    down: bool = False
    hellos: frozenset[bytes] = frozenset()  # key ids of the two cards' seals

    def drops(self, frame: bytes, rng: random.Random) -> bool:
        """Whether the frame goes no further."""
        if self.down:
            return True
        if self.manner == "drops HELLO alone":
            return frame[_KEY_ID] in self.hellos
        return self.manner == "drops" and rng.random() < self.share

    def hold(self, rng: random.Random) -> float:
        """How long this frame is held back, in seconds."""
        if self.manner == "holds back" and rng.random() < self.share:
            return rng.uniform(0.0, self.hold_s)
        return 0.0

    def acts(self, manner: str, rng: random.Random) -> bool:
        """Whether this relay does so at this frame."""
        return self.manner == manner and not self.down and rng.random() < self.share


@dataclass
class Memory:
    """The frames that an eavesdropper keeps: so many, of all times."""

    rng: random.Random
    kept: list[tuple[int, bytes]] = field(default_factory=list)

    def keep(self, to: int, frame: bytes) -> None:
        if len(self.kept) < _REMEMBERED:
            self.kept.append((to, frame))
        else:
            self.kept[self.rng.randrange(_REMEMBERED)] = (to, frame)

    def any(self) -> tuple[int, bytes]:
        return self.kept[self.rng.randrange(len(self.kept))]

    def garbled(self) -> tuple[int, bytes]:
        """A frame with one bit turned."""
        to, frame = self.any()
        at = self.rng.randrange(len(frame))
        return to, frame[:at] + bytes([frame[at] ^ 1 << self.rng.randrange(8)]) + frame[at + 1 :]

    def forged(self) -> tuple[int, bytes]:
        """What somebody without any key can make of frames: noise, halves of two, a cut one, one sent back, one bit."""
        to, frame = self.any()
        _, other = self.any()
        half = len(frame) // 2
        how = self.rng.randrange(5)
        if how == 0:
            return to, frame[:25] + self.rng.randbytes(self.rng.choice(SIZES[:3]) - 25)
        if how == 1:
            return to, frame[:half] + other[half : len(frame)]
        if how == 2:
            return to, frame[: self.rng.randrange(len(frame))]
        if how == 3:
            return 1 - to, frame
        return self.garbled()
