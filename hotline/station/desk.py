"""The duty desk of the API's service: drafts, releases, duty, the record, rules, line tests."""

import abc
import asyncio
from collections.abc import Callable

from msgspec import structs

from hotline import notices, rules
from hotline.api.types import (
    Activity,
    Calendar,
    CalendarQuery,
    Discard,
    Draft,
    DraftNew,
    Drafts,
    Duty,
    LineTestNew,
    OnDuty,
    Release,
    RulesSet,
    RulesView,
    Submit,
    Submitted,
    Thread,
)
from hotline.core import entry
from hotline.core.step import Event, Now
from hotline.errors import CallerError, HotlineError, KeyError_, NotFoundError, UsageError
from hotline.rules import Rules
from hotline.station import agreed, cards, submission, watch
from hotline.station.base import StationBase
from hotline.station.past import Past
from hotline.station.port import Port
from hotline.station.shown import draft_shown
from hotline.store.matters import DraftRow, ThreadRow
from hotline.store.queries import Reader, Sent


class DeskService(StationBase, abc.ABC):
    """One part of `hotline.station.service.StationService`."""

    # --- drafts ------------------------------------------------------------------------------------

    async def draft(self, new: DraftNew) -> Draft:
        """Fix the bytes, sign them as their drafter, keep them. Nothing is sent."""
        port, now = self._port(new.submit.to), self._clock.now()
        fixed = await self._fixed(port, new.submit, now)
        submission.require_reason(port.rules, fixed.notice, now)
        signer = await self._signer(new.submit.officer, new.passphrase)
        release = await asyncio.to_thread(submission.sign, fixed, signer, entry.ROLE_DRAFTER)
        f, facts = fixed.facts, fixed.body_facts
        row = DraftRow(
            0, port.identity.id, f.id, facts.kind, facts.subject, f.precedence, f.mode, f.expires_s, fixed.salt,
            fixed.body, signer[0], release.officer, release.signature, now.wall_ms,
        )  # fmt: skip

        def keep(now: Now) -> int:
            self._record.check(port, fixed.notice, fixed.mode)
            number = self._engine.store.desk.keep_draft(row)
            text = f"{row.drafter} signs draft {number} as its drafter."
            fields = (("officer", row.drafter), ("id", row.id.hex()))
            self._engine.store.event(row.line, Event("draft", text, fields=fields), now.wall_ms)
            return number

        number = await self._write(keep)
        return await self._read(lambda r: draft_shown(self._draft_row(r, number), port))

    async def _fixed(self, port: Port, submit: Submit, now: Now) -> submission.Fixed:
        data = await self._write(lambda _: submission.resolve(self._record, port, submit))
        return await asyncio.to_thread(submission.fix, port, with_fields(submit, data), now)

    @staticmethod
    def _draft_row(reader: Reader, number: int) -> DraftRow:
        row = reader.matters.draft(number)
        if row is None:
            raise NotFoundError(f"There is no draft {number}.", "`hotline draft` lists them.")
        return row

    async def drafts(self) -> Drafts:
        """Those of lines that are open."""

        def query(reader: Reader) -> Drafts:
            rows = [row for row in reader.matters.drafts() if row.line in self._lines]
            return Drafts(drafts=[draft_shown(row, self._lines[row.line]) for row in rows])

        return await self._read(query)

    async def discard(self, discard: Discard) -> None:
        """Take a draft away."""
        if not await self._write(lambda _: self._engine.store.desk.drop_draft(discard.draft)):
            raise NotFoundError(f"There is no draft {discard.draft}.", "`hotline draft` lists them.")

    async def release(self, release: Release) -> Submitted:
        """Sign the same bytes as the drafter and queue them; or let a held notice go."""
        if bool(release.draft) == bool(release.ref):
            raise UsageError("A draft or a notice is released, one of the two.", "Give the number of the draft.")
        if release.ref:
            return await self._let_go(release)
        row = await self._read(lambda r: self._draft_row(r, release.draft))
        if row.line not in self._lines:
            raise NotFoundError("The line of this draft is not here any more.", "Discard it.")
        port = self._open(row.line, f"Draft {row.number}")
        fixed = _fixed_again(port, row)
        signer = await self._signer(release.officer, release.passphrase)
        signed = await asyncio.to_thread(submission.sign, fixed, signer, entry.ROLE_RELEASER)
        drafted = entry.Release(row.officer, entry.ROLE_DRAFTER, row.signature)
        prepared = submission.Prepared(fixed, (signed, drafted), release.despite_rules, signer[0])

        def queue(now: Now) -> Submitted:
            store = self._engine.store
            if store.desk.draft(row.number) is None:
                raise NotFoundError(f"There is no draft {row.number} any more.", "Somebody has released it.")
            outcome = submission.queue(store, self._record, prepared, now)
            if isinstance(outcome, HotlineError):
                raise outcome
            store.desk.drop_draft(row.number)
            return outcome

        return await self._write(queue)

    async def _let_go(self, release: Release) -> Submitted:
        found = await self._read(lambda r: self._find(r, release.ref))
        if not isinstance(found, Sent) or not await self._read(lambda r: r.matters.is_held(found.line, found.id)):
            raise CallerError(f"{release.ref} is not held.", "`hotline outbox` shows what is.")
        if not release.despite_rules:
            raise UsageError(
                "It is held because the two sides hold different rules.",
                "Agree the same rules, or let it go all the same: --despite-rules.",
            )
        name, _ = await self._signer(release.officer, release.passphrase)
        port = self._open(found.line, release.ref)

        def let_go(now: Now) -> Submitted:
            self._engine.store.desk.let_go_despite(found.line, found.id)
            text = f"{name} lets notice {found.id.hex()[:8]} go although the rules differ."
            self._engine.store.apply(found.line, [Event("override", text)], now.wall_ms)
            port.machine.wake()
            return Submitted(id=found.id.hex(), line=port.alias, state="QUEUED", repeated=False)

        return await self._write(let_go)

    # --- duty --------------------------------------------------------------------------------------

    async def on_duty(self) -> OnDuty:
        """Who is on duty, and whose keys are here."""
        names = await asyncio.to_thread(self._keys.officers.names)
        number = self._keys.card.body.number
        return OnDuty(on_duty=list(self._keys.officers), officers=names, card_number=number)

    async def duty(self, duty: Duty) -> OnDuty:
        """Signed for each line, on disk when this returns; the peers are told at once."""
        async with self._answering:
            await (self._come_on(duty) if duty.on else self._go_off(duty))
        return await self.on_duty()

    async def _come_on(self, duty: Duty) -> None:
        officers = self._keys.officers
        relieved = None
        if duty.relieve:
            if duty.relieve not in officers:
                raise KeyError_(f"{duty.relieve} is not on duty, and cannot hand over.", "Leave out --relieve.")
            relieved = (duty.relieve, officers[duty.relieve])
        signer = await self._signer(duty.officer, duty.passphrase)
        if relieved is not None and relieved[0] == signer[0]:
            raise UsageError("Nobody relieves himself.", "Name the officer who comes on.")
        await self._keep_watch(watch.Change(True, signer, relieved, duty.text))
        officers.come_on(*signer)
        if relieved is not None:
            officers.go_off(relieved[0])
        await self._write(self._tell_presence)
        for port in self._ports.values():
            await self._manned_test_of_watch(port, signer[0])

    async def _go_off(self, duty: Duty) -> None:
        signer = submission.officer(self._keys, duty.officer)
        await self._keep_watch(watch.Change(False, signer, None, duty.text))
        self._keys.officers.go_off(signer[0])
        await self._write(self._tell_presence)

    async def _keep_watch(self, change: watch.Change) -> None:
        change.require_text()
        ports = list(self._ports.values())
        now, last_ms = self._clock.now(), await self._read(self._last_watch_ms)
        signed = Now(max(now.wall_ms, 1 + last_ms), now.mono_s)
        rows = await asyncio.to_thread(lambda: [watch.row(port, change, signed) for port in ports])

        def keep(at: Now) -> None:
            for port, row in zip(ports, rows, strict=True):
                watch.keep(self._engine.store, port, change, row, at)

        await self._write(keep)

    def _last_watch_ms(self, reader: Reader) -> int:
        """Of all watches the one signed last counts: a clock that was put back must not hide who has the watch now."""
        told = (reader.matters.watch(line, mine=True) for line in self._ports)
        return max((row.signed_ms for row in told if row is not None), default=0)

    def _tell_presence(self, now: Now) -> None:
        for port in self._ports.values():
            port.machine.set_attended(bool(self._keys.officers), now)

    async def _manned_test_of_watch(self, port: Port, officer: str) -> None:
        """Once a watch a person answers; who comes on sends the question, if none was asked lately."""
        every_ms = 1000 * port.rules.manned_test_s
        last = await self._read(lambda r: r.matters.tests(port.identity.id, 1, mine=True, manned=True))
        if every_ms and (not last or self._clock.now().wall_ms - last[0].at_ms >= every_ms):
            await self.line_test(LineTestNew(line=port.alias, manned=True, officer=officer))

    async def reload_card(self) -> OnDuty:
        """The card in the home, signed anew: ours from now on, and told to every peer through its line."""
        card = await asyncio.to_thread(self._keys.take_card, self._home)

        def take(now: Now) -> None:
            for port in self._ports.values():
                port.machine.set_mine(card)
                if cards.announce(self._engine.store, port, card, now):
                    port.machine.wake()
            self._engine.note_changes(now)

        await self._write(take)
        return await self.on_duty()

    # --- the record ----------------------------------------------------------------------------------

    async def calendar(self, query: CalendarQuery) -> Calendar:
        """Activities of all lines, or of one."""
        line = self._line_named(query.line).identity.id if query.line else b""
        now_s = self._clock.now().wall_s

        def read(reader: Reader) -> Calendar:
            rows = reader.matters.activities(line, now_s, query.limit, past=query.past)
            shown = [self._activity(reader, row) for row in rows if row.line in self._lines]
            return Calendar(activities=shown, next=0)

        return await self._read(read)

    def _activity(self, reader: Reader, row: ThreadRow) -> Activity:
        port = self._lines[row.line]
        shown = self._shown(reader)
        ref, marks = shown.name_of(row.line, row.id, mine=row.mine)
        if row.line not in self._ports and not (isinstance(port, Past) and port.to_do):
            marks = [*marks, f"Of generation {port.identity.generation} of the line, which has ended"]
        return Activity(
            line=port.alias,
            direction="sent" if row.mine else "received",
            ref=ref,
            id=row.id.hex(),
            kind=row.kind,
            title=row.title,
            mode=notices.Mode(row.mode).name,
            state=shown.thread_state(row),
            revision=row.revision,
            start_s=row.start_s,
            end_s=row.end_s,
            remarks=marks,
        )

    async def thread(self, ref: str) -> Thread:
        """Of whatever notice of it is named."""

        def read(reader: Reader) -> Thread:
            shown = self._shown(reader)
            return shown.thread(self._find(reader, ref))

        return await self._read(read)

    # --- rules and tests ---------------------------------------------------------------------------

    async def rules(self, line: str) -> RulesView:
        """As this station holds them."""
        port = self._port(line)
        return await self._write(lambda _: _rules_view(port))

    async def set_rules(self, new: RulesSet) -> RulesView:
        """Checked, then on disk, then in force. An officer takes them, and is named: rules say who has to sign."""
        port = self._port(new.line)
        parsed = rules.parse(new.text, "the rules") if new.text.strip() else rules.BUILT_IN
        name, _ = await self._signer(new.officer, new.passphrase)
        stem = port.identity.pair.hex()[:16]
        async with self._answering:  # the file and what is in force are those of one call
            await asyncio.to_thread(agreed.keep, self._home, stem, parsed, new.text)
            shown = await self._write(_taking(port, parsed, name, self._engine.store.apply))
            await self._write(lambda now: self._engine.note_changes(now, quietly=True))
            return shown

    async def line_test(self, new: LineTestNew) -> Submitted:
        """The machine's own test, or one that an officer signs and a person answers."""
        port = self._port(new.line)
        tests = self._engine.tests
        if not new.manned:
            key = await self._write(lambda now: tests.send(port, now))
            return Submitted(id=key.hex(), line=port.alias, state="QUEUED", repeated=False)
        notice = await self._write(lambda now: tests.compose(port, now, manned=True))
        data = {k: v for k, v in notices.to_mapping(notice).items() if k != "kind"}
        submit = Submit(
            kind="line-test", notice=data, to=port.alias, precedence="PRIORITY", mode="TEST", officer=new.officer
        )
        (outcome,) = await self.submit([submit])
        if isinstance(outcome, HotlineError):
            raise outcome
        return outcome

    @abc.abstractmethod
    async def submit(self, notices: list[Submit]) -> list[Submitted | HotlineError]:
        """Queue notices (`hotline.station.service`)."""


