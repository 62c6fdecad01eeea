"""Nothing silent: a deadline that comes near is told, one that passes alarms; and so does what expires unanswered.

The clock is the message: the same deadlines run at both ends (RULES.md), here for what either side owes.
"""

from collections import Counter
from collections.abc import Mapping

import structlog

from hotline.core.step import Event, Now
from hotline.station.port import Port
from hotline.store.matters import ACKNOWLEDGE, REPLY, DeadlineRow
from hotline.store.store import Store

log = structlog.get_logger(__name__)

_AT_ONCE = 64
_TOLD_APART = 8  # of a line at once: who sends a thousand notices that are late already must not hide another alarm
_DEEDS = {ACKNOWLEDGE: "acknowledged", REPLY: "answered"}


def watch(store: Store, ports: Mapping[bytes, Port], now: Now) -> bool:
    """Tell of each deadline once before and once after, and of each expiry once; whether anything was told."""
    passed = store.desk.passed(now.wall_s, _AT_ONCE)
    told: Counter[bytes] = Counter()
    for row in passed:
        store.desk.overdue(row.line, row.id, row.what, mine=row.mine)
        told[row.line] += 1
        if told[row.line] <= _TOLD_APART:
            _tell(store, ports, row, now, late=True)
    for line, count in told.items():
        if count > _TOLD_APART and line in ports:
            text = f"{count - _TOLD_APART} more deadlines have passed at once: hotline status, hotline inbox."
            _alarm(store, ports[line], "overdue", text, now)
    near = store.desk.to_warn(now.wall_s, _AT_ONCE)
    for row in near:
        store.desk.warned(row.line, row.id, row.what, mine=row.mine)
        _tell(store, ports, row, now, late=False)
    expired = store.expired(now.wall_s, _AT_ONCE)
    for origin, notice_id, serial, subject, stored in expired:
        port = next(p for p in ports.values() if p.view.own.origin == origin)
        state = "STORED there, but not acknowledged" if stored else f"NOT at {port.alias} yet"
        name = _mine(port, serial, notice_id)
        text, plain = (f"{what} has expired: {state}." for what in (f"{name} ({subject})", name))
        _alarm(store, port, "expired", text, now, plain)
        store.mark_alarmed(origin, notice_id)
    return bool(passed or near or expired)


def _tell(store: Store, ports: Mapping[bytes, Port], row: DeadlineRow, now: Now, *, late: bool) -> None:
    port = ports.get(row.line)
    if port is None:
        return  # of a line that was removed
    text, plain = (_words(store, port, row, late=late, named=named) for named in (True, False))
    if late:
        _alarm(store, port, "overdue", text, now, plain)
    else:
        store.apply(port.identity.id, [Event("due-soon", text, plain=plain)], now.wall_ms)
        log.info("due-soon", line=port.alias, text=text)


def _alarm(store: Store, port: Port, kind: str, text: str, now: Now, plain: str = "") -> None:
    origin = port.view.own.origin
    store.apply(port.identity.id, [Event(kind, text, alarm=True, origin=origin, plain=plain)], now.wall_ms)
    log.warning(kind, line=port.alias, text=text, phone=port.identity.peer.body.phone)


def _words(store: Store, port: Port, row: DeadlineRow, *, late: bool, named: bool) -> str:
    """Who has not done what, as the officer at this end needs it; `named` with the subject of the notice."""
    serial, subject, stored = store.described(row.line, row.id, mine=row.mine)
    name = _mine(port, serial, row.id) if row.mine else f"{port.alias} {serial}"
    what = f"{name} ({subject})" if named else name
    if row.what in _DEEDS:
        deed = _DEEDS[row.what]
        where = "" if not row.mine else f" by {port.alias}" if stored else f": NOT at {port.alias} yet"
        return (
            f"{what} is overdue: not {deed}{where or ' here'}."
            if late
            else f"{what} is to be {deed}{where or ' here'} soon."
        )
    who = "this station" if row.owed else port.alias
    return f"{what}: the report by {who} is {'overdue' if late else 'due soon'}."


def _mine(port: Port, serial: int, notice_id: bytes) -> str:
    return f"{port.identity.mine.body.name} {serial}" if serial else f"notice {notice_id.hex()[:8]}"
