"""What the API offers, done with a running station (`hotline.api.service.Service`).

Reading goes through read-only connections on worker threads; writing through calls into the
engine, which answer once the write is on disk.
"""

import asyncio
import os
from collections.abc import Mapping
from typing import TypeVar

from msgspec import structs

from hotline import __version__, limits, rules
from hotline.api.types import (
    Answer,
    Confirm,
    Event,
    Journal,
    JournalEntry,
    JournalQuery,
    LineStatus,
    LogStatus,
    Notice,
    Page,
    Rebuild,
    Relays,
    Status,
    Step,
    Submit,
    Submitted,
    Watch,
)
from hotline.api.types import LineTests as ApiLineTests
from hotline.core.kinds import RAISED
from hotline.core.step import Now
from hotline.errors import CallerError, HotlineError
from hotline.notices.link import FIELDS
from hotline.station import answering, submission
from hotline.station.desk import with_fields
from hotline.station.emergency import EmergencyService
from hotline.station.linetests import LineTests
from hotline.station.load import LoadWatch
from hotline.station.past import Past, of_pair
from hotline.station.paths import row, with_rejected
from hotline.station.port import Port
from hotline.store.ended import ANSWER_NOT_CARRIED
from hotline.store.journal import JournalRow
from hotline.store.queries import Given, Happened, Reader, Received, Sent

_T = TypeVar("_T")
_ALARMS_SHOWN = 5
_LEVELS = ("happened", "alarm", "cleared")


