"""`Client`, the whole of what a program can ask of its station."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Iterable
from contextlib import aclosing
from pathlib import Path
from urllib.parse import quote

from hotline.api import bounds
from hotline.api.types import (
    Answer,
    Calendar,
    Confirm,
    Discard,
    Draft,
    DraftNew,
    Drafts,
    Duty,
    Emergencies,
    Emergency,
    EmergencyNew,
    Event,
    Journal,
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
from hotline.client.ladder import has_reached
from hotline.client.retry import Retry
from hotline.client.source import Source
from hotline.client.transport import BULK, FOLLOW, Transport, encode
from hotline.errors import BusyError, DaemonError, HotlineError, NotFoundError, NotYet
from hotline.home import Home
from hotline.text import safe


class Client:
    """A station, as its own programs see it. `station` is a Home, the path of one, or the path of a socket.

    Entering connects to nothing: a station that is not running is found by the first call, which raises DaemonError.
    One client may be shared by all tasks of one event loop.
    """

    def __init__(self, station: Home | Path | str, *, patience_s: float | None = bounds.PATIENCE_S) -> None:
        """`patience_s` is how long `events` waits for a station that has gone to come back; None: for ever."""
        self._transport = Transport(station)
        self._patience_s = patience_s

    async def __aenter__(self) -> "Client":
        self._transport.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._transport.close()

    async def status(self) -> Status:
        """The state of everything, now: `(await station.status()).lines[0].not_stored`."""
        return await self._transport.ask("GET", "/v1/status", Status)

    async def submit(self, notice: Submit) -> Submitted:
        """Queue one notice; returns once it is durable here, which is NOT at the peer yet.

        queued = await station.submit(Submit(kind="line-test", notice={"text": "radio check"}, precedence="FLASH"))
        """
        return await self._transport.ask("POST", "/v1/notices", Submitted, body=notice)

    async def submit_many(
        self, notices: Iterable[Submit] | AsyncIterable[Submit]
    ) -> AsyncGenerator[Submitted | HotlineError]:
        """Queue many in one streamed request, and yield for each, in order, what became of it.

            async for outcome in station.submit_many(read_notices()):
                if isinstance(outcome, HotlineError):
                    print(outcome)

        One that is wrong does not stop the others. Memory stays bounded however many there are. DaemonError if the
        station goes away in the middle: those without an outcome may or may not be queued, so submit them again,
        with the ids that you chose. What the iterable raises comes out here.
        """
        source = Source(notices)
        while not source.ended:
            async with aclosing(self._bulk(source)) as outcomes:
                async for outcome in outcomes:
                    yield outcome

    async def inbox(
        self, *, consumer: str = "", after: int | None = None, limit: int = 100, everything: bool = False
    ) -> Page:
        """What the peers sent, in order: after a seq, or after what a named consumer has confirmed.

            page = await station.inbox(consumer="gateway")
            for notice in page.notices:
                handle(notice)  # durably
                await station.confirm("gateway", notice.seq)

        `everything` also gives the entries that are no notices, such as the peer's acknowledgements.
        """
        query = {"limit": limit, "all": int(everything)} | ({"consumer": consumer} if consumer else {})
        return await self._transport.ask(
            "GET", "/v1/inbox", Page, query=query | ({} if after is None else {"after": after})
        )

    async def confirm(self, consumer: str, seq: int) -> None:
        """State that a consumer has durably handled everything up to `seq`; it does not get that again."""
        async with self._transport.open(
            "POST", "/v1/inbox/confirm", body=encode(Confirm(consumer=consumer, seq=seq))
        ) as answer:
            await self._transport.checked(answer)

    async def outbox(self, *, limit: int = 100, before: int = 0, newest_first: bool = True) -> Page:
        """What was sent from here and what became of it; go on with `before=page.next` until that is 0."""
        query = {"limit": limit, "before": before, "newest_first": int(newest_first)}
        return await self._transport.ask("GET", "/v1/outbox", Page, query=query)

    async def show(self, ref: str) -> Notice:
        """One notice with its text and ladder, by `NORTH 7` or by its id. NotFoundError if there is none."""
        return await self._transport.ask("GET", f"/v1/notices/{quote(_named(ref), safe='')}", Notice)

    async def answer(self, answer: Answer) -> Step:
        """Queue an officer's answer: `await station.answer(Answer(ref="SOUTH 7", verdict="acknowledged"))`."""
        return await self._transport.ask("POST", "/v1/answers", Step, body=answer)

    async def draft(self, new: DraftNew) -> Draft:
        """Keep a notice until a releaser lets it go: `await station.draft(DraftNew(submit=notice))`."""
        return await self._transport.ask("POST", "/v1/drafts", Draft, body=new)

    async def drafts(self) -> Drafts:
        """The drafts that wait, oldest first."""
        return await self._transport.ask("GET", "/v1/drafts", Drafts)

    async def discard(self, number: int) -> None:
        """Take a draft away; nothing of it was sent."""
        body = encode(Discard(draft=number))
        async with self._transport.open("POST", "/v1/drafts/discard", body=body) as answer:
            await self._transport.checked(answer)

    async def release(self, release: Release) -> Submitted:
        """Let a draft go, as its releaser: `await station.release(Release(draft=3, officer="Colonel B"))`."""
        return await self._transport.ask("POST", "/v1/releases", Submitted, body=release)

    async def duty(self, duty: Duty) -> OnDuty:
        """Come on duty or go off; signed into the log of each line."""
        return await self._transport.ask("POST", "/v1/duty", OnDuty, body=duty)

    async def on_duty(self) -> OnDuty:
        """Who is on duty, and whose keys are here."""
        return await self._transport.ask("GET", "/v1/duty", OnDuty)

    async def reload_card(self) -> OnDuty:
        """Tell the station that the card in its home was signed anew: it takes it, and its peers are told."""
        return await self._transport.ask("POST", "/v1/card", OnDuty)

    async def reload_relays(self) -> Relays:
        """Tell the station that the relays in its configuration have changed: it uses those that are named there now.

        ConfigError if the file cannot be used; the station then goes on with the relays that it has.
        """
        return await self._transport.ask("POST", "/v1/relays", Relays)

    async def calendar(self, *, line: str = "", past: bool = False, limit: int = 100) -> Calendar:
        """What either side plans or does, by start; with `past` what is over, the latest first."""
        query: dict[str, str | int] = {"past": int(past), "limit": limit} | ({"line": line} if line else {})
        return await self._transport.ask("GET", "/v1/calendar", Calendar, query=query)

    async def thread(self, ref: str) -> Thread:
        """Everything that both sides said of the matter that this notice belongs to, and its state."""
        return await self._transport.ask("GET", f"/v1/threads/{quote(_named(ref), safe='')}", Thread)

    async def rules(self, line: str = "") -> RulesView:
        """The agreed rules of a line, and whether the peer holds the same."""
        return await self._transport.ask("GET", "/v1/rules", RulesView, query={"line": line} if line else None)

    async def set_rules(self, text: str, line: str = "", *, officer: str = "", passphrase: str = "") -> RulesView:
        """Take other rules for a line, by an officer's word; an empty text takes the built-in ones."""
        body = RulesSet(text=text, line=line, officer=officer, passphrase=passphrase)
        return await self._transport.ask("POST", "/v1/rules", RulesView, body=body)

    async def line_test(self, new: LineTestNew) -> Submitted:
        """Queue a line test now; a manned one asks for a person."""
        return await self._transport.ask("POST", "/v1/tests", Submitted, body=new)

    async def journal(
        self, *, after: int | None = None, since_ms: int = 0, kind: str = "", alarms: bool = False, limit: int = 100
    ) -> Journal:
        """The station's own journal, the newest last: after an index from there on, without one the latest."""
        query: dict[str, str | int] = {"since_ms": since_ms, "alarms": int(alarms), "limit": limit}
        query |= ({"kind": kind} if kind else {}) | ({} if after is None else {"after": after})
        return await self._transport.ask("GET", "/v1/journal", Journal, query=query)

    async def emergency(self, new: EmergencyNew) -> Emergency:
        """Send an emergency text, which passes whatever state the logs are in; it is no notice."""
        return await self._transport.ask("POST", "/v1/emergencies", Emergency, body=new)

    async def emergencies(self) -> list[Emergency]:
        """Emergency texts of both directions, oldest first."""
        return (await self._transport.ask("GET", "/v1/emergencies", Emergencies)).emergencies

    async def events(self, *, after: int | None = None, follow: bool = True) -> AsyncGenerator[Event]:
        """Yield kept events after a seq, each once and in order, and with `follow` new ones as they happen.

            async with contextlib.aclosing(station.events(after=last_handled)) as events:
                async for event in events:
                    print(event.text)

        Without `after`, only what is to come. Following survives a restart of the station: it connects anew and
        resumes where it was; DaemonError once the station has been gone for `patience_s`. The first connection
        is not waited for.
        """
        async with aclosing(self._event_batches(after, follow)) as batches:
            async for batch in batches:
                for event in batch:
                    yield event

    async def wait_for(self, ref: str, *, state: NoticeState = "STORED", timeout_s: float = 30.0) -> Notice:
        """Return a notice, by reference or id, once it has reached a state or passed it.

            notice = await station.wait_for("NORTH 7", state="ACKNOWLEDGED", timeout_s=3600)

        NotYet at the time-out: nothing is lost by that, the station goes on. CheckFailed if it never will:
        the peer refused it, it expired before it left, or an amendment made its acknowledgement void.
        """
        reached: NoticeState | None = None
        try:
            async with asyncio.timeout(timeout_s), aclosing(self._states(ref)) as notices:
                async for notice in notices:
                    reached = notice.state
                    if has_reached(notice, state):
                        return notice
        except TimeoutError:
            pass
        raise NotYet(
            f"{safe(ref, limit=bounds.REF_CHARS)} is not {state} after {timeout_s:g} s"
            + (f"; it is {reached}." if reached else "."),
            "It goes on by itself: look again, or wait longer.",
        )

    async def _states(self, ref: str) -> AsyncGenerator[Notice]:
        # The cursor before the first look: what happens between the two is then looked at again.
        after = (await self.status()).last_event
        yield await self.show(ref)
        async with aclosing(self._event_batches(after, follow=True)) as batches:
            async for _ in batches:
                try:
                    notice = await self.show(ref)
                except DaemonError:
                    continue  # restarting: the stream ends too, and connects anew or gives up
                yield notice

    async def _event_batches(self, after: int | None, follow: bool) -> AsyncGenerator[list[Event]]:
        """Events as they come together; an empty list means that all is well and nothing happened."""
        cursor = (await self.status()).last_event if after is None else after
        retry = Retry(self._patience_s)
        while True:
            try:
                async with aclosing(self._stream_events(cursor, follow)) as batches:
                    async for batch in batches:
                        retry.succeeded()
                        new = [event for event in batch if event.seq > cursor]
                        cursor = new[-1].seq if new else cursor
                        yield new
                if not follow:
                    return
                lost: HotlineError = self._transport.gone("ended the stream")
            except (DaemonError, BusyError) as e:
                if not follow or retry.is_first or e.reason == "version":
                    raise
                lost = e
            await retry.wait(lost)

    async def _stream_events(self, after: int, follow: bool) -> AsyncGenerator[list[Event]]:
        query = {"after": after, "follow": int(follow)}
        async with self._transport.open("GET", "/v1/events", query=query, patience=FOLLOW) as answer:
            await self._transport.refused(answer)
            async for lines in self._transport.lines(answer):
                yield [self._transport.decode(line, Event) for line in lines]

    async def _bulk(self, source: Source) -> AsyncGenerator[Submitted | HotlineError]:
        answered = 0
        try:
            async with self._transport.open("POST", "/v1/notices:bulk", body=source.body(), patience=BULK) as answer:
                await self._transport.refused(answer)
                async for lines in self._transport.lines(answer):
                    for line in lines:
                        answered += 1
                        yield self._transport.outcome(line)
        except DaemonError:
            if source.error is not None:
                raise source.error from None
            raise
        if answered < source.sent:
            raise self._transport.gone(f"stopped after {answered} of {source.sent} notices")


def _named(ref: str) -> str:
    if not ref.strip("."):  # a URL's path would lose it
        raise NotFoundError(f"There is no notice {ref!a}.", "Name it as in `NORTH 7`, or by its id.")
    return ref
