"""The state of each line as it changes: an event of each transition, an alarm where people must act, and its end.

    path down        no relay is connected                   path-down, at once; after a start in 10 s
    peer silent      a path is up, no fresh HELLO in time    peer-silent, at once; after a start in its bound
    stalled          heard, and the logs are not in step     line-stalled, once it has lasted a heartbeat
    frozen           two inconsistent signed heads           `fork` was raised when the evidence came
    peer unattended  heard, nobody on duty there             no alarm: what is sent is stored
    attended         heard, an officer on duty               the alarms before are cleared

On the engine's thread, once a second: so a state is told within a second of the moment from which `Line.state` says it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from hotline import limits
from hotline.core.step import Event, Now
from hotline.station.port import Port
from hotline.store.store import Store

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Alarm:
    """Of a state that asks for a person: how long it stands before that, and where the peer was never heard yet."""

    kind: str
    cleared: str
    text: str
    after_s: float
    after_start_s: float


_ALARMS = {
    "path down": _Alarm(
        "path-down", "path-up", "No relay is connected: nothing goes out and nothing comes in.",
        0, limits.RELAY_CONNECT_S,
    ),
    "peer silent": _Alarm(
        "peer-silent", "peer-heard", "A relay is connected, and the peer has not been heard within the bound.",
        0, limits.PEER_SILENT_S,
    ),
    "stalled": _Alarm(
        "line-stalled", "line-in-step", "The logs of this line are not in step, and it lasts.",
        limits.HEARTBEAT_S, limits.HEARTBEAT_S,
    ),
}  # fmt: skip
_AGAIN = {
    "path-up": "A relay is connected again",
    "peer-heard": "The peer is heard again",
    "line-in-step": "The logs of the line are in step again",
}


@dataclass(slots=True)
class _Watched:
    state: str  # as it is
    since_s: float
    told: str  # as it was told last; empty if nothing was told in this run


class States:
    """Of all lines."""

    def __init__(self, store: Store, ports: Mapping[bytes, Port], now: Now) -> None:
        self._store = store
        self._ports = ports
        self._watched: dict[bytes, _Watched] = {}
        self._started_s = now.mono_s
        # Alarms that an earlier run raised and nobody cleared yet.
        self._raised = {line: {a for a in _ALARMS.values() if store.standing(line, a.kind)} for line in ports}

    def tick(self, now: Now, path_up: bool) -> bool:
        """Look at each line; whether anything was told."""
        told = [self._look(line, port, now, path_up) for line, port in self._ports.items()]
        return any(told)

    def _look(self, line: bytes, port: Port, now: Now, path_up: bool) -> bool:
        state = port.machine.state(now, path_up)
        seen = self._watched.setdefault(line, _Watched(state, self._started_s, ""))
        if seen.state != state:
            seen.state, seen.since_s = state, now.mono_s
        heard = port.machine.peer_seen_s is not None
        if seen.told == state or now.mono_s - seen.since_s < _patience_s(state, heard=heard):
            return False
        before, seen.told = seen.told, state
        self._tell(line, port, before, state, now)
        return True

    def _tell(self, line: bytes, port: Port, before: str, state: str, now: Now) -> None:
        alarm, fields = _ALARMS.get(state), (("state", state), ("before", before or "start"))
        raised = self._raised.setdefault(line, set())
        over = [a for a in raised if a is not alarm]
        raised.difference_update(over)
        for a in over:
            event = Event(a.cleared, f"{_AGAIN[a.cleared]}; the line is {state}.", fields=fields)
            self._keep(port, line, event, now)
        if alarm is None and not over:
            was = f"; it was {before}" if before else ""
            self._keep(port, line, Event("line-state", f"The line is {state}{was}.", fields=fields), now)
        elif alarm is not None and alarm not in raised:
            raised.add(alarm)
            self._keep(port, line, Event(alarm.kind, alarm.text, alarm=True, fields=fields), now)

    def _keep(self, port: Port, line: bytes, event: Event, now: Now) -> None:
        self._store.event(line, event, now.wall_ms)
        level = log.warning if event.alarm else log.info
        level(event.kind, line=port.alias, text=event.text, phone=port.identity.peer.body.phone)


def _patience_s(state: str, *, heard: bool) -> float:
    alarm = _ALARMS.get(state)
    if alarm is None:
        return 0.0
    return alarm.after_s if heard else alarm.after_start_s
