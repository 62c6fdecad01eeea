"""The station's own journal while it runs: start and stop, what changed, rejected frames, heads (SPEC section 13).

On the engine's thread. Whatever else happens is an event, and `Store.event` notes it.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping

from hotline import __version__, limits
from hotline.core import checkpoint, journal
from hotline.core.card import Card
from hotline.core.checkpoint import Checkpoint
from hotline.core.step import Event, LockedHead, Now
from hotline.core.suite import HybridSigner
from hotline.station import changes
from hotline.store.journal import JournalHead
from hotline.store.lockfile import LockFile
from hotline.store.store import Store

_REJECTED_EVERY_S = 60.0
_STATION = b""  # what is of no line
_OTHERS = "others"


class Keeper:
    """Of one run. `facts` tells what the station stands on now (`hotline.station.changes.facts`)."""

    def __init__(
        self, store: Store, locks: LockFile, card: Card, log: HybridSigner, facts: Callable[[], Mapping[str, str]]
    ) -> None:
        self._store = store
        self._journal = store.journal
        self._locks = locks
        self._card = card
        self._log = log
        self._facts = facts
        self._generation = 1
        self._signed = 0  # entries under the latest head; 0 so that each run signs one at its start
        self._signed_s: float | None = None
        self._rejected: defaultdict[bytes, Counter[str]] = defaultdict(Counter)
        self._rejected_s = 0.0
        self._used: set[str] = set()

    # --- start and stop ------------------------------------------------------------------------------

    def begin(self, officers: Mapping[str, object], now: Now) -> None:
        """Tell how the last run ended, that this one starts, and what is not as it was. Once, before anything else."""
        self._generation, lost = self._loss()
        if lost:
            self._tell("journal-restored", lost, now, alarm=True)
        if self._journal.last_kind() not in ("", "stop", "journal-restored"):
            self._tell("unclean-end", "The run before did not end cleanly: power, a crash, or it was killed.", now)
        name, number = self._card.body.name, str(self._card.body.number)
        text = f"{name} starts, Hotline {__version__}, by its card number {number}."
        self._tell("start", text, now, version=__version__, card=number)
        for officer in officers:
            self._tell("key", f"{officer}'s key was opened at the start, to stand the watch.", now, officer=officer)
        self.compare(now)

    def _loss(self) -> tuple[int, str]:
        """The generation under which to sign, and what was lost, if the journal is not the one signed last."""
        head, locked = self._journal.head(), self._locks.journal
        last = max(head.generation if head else 0, journal.generation_of(self._card, locked.origin) if locked else 0)
        if locked is None and head and self._locks.state != "read":
            why = f"the lock file is {self._locks.state}"
            return last + 1, f"Whether this is the journal that was signed last is not known: {why}."
        if locked is not None and not self._journal.holds(locked.size, locked.root):
            root = locked.root.hex()[:16]
            return last + 1, (
                f"An older journal was put back: it has {self._journal.size} entries and lacks the head of size "
                f"{locked.size}, root {root}…, that was signed last."
            )
        return max(last, 1), ""

    def end(self, now: Now) -> None:
        """The last words of a clean end; `seal` comes after their commit."""
        self._tell_rejected(now)
        self._journal.count_rest(now.wall_ms, end=True)
        self._tell("stop", f"{self._card.body.name} stops.", now)

    # --- what happens ----------------------------------------------------------------------------------

    def compare(self, now: Now, *, quietly: bool = False) -> None:
        """Tell what differs from what was told last; `quietly` where an event has told it already."""
        before, after = self._journal.known(), dict(self._facts())
        if before == after:
            return
        if not quietly:
            for line, event in changes.events(before, after):
                self._store.event(line, event, now.wall_ms)
        self._journal.know(after)

    def used(self, key: str, now: Now) -> None:
        """One of the station's keys has signed: the first time in this run is told."""
        if key not in self._used:
            self._used.add(key)
            self._tell("key", f"The {key} key has signed for the first time since the start.", now, key=key)

    def rejected(self, line: bytes, reason: str, count: int) -> None:
        """Frames that failed a check; told once a minute."""
        self._rejected[line][reason] += count

    def tick(self, now: Now) -> bool:
        """Do what is due; whether anything was written."""
        wrote = self._journal.count_rest(now.wall_ms)
        if self._rejected and now.mono_s >= self._rejected_s + _REJECTED_EVERY_S:
            self._tell_rejected(now)
            wrote = True
        return wrote

    def _tell_rejected(self, now: Now) -> None:
        self._rejected_s = now.mono_s
        counted, self._rejected = self._rejected, defaultdict(Counter)
        for line, reasons in counted.items():
            most = reasons.most_common(limits.JOURNAL_FIELDS - 1)
            rest = reasons.total() - sum(count for _, count in most)
            told = [*most, *([(_OTHERS, rest)] if rest else [])]
            words = ", ".join(f"{reason} {count}" for reason, count in told)
            text = f"Frames that failed a check and were ignored: {words}."
            fields = tuple((reason, str(count)) for reason, count in told)
            self._store.event(line, Event("rejected", text, fields=fields), now.wall_ms)

    def _tell(self, kind: str, text: str, now: Now, *, alarm: bool = False, **fields: str) -> None:
        event = Event(kind, text, alarm=alarm, fields=tuple(fields.items()))
        self._store.event(_STATION, event, now.wall_ms)

    # --- heads -------------------------------------------------------------------------------------------

    def due(self, now: Now) -> bool:
        """Whether something is new, and the last head is a minute old."""
        new = self._journal.size > self._signed
        return new and (self._signed_s is None or now.mono_s >= self._signed_s + limits.JOURNAL_HEAD_S)

    def seal(self, now: Now) -> None:
        """Sign all that is committed: the lock file first. The caller has committed before, and commits after."""
        size, root = self._journal.size, self._journal.root()
        origin = journal.origin(self._card, self._generation)
        self._locks.lock_journal(LockedHead(origin, size, root))
        signature = self._log.sign(*checkpoint.log_messages(Checkpoint(origin, size, root)))
        self._journal.keep_head(JournalHead(size, self._generation, root, signature))
        self._signed, self._signed_s = size, now.mono_s
