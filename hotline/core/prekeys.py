"""Prekeys: the keys that give forward secrecy, in memory only (SPEC section 6.5)."""

from collections.abc import Callable
from dataclasses import dataclass

from hotline import limits
from hotline.core import frame
from hotline.core.card import Card
from hotline.core.messages import Prekey
from hotline.core.step import Now
from hotline.core.suite import Opener, Suite, label, verify_hybrid
from hotline.errors import SignatureError

# Makes a new X-Wing key and signs it with the prekey signer; given created_ms.
Maker = Callable[[int], tuple[Opener, Prekey]]


def prekey_message(fingerprint: bytes, line: bytes, created_ms: int, public: bytes) -> bytes:
    """Return what the prekey signer signs."""
    return label("prekey") + fingerprint + line + created_ms.to_bytes(8, "big") + public


@dataclass(slots=True)
class _Own:
    opener: Opener
    prekey: Prekey
    made_s: float
    replaced_s: float | None = None  # when the peer echoed a newer one


class Prekeys:
    """My prekeys on one line, and the peer's newest."""

    def __init__(self, suite: Suite, make: Maker, line: bytes, peer: Card) -> None:
        self._suite = suite
        self._make = make
        self._line = line
        self._peer = peer
        self._own: dict[bytes, _Own] = {}
        self._newest = b""
        self._echoed = b""
        self.peers: Prekey | None = None

    def start(self, now: Now) -> None:
        """Make the first one."""
        opener, prekey = self._make(now.wall_ms)
        self._newest = frame.key_id(prekey.public)
        self._own[self._newest] = _Own(opener, prekey, now.mono_s)

    def opener(self, key_id: bytes) -> Opener | None:
        """My private half for this key id, while I still have it."""
        own = self._own.get(key_id)
        return own.opener if own else None

    def to_show(self) -> tuple[Prekey, ...]:
        """For HELLO: my newest, until the peer has echoed it."""
        return (self._own[self._newest].prekey,) if self.lacking else ()

    def seen(self) -> bytes:
        """For HELLO: the key id that I hold of the peer's, or empty."""
        return frame.key_id(self.peers.public) if self.peers else b""

    def take(self, shown: tuple[Prekey, ...], seen: bytes, now: Now) -> bool:
        """Take what a fresh HELLO shows; return whether it brought a new prekey. PeerError for an improper one."""
        new = bool(shown) and (self.peers is None or shown[0].public != self.peers.public)
        if new:
            self._check(shown[0])
            self.peers = shown[0]
        self._note_echo(seen, now)
        return new

    def _check(self, prekey: Prekey) -> None:
        """A signed prekey may still be one that nothing can be sealed to; better found here than at each sending."""
        message = prekey_message(self._peer.fingerprint, self._line, prekey.created_ms, prekey.public)
        if not verify_hybrid(self._suite, self._peer.body.prekey_signer, message, prekey.signature):
            raise SignatureError("A prekey's signature does not verify.", reason="prekey-signature")
        self._suite.seal(prekey.public, b"", b"")

    @property
    def lacking(self) -> bool:
        """Whether the peer has not yet shown that it holds my newest one: it can send me nothing but HELLOs."""
        return self._echoed != self._newest

    def _note_echo(self, seen: bytes, now: Now) -> None:
        """An older key's grace begins only when the peer has shown that it uses a newer one."""
        if seen != self._newest:
            self._echoed = b"" if seen not in self._own else self._echoed
            return
        self._echoed = seen
        for key_id, own in self._own.items():
            if key_id != seen and own.replaced_s is None:
                own.replaced_s = now.mono_s

    def tick(self, now: Now) -> bool:
        """Delete what has had its grace, make a new one when due; return whether there is a new one to show."""
        for key_id in [
            k for k, o in self._own.items()
            if o.replaced_s is not None and now.mono_s >= o.replaced_s + limits.PREKEY_GRACE_S
        ]:  # fmt: skip
            del self._own[key_id]
        newest = self._own[self._newest]
        due = now.mono_s >= newest.made_s + limits.PREKEY_LIFE_S
        if not due or self._echoed != self._newest or len(self._own) >= limits.PREKEYS_HELD:
            return False
        self.start(now)
        return True
