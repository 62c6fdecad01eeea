"""What the API offers, done with a running station (`hotline.api.service.Service`).

Reading goes through read-only connections on worker threads; writing through calls into the
engine, which answer once the write is on disk.
"""

import asyncio
import os
from collections.abc import Callable
from typing import TypeVar

from msgspec import structs

from hotline import __version__, limits
from hotline.api.types import (
    Answer,
    Confirm,
    Event,
    LineStatus,
    LogStatus,
    Notice,
    Page,
    Path,
    Status,
    Step,
    Submit,
    Submitted,
)
from hotline.audit.reference import Ref, not_found, parse_ref
from hotline.core.line import BUILT_IN_RULES
from hotline.core.step import Now
from hotline.custody.keyring import Keyring
from hotline.errors import CallerError, HotlineError, NotFoundError
from hotline.home import Home
from hotline.relay.base import Relay
from hotline.station import answering, submission
from hotline.station.clock import Clock
from hotline.station.engine import Engine
from hotline.station.port import Port
from hotline.station.shown import Shown
from hotline.store.queries import Given, Happened, Reader, Received, Sent

_T = TypeVar("_T")
_ALARMS_SHOWN = 5


class StationService:
    """One per daemon; its methods run on the loop."""

    def __init__(
        self, home: Home, keys: Keyring, engine: Engine, clock: Clock, relays: Callable[[], list[Relay]]
    ) -> None:
        self._home = home
        self._keys = keys
        self._engine = engine
        self._clock = clock
        self._relays = relays
        self._started_ms = clock.now().wall_ms
        self._ports = {port.identity.id: port for port in engine.ports.values()}
        self._changed = asyncio.Event()
        self._last_event = engine.told
        self._readers = asyncio.Semaphore(4)
        self._answering = asyncio.Lock()  # between looking whether it was said already, and saying it

    # --- telling listeners ------------------------------------------------------------------------

    def happened(self, last: int) -> None:
        """Events up to `last` are on disk: wake who waits for one. On the loop."""
        self._last_event = last
        self._changed.set()
        self._changed = asyncio.Event()

    def path_changed(self) -> None:
        """A relay's state has changed; it shows in `status`, which is computed when asked."""

    async def _read(self, query: Callable[[Reader], _T]) -> _T:
        def run() -> _T:
            with Reader.open(self._home.database_path) as reader:
                return query(reader)

        async with self._readers:
            return await asyncio.to_thread(run)

    async def _write(self, run: Callable[[Now], _T]) -> _T:
        return await asyncio.wrap_future(self._engine.call(run))

    # --- finding -------------------------------------------------------------------------------------

    def _port(self, name: str) -> Port:
        """The line of this name; the only one if no name is given."""
        ports = list(self._ports.values())
        chosen = [p for p in ports if name in ("", p.alias)] or [p for p in ports if name == p.identity.peer.body.name]
        if len(chosen) == 1:
            return chosen[0]
        names = ", ".join(p.alias for p in ports)
        if not ports:
            raise NotFoundError("This station has no line yet.", "Enrol the peer's card: hotline pair CARD.")
        if not name:
            raise CallerError(f"This station has {len(ports)} lines: {names}.", "Say which one with --to.")
        raise NotFoundError(f"There is no line to {name!r}.", f"The lines here: {names}.")

    def _find(self, reader: Reader, ref: str) -> Sent | Received:
        wanted = parse_ref(ref)
        found = [row for port in self._ports.values() for row in self._candidates(reader, port, wanted)]
        if len(found) > 1:
            # Serials are counted for each line, so that each peer can see that there is no gap.
            names = ", ".join(f"{row.id.hex()} with {self._ports[row.line].alias}" for row in found)
            raise CallerError(f"{ref} is said on {len(found)} lines.", f"Use the id: {names}.")
        if not found:
            raise not_found(ref)
        return found[0]

    def _candidates(self, reader: Reader, port: Port, wanted: Ref) -> list[Sent | Received]:
        """What this reference means on one line: mine by my name, the peer's by what it or we call it, either by id."""
        aliases = {p.alias for p in self._ports.values()}
        called = port.identity.peer.body.name
        theirs = {port.alias} if called in aliases else {port.alias, called}
        found: list[Sent | Received | None] = []
        if wanted.id or wanted.name == port.identity.mine.body.name:
            found.append(reader.sent(port.view.own.origin, serial=wanted.serial, notice_id=wanted.id))
        if wanted.id or wanted.name in theirs:
            found.append(reader.received(port.view.mirror.origin, serial=wanted.serial, notice_id=wanted.id))
        return [row for row in found if row is not None]

    # --- writing -------------------------------------------------------------------------------------

    async def submit(self, notices: list[Submit]) -> list[Submitted | HotlineError]:
        """Encode and sign on a worker thread, queue all in one batch, answer when that is on disk."""
        now = self._clock.now()
        times = await self._read(lambda r: self._first_times(r, notices)) if any(s.id for s in notices) else {}

        def prepare() -> list[submission.Prepared | HotlineError]:
            return [self._prepare(s, now, times.get(s.id, now.wall_s)) for s in notices]

        prepared = await asyncio.to_thread(prepare)
        outcomes = await self._write(lambda at: [submission.queue(self._engine.store, p, at) for p in prepared])
        if not any(isinstance(o, Submitted) and o.repeated for o in outcomes):
            return outcomes
        return await self._read(lambda r: [self._as_it_stands(r, o) for o in outcomes])

    def _as_it_stands(self, reader: Reader, outcome: Submitted | HotlineError) -> Submitted | HotlineError:
        """A repeat is told what the first has reached."""
        if isinstance(outcome, HotlineError) or not outcome.repeated:
            return outcome
        row = reader.sent(self._port(outcome.line).view.own.origin, notice_id=bytes.fromhex(outcome.id))
        return outcome if row is None else structs.replace(outcome, state=self._shown(reader).sent(row).state)

    def _first_times(self, reader: Reader, notices: list[Submit]) -> dict[str, int]:
        """The date-time groups of notices that are here already, by id.

        One that this station's clock gave must not change when the notice is submitted again a minute later:
        the repeat would be another text.
        """
        found: dict[str, int] = {}
        for notice_id in {s.id for s in notices if s.id}:
            for port in self._ports.values():
                row = reader.sent(port.view.own.origin, notice_id=bytes.fromhex(notice_id))
                if row is not None:
                    queued = row.index < 0
                    body = reader.queued_body(row.line, row.id) if queued else reader.body(row.origin, row.index)
                    found |= submission.time_of(notice_id, body)
        return found

    def _prepare(self, submit: Submit, now: Now, time_s: int) -> submission.Prepared | HotlineError:
        try:
            return submission.prepare(self._port(submit.to), self._keys, submit, now, time_s)
        except HotlineError as e:
            return e

    async def answer(self, answer: Answer) -> Step:
        """Sign as the officer, queue, and answer when that is on disk. Saying the same again changes nothing."""
        async with self._answering:
            return await self._answer(answer)

    async def _answer(self, answer: Answer) -> Step:
        found, given = await self._read(lambda r: self._answered(r, answer.ref))
        port = self._ports[found.line]
        earlier = answering.already(answer, given)
        if earlier is not None:
            return earlier
        leaf = await self._read(lambda r: r.leaf(found.origin, found.index))
        rows = await asyncio.to_thread(answering.prepare, port, self._keys, answer, found, given, leaf or b"")
        return await self._write(lambda now: answering.queue(self._engine.store, port, rows, now))

    def _answered(self, reader: Reader, ref: str) -> tuple[Received, list[Given]]:
        found = self._find(reader, ref)
        if isinstance(found, Sent):
            raise CallerError(f"{ref} is your own notice.", "Only the other side can answer it.")
        return found, reader.answers(found.origin, found.index)

    async def confirm(self, confirm: Confirm) -> None:
        """The cursor and what the consumer did with it are on disk together only if the consumer waits for this."""
        await self._write(lambda now: self._engine.store.confirm(confirm.consumer, confirm.seq, now.wall_ms))

    # --- reading -------------------------------------------------------------------------------------

    def _shown(self, reader: Reader) -> Shown:
        return Shown(reader, self._ports, self._clock.now())

    async def inbox(self, *, after: int | None, consumer: str, limit: int, notices_only: bool) -> Page:
        """Oldest first. Without `after` and `consumer`, the latest."""

        def query(reader: Reader) -> Page:
            if after is None and not consumer:
                rows = reader.latest_inbox(limit, notices_only=notices_only)
                return Page(notices=[self._shown(reader).received(r) for r in rows], next=0)
            start = reader.cursor(consumer) if after is None else after
            rows = reader.inbox(start, limit, notices_only=notices_only)
            more = rows[-1].seq if len(rows) == min(limit, limits.API_PAGE) else 0
            return Page(notices=[self._shown(reader).received(r) for r in rows], next=more)

        return await self._read(query)

    async def outbox(self, *, limit: int, newest_first: bool, before: int) -> Page:
        """My notices with what each has reached."""

        def query(reader: Reader) -> Page:
            rows = reader.outbox(limit, before=before, newest_first=newest_first)
            more = rows[-1].row if len(rows) == min(limit, limits.API_PAGE) else 0
            return Page(notices=[self._shown(reader).sent(r) for r in rows], next=more)

        return await self._read(query)

    async def show(self, ref: str) -> Notice:
        """One notice with its ladder, its text and its friendly form."""

        def query(reader: Reader) -> Notice:
            found, shown = self._find(reader, ref), self._shown(reader)
            return shown.whole(found)

        return await self._read(query)

    async def events(self, *, after: int, limit: int) -> list[Event]:
        """Kept events; old ones that were no alarms may be gone."""
        return [self._event(e) for e in await self._read(lambda r: r.events(after, limit))]

    def _event(self, e: Happened) -> Event:
        port = self._ports.get(e.line)
        name = port.alias if port else ""
        return Event(seq=e.seq, time_ms=e.at_ms, line=name, kind=e.kind, text=e.text, alarm=e.alarm, index=e.index)

    async def wait_event(self, after: int, timeout_s: float) -> bool:
        """Woken by commits, not by polling."""
        deadline = asyncio.get_running_loop().time() + timeout_s
        while True:
            changed = self._changed
            if self._last_event > after:
                return True
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                return False
            try:
                await asyncio.wait_for(changed.wait(), left)
            except TimeoutError:
                return False

    # --- status --------------------------------------------------------------------------------------

    async def status(self) -> Status:
        """Paths from the loop, machines from the engine's thread, counts from the store."""
        paths = [
            Path(
                name=r.name,
                state=r.state.status,
                detail=r.state.detail,
                delay_ms=None if r.delay_s is None else round(1000 * r.delay_s, 1),
            )
            for r in self._relays()
        ]
        up = any(p.state == "up" for p in paths)
        live = await self._write(lambda now: [_live(port, now, up) for port in self._ports.values()])
        lines, last = await self._read(lambda r: ([self._line(r, port, facts) for port, facts in live], r.last_event()))
        body = self._keys.card.body
        return Status(
            name=body.name,
            version=__version__,
            home=str(self._home.path),
            pid=os.getpid(),
            started_ms=self._started_ms,
            attended=bool(self._keys.officers),
            officers=list(self._keys.officers),
            paths=paths,
            lines=lines,
            last_event=last,
        )

    def _alarms(self, reader: Reader, port: Port, facts: "_Live") -> list[Event]:
        """The latest; that the peer is silent only for as long as it is."""
        latest = reader.alarms(port.identity.id, 4 * _ALARMS_SHOWN)
        standing = [a for a in latest if a.kind != "peer-silent" or facts.state in ("peer silent", "path down")]
        return [self._event(a) for a in standing[:_ALARMS_SHOWN]]

    def _line(self, reader: Reader, port: Port, facts: "_Live") -> LineStatus:
        counts = reader.counts(port.identity.id)
        return LineStatus(
            name=port.alias,
            state=facts.state,  # type: ignore[arg-type]  # the core's words are the API's
            phone=port.identity.peer.body.phone,
            line_id=port.identity.id.hex(),
            own=facts.own,
            mirror=facts.mirror,
            queued=counts.queued,
            not_stored=counts.not_stored,
            unsigned=facts.unsigned,
            unread=counts.unread,
            last_sent=counts.last_sent,
            last_received=counts.last_received,
            peer_heard_s=facts.heard_s,
            peer_attended=facts.peer_attended,
            rules_agree=facts.rules_agree,
            rejected=reader.rejected(port.identity.id),
            alarms=self._alarms(reader, port, facts),
        )


class _Live:
    """What only the engine's thread may read of a line, copied."""

    def __init__(self, port: Port, now: Now, path_up: bool) -> None:
        m = port.machine
        self.state = m.state(now, path_up)
        self.unsigned = m.unsigned(now)
        self.peer_attended = m.peer_attended
        self.rules_agree = m.peer_rules in (None, BUILT_IN_RULES)
        self.heard_s = None if m.peer_seen_s is None else round(now.mono_s - m.peer_seen_s, 1)
        own, mirror = m.own, m.mirror
        self.own = LogStatus(origin=own.ledger.origin, size=own.ledger.size, signed=own.signed, receipted=own.receipted)
        self.mirror = LogStatus(
            origin=mirror.ledger.origin, size=mirror.ledger.size, signed=mirror.head_size, receipted=mirror.cosigned[0]
        )


def _live(port: Port, now: Now, path_up: bool) -> tuple[Port, _Live]:
    return port, _Live(port, now, path_up)
