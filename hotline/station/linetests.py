"""Line tests: sent by turns of the hour, echoed by a machine; a manned one waits for a person (DOMAIN section 4).

A machine's echo proves that both stations and the way between them work, and no more. On the engine's thread.
"""

from collections.abc import Mapping

import structlog

from hotline.core.step import Event, Now
from hotline.custody.suite import RealSuite
from hotline.errors import HotlineError, StoreError
from hotline.notices.line_test import ANY_PATH, SAFE_TEXT, LineTest
from hotline.station import submission
from hotline.station.port import Port
from hotline.station.record import Noted, Record
from hotline.store.matters import TestRow
from hotline.store.store import Store

log = structlog.get_logger(__name__)

# A station that was started just now has not missed anything, and whoever starts one wants no test within minutes.
SETTLED_S = 900
_ECHO_EVERY_S = 1.0
_UNECHOED = 4  # tests looked at for their echo
_SUITE = RealSuite()


class LineTests:
    """Of all lines. `tick` is called every second or so."""

    def __init__(self, store: Store, record: Record, ports: Mapping[bytes, Port], now: Now) -> None:
        self._store = store
        self._record = record
        self._ports = ports
        self._started_s = now.mono_s
        self._slots: dict[bytes, int] = {}  # the last slot that was done with, by line
        self._missed: dict[tuple[bytes, bool], int] = {}  # by line, and whether ours have no echo
        self._echo_s: dict[bytes, float] = {}  # when the last echo was made, monotonic
        record.on_test = self.happened

    def missed(self, line: bytes) -> int:
        """How many in a row failed: ours without an echo, or the peer's that did not come."""
        return self._missed.get((line, True), 0) + self._missed.get((line, False), 0)

    def tick(self, now: Now) -> bool:
        """Send what is due, and alarm what did not come; whether anything was written."""
        if now.mono_s - self._started_s < SETTLED_S:
            return False
        wrote = [self._tick(port, now) for port in self._ports.values()]
        return any(wrote)

    def _tick(self, port: Port, now: Now) -> bool:
        every_s = port.rules.line_test_s
        if not every_s or port.machine.peer_seen_s is None:
            return False
        line, slot = port.identity.id, now.wall_s // every_s
        # A clock that was put back must not silence the tests until it is where it was.
        began = self._slots[line] = min(self._slots.get(line, slot), slot)
        if slot > began and _is_my_turn(port, slot):
            self._slots[line] = slot
            return self._try(port, now)
        into_s = now.wall_s - slot * every_s
        if slot > began and into_s > min(port.rules.line_test_echo_s, every_s // 2):
            self._slots[line] = slot
            came = self._store.desk.tests(line, 1, mine=False, manned=False)
            if not came or not 1000 * (slot - 1) * every_s <= came[0].at_ms <= now.wall_ms:
                return self._fail(port, f"{port.alias}'s line test of this hour did not come.", now, ours=False)
        return self._check_echo(port, now)

    def _check_echo(self, port: Port, now: Now) -> bool:
        """Of the latest tests, since the next may be sent before the time of this one is over."""
        late_ms = 1000 * port.rules.line_test_echo_s
        for row in self._store.desk.tests(port.identity.id, _UNECHOED, mine=True, manned=False):
            if not row.echo_ms and abs(now.wall_ms - row.at_ms) >= late_ms:
                self._store.desk.test_answered(port.identity.id, row.id, -1, "", mine=True)  # told once
                return self._fail(port, f"Line test {row.serial} has no echo from {port.alias}.", now)
        return False

    def _fail(self, port: Port, text: str, now: Now, *, ours: bool = True) -> bool:
        line = port.identity.id
        self._missed[line, ours] = self._missed.get((line, ours), 0) + 1
        self._store.apply(line, [Event("line-test-missed", text, alarm=True)], now.wall_ms)
        log.warning("line-test-missed", line=port.alias, text=text)
        return True

    def _try(self, port: Port, now: Now) -> bool:
        """Send what is due. A full queue, or rules without mode TEST, must be told, and must not stop the engine."""
        try:
            self.send(port, now)
        except StoreError:
            raise
        except HotlineError as e:
            return self._fail(port, f"The line test to {port.alias} that is due cannot be sent: {e.what}", now)
        return True

    def send(self, port: Port, now: Now) -> bytes:
        """Queue a test of the machine's own; return its id. NoticeError or BusyError if it cannot be queued."""
        return submission.machine_notice(self._store, self._record, port, self.compose(port, now), now)

    def compose(self, port: Port, now: Now, *, manned: bool = False) -> LineTest:
        """The next test of this line, with a fresh nonce."""
        before = [
            row.serial
            for kind in (False, True)
            for row in self._store.desk.tests(port.identity.id, 1, mine=True, manned=kind)
        ]
        return LineTest(
            version=1, dtg_s=now.wall_s - now.wall_s % 60, language="en", publicity="confidential",
            serial=max(before, default=0) + 1, nonce=_SUITE.random(16), text=SAFE_TEXT, path=ANY_PATH, manned=manned,
        )  # fmt: skip

    def happened(self, n: Noted, now: Now) -> None:
        """A test or an echo was sent or has come."""
        test = n.notice
        port = self._ports.get(n.line)
        if not isinstance(test, LineTest) or port is None:
            return
        if test.echo:
            if not n.mine:
                self._echoed(port, test, now)
            return
        self._store.desk.keep_test(n.line, n.id, test.serial, test.nonce, now.wall_ms, mine=n.mine, manned=test.manned)
        if not n.mine and not test.manned:
            self._missed[n.line, False] = 0
            self._echo(port, test, now)

    def _echo(self, port: Port, test: LineTest, now: Now) -> None:
        """At most one echo a second: a peer that floods tests is not helped to fill two logs."""
        line = port.identity.id
        if now.mono_s - self._echo_s.get(line, -_ECHO_EVERY_S) < _ECHO_EVERY_S:
            return
        self._echo_s[line] = now.mono_s
        echo = LineTest(
            version=1, dtg_s=now.wall_s - now.wall_s % 60, language=test.language, publicity=test.publicity,
            serial=test.serial, nonce=test.nonce, text=test.text, path=test.path, echo=True,
        )  # fmt: skip
        try:
            submission.machine_notice(self._store, self._record, port, echo, now)
        except StoreError:
            raise  # what is half written must not be committed
        except HotlineError as e:  # the queue is full: the peer sees that its test has no echo
            log.warning("no-echo", line=port.alias, reason=e.what)

    def _echoed(self, port: Port, echo: LineTest, now: Now) -> None:
        line = port.identity.id
        for row in self._store.desk.tests(line, _LOOK_BACK, mine=True, manned=False):
            if _is_echo(echo, row):
                self._missed[line, True] = 0
                self._store.desk.test_answered(line, row.id, now.wall_ms, "", mine=True)
                return
        self._store.apply(line, [Event("line-test", "An echo came to no test of ours.")], now.wall_ms)


_LOOK_BACK = 100


def _is_echo(echo: LineTest, row: TestRow) -> bool:
    return (echo.serial, echo.nonce) == (row.serial, row.nonce)


def _is_my_turn(port: Port, slot: int) -> bool:
    """The side of the smaller fingerprint has the even slots."""
    return (slot % 2 == 0) == (port.identity.me < port.identity.them)
