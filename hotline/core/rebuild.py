"""A line whose store was lost: both logs are held back until the peer has given back what it holds (SPEC section 7.7).

It watches a restored store too, since the same may befall that: a peer that holds less than the lock file names
can never hand back what is lacking. Then the line stands still, and here it is said why.
"""

from dataclasses import dataclass

from hotline import limits
from hotline.core.mirror import Mirror
from hotline.core.ownlog import OwnLog
from hotline.core.step import Event, Now, Step


@dataclass(frozen=True, slots=True)
class Lost:
    """The store of a line was lost. `may_begin`: the lock file knew that nothing of our own had been signed."""

    may_begin: bool = False


class Rebuild:
    """Of one line. `active` from the start until both logs are whole again; with `lost` the whole store was."""

    def __init__(self, own: OwnLog, mirror: Mirror, lost: Lost | None) -> None:
        self._own = own
        self._mirror = mirror
        self._lost = lost
        self.active = lost is not None or own.restored
        self.why = ""  # why it stands still, while it does
        self._short_since_s: float | None = None
        own.rebuilding = mirror.rebuilding = lost is not None

    def announce(self, step: Step) -> None:
        """At each start, until it has ended."""
        if self._lost:
            step.alarm(
                "rebuilding",
                "The store of this line was lost: nothing is proposed or signed until the peer has given it back.",
            )

    def watch(self, now: Now, step: Step) -> None:
        """At the end of each batch: is it whole, or can it never be?"""
        if not self.active:
            return
        if self._own_is_back() and self._mirror_is_back():
            self._end(now, step)
            return
        short = self._own_shortage() or self._mirror_shortage()
        if not short:
            self._short_since_s, self.why = None, ""
            return
        if self._short_since_s is None:
            self._short_since_s = now.mono_s
        if not self.why and now.mono_s >= self._short_since_s + limits.REBUILD_SHORT_S:
            self.why = short
            step.alarm("stands-still", f"{short} Nothing is proposed or signed.")

    def _end(self, now: Now, step: Step) -> None:
        self.active, self.why = False, ""
        self._own.rebuilding = self._mirror.rebuilding = False
        if self._lost:
            self._mirror.cosign_again()
            self._own.propose(now, step)  # what it receipts again is signed again
            own, theirs = self._own.ledger.size, self._mirror.ledger.size
            step.write(Event("logs-rebuilt", f"Rebuilt from the peer: {own} entries of ours, {theirs} of theirs."))

    def next_tick(self) -> float | None:
        """When `watch` has something to say, on the monotonic clock."""
        if not self.active or self.why or self._short_since_s is None:
            return None
        return self._short_since_s + limits.REBUILD_SHORT_S

    # --- what is back, and what cannot come ---------------------------------------------------------------

    def _own_is_back(self) -> bool:
        own = self._own
        locked = own.lock.own
        held = own.lock.readable and (locked is None or own.ledger.holds(locked.size, locked.root))
        begun = own.ledger.size > 0 or self._lost is None or self._lost.may_begin
        return own.in_step and held and begun

    def _mirror_is_back(self) -> bool:
        mirror = self._mirror
        signed = mirror.head_size >= mirror.owner_signed and mirror.judged_size >= mirror.head_size
        return not self._lost or (signed and self._holds_cosigned())

    def _holds_cosigned(self) -> bool:
        locked = self._mirror.lock.peer
        return locked is None or self._mirror.ledger.holds(locked.size, locked.root)

    def _own_shortage(self) -> str:
        own, locked = self._own, self._own.lock.own
        if not own.in_step or self._own_is_back():
            return ""
        if own.ledger.size == 0 and (locked is None or locked.size == 0):
            return "The peer holds nothing of our log, and this station does not know how far it had come."
        size = locked.size if locked else 0
        return f"The peer holds {own.shown} entries of our log, and we have signed {size}: what lies between is lost."

    def _mirror_shortage(self) -> str:
        mirror, locked = self._mirror, self._mirror.lock.peer
        if not self._own.in_step or locked is None or self._holds_cosigned() or mirror.head_size < mirror.owner_signed:
            return ""
        return (
            f"The peer shows {mirror.owner_signed} signed entries of its own log, and we have receipted {locked.size}: "
            "it has lost data itself."
        )
