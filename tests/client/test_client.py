"""What a program gets from `Client`, over a real socket, from a station in memory that stops, restarts and refuses."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from hotline import limits
from hotline.api import bounds
from hotline.api.server import ApiServer
from hotline.api.types import (
    Answer,
    CalendarQuery,
    DraftNew,
    Duty,
    JournalQuery,
    LineTestNew,
    NoticeState,
    Release,
    Submit,
    Submitted,
)
from hotline.client import Client
from hotline.errors import (
    BusyError,
    CheckFailed,
    ConflictError,
    DaemonError,
    HotlineError,
    KeyError_,
    NotFoundError,
    NoticeError,
    NotYet,
    StoreError,
    UsageError,
)
from tests.api.fake import FakeStation, line_test, serving, step


@pytest.fixture
def socket_path(tmp_path: Path) -> Path:
    return tmp_path / "api.sock"


@pytest.fixture
async def station() -> FakeStation:
    return FakeStation()


@pytest.fixture
async def client(station: FakeStation, socket_path: Path) -> AsyncIterator[Client]:
    async with serving(station, socket_path), Client(socket_path) as client:
        yield client


async def test_every_question_gets_its_typed_answer(client: Client, station: FakeStation) -> None:
    queued = await client.submit(line_test())
    assert (await client.status()).name == "NORTH"
    assert (queued.state, queued.repeated) == ("QUEUED", False)
    assert [notice.id for notice in (await client.outbox(limit=5)).notices] == [queued.id]
    assert (await client.show(queued.id)).kind == "line-test"
    assert (await client.show("SOUTH 7")).seq == 7
    assert (await client.answer(Answer(ref="SOUTH 7", verdict="opened"))).officer == "Berg"


async def test_every_question_to_the_desk_gets_its_typed_answer(client: Client, station: FakeStation) -> None:
    first, second = [await client.draft(DraftNew(submit=line_test(), passphrase="one")) for _ in range(2)]
    assert [draft.number for draft in (await client.drafts()).drafts] == [first.number, second.number]
    await client.discard(first.number)
    assert (await client.release(Release(draft=second.number, officer="Colonel B"))).state == "QUEUED"
    assert (await client.drafts()).drafts == []
    assert (await client.duty(Duty(on=True, officer="Colonel B", relieve="Berg"))).on_duty == ["Colonel B"]
    assert (await client.on_duty()).officers == ["Berg", "Colonel B"]
    assert (await client.reload_card()).card_number == 2
    assert (await client.reload_relays()).added == ["second"]
    assert (await client.thread("SOUTH 7")).title == "ILLUSTRATION"
    assert (await client.line_test(LineTestNew(manned=True))).line == "SOUTH"


async def test_a_calendar_is_of_all_lines_or_one_and_of_what_comes_or_is_past(
    client: Client, station: FakeStation
) -> None:
    assert [each.state for each in (await client.calendar()).activities] == ["announced"]
    assert [each.state for each in (await client.calendar(line="SOUTH", past=True, limit=7)).activities] == [
        "completed"
    ]
    assert station.ordered == [CalendarQuery(), CalendarQuery(line="SOUTH", past=True, limit=7)]


async def test_the_journal_is_asked_for_from_an_entry_on_or_for_its_latest(
    client: Client, station: FakeStation
) -> None:
    assert (await client.journal()).entries[0].kind == "peer-silent"
    await client.journal(after=0, since_ms=5, kind="start", alarms=True, limit=7)
    assert station.ordered == [
        JournalQuery(), JournalQuery(after=0, since_ms=5, kind="start", alarms=True, limit=7)
    ]  # fmt: skip


async def test_rules_are_taken_and_the_built_in_ones_taken_back(client: Client, station: FakeStation) -> None:
    assert (await client.rules()).agree
    assert not (await client.set_rules('title = "other"', line="SOUTH")).agree
    assert (await client.rules("SOUTH")).text == 'title = "other"'
    assert (await client.set_rules("")).agree
    with pytest.raises(NotFoundError, match="EAST"):
        await client.rules("EAST")


async def test_what_the_desk_refuses_is_raised_as_it_was_said(client: Client) -> None:
    with pytest.raises(KeyError_, match="does not open the key"):
        await client.duty(Duty(on=True, officer="Berg", passphrase="wrong"))
    with pytest.raises(NotFoundError, match="no draft 9"):
        await client.discard(9)
    with pytest.raises(NoticeError) as raised:
        await client.draft(DraftNew(submit=Submit(kind="poem", notice={})))
    assert raised.value.field == "kind"


async def test_a_consumer_gets_each_notice_until_it_confirms(client: Client, station: FakeStation) -> None:
    assert [notice.seq for notice in (await client.inbox(consumer="gateway", limit=2)).notices] == [1, 2]
    await client.confirm("gateway", 2)
    assert [notice.seq for notice in (await client.inbox(consumer="gateway", limit=2)).notices] == [3, 4]
    assert [notice.seq for notice in (await client.inbox(after=6, everything=True)).notices] == [7]
    assert station.asked[-1]["notices_only"] is False


@pytest.mark.parametrize(
    "error",
    [
        NoticeError("An end before a start.", "Swap them.", field="when.end", reason="order"),
        BusyError("The queue is full.", "Wait."),
        StoreError("No disk."),
        ConflictError("It contradicts.", "Telephone."),
        CheckFailed("No."),
    ],
)
async def test_an_error_of_the_station_is_raised_as_the_same_class_with_the_same_words(
    client: Client, station: FakeStation, error: HotlineError
) -> None:
    station.failure = error
    with pytest.raises(type(error)) as raised:
        await client.submit(line_test())
    assert type(raised.value) is type(error)
    assert str(raised.value) == str(error)
    assert (raised.value.reason, vars(raised.value)) == (error.reason, {**vars(error), "reason": error.reason})


@pytest.mark.parametrize("ref", ["NORTH 99", "", "..", ".", "a/b", "100%", "ü ?#", "x" * 300])
async def test_a_reference_that_names_nothing_is_the_callers_fault_whatever_its_characters(
    client: Client, ref: str
) -> None:
    with pytest.raises((NotFoundError, UsageError)):
        await client.show(ref)
    with pytest.raises((NotFoundError, UsageError)):
        await client.thread(ref)


async def test_without_a_station_the_sentence_says_how_to_start_it(tmp_path: Path) -> None:
    async with Client(tmp_path) as client:
        with pytest.raises(DaemonError, match=f"No station is running on .*`hotline run --home {tmp_path}`"):
            await client.status()


async def test_the_socket_that_a_dead_station_left_is_no_station(socket_path: Path, station: FakeStation) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(socket_path))
    async with Client(socket_path) as client:
        with pytest.raises(DaemonError, match="Start it with `hotline run`"):
            await client.status()


async def test_a_request_over_the_bound_is_not_even_sent(client: Client, station: FakeStation) -> None:
    with pytest.raises(UsageError, match="longer than"):
        await client.submit(line_test("x" * limits.API_REQUEST_BYTES))
    assert station.batches == []


async def notices_that_pause(count: int) -> AsyncIterator[Submit]:
    for n in range(count):
        yield line_test(str(n))
        await asyncio.sleep(0)


async def test_many_notices_come_back_in_order_from_a_list_or_from_an_async_source(client: Client) -> None:
    from_list = [outcome async for outcome in client.submit_many([line_test(str(n)) for n in range(1000)])]
    from_source = [outcome async for outcome in client.submit_many(notices_that_pause(1000))]
    ids = [outcome.id for outcome in [*from_list, *from_source] if isinstance(outcome, Submitted)]
    assert ids == [f"{0xA0000 + n:032x}" for n in range(2000)]


async def test_one_notice_among_many_that_is_wrong_is_an_error_in_its_place(client: Client) -> None:
    notices = [line_test(), Submit(kind="poem", notice={}), line_test()]
    outcomes = [outcome async for outcome in client.submit_many(notices)]
    assert [isinstance(outcome, NoticeError) for outcome in outcomes] == [False, True, False]


async def test_an_outcome_comes_before_the_next_notice_is_there(client: Client) -> None:
    answered = asyncio.Event()

    async def waits_for_answers() -> AsyncIterator[Submit]:
        for _ in range(3):
            yield line_test()
            await answered.wait()
            answered.clear()

    count = 0
    async with asyncio.timeout(60):
        async for _ in client.submit_many(waits_for_answers()):
            count += 1
            answered.set()
    assert count == 3


async def test_more_than_one_request_may_hold_is_sent_as_several(
    client: Client, station: FakeStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "API_BULK_NOTICES", 2 * bounds.PACKET_NOTICES)
    total = 5 * bounds.PACKET_NOTICES
    outcomes = [outcome async for outcome in client.submit_many(line_test() for _ in range(total))]
    assert len([outcome for outcome in outcomes if isinstance(outcome, Submitted)]) == total


async def test_what_the_callers_iterable_raises_is_what_the_caller_gets(client: Client) -> None:
    def breaks() -> Iterator[Submit]:
        yield line_test()
        raise LookupError("my own")

    with pytest.raises(LookupError, match="my own"):
        assert [outcome async for outcome in client.submit_many(breaks())]


async def test_a_caller_may_stop_reading_outcomes_and_go_on_with_other_calls(client: Client) -> None:
    async with aclosing(client.submit_many(notices_that_pause(100_000))) as outcomes:
        async for _ in outcomes:
            break
    assert (await client.status()).name == "NORTH"


async def test_a_station_that_stops_in_a_bulk_submission_leaves_no_notice_without_a_word(
    station: FakeStation, socket_path: Path
) -> None:
    server = ApiServer(station, socket_path)
    await server.start()
    hold = asyncio.Event()

    async def held() -> AsyncIterator[Submit]:
        yield line_test()
        await hold.wait()
        yield line_test()

    async with Client(socket_path) as client, aclosing(client.submit_many(held())) as outcomes:
        assert isinstance(await anext(outcomes), Submitted)
        await server.stop(1)
        hold.set()
        with pytest.raises(DaemonError):
            await anext(outcomes)


async def take(client: Client, count: int, *, after: int | None = None) -> list[int]:
    seqs: list[int] = []
    async with asyncio.timeout(60), aclosing(client.events(after=after)) as events:
        async for event in events:
            seqs.append(event.seq)
            if len(seqs) == count:
                break
    return seqs


async def test_events_without_follow_end_with_the_last_kept_one(client: Client, station: FakeStation) -> None:
    await station.happen(count=3)
    assert [event.seq async for event in client.events(after=1, follow=False)] == [2, 3]


async def test_events_without_a_cursor_are_those_to_come(client: Client, station: FakeStation) -> None:
    await station.happen(count=3)
    taking = asyncio.create_task(take(client, 1))
    while not taking.done():
        await station.happen()
        await asyncio.sleep(0.01)
    assert (await taking)[0] > 3


async def test_following_goes_on_after_a_restart_with_each_event_once_and_in_order(
    station: FakeStation, socket_path: Path
) -> None:
    seqs: list[int] = []
    server = ApiServer(station, socket_path)
    await server.start()
    await station.happen(count=2)
    async with Client(socket_path) as client, asyncio.timeout(60), aclosing(client.events(after=0)) as events:
        async for event in events:
            seqs.append(event.seq)
            if event.seq in (2, 4):
                await server.stop(1)
                await station.happen(count=2)
                server = ApiServer(station, socket_path)
                await server.start()
            if event.seq == 6:
                break
    await server.stop(1)
    assert seqs == [1, 2, 3, 4, 5, 6]


async def test_following_gives_up_when_the_station_stays_away(station: FakeStation, socket_path: Path) -> None:
    server = ApiServer(station, socket_path)
    await server.start()
    await station.happen()
    async with Client(socket_path, patience_s=0.2) as client, aclosing(client.events(after=0)) as events:
        assert (await anext(events)).seq == 1
        await server.stop(1)
        with pytest.raises(DaemonError, match="No station is running"):
            await anext(events)


async def test_following_does_not_wait_for_a_station_that_was_never_there(socket_path: Path) -> None:
    async with Client(socket_path) as client:
        with pytest.raises(DaemonError):
            await anext(client.events(after=0))


async def test_waiting_ends_as_soon_as_the_state_is_reached(client: Client, station: FakeStation) -> None:
    queued = await client.submit(line_test())
    waiting = asyncio.create_task(client.wait_for(queued.id, state="STORED", timeout_s=20))
    await station.happen("something else")
    assert not waiting.done()
    await station.reach(queued.id, "STORED")
    async with asyncio.timeout(30):
        assert (await waiting).ref == "NORTH 1"


@pytest.mark.parametrize(
    ("is_at", "wanted"),
    [("STORED", "STORED"), ("ACKNOWLEDGED", "STORED"), ("REFUSED", "OPENED"), ("EXPIRED", "EXPIRED")],
)
async def test_a_state_that_was_passed_was_reached(
    client: Client, station: FakeStation, is_at: NoticeState, wanted: NoticeState
) -> None:
    queued = await client.submit(line_test())
    await station.reach(queued.id, is_at)
    assert (await client.wait_for(queued.id, state=wanted, timeout_s=5)).state == is_at


@pytest.mark.parametrize(
    ("is_at", "wanted", "index"),
    [("REFUSED", "ACKNOWLEDGED", 5), ("ACKNOWLEDGED", "REFUSED", 5), ("EXPIRED", "STORED", -1)],
)
async def test_waiting_for_what_will_never_be_ends_at_once_with_a_no(
    client: Client, station: FakeStation, is_at: NoticeState, wanted: NoticeState, index: int
) -> None:
    queued = await client.submit(line_test())
    await station.reach(queued.id, is_at, index)
    with pytest.raises(CheckFailed, match=f"{is_at}: it will not be {wanted}"):
        await client.wait_for(queued.id, state=wanted, timeout_s=60)


@pytest.mark.parametrize("state", ["OVERDUE", "SUPERSEDED", "ANSWERED"])
async def test_waiting_ends_also_where_the_clock_or_another_notice_brings_the_state(
    client: Client, station: FakeStation, state: NoticeState
) -> None:
    queued = await client.submit(line_test())
    await station.reach(queued.id, "STORED")
    waiting = asyncio.create_task(client.wait_for(queued.id, state=state, timeout_s=20))
    await station.happen("something else")
    assert not waiting.done()
    await station.reach(queued.id, state, ladder=[step("QUEUED"), step("STORED"), step(state)])
    async with asyncio.timeout(30):
        assert (await waiting).state == state


async def test_waiting_for_an_acknowledgement_ends_when_an_amendment_makes_it_void(
    client: Client, station: FakeStation
) -> None:
    queued = await client.submit(line_test())
    await station.reach(queued.id, "STORED")
    waiting = asyncio.create_task(client.wait_for(queued.id, state="ACKNOWLEDGED", timeout_s=20))
    await station.reach(queued.id, "SUPERSEDED", ladder=[step("ACKNOWLEDGED", void=True), step("SUPERSEDED")])
    async with asyncio.timeout(30):
        with pytest.raises(CheckFailed, match="void"):
            await waiting


async def test_at_the_time_out_the_caller_learns_how_far_the_notice_has_come(
    client: Client, station: FakeStation
) -> None:
    queued = await client.submit(line_test())
    with pytest.raises(NotYet, match=r"is not STORED after 1 s; it is QUEUED"):
        await client.wait_for(queued.id, timeout_s=1)


async def test_waiting_outlives_a_restart_of_the_station(station: FakeStation, socket_path: Path) -> None:
    async with Client(socket_path) as client:
        async with serving(station, socket_path):
            queued = await client.submit(line_test())
            station.entered.clear()
            waiting = asyncio.create_task(client.wait_for(queued.id, timeout_s=20))
            await station.entered.wait()
            await client.events(after=0, follow=False).aclose()
        await station.reach(queued.id, "STORED")
        async with serving(station, socket_path):
            assert (await waiting).state == "STORED"
