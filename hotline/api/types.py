"""What the API takes and gives, as typed structs: shared by server, client and CLI; the OpenAPI document is made
from them.

Binary values are lowercase hex. Times are integers: `_ms` or `_s` since 1970-01-01 UTC; 0 means *not yet*.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from hotline import limits

NoticeState = Literal[
    "QUEUED", "STORED", "OPENED", "ACKNOWLEDGED", "ANSWERED", "REFUSED", "EXPIRED", "OVERDUE", "SUPERSEDED"
]
LineState = Literal["path down", "peer silent", "peer unattended", "attended", "stalled", "frozen", "closed"]


class Api(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base: unknown fields are an error, so that a misspelt one is not silently ignored."""


Passphrase = Annotated[str, Meta(max_length=limits.PASSPHRASE_BYTES)]


class Secretive(Api, frozen=True):
    """Base of what carries a passphrase, over a socket that only its owner can open: never shown, never logged."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return []


class Submit(Api, frozen=True):
    """A notice to send. `notice` is the friendly form of `hotline.notices.from_mapping`, without the envelope.

    In it another notice may be named as officers call it, `NORTH 7`.
    """

    kind: Annotated[str, Meta(max_length=64)]
    notice: dict[str, Any]
    to: Annotated[str, Meta(max_length=limits.NAME_BYTES)] = ""  # the line's name; empty for the only line
    id: Annotated[str, Meta(pattern="^([0-9a-f]{32})?$(?!\n)")] = ""  # chosen by the caller to make a repeat harmless
    precedence: Literal["ROUTINE", "PRIORITY", "IMMEDIATE", "FLASH"] = "ROUTINE"
    mode: Literal["OPERATION", "DRILL", "TEST"] = "OPERATION"
    expires_s: Annotated[int, Meta(ge=0, le=limits.TREE_SIZE)] = 0
    officer: Annotated[str, Meta(max_length=limits.NAME_BYTES)] = ""  # who releases it; empty for the only one on duty
    despite_rules: bool = False  # the officer lets it go although the two sides hold different rules


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
    verdict: Literal["opened", "standby", "acknowledged", "refused"]  # standby: "received, stand by"
    text: Annotated[str, Meta(max_length=limits.REASON_BYTES)] = ""
    officer: Annotated[str, Meta(max_length=limits.NAME_BYTES)] = ""
    # To acknowledge: the key values as the officer reads them back, by the names that `Notice.read_back` asks for.
    read_back: Annotated[dict[str, Annotated[str, Meta(max_length=256)]], Meta(max_length=32)] = {}


class Step(Api, frozen=True):
    """One rung of a notice's ladder. `clock` says whose clock the time is: `ours` or `peer`."""

    state: NoticeState
    time_ms: int
    clock: Literal["ours", "peer"]
    officer: str = ""
    text: str = ""
    proof: str = ""  # `receipt`, `entry N of SOUTH's log`, or empty where there is none yet
    void: bool = False  # an acknowledgement of what was amended since


class Due(Api, frozen=True):
    """A deadline that the agreed rules or the notice itself set; `owed_by` says who has to act."""

    what: Literal["acknowledge", "reply", "report"]
    due_ms: int
    owed_by: Literal["ours", "peer"]
    state: Literal["open", "warned", "overdue", "met", "ended"]  # ended: with the generation of its line


class ReadBack(Api, frozen=True):
    """A value that the officer reads back when acknowledging: its name in `Answer.read_back`, and what it is."""

    name: str
    label: str


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
    past: bool = False  # of a generation of the line that has ended, or is closed: nobody can answer it any more
    officers: list[str] = []  # who released it
    drafters: list[str] = []
    remarks: list[str] = []  # LATE, HELD, released by one person: what an officer must see beside the text
    relation: str = ""  # `amends NORTH 7`; empty where it refers to none
    thread: str = ""  # the first notice of its thread, as officers call it; of itself where it began one
    thread_state: str = ""  # announced, amended, under way, completed, cancelled, overdue; empty where it has none
    revision: int = 0  # in force in its thread, 1 for the first
    due: list[Due] = []
    read_back: list[ReadBack] = []  # only in `show`, of what the peer sent and nobody has acknowledged yet
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
    clears: str = ""  # the kind of the alarm that is over with this
    phone: str = ""  # of an alarm: the number on the peer's card; of one of the station itself, those of all peers


class JournalEntry(Api, frozen=True):
    """One entry of the station's own journal (SPEC section 13), signed under the next head."""

    index: int
    time_ms: int
    line: str  # what we call the peer, or the line's id if it is not here any more; empty for the station itself
    kind: str
    level: Literal["happened", "alarm", "cleared"]
    text: str
    fields: dict[str, str]
    phone: str = ""  # as in an Event


