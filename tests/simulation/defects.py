"""Old defects of the product, brought back on purpose: a simulator that does not find them would show nothing.

Each is a context that patches the product's classes in this process, and takes the patch back. None is in the product.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from hotline.core import ownlog
from hotline.core.checkpoint import Checkpoint
from hotline.core.mirror import Mirror
from hotline.core.ownlog import OwnLog
from hotline.core.step import Now, SignHead, Step
from hotline.store.generations import Carrier
from hotline.store.views import SqlLine


@contextmanager
def _patched(owner: Any, name: str, value: object) -> Iterator[None]:
    kept = owner.__dict__[name]
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, kept)


def signs_first() -> AbstractContextManager[None]:
    """The owner signs a head as soon as it has appended, and then looks for a receipt: "sign first" of DESIGN 5."""
    propose = OwnLog.propose

    def signing(self: OwnLog, now: Now, step: Step) -> None:
        propose(self, now, step)
        if (
            self.in_step
            and not self.restored
            and not self.frozen
            and self.ledger.size > max(self.signed, self._signing)
        ):
            step.signs = [s for s in step.signs if not isinstance(s, SignHead)]
            step.signs.append(SignHead(Checkpoint(self.ledger.origin, self.ledger.size, self.ledger.root())))
            step.lock, self._signing = True, self.ledger.size

    return _patched(OwnLog, "propose", signing)


def ignores_own_lock() -> AbstractContextManager[None]:
    """The owner does not ask its lock file whether its store is old."""
    return _patched(OwnLog, "restored", property(lambda self: False))


def cosigns_past_its_lock() -> AbstractContextManager[None]:
    """The holder cosigns although its lock file names a larger head than its store has."""
    return _patched(Mirror, "_may_cosign", lambda self: self._awaited is None)


def forgets_displaced() -> AbstractContextManager[None]:
    """What was displaced by an adoption is not put back into the queue."""
    return _patched(ownlog, "_requeued", lambda displaced, tail: [])


def surfaces_repeats() -> AbstractContextManager[None]:
    """The holder does not ask whether an earlier generation has shown a notice."""
    return _patched(SqlLine, "earlier", lambda self, notice_id: b"")


def carries_the_queue_alone() -> AbstractContextManager[None]:
    """What stands in the old log and was not surfaced by the peer is not said again in the next generation."""
    return _patched(Carrier, "_from", lambda self, old: old.own.size())


DEFECTS: dict[str, Callable[[], AbstractContextManager[None]]] = {
    "signs-first": signs_first,
    "ignores-own-lock": ignores_own_lock,
    "cosigns-past-its-lock": cosigns_past_its_lock,
    "forgets-displaced": forgets_displaced,
    "surfaces-repeats": surfaces_repeats,
    "carries-the-queue-alone": carries_the_queue_alone,
}
