"""From a Submit of the API to a row in the queue: schema, body, commitment, release; and what the agreed rules ask."""

import uuid
from dataclasses import dataclass

from hotline import notices, rules
from hotline.api.types import Submit, Submitted
from hotline.core import entry
from hotline.core import queue as rows
from hotline.core.step import BodyFacts, Event, Now
from hotline.custody.keyring import Keyring
from hotline.custody.suite import HybridKey, RealSuite
from hotline.errors import BusyError, HotlineError, KeyError_, MalformedError, NotFoundError, NoticeError
from hotline.notices.values import notice_id
from hotline.station.bodies import facts_of
from hotline.station.port import Port
from hotline.station.record import Noted, Record
from hotline.store.store import Store
from hotline.text import safe

_SUITE = RealSuite()


@dataclass(frozen=True, slots=True)
class Fixed:
    """A notice whose bytes no longer change: what drafter and releaser sign."""

    port: Port
    notice: notices.Notice
    facts: entry.ReleaseFacts
    salt: bytes
    body: bytes

    @property
    def mode(self) -> notices.Mode:
        return notices.Mode(self.facts.mode)

    @property
    def body_facts(self) -> BodyFacts:
        return facts_of(self.notice)


@dataclass(frozen=True, slots=True)
class Prepared:
    """Ready to be queued: checked, encoded and released."""

    fixed: Fixed
    releases: tuple[entry.Release, ...]
    despite_rules: bool = False
    officer: str = ""  # who let it go

    @property
    def port(self) -> Port:
        return self.fixed.port

    @property
    def row(self) -> rows.Queued:
        f = self.fixed.facts
        what = rows.QueuedNotice(f.recipient, f.id, f.precedence, f.mode, f.expires_s, self.releases)
        return rows.notice_row(what, self.fixed.salt, self.fixed.body)


def resolve(record: Record, port: Port, submit: Submit) -> dict[str, object]:
    """The fields of a notice with ids in place of names, and an amendment's left-out fields; on the engine's thread."""

    def find(name: str) -> bytes:
        found = record.named(port.identity.id, name) or record.of_past(port.identity.id, name)
        if found is None:
            raise NotFoundError(f"There is no notice {name!r} on this line.", "`hotline inbox` and `outbox` list them.")
        return found[0]

    data = notices.resolve(submit.kind, submit.notice, find)
    target = data.get("target")
    if submit.kind == "amendment" and isinstance(target, str) and (key := notice_id(target)) is not None:
        repeated = record.before(port.identity.id, bytes.fromhex(submit.id)) if submit.id else None
        known = repeated or record.known(port.identity.id, key, mine=True, relation="amends")
        return data if known is None else notices.complete_amendment(data, known)
    return data


def fix(port: Port, submit: Submit, now: Now, time_s: int = 0) -> Fixed:
    """Check and encode a notice. NoticeError names the field; nothing is written.

    `time_s`, or now if 0, becomes its date-time group if it has none. What the rules take for granted is filled in.
    """
    given = submit.notice
    if given.get("publicity") is None:
        given = {**given, "publicity": port.rules.publicity}
    draft = notices.draft(submit.kind, given, now_s=time_s or now.wall_s)
    precedence = notices.parse_precedence(submit.precedence)
    mode = notices.parse_mode(submit.mode)
    notices.check_envelope(draft.notice, precedence, mode)
    _check_expiry(submit, now)
    body = notices.encode_body(draft.notice)
    salt = _SUITE.random(32)
    key = bytes.fromhex(submit.id) if submit.id else uuid7(now.wall_ms)
    facts = entry.ReleaseFacts(
        port.identity.them, key, int(precedence), int(mode), entry.commitment(salt, body), len(body),
        submit.expires_s,
    )  # fmt: skip
    return Fixed(port, draft.notice, facts, salt, body)


def prepare(port: Port, keys: Keyring, submit: Submit, now: Now, time_s: int = 0) -> Prepared:
    """Fix a notice and sign its release by an officer on duty."""
    fixed = fix(port, submit, now, time_s)
    signer = officer(keys, submit.officer)
    return Prepared(fixed, (sign(fixed, signer, entry.ROLE_RELEASER),), submit.despite_rules, signer[0])


