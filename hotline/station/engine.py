"""The thread that owns the store and the lines: batch, commit, lock, sign, send, in this order and no other.

Everything that changes state comes in as a frame or a call, is handled in batches of one
transaction each, and takes effect outside only after that transaction is on disk. A failed commit
or lock stops the engine, and the engine's end stops the daemon: what is on disk is then unknown,
and only a fresh start may read it.
"""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog

from hotline import limits
from hotline.core.step import Event, KeepCard, Now, Send, SignHead, SignReceipt, Step
from hotline.errors import DaemonError, HotlineError, PeerError, StoreError
from hotline.station import agreed, deadlines
from hotline.station.arrivals import Arrivals
from hotline.station.budget import Budget
from hotline.station.clock import Clock
from hotline.station.inbound import Frame, Inbound
from hotline.station.journal import Keeper
from hotline.station.linetests import LineTests
from hotline.station.load import LoadWatch
from hotline.station.port import Port
from hotline.station.record import Record
from hotline.station.states import States
from hotline.store.lockfile import LockFile
from hotline.store.store import Store

log = structlog.get_logger(__name__)

_T = TypeVar("_T")
# (topic id, frames) for all relays; called on the engine's thread.
Outlet = Callable[[str, list[bytes]], None]
_WATCH_EVERY_S = 1.0
_NEVER = 3600.0


@dataclass(frozen=True, slots=True)
class _Call:
    run: Callable[[Now], Any]
    done: "Future[Any]"


