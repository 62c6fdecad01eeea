"""What the core hands back: writes to commit, then heads to sign and messages to send.

*Persist, then speak* is in these types. A driver must, in this order: apply `writes` and commit
them to disk; if `lock` is set, replace the lock file; carry out `signs` and give each result back
to the line; send `sends`. If any of the first three fails, nothing after it may happen, and the
process stops.
"""

from dataclasses import dataclass, field
from typing import Literal

from hotline.core.checkpoint import Checkpoint
from hotline.core.messages import Item


@dataclass(frozen=True, slots=True)
class Now:
    """The two clocks of one moment: `wall_ms` labels, `mono_s` measures intervals and never jumps."""

    wall_ms: int
    mono_s: float

    @property
    def wall_s(self) -> int:
        """Whole seconds since 1970."""
        return self.wall_ms // 1000


@dataclass(frozen=True, slots=True)
class Stored:
    """One entry as it is kept: raw bytes, leaf hash, and what opens the commitment."""

    entry: bytes
    leaf: bytes
    salt: bytes
    body: bytes

    @property
    def item(self) -> Item:
        """The same for the wire."""
        return Item(self.entry, self.salt, self.body)

    @property
    def size_bytes(self) -> int:
        """What it weighs in the window."""
        return len(self.entry) + len(self.body)


@dataclass(frozen=True, slots=True)
class BodyFacts:
    """What lists and judging need of a body. `reason` is `kind`, `notice` or `rule` (SPEC section 4.8), or empty."""

    kind: str
    subject: str
    reason: str


@dataclass(frozen=True, slots=True)
class NoticeContext:
    """Where a notice stands and what its header says: what the rules between notices need beside its body."""

    origin: str
    index: int
    id: bytes
    precedence: int
    mode: int


# --- writes -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Append:
    """Entries at the end of a log (own or mirror), from `start` on; `queued` rows leave the queue with it."""

    origin: str
    start: int
    entries: tuple[Stored, ...]
    queued: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Truncate:
    """The log loses its entries from `size` on; they are kept aside as displaced, with the reason, if `keep`."""

    origin: str
    size: int
    reason: str
    keep: bool = True


@dataclass(frozen=True, slots=True)
class KeepProposal:
    """The owner's link signature over a size of its log, kept by the holder of the mirror."""

    origin: str
    size: int
    root: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class CosignIntent:
    """The statement that is about to be signed; a crash after this re-signs the same (SPEC section 7.3)."""

    origin: str
    size: int
    root: bytes
    timestamp_s: int


@dataclass(frozen=True, slots=True)
class KeepReceipt:
    """A receipt: the peer's over my log, or mine over the mirror."""

    origin: str
    size: int
    root: bytes
    timestamp_s: int
    signature: bytes


@dataclass(frozen=True, slots=True)
class KeepHead:
    """A signed head: mine, or the peer's verified one."""

    origin: str
    size: int
    root: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Enqueue:
    """A row for the durable queue; one with the same key that is there already stays."""

    key: bytes
    rank: int
    payload: bytes
    salt: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class Surface:
    """One judged entry of the mirror for the inbox, exactly once by (origin, index)."""

    origin: str
    index: int
    type: int
    time_ms: int
    reason: str
    recovered: bool
    notice_id: bytes = b""
    serial: int = 0
    precedence: int = 0
    mode: int = 0
    expires_s: int = 0
    officers: tuple[str, ...] = ()
    body: BodyFacts | None = None
    repeat: bool = False  # shown already, in an earlier generation (SPEC section 7.13)


@dataclass(frozen=True, slots=True)
class Judged:
    """How far the mirror has been judged and surfaced, and what judging must remember."""

    origin: str
    size: int
    serial: int
    seen_size: int


@dataclass(frozen=True, slots=True)
class Answered:
    """A valid answer of the peer to an entry of my log."""

    origin: str
    target: int
    type: int
    index: int
    time_ms: int
    verdict: int
    officer: str
    text: str