def sign(fixed: Fixed, signer: tuple[str, HybridKey], role: int) -> entry.Release:
    """An officer's signature under the fixed bytes (SPEC section 4.4)."""
    officer_id = officer_id_of(fixed.port, signer[0])
    message = entry.release_message(fixed.port.identity.pair, fixed.facts, officer_id, role)
    return entry.Release(officer_id, role, signer[1].sign_one(message))


def time_of(given_id: str, body: bytes) -> dict[str, int]:
    """The date-time group of a kept body, by the notice's id; nothing for one that cannot be read."""
    try:
        notice = notices.decode_body(body)
    except MalformedError:
        return {}
    return {} if isinstance(notice, notices.Unknown) else {given_id: notice.dtg_s}


def _check_expiry(submit: Submit, now: Now) -> None:
    if submit.expires_s and submit.expires_s <= now.wall_s:
        raise NoticeError("expires_s: that time is past.", "Give a later time, or none.", field="expires_s")


def officer(keys: Keyring, name: str) -> tuple[str, HybridKey]:
    """The officer of this name who is on duty, or the only one. KeyError_ says who is."""
    on_duty = keys.officers.on_duty()
    if not on_duty:
        raise KeyError_("No officer is on duty at this station.", "Come on duty: hotline duty on.", reason="off-duty")
    if name in on_duty:
        return name, on_duty[name]
    names = ", ".join(on_duty)
    if name:
        raise KeyError_(f"{name!r} is not on duty here.", f"On duty: {names}.", reason="off-duty")
    if len(on_duty) > 1:
        raise KeyError_(f"{len(on_duty)} officers are on duty: {names}.", "Say which one signs: --officer NAME.")
    return next(iter(on_duty.items()))


def officer_id_of(port: Port, name: str) -> bytes:
    """The id under which the peer knows this officer. KeyError_ while the card that brings a new one is being taken."""
    found = next((o.id for o in port.identity.mine.body.officers if o.name == name), None)
    if found is None:
        raise KeyError_(
            f"{safe(name)} is not in the card that this line goes by yet.", "Try again.", reason="unknown-officer"
        )
    return found


def require(agreed: rules.Rules, fixed: Fixed, now: Now, *, signatures: int) -> None:
    """Raise NoticeError for what the agreed rules of the line do not let go."""
    kind = fixed.notice.kind
    own = agreed.of(kind)
    if 0 < fixed.facts.expires_s <= now.wall_s:  # a draft, and it waited too long for its releaser
        raise NoticeError("expires_s: that time is past.", "Draft it anew.", field="expires_s")
    if not own.allowed:
        raise NoticeError(
            f"kind: the agreed rules do not have {kind}.", "Send a consultation, or agree other rules.", field="kind"
        )
    if fixed.mode.name not in own.modes:
        modes = ", ".join(own.modes)
        raise NoticeError(f"mode: the agreed rules have {kind} as {modes} only.", f"Use {modes}.", field="mode")
    require_reason(agreed, fixed.notice, now)
    needed = rules.signatures_needed(agreed, kind)
    if signatures < needed:
        raise NoticeError(
            f"The agreed rules ask for {needed} officers' signatures under {kind}; this has {signatures}.",
            f"Draft it (hotline draft {kind} …), and let another officer release it (hotline release).",
            field="officer",
            reason="two-people",
        )


def require_reason(agreed: rules.Rules, notice: notices.Notice, now: Now) -> None:
    """Raise NoticeError where a notice comes later than agreed and does not say why, though its kind could."""
    planned = getattr(notice, "replacement", notice)
    if not hasattr(planned, "late_reason") or planned.late_reason is not None:
        return
    if late := Record.lateness(agreed, notice, now.wall_s):
        field = "replacement.late_reason" if planned is not notice else "late_reason"
        raise NoticeError(f"{field}: {late.words}; the reason is missing.", "Say why.", field=field, reason="late")


