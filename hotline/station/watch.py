"""Watch entries: who comes on duty and who goes off, signed into the log of each line (SPEC section 4.6)."""

from dataclasses import dataclass

from hotline.core import entry, queue
from hotline.core.step import Enqueue, Event, Now
from hotline.custody.suite import HybridKey, RealSuite
from hotline.errors import UsageError
from hotline.limits import REASON_BYTES
from hotline.station.port import Port
from hotline.station.submission import officer_id_of
from hotline.store.store import Store

_SUITE = RealSuite()

Signer = tuple[str, HybridKey]


@dataclass(frozen=True, slots=True)
class Change:
    """`officer` comes on (relieving somebody, or nobody) or goes off."""

    on: bool
    officer: Signer
    relieved: Signer | None
    text: str

    def require_text(self) -> None:
        """UsageError if the text is too long for an entry."""
        if len(self.text.encode("utf-8")) > REASON_BYTES:
            raise UsageError(f"The text has at most {REASON_BYTES} bytes.", "Shorten it, or send a consultation.")


def row(port: Port, change: Change, now: Now) -> queue.Queued:
    """The entry for one line, signed by all whom it names."""
    random, state = _SUITE.random(16), entry.WATCH_ON if change.on else entry.WATCH_OFF
    officer = officer_id_of(port, change.officer[0])
    relieved = officer_id_of(port, change.relieved[0]) if change.relieved else b""
    message = entry.watch_message(
        port.identity.id, port.identity.me, random, state, officer, relieved, now.wall_ms, change.text
    )
    signature = change.officer[1].sign_one(message)
    handed = change.relieved[1].sign_one(message) if change.relieved else b""
    return queue.watch_row(
        queue.QueuedWatch(random, state, officer, relieved, now.wall_ms, change.text, signature, handed)
    )


def keep(store: Store, port: Port, change: Change, queued: queue.Queued, now: Now) -> None:
    """Queue the entry and note it; on the engine's thread."""
    line, relieved = port.identity.id, change.relieved[0] if change.relieved else ""
    signed_ms = queued.what.signed_ms if isinstance(queued.what, queue.QueuedWatch) else now.wall_ms
    store.desk.keep_watch(line, int(change.on), change.officer[0], relieved, signed_ms, change.text, mine=True)
    text = f"{change.officer[0]} is {'on' if change.on else 'off'} duty" + (
        f", relieving {relieved}." if relieved else "."
    )
    enqueue = Enqueue(queued.key, queued.rank, queue.payload(queued.what), b"", b"")
    store.apply(line, [enqueue, Event("watch", text)], now.wall_ms)
