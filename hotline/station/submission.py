"""From a Submit of the API to a row in the queue: schema, body, commitment, release."""

import uuid
from dataclasses import dataclass

from hotline import limits, notices
from hotline.api.types import Submit, Submitted
from hotline.core import entry
from hotline.core import queue as rows
from hotline.core.step import BodyFacts, Now
from hotline.custody.keyring import Keyring
from hotline.custody.suite import HybridKey, RealSuite
from hotline.errors import BusyError, HotlineError, KeyError_, MalformedError, NoticeError
from hotline.station.bodies import read_body
from hotline.station.port import Port
from hotline.store.store import Store

_SUITE = RealSuite()


@dataclass(frozen=True, slots=True)
class Prepared:
    """Ready to be queued: checked, encoded and released."""

    port: Port
    row: rows.Queued
    facts: BodyFacts


def prepare(port: Port, keys: Keyring, submit: Submit, now: Now, time_s: int = 0) -> Prepared:
    """Check and encode a notice and sign its release. NoticeError names the field; nothing is written.

    `time_s`, or now if 0, becomes its date-time group if it has none.
    """
    draft = notices.draft(submit.kind, submit.notice, now_s=time_s or now.wall_s)
    precedence = notices.parse_precedence(submit.precedence)
    mode = notices.parse_mode(submit.mode)
    notices.check_envelope(draft.notice, precedence, mode)
    _check_expiry(submit, now)
    body = notices.encode_body(draft.notice)
    if len(body) > limits.BODY_BYTES:
        raise NoticeError(f"The notice has {len(body)} bytes; {limits.BODY_BYTES} is the most.", "Shorten its texts.")
    salt = _SUITE.random(32)
    notice_id = bytes.fromhex(submit.id) if submit.id else uuid7(now.wall_ms)
    facts = entry.ReleaseFacts(
        port.identity.them, notice_id, int(precedence), int(mode), entry.commitment(salt, body), len(body),
        submit.expires_s,
    )  # fmt: skip
    release = _release(port, officer(keys, submit.officer), facts)
    what = rows.QueuedNotice(facts.recipient, notice_id, facts.precedence, facts.mode, facts.expires_s, (release,))
    return Prepared(port, rows.notice_row(what, salt, body), read_body(body))


def time_of(notice_id: str, body: bytes) -> dict[str, int]:
    """The date-time group of a kept body, by the notice's id; nothing for one that cannot be read."""
    try:
        notice = notices.decode_body(body)
    except MalformedError:
        return {}
    return {} if isinstance(notice, notices.Unknown) else {notice_id: notice.dtg_s}


def _check_expiry(submit: Submit, now: Now) -> None:
    if submit.expires_s and submit.expires_s <= now.wall_s:
        raise NoticeError("expires_s: that time is past.", "Give a later time, or none.", field="expires_s")


def _release(port: Port, signer: tuple[str, HybridKey], facts: entry.ReleaseFacts) -> entry.Release:
    officer_id = officer_id_of(port, signer[0])
    message = entry.release_message(port.identity.id, facts, officer_id, entry.ROLE_RELEASER)
    return entry.Release(officer_id, entry.ROLE_RELEASER, signer[1].sign_one(message))


def officer(keys: Keyring, name: str) -> tuple[str, HybridKey]:
    """The officer of this name whose key is unlocked, or the only one. KeyError_ says who is on duty."""
    on_duty = dict(keys.officers)
    if not on_duty:
        raise KeyError_("No officer is on duty at this station.", "Stop it and run it without --unattended.")
    if name in on_duty:
        return name, on_duty[name]
    names = ", ".join(on_duty)
    if name:
        raise KeyError_(f"{name!r} is not on duty here.", f"On duty: {names}.")
    if len(on_duty) > 1:
        raise KeyError_(f"{len(on_duty)} officers are on duty: {names}.", "Say which one signs.")
    return next(iter(on_duty.items()))


def officer_id_of(port: Port, name: str) -> bytes:
    """The id under which the peer knows this officer."""
    return next(o.id for o in port.identity.mine.body.officers if o.name == name)


def queue(store: Store, prepared: Prepared | HotlineError, now: Now) -> Submitted | HotlineError:
    """Put one into the durable queue; on the engine's thread."""
    if isinstance(prepared, HotlineError):
        return prepared
    port, row = prepared.port, prepared.row
    try:
        new = store.submit(port.identity.id, port.view.own.origin, row, prepared.facts, now.wall_ms)
    except (NoticeError, BusyError) as e:
        return e
    return Submitted(id=row.key.hex(), line=port.alias, state="QUEUED", repeated=not new)


def uuid7(time_ms: int) -> bytes:
    """Return a UUIDv7 (RFC 9562 section 5.7): 48 bits of milliseconds, then randomness."""
    random = bytearray(_SUITE.random(10))
    random[0] = 0x70 | (random[0] & 0x0F)
    random[2] = 0x80 | (random[2] & 0x3F)
    return uuid.UUID(bytes=time_ms.to_bytes(6, "big") + bytes(random)).bytes