class Journal(Api, frozen=True):
    """Entries, the newest last. `size` of them there are, and the first `signed` are under a signed head."""

    entries: list[JournalEntry]
    size: int
    signed: int


class JournalQuery(Api, frozen=True):
    """Those after an index, from there on; without it the latest. `since_ms` by the station's clock."""

    after: Annotated[int, Meta(ge=0, le=limits.TREE_SIZE)] | None = None
    since_ms: Annotated[int, Meta(ge=0, le=limits.TREE_SIZE)] = 0
    kind: Annotated[str, Meta(max_length=limits.JOURNAL_NAME_BYTES)] = ""
    alarms: bool = False  # those raised, and those that are over
    limit: Annotated[int, Meta(ge=1, le=limits.API_PAGE)] = 100


class Path(Api, frozen=True):
    """One relay as this station sees it; counts are since the station started, or the relay was added.

    `delay_ms` is the way to the relay and back. `late_ms` is how much later than the fastest path it brings the same
    frames of the peer, smoothed; `carried` counts those that it brought, `missed` those that came only by another
    while it was up. `rejected` counts by reason. Whoever runs the relay can make all of these up.
    """

    name: str
    state: Literal["connecting", "up", "refused", "down"]
    detail: str
    delay_ms: float | None
    since_s: float = 0.0
    late_ms: float | None = None
    carried: int = 0
    missed: int = 0
    frames_out: int = 0
    frames_in: int = 0
    dropped: int = 0
    failures: int = 0
    rejected: dict[str, int] = {}


class Relays(Api, frozen=True):
    """What a new reading of the relays in `station.toml` has changed, by name; one whose settings differ is in both."""

    added: list[str]
    removed: list[str]


class LogStatus(Api, frozen=True):
    """One log. My own: size ≥ receipted ≥ signed. The mirror: cosigned and signed ≤ size.

    `frozen`: there is proof that its owner's log key signed two histories.
    """

    origin: str
    size: int
    signed: int
    receipted: int
    frozen: bool = False


class Watch(Api, frozen=True):
    """Who came on or went off duty last, as the log of that side says, signed."""

    officer: str
    on: bool
    since_ms: int
    relieved: str = ""
    text: str = ""


class LineTests(Api, frozen=True):
    """Line tests of a line. Times in ms, 0 for never. A machine's echo proves no person; `manned` ones do."""

    sent_ms: int = 0  # our last test
    echo_ms: int = 0  # the last echo to one of ours
    echo_s: float | None = None  # how long that echo took
    received_ms: int = 0  # the peer's last test
    missed: int = 0  # tests in a row, ours without an echo and the peer's that did not come
    manned_ms: int = 0  # when the peer's officer last answered a manned test of ours
    manned_officer: str = ""


class Emergency(Api, frozen=True):
    """An emergency text: outside of both logs, no notice. It proves that this officer's key signed it, and no more.

    `seen_ms`: when the peer's station said that it has stored and shown it, which is of no person; 0 until then.
    Of one that was received, when it was stored here.
    """

    seq: int
    line: str
    direction: Literal["sent", "received"]
    id: str
    time_ms: int  # by its sender's clock
    officer: str
    text: str
    at_ms: int  # when it was kept here
    seen_ms: int


class Emergencies(Api, frozen=True):
    """Emergency texts of both directions, oldest first."""

    emergencies: list[Emergency]


class EmergencyNew(Secretive, frozen=True):
    """Send an emergency text, signed by an officer."""

    text: Annotated[str, Meta(min_length=1, max_length=limits.EMERGENCY_BYTES)]
    line: Annotated[str, Meta(max_length=limits.NAME_BYTES)] = ""
    officer: Annotated[str, Meta(max_length=limits.NAME_BYTES)] = ""
    passphrase: Passphrase = ""  # of the officer's key, where the officer is not on duty


class Rebuild(Api, frozen=True):
    """How far a lost or restored store has come back: entries held, of those that the peer has told of."""

    own: int
    own_of: int
    peer: int
    peer_of: int
    why: str = ""  # why it stands still, where it does


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
    rules: str = ""  # digest of the rules that this station holds, hex; all zeroes for the built-in ones
    peer_rules: str = ""  # of those that the peer has shown; empty until it has
    held: int = 0  # notices of ours that wait for an officer while the rules differ
    tests: LineTests = LineTests()
    watch: Watch | None = None  # the last change of the peer's watch
    on_watch: list[str] = []  # who stands it there, by the peer's signed word
    due: int = 0  # deadlines that are open, on either side
    overdue: int = 0
    rebuild: Rebuild | None = None  # while the store is being given back by the peer
    generation: int = 1  # of the line; each begins two new logs under a new line id
    to_do: str = ""  # what people do next, where the line is closed


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
    emergencies: list[Emergency] = []  # of the last day, and ours that the peer's station has not seen


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