class StationService(EmergencyService):
    """One per daemon; its methods run on the loop."""

    # --- writing -------------------------------------------------------------------------------------

    async def submit(self, notices: list[Submit]) -> list[Submitted | HotlineError]:
        """Encode and sign on a worker thread, queue all in one batch, answer when that is on disk."""
        now = self._clock.now()
        times = await self._read(lambda r: self._first_times(r, notices)) if any(s.id for s in notices) else {}

        resolved: list[Submit | HotlineError] = [*notices]
        if any(s.kind in FIELDS for s in notices):
            resolved = await self._write(lambda _: [self._resolved(s) for s in notices])

        def prepare() -> list[submission.Prepared | HotlineError]:
            return [self._prepare(s, now, times) for s in resolved]

        prepared = await asyncio.to_thread(prepare)
        outcomes = await self._write(
            lambda at: [submission.queue(self._engine.store, self._record, p, at) for p in prepared]
        )
        if not any(isinstance(o, Submitted) and o.repeated for o in outcomes):
            return outcomes
        return await self._read(lambda r: [self._as_it_stands(r, o) for o in outcomes])

    def _as_it_stands(self, reader: Reader, outcome: Submitted | HotlineError) -> Submitted | HotlineError:
        """A repeat is told what the first has reached."""
        if isinstance(outcome, HotlineError) or not outcome.repeated:
            return outcome
        for held in of_pair(self._lines, self._port(outcome.line).identity.pair):
            row = reader.sent(held.view.own.origin, notice_id=bytes.fromhex(outcome.id))
            if row is not None:
                return structs.replace(outcome, state=self._shown(reader).sent(row).state)
        return outcome

    def _first_times(self, reader: Reader, notices: list[Submit]) -> dict[str, int]:
        """The date-time groups of notices that are here already, by id.

        One that this station's clock gave must not change when the notice is submitted again a minute later:
        the repeat would be another text.
        """
        found: dict[str, int] = {}
        for notice_id in {s.id for s in notices if s.id}:
            for held in self._lines.values():
                row = reader.sent(held.view.own.origin, notice_id=bytes.fromhex(notice_id))
                if row is not None:
                    queued = row.index < 0
                    body = reader.queued_body(row.line, row.id) if queued else reader.body(row.origin, row.index)
                    found |= submission.time_of(notice_id, body)
        return found

    def _resolved(self, submit: Submit) -> Submit | HotlineError:
        """With ids in place of names; on the engine's thread, which has the record."""
        try:
            if submit.kind not in FIELDS:
                return submit
            return with_fields(submit, submission.resolve(self._record, self._port(submit.to), submit))
        except HotlineError as e:
            return e

    def _prepare(
        self, submit: Submit | HotlineError, now: Now, times: Mapping[str, int]
    ) -> submission.Prepared | HotlineError:
        if isinstance(submit, HotlineError):
            return submit
        try:
            time_s = times.get(submit.id, now.wall_s)
            return submission.prepare(self._port(submit.to), self._keys, submit, now, time_s)
        except HotlineError as e:
            return e

    async def answer(self, answer: Answer) -> Step:
        """Sign as the officer, queue, and answer when that is on disk. Saying the same again changes nothing."""
        async with self._answering:
            return await self._answer(answer)

    async def _answer(self, answer: Answer) -> Step:
        found, given = await self._read(lambda r: self._answered(r, answer.ref))
        earlier = answering.already(answer, given)
        if earlier is not None and ANSWER_NOT_CARRIED not in found.marks:
            return earlier
        port = self._open(found.line, self._called(found))
        answering.require_open(answer, given)
        leaf, body = await self._read(lambda r: (r.leaf(found.origin, found.index), r.body(found.origin, found.index)))
        rows = await asyncio.to_thread(answering.prepare, port, self._keys, answer, found, given, leaf or b"", body)

        def queue(now: Now) -> Step:
            step = answering.queue(self._engine.store, self._record, port, rows, found, now)
            port.machine.wake()
            return step

        return await self._write(queue)

    def _called(self, row: Received) -> str:
        """What officers call a notice of the peer; programs name it by its id."""
        return f"{self._lines[row.line].alias} {row.serial}" if row.serial else row.id.hex()

    def _answered(self, reader: Reader, ref: str) -> tuple[Received, list[Given]]:
        found = self._find(reader, ref)
        if isinstance(found, Sent):
            raise CallerError(f"{ref} is your own notice.", "Only the other side can answer it.")
        return found, reader.answers(found.origin, found.index)

    async def cursor(self, consumer: str) -> int:
        """The last seq that a consumer has confirmed, 0 if none."""
        return await self._read(lambda r: r.cursor(consumer))

    async def confirm(self, confirm: Confirm) -> None:
        """The cursor and what the consumer did with it are on disk together only if the consumer waits for this."""
        await self._write(lambda now: self._engine.store.confirm(confirm.consumer, confirm.seq, now.wall_ms))

    # --- reading -------------------------------------------------------------------------------------

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

    async def received(self, seq: int) -> Notice:
        """One row of the inbox, whole: by its seq, since a peer may use an id that is said elsewhere already."""

        def query(reader: Reader) -> Notice:
            (row,) = reader.inbox(seq - 1, 1, notices_only=False)
            return self._shown(reader).whole(row)

        return await self._read(query)

    async def events(self, *, after: int, limit: int) -> list[Event]:
        """Kept events; old ones that were no alarms may be gone."""
        return [self._event(e) for e in await self._read(lambda r: r.events(after, limit))]

    def _event(self, e: Happened) -> Event:
        port = self._lines.get(e.line)
        return Event(
            seq=e.seq,
            time_ms=e.at_ms,
            line=port.alias if port else "",
            kind=e.kind,
            text=e.text,
            alarm=e.alarm,
            index=e.index,
            clears=e.clears,
            phone=self._phone(e.line) if e.alarm else "",
        )

    def _phone(self, line: bytes) -> str:
        """Whom to telephone: the number on the peer's card; of an alarm of the station itself, each peer's."""
        ports = [self._lines[line]] if line in self._lines else self._present()
        cards = [(port.alias, port.identity.peer.body.phone) for port in ports]
        if len(cards) == 1:
            return cards[0][1]
        return ", ".join(f"{alias} {phone}" for alias, phone in cards if phone)

    async def journal(self, query: JournalQuery) -> Journal:
        """As it stands on disk, the present batch left out."""

        def read(reader: Reader) -> Journal:
            rows = reader.journal.list(
                after=query.after, since_ms=query.since_ms, kind=query.kind, alarms=query.alarms, limit=query.limit
            )
            size, signed = reader.journal.sizes()
            return Journal(entries=[self._journal_entry(row) for row in rows], size=size, signed=signed)

        return await self._read(read)

    def _journal_entry(self, row: JournalRow) -> JournalEntry:
        e, port = row.entry, self._lines.get(row.entry.line)
        return JournalEntry(
            index=row.index,
            time_ms=e.time_ms,
            line=port.alias if port else e.line.hex()[:16],
            kind=e.kind,
            level=_LEVELS[e.level],  # type: ignore[arg-type]  # the words of the API, in the order of the levels
            text=e.text,
            fields=dict(e.fields),
            phone=self._phone(e.line) if e.level == RAISED else "",
        )

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

    # --- relays ------------------------------------------------------------------------------------

    async def reload_relays(self) -> Relays:
        """Use the relays that `station.toml` now names, without a restart. ConfigError leaves all as they are."""
        added, removed = await self.on_reload()
        return Relays(added=added, removed=removed)

    # --- status --------------------------------------------------------------------------------------

    async def status(self) -> Status:
        """Paths from the loop, machines from the engine's thread, counts from the store."""
        relays, engine = self._relays(), self._engine
        up = any(r.state.status == "up" for r in relays)
        tests = engine.tests
        paths = await self._write(lambda _: [row(r, engine.arrivals.of(r.name)) for r in relays])
        paths = [with_rejected(path, engine.rejected_on(path.name)) for path in paths]
        live = await self._write(
            lambda now: [_live(port, now, up, tests, engine.load) for port in self._ports.values()]
        )
        lines, last, emergencies = await self._read(
            lambda r: (self._all_lines(r, live), r.last_event(), self._lately(r))
        )
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
            emergencies=emergencies,
        )

    def _all_lines(self, reader: Reader, live: "list[tuple[Port, _Live]]") -> list[LineStatus]:
        lines = [self._line(reader, port, facts) for port, facts in live]
        lines += [self._closed_line(reader, held) for held in self._present() if isinstance(held, Past)]
        return sorted(lines, key=lambda line: line.name.casefold())

    def _closed_line(self, reader: Reader, past: Past) -> LineStatus:
        """What is said of a line that has no machine, because an officer has closed its present generation."""
        line = past.identity.id
        counts = reader.counts(line)
        due, overdue = reader.matters.standing(line)
        return LineStatus(
            name=past.alias, state="closed", phone=past.identity.peer.body.phone, line_id=line.hex(),
            own=_log_status(reader, past.view.own.origin), mirror=_log_status(reader, past.view.mirror.origin),
            queued=counts.queued, not_stored=counts.not_stored, unsigned=0, unread=counts.unread,
            last_sent=counts.last_sent, last_received=counts.last_received, peer_heard_s=None, peer_attended=False,
            rules_agree=True, rejected=reader.rejected(line),
            alarms=[self._event(a) for a in reader.alarms(line, _ALARMS_SHOWN)],
            rules=rules.digest_of(past.rules).hex(), held=reader.matters.held(line), due=due, overdue=overdue,
            generation=past.identity.generation, to_do=past.to_do,
        )  # fmt: skip

    def _alarms(self, reader: Reader, port: Port, facts: "_Live", overdue: int) -> list[Event]:
        """The latest; of what has ended by itself, only for as long as it stands."""
        ended = {
            "rules-differ": facts.rules_agree,
            "overdue": overdue == 0,
            "line-test-missed": facts.missed == 0,
            **{kind: kind not in facts.load for kind in ("flood", "queue-filling", "no-receipts")},
        }
        latest = reader.alarms(port.identity.id, 4 * _ALARMS_SHOWN)
        return [self._event(a) for a in latest if not ended.get(a.kind, False)][:_ALARMS_SHOWN]

    def _line(self, reader: Reader, port: Port, facts: "_Live") -> LineStatus:
        counts = reader.counts(port.identity.id)
        due, overdue = reader.matters.standing(port.identity.id)
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
            alarms=self._alarms(reader, port, facts, overdue),
            rules=facts.rules,
            peer_rules=facts.peer_rules,
            held=reader.matters.held(port.identity.id),
            tests=_tests(reader, port.identity.id, facts.missed),
            watch=_watch(reader, port.identity.id),
            on_watch=reader.matters.on_watch(port.identity.id, mine=False),
            due=due,
            overdue=overdue,
            rebuild=facts.rebuild,
            generation=port.identity.generation,
        )