def queue(store: Store, record: Record, prepared: Prepared | HotlineError, now: Now) -> Submitted | HotlineError:
    """Put one into the durable queue; on the engine's thread."""
    if isinstance(prepared, HotlineError):
        return prepared
    try:
        return _queue(store, record, prepared, now)
    except (NoticeError, BusyError) as e:
        return e


def _queue(store: Store, record: Record, prepared: Prepared, now: Now) -> Submitted:
    fixed, port, row = prepared.fixed, prepared.port, prepared.row
    own, line = port.view.own.origin, port.identity.id
    new = not store.has_sent(own, row.key)
    if new and store.carrier.said_before(line, row):
        return Submitted(id=row.key.hex(), line=port.alias, state="QUEUED", repeated=True)
    if new:
        record.check(port, fixed.notice, fixed.mode)
        require(port.rules, fixed, now, signatures=len({r.officer for r in prepared.releases}))
    store.submit(line, own, row, fixed.body_facts, now.wall_ms)
    if new:
        signatures = len({r.officer for r in prepared.releases})
        f = fixed.facts
        if prepared.releases:
            store.event(line, _release_event(prepared), now.wall_ms)
        record.sent(Noted(line, True, f.id, f.precedence, f.mode, fixed.notice, signatures), now)
        port.machine.wake()
        _hold_or_pull(store, prepared, now)
    return Submitted(id=row.key.hex(), line=port.alias, state="QUEUED", repeated=not new)


def _release_event(prepared: Prepared) -> Event:
    """Whose keys signed it, for the journal, which names a notice and never says what it tells."""
    roles = {entry.ROLE_RELEASER: "releaser", entry.ROLE_DRAFTER: "drafter"}
    mine, f = prepared.port.identity.mine, prepared.fixed.facts
    named = [(roles[r.role], officer) for r in prepared.releases if (officer := mine.officer(r.officer)) is not None]
    signers = " and ".join(f"{officer.name} as {role}" for role, officer in named)
    precedence, mode = notices.Precedence(f.precedence).name, notices.Mode(f.mode).name
    text = f"Notice {f.id.hex()[:8]}, {precedence} {mode}, was signed by {signers}."
    return Event("release", text, fields=(("id", f.id.hex()), *((role, officer.name) for role, officer in named)))


def _hold_or_pull(store: Store, prepared: Prepared, now: Now) -> None:
    """While the rules differ most kinds wait for an officer; and nothing overtakes what it refers to."""
    fixed, port, row = prepared.fixed, prepared.port, prepared.row
    line = port.identity.id
    # `holding` also says so after a restart, before the peer has told its rules again.
    if (port.machine.rules_differ or port.holding) and not rules.passes(fixed.notice.kind, fixed.facts.precedence):
        if not prepared.despite_rules:
            store.desk.hold_one(line, row.key)
            return
        store.desk.let_go_despite(line, row.key)
        text = f"{prepared.officer} lets notice {row.key.hex()[:8]} go although the rules differ."
        store.apply(line, [Event("override", text)], now.wall_ms)
    store.desk.pull_targets(line, row.key, row.rank)


def machine_notice(store: Store, record: Record, port: Port, notice: notices.Notice, now: Now) -> bytes:
    """Queue a notice that no person releases, a line test or its echo; return its id. On the engine's thread."""
    body = notices.encode_body(notice)
    salt, key = _SUITE.random(32), uuid7(now.wall_ms)
    facts = entry.ReleaseFacts(
        port.identity.them, key, 0, int(notices.Mode.TEST), entry.commitment(salt, body), len(body), 0
    )
    outcome = queue(store, record, Prepared(Fixed(port, notice, facts, salt, body), ()), now)
    if isinstance(outcome, HotlineError):
        raise outcome
    return key


def uuid7(time_ms: int) -> bytes:
    """Return a UUIDv7 (RFC 9562 section 5.7): 48 bits of milliseconds, then randomness."""
    random = bytearray(_SUITE.random(10))
    random[0] = 0x70 | (random[0] & 0x0F)
    random[2] = 0x80 | (random[2] & 0x3F)
    return uuid.UUID(bytes=time_ms.to_bytes(6, "big") + bytes(random)).bytes