class Engine:
    """Runs between `start` and `stop`; `failed` tells why it ended by itself."""

    def __init__(
        self, store: Store, locks: LockFile, ports: list[Port], clock: Clock, send: Outlet, record: Record | None = None
    ) -> None:
        self.store = store
        self.ports = {port.incoming_topic: port for port in ports}
        self.record = record or Record(store)
        self.record.ports |= {port.identity.id: port for port in ports}
        self.tests = LineTests(store, self.record, self.record.ports, clock.now())
        for port in ports:
            port.holding = store.desk.held(port.identity.id) > 0
        self._locks = locks
        self._clock = clock
        self._send = send
        self._calls: deque[_Call] = deque()
        self._inbound = Inbound()
        self._budgets: dict[tuple[str, str, bool], Budget] = {}  # by relay, line, and whether for HELLOs
        self.openings_per_s = limits.DECAPSULATIONS_PER_S
        self.load = LoadWatch()
        self._by_path: dict[str, Counter[str]] = {}  # rejected since the start, for `status`
        self.arrivals = Arrivals()
        self._wake = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._main, name="engine", daemon=True)
        self._rejected: Counter[tuple[bytes, str, str]] = Counter()
        self._watched_at = 0.0
        self._begun: list[_Call] = []  # in the present batch
        self._changed = False  # whether the present batch has written anything
        self.failed: Future[None] = Future()
        self.on_event: Callable[[int], None] = lambda _last: None
        self.paths_up: Callable[[], list[tuple[str, float]]] = list  # names, and since when
        self.on_card: Callable[[Port], None] = lambda _port: None  # a peer's new card is on disk
        self._new_cards: list[Port] = []
        self.keeper: Keeper | None = None  # signs the journal and tells of the station; none in a bare engine
        self.states = States(store, self.record.ports, clock.now())
        self.path_up: Callable[[], bool] = lambda: True  # asked on the engine's thread
        self.told = store.last_event()  # the newest event that listeners know of

    # --- from other threads ----------------------------------------------------------------------

    def start(self) -> None:
        """Begin. Call once."""
        self._thread.start()

    def stop(self, timeout_s: float) -> None:
        """Finish the present batch and end; what has come in and was not begun is dropped, and will be sent again."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        self._thread.join(timeout_s)

    def frame(self, path: str, topic: str, data: bytes) -> None:
        """A relay has brought a frame. Never blocks; of too many the oldest is dropped and counted."""
        if topic not in self.ports:
            return
        with self._wake:
            for dropped in self._inbound.add(Frame(path, topic, data)):
                self._count(dropped.topic, dropped.path, "overload")
            self._wake.notify()

    def call(self, run: Callable[[Now], _T]) -> "Future[_T]":
        """Run a function on the engine's thread within a batch; the result comes once that batch is on disk."""
        done: Future[_T] = Future()
        with self._wake:
            if self._stopping or self.failed.done():
                done.set_exception(DaemonError("The station is stopping.", "Start it again, then repeat the command."))
                return done
            self._calls.append(_Call(run, done))
            self._wake.notify()
        return done

    # --- the thread ----------------------------------------------------------------------------------

    def _main(self) -> None:
        try:
            while not self._stopping:
                self._batch(*self._take())
            self._end(self._clock.now())
        except Exception as e:
            self.failed.set_exception(e)  # first: a log that cannot be written must not hide it
            if not isinstance(e, HotlineError):
                log.exception("engine-failed")
        finally:
            self._refuse_calls()
            self.store.close()
            if not self.failed.done():
                self.failed.set_result(None)

    def _end(self, now: Now) -> None:
        """A clean end: the journal's last words, and its head over them."""
        self._keep_counts(now)
        if self.keeper is not None:
            self.keeper.end(now)
        self.store.commit()
        if self.keeper is not None:
            self.keeper.seal(now)
            self.store.commit()

    def _take(self) -> tuple[list[_Call], list[Frame]]:
        """Wait for input or for the next tick; take a bounded batch, calls first."""
        with self._wake:
            if not self._calls and not self._inbound:
                self._wake.wait(self._pause_s())
            calls = [self._calls.popleft() for _ in range(min(len(self._calls), limits.COMMIT_BATCH))]
            return calls, self._inbound.take(limits.COMMIT_BATCH)

    def _pause_s(self) -> float:
        if self._stopping:
            return 0.0
        now = self._clock.now().mono_s
        due = [port.machine.next_tick() for port in self.ports.values()]
        due.append(self._watched_at + _WATCH_EVERY_S)
        return min(max(min(due) - now, 0.0), _NEVER)

    def _batch(self, calls: list[_Call], frames: list[Frame]) -> None:
        now = self._clock.now()
        merged: dict[str, Step] = {}
        # From here on nobody can cancel them; who did before wants no answer, and no effect.
        self._begun = [call for call in calls if call.done.set_running_or_notify_cancel()]
        self._changed = bool(self._begun)
        results = [self._run(call, now) for call in self._begun]
        for frame in frames:
            self._receive(frame, now, merged)
        for topic, port in self.ports.items():
            if now.mono_s >= port.machine.next_tick():
                self._merge(topic, port.machine.tick(now), now, merged)
            self._changed |= agreed.hold_or_let_go(self.store, port, now)
            self._merge(topic, port.machine.flush(now), now, merged)
        self._housekeeping(now)
        self._effects(merged, now)
        answered, self._begun = self._begun, []
        for call, result in zip(answered, results, strict=True):
            _resolve(call, result)
        self._tell_events()

    def _tell_events(self) -> None:
        """Wake the listeners if there is a new event, with its seq, so that none has to look it up."""
        last = self.store.last_event() if self._changed else self.told
        if last != self.told:
            self.told = last
            self.on_event(last)

    def _run(self, call: _Call, now: Now) -> Any:
        """A refusal is the caller's; what the store cannot do may be half done, and stops the engine."""
        try:
            return call.run(now)
        except StoreError:
            raise
        except HotlineError as e:
            return e

    def _receive(self, frame: Frame, now: Now, merged: dict[str, Step]) -> None:
        """Only what must be opened costs of the budget: each line has its own on each relay, and HELLOs one apart."""
        port = self.ports[frame.topic]
        budget = self._budget(frame, knocks=port.machine.knocks(frame.data))
        if not budget.has(now.mono_s):
            self._count(frame.topic, frame.path, "overload")
            return
        before = port.machine.openings
        try:
            step = port.machine.receive(frame.data, now)
        except PeerError as e:
            self._count(frame.topic, frame.path, e.reason)
        else:
            for write in step.writes:
                if isinstance(write, Event) and write.kind == "conflict":
                    self._count(frame.topic, frame.path, write.text.partition(":")[0])
            self._merge(frame.topic, step, now, merged)
            self.arrivals.heard(frame.path, frame.data, frame.at_s)
        if port.machine.openings > before:
            budget.spend()

    def _budget(self, frame: Frame, *, knocks: bool) -> Budget:
        key = (frame.path, frame.topic, knocks)
        if key not in self._budgets:
            self._budgets[key] = Budget(limits.HELLO_DECAPSULATIONS_PER_S if knocks else self.openings_per_s)
        return self._budgets[key]

    def _merge(self, topic: str, step: Step, now: Now, merged: dict[str, Step]) -> None:
        """Apply a step's writes at once, so that the next input sees them; keep the rest until after the commit."""
        port = self.ports[topic]
        self._apply(port, step, now)
        into = merged.setdefault(topic, Step())
        into.lock |= step.lock
        for send in step.sends:
            into.send(send)
        for sign in step.signs:
            into.signs = [s for s in into.signs if type(s) is not type(sign)] + [sign]

    def _effects(self, merged: dict[str, Step], now: Now) -> None:
        """Commit, lock, sign, keep, send. An exception here ends the engine before anything is said."""
        self.store.commit()
        locking = [self.ports[t] for t, step in merged.items() if step.lock]
        if locking:
            self._locks.replace({p.identity.id: p.machine.locked() for p in locking})
        for topic, step in merged.items():
            port = self.ports[topic]
            sends = step.sends + self._sign(port, step.signs, now)
            self._transmit(port, sends)
        if self.keeper is not None and self.keeper.due(now):
            self.store.commit()  # what was signed just now may have been told
            self.keeper.seal(now)
        self.store.commit()
        told, self._new_cards = self._new_cards, []
        for port in told:
            self._tell_card(port, now)

    def _tell_card(self, port: Port, now: Now) -> None:
        """The store has the card already, and is asked first after a start: its file can wait, the line cannot."""
        try:
            self.note_changes(now, quietly=True)
            self.on_card(port)
        except HotlineError as e:
            text = f"The new card of {port.alias} is kept, but not in its file: {e.what}"
            self.store.apply(port.identity.id, [Event("card-file", text, alarm=True)], now.wall_ms)
            self.store.commit()
            log.warning("card-file", line=port.alias, text=text)

    def note_changes(self, now: Now, *, quietly: bool = False) -> None:
        """What the station stands on may be other facts now; `quietly` where an event has told it."""
        if self.keeper is not None:
            self.keeper.compare(now, quietly=quietly)
            self._changed = True

    def _sign(self, port: Port, signs: list[SignHead | SignReceipt], now: Now) -> list[Send]:
        """A receipt may be sent before its signature is kept: the statement is committed, and can be signed again."""
        sends: list[Send] = []
        for request in signs:
            step = port.sign(request)
            if self.keeper is not None:
                self.keeper.used("log" if isinstance(request, SignHead) else "receipt", now)
            self._apply(port, step, now)
            sends += step.sends
        return sends

    def _apply(self, port: Port, step: Step, now: Now) -> None:
        self.store.apply(port.identity.id, step.writes, now.wall_ms)
        self.record.apply(port, step.writes, now)
        self._new_cards += [port for write in step.writes if isinstance(write, KeepCard)]
        self._changed = self._changed or bool(step.writes)
        _log_events(port, step)

    def _transmit(self, port: Port, sends: list[Send]) -> None:
        for send in sorted(sends, key=lambda s: s.kind != "emergency"):  # before all else, whatever waits
            try:
                frames = port.machine.render(send)
            except PeerError as e:  # its prekey cannot be sealed to
                self._count(port.incoming_topic, "", e.reason)
                continue
            if frames:
                self._send(port.outgoing_topic, frames)

    # --- counting and watching -----------------------------------------------------------------------

    def _count(self, topic: str, path: str, reason: str) -> None:
        """On either thread; the lock may be held already."""
        port = self.ports.get(topic)
        with self._wake:
            self._rejected[(port.identity.id if port else b"", path, reason)] += 1
            self._by_path.setdefault(path, Counter())[reason] += 1

    def rejected_on(self, path: str) -> dict[str, int]:
        """How many frames of a relay were rejected since the start, by reason."""
        with self._wake:
            return dict(self._by_path.get(path, {}))

    def forget_path(self, path: str) -> None:
        """A relay was removed; on the engine's thread."""
        self.arrivals.forget(path)
        with self._wake:
            self._by_path.pop(path, None)

    def _housekeeping(self, now: Now) -> None:
        if now.mono_s >= self._watched_at + _WATCH_EVERY_S:
            self._watched_at = now.mono_s
            self._keep_counts(now)
            self._watch_load(now)
            self.arrivals.judge(time.monotonic(), self.paths_up())
            self._changed |= deadlines.watch(self.store, self.record.ports, now)
            self._changed |= self.tests.tick(now)
            self._changed |= self.states.tick(now, self.path_up())
            if self.keeper is not None:
                self._changed |= self.keeper.tick(now)

    def _keep_counts(self, now: Now) -> None:
        with self._wake:
            counted, self._rejected = self._rejected, Counter()
        for (line, path, reason), count in counted.items():
            self.store.rejected(line, path, reason, count, now.wall_ms)
            if self.keeper is not None:
                self.keeper.rejected(line, reason, count)
            log.warning("rejected", path=path, reason=reason, count=count)
        for line, event in self.load.rejected(counted, now.mono_s):
            self._tell_load(line, event, now)

    def _watch_load(self, now: Now) -> None:
        for port in self.ports.values():
            line, own = port.identity.id, port.machine.own
            heard = (
                port.machine.peer_seen_s is not None and now.mono_s - port.machine.peer_seen_s < limits.PEER_SILENT_S
            )
            for event in self.load.queue(line, self.store.queue_share(line)):
                self._tell_load(line, event, now)
            for event in self.load.receipts(line, own.ledger.size, own.receipted, now.mono_s, heard=heard):
                self._tell_load(line, event, now)

    def _tell_load(self, line: bytes, event: Event, now: Now) -> None:
        self.store.apply(line, [event], now.wall_ms)
        self._changed = True
        (log.warning if event.alarm else log.info)(event.kind, text=event.text)

    def _refuse_calls(self) -> None:
        with self._wake:
            waiting, self._calls = [c for c in self._calls if c.done.set_running_or_notify_cancel()], deque()
        for call in self._begun:
            call.done.set_exception(
                DaemonError(
                    "The station failed while it wrote this: nobody knows whether it was kept.",
                    "Start it again and look; a notice with an id of its own can be repeated safely.",
                )
            )
        for call in waiting:
            call.done.set_exception(DaemonError("The station has stopped.", "Start it again, then repeat the command."))


def _resolve(call: _Call, result: Any) -> None:
    if isinstance(result, HotlineError):
        call.done.set_exception(result)
    else:
        call.done.set_result(result)


def _log_events(port: Port, step: Step) -> None:
    for write in step.writes:
        if isinstance(write, Event):
            level = log.warning if write.alarm else log.info
            level(write.kind, line=port.alias, text=write.text, phone=port.identity.peer.body.phone)