# --- drafts, release, duty -----------------------------------------------------------------------------------


class DraftNew(Secretive, frozen=True):
    """A notice to be released by somebody: `submit.officer` drafts it, and signs it as its drafter."""

    submit: Submit
    passphrase: Passphrase = ""  # of the drafter's key, where the drafter is not on duty


class Draft(Api, frozen=True):
    """A draft that waits. Its bytes are fixed: the releaser signs the same ones as the drafter."""

    number: int
    line: str
    id: str
    kind: str
    subject: str
    precedence: str
    mode: str
    drafter: str
    made_ms: int
    signatures: int  # that the agreed rules ask for
    text: str = ""  # the formatted message, as it will stand at the peer


class Drafts(Api, frozen=True):
    """The drafts that wait, oldest first."""

    drafts: list[Draft]


class Discard(Api, frozen=True):
    """Take a draft away; nothing of it was sent."""

    draft: Annotated[int, Meta(ge=1, le=limits.TREE_SIZE)]


class Release(Secretive, frozen=True):
    """Let a draft go, or a notice that is HELD because the rules differ (`ref`); one of the two is given."""

    draft: Annotated[int, Meta(ge=0, le=limits.TREE_SIZE)] = 0
    ref: Annotated[str, Meta(max_length=128)] = ""
    officer: Annotated[str, Meta(max_length=limits.NAME_BYTES)] = ""
    passphrase: Passphrase = ""  # of the releaser's key, where the releaser is not on duty
    despite_rules: bool = False


class Duty(Secretive, frozen=True):
    """An officer comes on duty or goes off; signed into the log of each line."""

    on: bool
    officer: Annotated[str, Meta(max_length=limits.NAME_BYTES)] = ""
    passphrase: Passphrase = ""
    relieve: Annotated[str, Meta(max_length=limits.NAME_BYTES)] = ""  # who hands over, and goes off with that
    text: Annotated[str, Meta(max_length=limits.REASON_BYTES)] = ""


class OnDuty(Api, frozen=True):
    """Who is on duty now, and whose keys are here."""

    on_duty: list[str]
    officers: list[str]
    card_number: int


# --- the record, rules, tests ----------------------------------------------------------------------------------


class Activity(Api, frozen=True):
    """What one side plans or does: the present state of a thread that has a time."""

    line: str
    direction: Literal["sent", "received"]
    ref: str
    id: str
    kind: str
    title: str
    mode: str
    state: str  # announced, amended, under way, completed, cancelled, overdue
    revision: int
    start_s: int
    end_s: int
    remarks: list[str] = []


class Calendar(Api, frozen=True):
    """Activities by start; `next` is where to go on, 0 at the end."""

    activities: list[Activity]
    next: int = 0


class CalendarQuery(Api, frozen=True):
    """What is planned or under way; with `past` what is over, the latest first."""

    line: Annotated[str, Meta(max_length=limits.NAME_BYTES)] = ""
    past: bool = False
    limit: Annotated[int, Meta(ge=1, le=limits.API_PAGE)] = 100


class Thread(Api, frozen=True):
    """One matter from its first notice on: everything that both sides said of it, in the order of this station."""

    ref: str
    title: str
    kind: str
    state: str
    revision: int
    notices: list[Notice]


class RulesView(Api, frozen=True):
    """The agreed rules of a line as this station holds them; digests in hex."""

    line: str
    title: str
    text: str
    digest: str
    peer_digest: str  # empty until the peer has shown it
    agree: bool


class RulesQuery(Api, frozen=True):
    """Which line; empty for the only one."""

    line: Annotated[str, Meta(max_length=limits.NAME_BYTES)] = ""


class RulesSet(Secretive, frozen=True):
    """Take these rules for a line, by an officer's word; an empty text takes the built-in ones."""

    text: Annotated[str, Meta(max_length=limits.CONFIG_BYTES)]
    line: Annotated[str, Meta(max_length=limits.NAME_BYTES)] = ""
    officer: Annotated[str, Meta(max_length=limits.NAME_BYTES)] = ""
    passphrase: Passphrase = ""  # of the officer's key, where the officer is not on duty


class LineTestNew(Api, frozen=True):
    """Send a line test now; a manned one is signed by an officer, and a person answers it."""

    line: Annotated[str, Meta(max_length=limits.NAME_BYTES)] = ""
    manned: bool = False
    officer: Annotated[str, Meta(max_length=limits.NAME_BYTES)] = ""
