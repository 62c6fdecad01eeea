"""A station in memory behind the `Service` contract: what the API is tested against. No queue, no line, no disk."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from hotline.api.server import ApiServer
from hotline.api.types import Answer, Confirm, Event, Notice, NoticeState, Page, Status, Step, Submit, Submitted
from hotline.errors import HotlineError, NotFoundError, NoticeError


class FakeStation:
    """Implements `hotline.api.service.Service`. Its hooks let a test hold a call, or make it fail."""

    def __init__(self) -> None:
        self.sent: dict[str, Notice] = {}
        self.texts: dict[str, object] = {}
        self.received = [notice(direction="received", ref=f"SOUTH {n}", id=f"{n:032x}", seq=n) for n in range(1, 8)]
        self.cursors: dict[str, int] = {}
        self.kept: list[Event] = []
        self.batches: list[int] = []
        self.answers: list[Answer] = []
        self.asked: list[dict[str, object]] = []
        self.failure: Exception | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.entered = asyncio.Event()
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

    async def reach(self, key: str, state: NoticeState, index: int = 0) -> None:
        """Let a sent notice reach a state, and say so in an event."""
        self.sent[key] = notice(direction="sent", id=key, ref="NORTH 1", state=state, index=index)
        await self.happen(state)

    async def _pass(self) -> None:
        self.entered.set()
        await self.gate.wait()
        if self.failure is not None:
            raise self.failure


def notice(
    *, direction: str, id: str, ref: str = "", seq: int = 0, state: NoticeState = "QUEUED", index: int = -1
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