class _Live:
    """What only the engine's thread may read of a line, copied."""

    def __init__(self, port: Port, now: Now, path_up: bool, tests: LineTests, load: LoadWatch) -> None:
        m = port.machine
        self.load = load.standing(port.identity.id)
        self.state = m.state(now, path_up)
        self.unsigned = m.unsigned(now)
        self.peer_attended = m.peer_attended
        self.rules_agree = not m.rules_differ
        self.rules = rules.digest_of(port.rules).hex()
        self.peer_rules = "" if m.peer_rules is None else m.peer_rules.hex()
        self.missed = tests.missed(port.identity.id)
        self.heard_s = None if m.peer_seen_s is None else round(now.mono_s - m.peer_seen_s, 1)
        own, mirror = m.own, m.mirror
        self.own = LogStatus(
            origin=own.ledger.origin, size=own.ledger.size, signed=own.signed, receipted=own.receipted,
            frozen=own.frozen,
        )  # fmt: skip
        self.rebuild = _rebuild(port)
        self.mirror = LogStatus(
            origin=mirror.ledger.origin, size=mirror.ledger.size, signed=mirror.head_size, receipted=mirror.cosigned[0],
            frozen=mirror.frozen,
        )  # fmt: skip


def _log_status(reader: Reader, origin: str) -> LogStatus:
    size, signed, receipted, frozen = reader.log_sizes(origin)
    return LogStatus(origin=origin, size=size, signed=signed, receipted=receipted, frozen=frozen)


