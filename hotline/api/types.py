"""What the API takes and gives, as typed structs: shared by server, client and CLI; the OpenAPI document is made
from them.

Binary values are lowercase hex. Times are integers: `_ms` or `_s` since 1970-01-01 UTC; 0 means *not yet*.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from hotline import limits

NoticeState = Literal["QUEUED", "STORED", "OPENED", "ACKNOWLEDGED", "REFUSED", "EXPIRED"]
LineState = Literal["path down", "peer silent", "peer unattended", "attended", "stalled", "frozen"]


class Api(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base: unknown fields are an error, so that a misspelt one is not silently ignored."""


class Submit(Api, frozen=True):
    """A notice to send. `notice` is the friendly form of `hotline.notices.from_mapping`, without the envelope."""

    kind: Annotated[str, Meta(max_length=64)]
    notice: dict[str, Any]
    to: Annotated[str, Meta(max_length=limits.NAME_BYTES)] = ""  # the line's name; empty for the only line
    id: Annotated[str, Meta(pattern="^([0-9a-f]{32})?$(?!\n)")] = ""  # chosen by the caller to make a repeat harmless
    precedence: Literal["ROUTINE", "PRIORITY", "IMMEDIATE", "FLASH"] = "ROUTINE"
    mode: Literal["OPERATION", "DRILL", "TEST"] = "OPERATION"
    expires_s: Annotated[int, Meta(ge=0, le=limits.TREE_SIZE)] = 0
    officer: Annotated[str, Meta(max_length=limits.NAME_BYTES)] = ""  # who releases it; empty for the only one on duty


class Submitted(Api, frozen=True):
    """Durably queued here. That is all: it is NOT at the peer yet."""

    id: str
    line: str
    state: NoticeState
    repeated: bool  # this id with this text was here already; `state` is what it has reached


class Failure(Api, frozen=True):
    """The one form of an error. `exit` is the CLI's exit code; `field` names the field where one is at fault."""

    error: str
    remedy: str
    reason: str
    exit: int
    field: str = ""
    kind: str = ""  # the class in `hotline.errors` that a Python client raises
    number: int = 0  # in a bulk submission: the line of the request that it answers, from 1


class Answer(Api, frozen=True):
    """An officer's answer to a notice of the peer, by reference (`SOUTH 7`, or the notice id)."""

    ref: Annotated[str, Meta(max_length=128)]
    verdict: Literal["opened", "acknowledged", "refused"]
    text: Annotated[str, Meta(max_length=limits.REASON_BYTES)] = ""
    officer: Annotated[str, Meta(max_length=limits.NAME_BYTES)] = ""


class Step(Api, frozen=True):
    """One rung of a notice's ladder. `clock` says whose clock the time is: `ours` or `peer`."""

    state: NoticeState
    time_ms: int
    clock: Literal["ours", "peer"]
    officer: str = ""
    text: str = ""
    proof: str = ""  # `receipt`, `entry N of SOUTH's log`, or empty where there is none yet


class Notice(Api, frozen=True):
    """A notice as lists and `show` give it, sent or received."""

    direction: Literal["sent", "received"]
    line: str  # the peer's name
    ref: str  # `NORTH 7`; empty while queued
    id: str
    kind: str
    subject: str
    precedence: str
    mode: str
    state: NoticeState
    time_ms: int  # submitted (sent) or the author's time (received)
    index: int  # in its log; -1 while queued
    serial: int
    expires_s: int
    seq: int = 0  # place in the inbox; 0 for sent ones
    invalid: str = ""  # the reason of INVALID, or empty
    recovered: bool = False
    officers: list[str] = []
    ladder: list[Step] = []
    notice: dict[str, Any] | None = None  # the friendly form; only in `show`, and only where the kind is known
    raw: str = ""  # the body in hex, only in `show`
    text: str = ""  # the formatted message, only in `show`


class Page(Api, frozen=True):
    """Rows in order, and where to go on: `next` is 0 at the end."""

    notices: list[Notice]
    next: int


class Confirm(Api, frozen=True):
    """A named consumer has durably handled everything up to `seq`."""

    consumer: Annotated[str, Meta(min_length=1, max_length=limits.NAME_BYTES)]
    seq: Annotated[int, Meta(ge=0, le=limits.TREE_SIZE)]


class Event(Api, frozen=True):
    """Something happened. Events are kept, so a listener resumes after the last `seq` it handled."""

    seq: int
    time_ms: int
    line: str
    kind: str
    text: str
    alarm: bool
    index: int


class Path(Api, frozen=True):
    """One relay as this station sees it."""

    name: str
    state: Literal["connecting", "up", "down"]
    detail: str
    delay_ms: float | None


class LogStatus(Api, frozen=True):
    """One log. My own: size ≥ receipted ≥ signed. The mirror: cosigned and signed ≤ size."""

    origin: str
    size: int
    signed: int
    receipted: int


class LineStatus(Api, frozen=True):
    """One line. `phone` is the number on the peer's card, to call when the line does not work."""

    name: str
    state: LineState
    phone: str
    line_id: str
    own: LogStatus
    mirror: LogStatus
    queued: int
    not_stored: int  # queued, or in my log and not covered by a receipt
    unsigned: int  # proposed by the peer and unsigned for more than ten seconds
    unread: int  # valid notices of the peer that no officer of ours has opened
    last_sent: int  # serials, for "last from SOUTH: 41"
    last_received: int
    peer_heard_s: float | None  # seconds since the peer proved that it is there
    peer_attended: bool
    rules_agree: bool
    rejected: dict[str, int]  # frames that failed a check, by reason
    alarms: list[Event]  # the latest first


class Status(Api, frozen=True):
    """The station."""

    name: str
    version: str
    home: str
    pid: int
    started_ms: int
    attended: bool
    officers: list[str]  # on duty: their keys are unlocked
    paths: list[Path]
    lines: list[LineStatus]
    last_event: int = 0  # seq of the newest event: where to begin listening for what is to come


class InboxQuery(Api, frozen=True):
    """`after` a seq, or after the cursor of a `consumer`, not both; neither gives the latest, in order."""

    after: Annotated[int, Meta(ge=0, le=limits.TREE_SIZE)] | None = None
    consumer: Annotated[str, Meta(max_length=limits.NAME_BYTES)] = ""
    limit: Annotated[int, Meta(ge=1, le=limits.API_PAGE)] = 100
    all: bool = False  # also entries that are no notices: the peer's answers, key changes


class OutboxQuery(Api, frozen=True):
    """`before` is the `next` of the page before; 0 for the start."""

    limit: Annotated[int, Meta(ge=1, le=limits.API_PAGE)] = 100
    before: Annotated[int, Meta(ge=0, le=limits.TREE_SIZE)] = 0
    newest_first: bool = True


class EventsQuery(Api, frozen=True):
    """Kept events after a seq; with `follow` the answer does not end, and new ones come as they happen."""

    after: Annotated[int, Meta(ge=0, le=limits.TREE_SIZE)] = 0
    follow: bool = False