def with_fields(submit: Submit, data: dict[str, object]) -> Submit:
    """The same with these fields of the notice."""
    return structs.replace(submit, notice=data)


def _fixed_again(port: Port, row: DraftRow) -> submission.Fixed:
    notice = notices.decode_body(row.body)
    if isinstance(notice, notices.Unknown):
        raise CallerError("This draft was made by another version of the program.", "Discard it, and draft it anew.")
    facts = entry.ReleaseFacts(
        port.identity.them, row.id, row.precedence, row.mode, entry.commitment(row.salt, row.body), len(row.body),
        row.expires_s,
    )  # fmt: skip
    return submission.Fixed(port, notice, facts, row.salt, row.body)


def _rules_view(port: Port) -> RulesView:
    peer = port.machine.peer_rules
    mine = rules.digest_of(port.rules)
    return RulesView(
        line=port.alias,
        title=port.rules.title,
        text=rules.format(port.rules),
        digest=mine.hex(),
        peer_digest="" if peer is None else peer.hex(),
        agree=peer in (None, mine),
    )


def _taking(port: Port, new: Rules, officer: str, apply: Callable[..., None]) -> Callable[[Now], RulesView]:
    def take(now: Now) -> RulesView:
        port.rules = new
        digest = rules.digest_of(new)
        port.machine.set_rules(digest, now)
        text = f"{officer} takes the rules {new.title!r}, {digest.hex()[:8]}: this station holds them from now on."
        apply(port.identity.id, [Event("rules", text)], now.wall_ms)
        return _rules_view(port)

    return take