def _rebuild(port: Port) -> Rebuild | None:
    own, mirror, rebuild = port.machine.own, port.machine.mirror, port.machine.rebuild
    if not rebuild.active:
        return None
    locks = [head.size if head else 0 for head in (own.lock.own, mirror.lock.peer)]
    return Rebuild(
        own=own.ledger.size,
        own_of=max(own.ledger.size, own.shown, locks[0]),
        peer=mirror.ledger.size,
        peer_of=max(mirror.ledger.size, mirror.owner_signed, locks[1]),
        why=rebuild.why,
    )


def _live(port: Port, now: Now, path_up: bool, tests: LineTests, load: LoadWatch) -> tuple[Port, _Live]:
    return port, _Live(port, now, path_up, tests, load)


def _tests(reader: Reader, line: bytes, missed: int) -> ApiLineTests:
    m = reader.matters
    sent, came = m.tests(line, 1, mine=True, manned=False), m.tests(line, 1, mine=False, manned=False)
    echoed = [row for row in m.tests(line, 100, mine=True, manned=False) if row.echo_ms > 0][:1]
    manned = [row for row in m.tests(line, 10, mine=True, manned=True) if row.echo_ms > 0][:1]
    return ApiLineTests(
        sent_ms=sent[0].at_ms if sent else 0,
        echo_ms=echoed[0].echo_ms if echoed else 0,
        echo_s=(echoed[0].echo_ms - echoed[0].at_ms) / 1000 if echoed else None,
        received_ms=came[0].at_ms if came else 0,
        missed=missed,
        manned_ms=manned[0].echo_ms if manned else 0,
        manned_officer=manned[0].officer if manned else "",
    )


def _watch(reader: Reader, line: bytes) -> Watch | None:
    row = reader.matters.watch(line, mine=False)
    if row is None:
        return None
    return Watch(officer=row.officer, on=bool(row.state), since_ms=row.signed_ms, relieved=row.relieved, text=row.text)
