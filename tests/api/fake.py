"""A station in memory behind the `Service` contract: what the API is tested against. No queue, no line, no disk."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from hotline.api.server import ApiServer
from hotline.api.types import (
    Activity,
    Answer,
    Api,
    Calendar,
    CalendarQuery,
    Confirm,
    Discard,
    Draft,
    DraftNew,
    Drafts,
    Due,
    Duty,
    Emergencies,
    Emergency,
    EmergencyNew,
    Event,
    Journal,
    JournalEntry,
    JournalQuery,
    LineTestNew,
    Notice,
    NoticeState,
    OnDuty,
    Page,
    Relays,
    Release,
    RulesSet,
    RulesView,
    Status,
    Step,
    Submit,
    Submitted,
    Thread,
)
from hotline.errors import HotlineError, KeyError_, NotFoundError, NoticeError

OFFICERS = ("Berg", "Colonel B")
BUILT_IN_DIGEST, OTHER_DIGEST = "0" * 64, "ab" * 32


class FakeDesk:
    """The duty desk's part: drafts, duty, rules, and what came. Every passphrase is right but `wrong`."""

    def __init__(self) -> None:
        self.waiting: dict[int, DraftNew] = {}
        self.on: list[str] = ["Berg"]
        self.card_number = 1
        self.rules_text = ""
        self.emergency_texts: list[Emergency] = []
        self.ordered: list[Api] = []  # what came, as the service got it
        self.failure: Exception | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.entered = asyncio.Event()

    async def draft(self, new: DraftNew) -> Draft:
        await self._order(new)
        if new.submit.kind != "line-test":
            raise NoticeError(f"There is no kind {new.submit.kind!a}.", "Use line-test.", field="kind", reason="kind")
        number = len(self.waiting) + 1
        self.waiting[number] = new
        return self._draft(number)

    def _draft(self, number: int) -> Draft:
        drafted = self.waiting[number].submit
        return Draft(
            number=number,
            line="SOUTH",
            id=f"{0xD0000 + number:032x}",
            kind=drafted.kind,
            subject="radio check",
            precedence=drafted.precedence,
            mode=drafted.mode,
            drafter=drafted.officer or "Berg",
            made_ms=1,
            signatures=2,
        )

    async def drafts(self) -> Drafts:
        await self._pass()
        return Drafts(drafts=[self._draft(number) for number in self.waiting])

    async def discard(self, discard: Discard) -> None:
        await self._order(discard)
        if self.waiting.pop(discard.draft, None) is None:
            raise NotFoundError(f"There is no draft {discard.draft}.", "`hotline draft` lists them.")

    async def release(self, release: Release) -> Submitted:
        await self._order(release)
        new = self.waiting.get(release.draft)
        if new is None:
            raise NotFoundError(f"There is no draft {release.draft}.", "`hotline draft` lists them.")
        if release.officer == (new.submit.officer or "Berg"):
            raise KeyError_("Drafter and releaser are one person.", "Let another officer release it.")
        del self.waiting[release.draft]
        return Submitted(id=f"{0xD0000 + release.draft:032x}", line="SOUTH", state="QUEUED", repeated=False)

    async def duty(self, duty: Duty) -> OnDuty:
        await self._order(duty)
        if duty.passphrase == "wrong":
            raise KeyError_("The passphrase does not open the key.", "Try again.")
        gone = duty.relieve if duty.on else duty.officer
        self.on = [name for name in self.on if name != gone] + ([duty.officer] if duty.on else [])
        return self._on_duty()

    async def on_duty(self) -> OnDuty:
        await self._pass()
        return self._on_duty()

    def _on_duty(self) -> OnDuty:
        return OnDuty(on_duty=self.on, officers=list(OFFICERS), card_number=self.card_number)

    async def reload_card(self) -> OnDuty:
        await self._pass()
        self.card_number += 1
        return self._on_duty()

    async def reload_relays(self) -> Relays:
        await self._pass()
        return Relays(added=["second"], removed=["first"])

    async def calendar(self, query: CalendarQuery) -> Calendar:
        await self._order(query)
        return Calendar(activities=[activity("completed" if query.past else "announced")][: query.limit])

    async def journal(self, query: JournalQuery) -> Journal:
        await self._order(query)
        entry = JournalEntry(
            index=7,
            time_ms=1,
            line="SOUTH",
            kind="peer-silent",
            level="alarm",
            text="silent",
            fields={},
            phone="+7 000",
        )
        return Journal(entries=[entry], size=8, signed=7)

    async def thread(self, ref: str) -> Thread:
        await self._pass()
        if ref != "SOUTH 7":
            raise NotFoundError(f"There is no notice {ref!a}.", "See `hotline inbox`.")
        told = notice(direction="received", ref=ref, id=f"{7:032x}", seq=7)
        return Thread(ref=ref, title="ILLUSTRATION", kind="exercise", state="announced", revision=1, notices=[told])

    async def rules(self, line: str) -> RulesView:
        await self._pass()
        if line not in ("", "SOUTH"):
            raise NotFoundError(f"There is no line to {line!a}.", "The lines here: SOUTH.")
        digest = OTHER_DIGEST if self.rules_text else BUILT_IN_DIGEST
        return RulesView(
            line="SOUTH",
            title="other" if self.rules_text else "built-in",
            text=self.rules_text,
            digest=digest,
            peer_digest=BUILT_IN_DIGEST,
            agree=digest == BUILT_IN_DIGEST,
        )

    async def set_rules(self, rules: RulesSet) -> RulesView:
        await self._order(rules)
        self.rules_text = rules.text
        return await self.rules(rules.line)

    async def line_test(self, new: LineTestNew) -> Submitted:
        await self._order(new)
        return Submitted(id=f"{0xE0000:032x}", line="SOUTH", state="QUEUED", repeated=False)

    async def emergency(self, new: EmergencyNew) -> Emergency:
        await self._order(new)
        who = new.officer or "Berg"
        sent = Emergency(
            seq=1, line="SOUTH", direction="sent", id="0" * 32, time_ms=1, officer=who, text=new.text, at_ms=1,
            seen_ms=0,
        )  # fmt: skip
        self.emergency_texts.append(sent)
        return sent

    async def emergencies(self) -> Emergencies:
        await self._pass()
        return Emergencies(emergencies=self.emergency_texts)

    async def _order(self, what: Api) -> None:
        await self._pass()
        self.ordered.append(what)

    async def _pass(self) -> None:
        self.entered.set()
        await self.gate.wait()
        if self.failure is not None:
            raise self.failure