@dataclass(frozen=True, slots=True)
class Watched:
    """A valid watch of the peer; `officer` and `relieved` are the names in its card, `relieved` empty if nobody is.

    Who has the log key can put an old one into the log again: of two, the one with the larger `signed_ms` holds.
    """

    origin: str
    index: int
    state: int
    officer: str
    relieved: str
    time_ms: int
    signed_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class KeepCard:
    """The peer's fitting newer card, which holds from here on; `packed` is card body ‖ root signature.

    Committed with the Judged that covers `index`. A line that starts anew is given the newest card kept.
    """

    origin: str
    index: int
    number: int
    packed: bytes


@dataclass(frozen=True, slots=True)
class Freeze:
    """A log on which two inconsistent signed heads exist; `evidence` is a FORK payload."""

    origin: str
    evidence: bytes


@dataclass(frozen=True, slots=True)
class KeepEmergency:
    """An EMERGENCY, mine or the peer's, with its payload as signed; `officer` is the name in the sender's card."""

    id: bytes
    mine: bool
    payload: bytes
    time_ms: int
    officer: str
    text: str


@dataclass(frozen=True, slots=True)
class EmergencySeen:
    """The peer's station has stored and shown an EMERGENCY of mine: its receipt key's signature."""

    id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Event:
    """For the daemon's listeners and the journal; `kind` is one of `hotline.core.kinds`, `alarm` asks for a person."""

    kind: str
    text: str
    alarm: bool = False
    origin: str = ""
    index: int = -1
    fields: tuple[tuple[str, str], ...] = ()  # for the journal: names and values, neither content nor secrets
    plain: str = ""  # the text for the journal, where `text` quotes what a notice or an answer says


Write = (
    Append | Truncate | KeepProposal | CosignIntent | KeepReceipt | KeepHead | Enqueue
    | Surface | Judged | Answered | Watched | KeepCard | Freeze
    | KeepEmergency | EmergencySeen | Event
)  # fmt: skip

# --- after the commit ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SignHead:
    """Sign a head of my own log with the log key, then call `Line.head_signed`."""

    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True)
class SignReceipt:
    """Cosign a head of the mirror with the receipt key, then call `Line.receipt_signed`."""

    checkpoint: Checkpoint
    timestamp_s: int


@dataclass(frozen=True, slots=True)
class Send:
    """A message to render after the commit (`Line.render`), so that it shows what is then on disk.

    `entries` sends [start, end) of `origin`; `head` the largest signed head, with proof from `prior`
    where that is not zero; `receipt` the largest receipt; `need` asks for [start, end). `emergency` and
    `seen` name an EMERGENCY, mine or the peer's, by its id in `origin`, in hex.
    """

    kind: Literal["hello", "entries", "receipt", "head", "need", "fork", "emergency", "seen"]
    origin: str = ""
    start: int = 0
    end: int = 0
    prior: int = 0
    echo: bytes = b""
    ask: bool = False


@dataclass(slots=True)
class Step:
    """What one input leads to. Owned by the driver once returned."""

    writes: list[Write] = field(default_factory=list)
    lock: bool = False
    signs: list[SignHead | SignReceipt] = field(default_factory=list)
    sends: list[Send] = field(default_factory=list)

    def write(self, *writes: Write) -> None:
        """Add writes, in the order in which they must be applied."""
        self.writes.extend(writes)

    def send(self, send: Send) -> None:
        """Add a message, unless the same one is there already."""
        if send not in self.sends:
            self.sends.append(send)

    def alarm(self, kind: str, text: str, *, plain: str = "") -> None:
        """Add an event that asks for a person; `plain` as in Event."""
        self.writes.append(Event(kind, text, alarm=True, plain=plain))


@dataclass(frozen=True, slots=True)
class LockedHead:
    """One record of the lock file: the largest head of `origin` that was signed (own) or cosigned (peer's)."""

    origin: str
    size: int
    root: bytes
