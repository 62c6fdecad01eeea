"""What ended with a generation, and who is told of it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from hotline.core import entry, queue
from hotline.core.step import Append, Event
from hotline.store.ended import NAMED
from hotline.store.matters import ACKNOWLEDGE, ThreadRow
from hotline.store.queries import Reader, Received
from hotline.store.store import Store
from tests.store import samples
from tests.store.samples import LINE, MIRROR, OWN, notice_id
from tests.store.test_generations import NEXT, begin, closing, said, signed


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = samples.opened(tmp_path / "station.db")
    store.apply(LINE, [Append(OWN, 0, (samples.genesis(),), ())], 1)
    yield store
    store.close()


def answered(
    store: Store,
    target: int,
    kind: int = entry.ACKNOWLEDGEMENT,
    *,
    index: int = 0,
    verdict: int = entry.REFUSED_BY_OFFICER,
) -> None:
    """A notice of the peer, entry and serial `target`, answered; in my log at this index if there is one."""
    store.apply(LINE, [samples.surface(target, serial=target, number=100 + target)], 5)
    row = samples.answer_row(target, kind, random=target.to_bytes(16, "big"))
    if kind == entry.REFUSAL and isinstance(row.what, queue.QueuedAnswer):
        row = replace(row, what=structs.replace(row.what, verdict=verdict))
    store.enqueue_answer(LINE, MIRROR, row, "duty", 9)
    if index:
        store.apply(LINE, [Append(OWN, index, (samples.stored(row),), (row.key,))], 2)


def alarms(told: list[Event]) -> list[str]:
    assert all(e.alarm for e in told if e.kind == "not-carried")
    return [e.text for e in told if e.kind == "not-carried"]


def received(store: Store, target: int) -> Received:
    with Reader.open(store.path) as reader:
        row = reader.received(MIRROR, serial=target)
    assert row is not None
    return row


def not_reached(what: str, ref: str) -> str:
    return f"Our {what} of {ref} did not reach SOUTH before generation 1 ended: say it by telephone or in a notice."


def test_answers_that_did_not_arrive_are_told_by_name_and_marked_where_they_were_given(store: Store) -> None:
    answered(store, 1, index=1)
    signed(store, 2)
    answered(store, 2, index=2)
    answered(store, 3, entry.REFUSAL)
    answered(store, 4, entry.OPENED)
    answered(store, 5, entry.REFUSAL, verdict=entry.REFUSED_KIND)
    told = begin(store, closing(store, 2))
    assert alarms(told) == [not_reached("acknowledgement", "SOUTH 2"), not_reached("refusal", "SOUTH 3")]
    marked = ["NOT CARRIED OVER" in received(store, target).marks for target in range(1, 6)]
    assert marked == [False, True, True, False, False]
    assert "4 answers that did not reach the peer (1 of them only that a notice was opened)" in told[-1].text


def test_an_answer_to_what_is_not_in_the_inbox_is_named_by_its_entry(store: Store) -> None:
    row = samples.answer_row(7, entry.ACKNOWLEDGEMENT)
    store.enqueue_answer(LINE, MIRROR, row, "duty", 9)
    assert alarms(begin(store, closing(store))) == [not_reached("acknowledgement", "entry 7 of SOUTH's log")]


def test_many_answers_are_told_by_name_up_to_a_bound_and_the_rest_is_counted(store: Store) -> None:
    for target in range(1, NAMED + 4):
        answered(store, target)
    told = alarms(begin(store, closing(store)))
    assert [text for text in told if "SOUTH 1 " in text] == [not_reached("acknowledgement", "SOUTH 1")]
    assert (len(told), told[NAMED][:36]) == (NAMED + 1, "3 more of our answers did not reach ")


def test_an_answer_that_did_not_arrive_is_owed_again_where_the_notice_comes_again(store: Store) -> None:
    answered(store, 1, index=1)
    signed(store, 2)
    answered(store, 2)
    begin(store, closing(store, 2))
    assert store.carrier.given_before(NEXT, notice_id(101)) == [entry.ACKNOWLEDGEMENT]
    assert store.carrier.given_before(NEXT, notice_id(102)) == []


def test_what_was_open_is_named_in_one_alarm_and_what_goes_over_is_not(store: Store) -> None:
    said(store, 1)
    signed(store, 2)
    samples.submit(store, 2)
    store.apply(LINE, [samples.surface(5, serial=5, number=9)], 5)
    for number in (1, 2):
        store.desk.note(LINE, notice_id(number), "sample", 0, mine=True)
        store.desk.open_deadline(LINE, notice_id(number), ACKNOWLEDGE, 50, 40, 10, mine=True, owed=False)
        row = ThreadRow(LINE, True, notice_id(number), "s", "t", 0, "announced", 1, 5, 6, notice_id(number), False)
        store.desk.keep_thread(row)
    (text,) = alarms(begin(store, closing(store, 2)))
    assert text.startswith("Ended with generation 1, and to be said again in new notices where it still holds:")
    assert [part.split(" (")[0] for part in text.split(": ", 1)[1].split("; ")] == ["NORTH 1", "SOUTH 5"]
    assert "acknowledgement due, in force; " in text
    assert text.endswith("not opened.")


def test_more_open_matters_than_are_named_are_counted_and_the_text_fits_the_journal(store: Store) -> None:
    for number in range(1, 41):
        store.apply(LINE, [samples.surface(number, serial=number, number=number)], 5)
    (text,) = alarms(begin(store, closing(store)))
    assert text.endswith(f"; and {40 - text.count('not opened')} more.")
    assert 0 < text.count("not opened") <= NAMED
    assert len(text.encode()) <= 1024
