"""Nothing silent: a notice that is late or has expired without an answer alarms its sender.

Handling times are those of ACP 121 as DOMAIN gives them: FLASH 10 min, IMMEDIATE 30 min,
PRIORITY 3 h, ROUTINE 6 h. Rules that the two sides agree on will replace them.
"""

from collections.abc import Sequence

import structlog

from hotline.core.step import Event, Now
from hotline.station.port import Port
from hotline.store.store import Store

log = structlog.get_logger(__name__)

HANDLING_S = {3: 600, 2: 1800, 1: 3 * 3600, 0: 6 * 3600}
_AT_ONCE = 64


def alarm_overdue(store: Store, ports: Sequence[Port], now: Now) -> bool:
    """Alarm each late or expired notice of these lines once; return whether there was one."""
    before_ms = {precedence: now.wall_ms - 1000 * seconds for precedence, seconds in HANDLING_S.items()}
    lines = {port.view.own.origin: port for port in ports}
    expired = {row[:2]: row for row in store.expired(now.wall_s, _AT_ONCE)}
    late = [(row, "is overdue") for row in store.unanswered(before_ms, _AT_ONCE) if row[:2] not in expired]
    for (origin, notice_id, serial, subject, stored), what in [
        *late,
        *((row, "has expired") for row in expired.values()),
    ]:
        port = lines[origin]
        name = f"{port.identity.mine.body.name} {serial}" if serial else f"notice {notice_id.hex()[:8]}"
        state = "STORED there, but not acknowledged" if stored else f"NOT at {port.alias} yet"
        text = f"{name} ({subject}) {what}: {state}."
        store.apply(port.identity.id, [Event("overdue", text, alarm=True, origin=origin)], now.wall_ms)
        store.mark_alarmed(origin, notice_id)
        log.warning("overdue", line=port.alias, text=text)
    return bool(late or expired)