class FakeStation(FakeDesk):
    """Implements `hotline.api.service.Service`. Its hooks let a test hold a call, or make it fail."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, Notice] = {}
        self.texts: dict[str, object] = {}
        self.received = [notice(direction="received", ref=f"SOUTH {n}", id=f"{n:032x}", seq=n) for n in range(1, 8)]
        self.cursors: dict[str, int] = {}
        self.kept: list[Event] = []
        self.batches: list[int] = []
        self.answers: list[Answer] = []
        self.asked: list[dict[str, object]] = []
        self._happened = asyncio.Condition()

    async def status(self) -> Status:
        await self._pass()
        return Status(
            name="NORTH",
            version="1",
            home="/h",
            pid=os.getpid(),
            started_ms=1,
            attended=True,
            officers=["Berg"],
            paths=[],
            lines=[],
            last_event=len(self.kept),
        )

    async def submit(self, notices: list[Submit]) -> list[Submitted | HotlineError]:
        await self._pass()
        self.batches.append(len(notices))
        return [self._queue(submitted) for submitted in notices]

    def _queue(self, submitted: Submit) -> Submitted | HotlineError:
        if submitted.kind != "line-test":
            return NoticeError(f"There is no kind {submitted.kind!a}.", "Use line-test.", field="kind", reason="kind")
        key = submitted.id or f"{0xA0000 + len(self.sent):032x}"
        repeated = key in self.sent
        if repeated and self.texts[key] != submitted.notice:
            return NoticeError(f"The id {key} has another text.", "Choose another.", field="id", reason="id")
        if not repeated:
            self.texts[key] = submitted.notice
            self.sent[key] = notice(direction="sent", id=key)
        return Submitted(id=key, line="SOUTH", state=self.sent[key].state, repeated=repeated)

    async def answer(self, answer: Answer) -> Step:
        await self._pass()
        self.answers.append(answer)
        return Step(state="ACKNOWLEDGED", time_ms=5, clock="ours", officer=answer.officer or "Berg")

    async def confirm(self, confirm: Confirm) -> None:
        await self._pass()
        self.cursors[confirm.consumer] = max(confirm.seq, self.cursors.get(confirm.consumer, 0))

    async def inbox(self, *, after: int | None, consumer: str, limit: int, notices_only: bool) -> Page:
        self.asked.append({"after": after, "consumer": consumer, "limit": limit, "notices_only": notices_only})
        start = self.cursors.get(consumer, 0) if after is None else after
        rows = [row for row in self.received if row.seq > start]
        return Page(notices=rows[:limit], next=rows[limit - 1].seq if len(rows) > limit else 0)

    async def outbox(self, *, limit: int, newest_first: bool, before: int) -> Page:
        self.asked.append({"limit": limit, "newest_first": newest_first, "before": before})
        return Page(notices=list(self.sent.values())[:limit], next=0)

    async def show(self, ref: str) -> Notice:
        await self._pass()
        for found in [*self.sent.values(), *self.received]:
            if ref in (found.id, found.ref):
                return found
        raise NotFoundError(f"There is no notice {ref!a}.", "See `hotline outbox`.")

    async def events(self, *, after: int, limit: int) -> list[Event]:
        await self._pass()
        return [event for event in self.kept if event.seq > after][:limit]

    async def wait_event(self, after: int, timeout_s: float) -> bool:
        async with self._happened:
            try:
                async with asyncio.timeout(timeout_s):
                    await self._happened.wait_for(lambda: len(self.kept) > after)
            except TimeoutError:
                return False
        return True

    async def happen(self, text: str = "something", count: int = 1) -> None:
        """Keep `count` events, and wake those that wait."""
        async with self._happened:
            for _ in range(count):
                seq = len(self.kept) + 1
                self.kept.append(
                    Event(seq=seq, time_ms=seq, line="SOUTH", kind="test", text=text, alarm=False, index=0)
                )
            self._happened.notify_all()

    async def reach(
        self, key: str, state: NoticeState, index: int = 0, ladder: Sequence[Step] = (), due: Sequence[Due] = ()
    ) -> None:
        """Let a sent notice reach a state, and say so in an event."""
        self.sent[key] = notice(
            direction="sent", id=key, ref="NORTH 1", state=state, index=index, ladder=ladder, due=due
        )
        await self.happen(state)


def step(state: NoticeState, *, void: bool = False) -> Step:
    return Step(state=state, time_ms=1, clock="peer", void=void)


def activity(state: str) -> Activity:
    return Activity(
        line="SOUTH",
        direction="received",
        ref="SOUTH 7",
        id=f"{7:032x}",
        kind="exercise",
        title="ILLUSTRATION",
        mode="OPERATION",
        state=state,
        revision=1,
        start_s=1,
        end_s=2,
    )


def notice(
    *,
    direction: str,
    id: str,
    ref: str = "",
    seq: int = 0,
    state: NoticeState = "QUEUED",
    index: int = -1,
    ladder: Sequence[Step] = (),
    due: Sequence[Due] = (),
) -> Notice:
    return Notice(
        direction="sent" if direction == "sent" else "received",
        line="SOUTH",
        ref=ref,
        id=id,
        kind="line-test",
        subject="radio check",
        precedence="ROUTINE",
        mode="TEST",
        state=state,
        time_ms=1,
        index=index,
        serial=0,
        expires_s=0,
        seq=seq,
        ladder=list(ladder),
        due=list(due),
    )


def line_test(text: str = "radio check", key: str = "") -> Submit:
    return Submit(kind="line-test", notice={"text": text}, id=key)


@asynccontextmanager
async def serving(
    station: FakeStation, path: Path, *, metrics: Callable[[], bytes] | None = None
) -> AsyncIterator[ApiServer]:
    server = ApiServer(station, path, metrics=metrics)
    await server.start()
    try:
        yield server
    finally:
        await server.stop(2)
