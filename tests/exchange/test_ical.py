"""iCalendar: parses back, identifies a thread for good, and marks what it must."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar, Event

from hotline.errors import UsageError
from hotline.exchange import Item, calendar, ical
from hotline.notices import Mode, Notice, from_mapping
from tests.exchange.items import FIRST, HOSTILE, ID, item, items_of, planned
from tests.notices.samples import NOW_S, error_of

OTHER = "0193728f6b107a3c8e5d4f2a1b0c9d02"


def events(exported: str) -> Sequence[Event]:
    assert exported.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert all(len(line.encode()) <= 75 for line in exported.split("\r\n"))
    assert "\n" not in exported.replace("\r\n", "")
    parsed = Calendar.from_ical(exported)
    assert isinstance(parsed, Calendar)
    assert not parsed.errors
    assert all(not event.errors for event in parsed.events)
    return parsed.events


@settings(max_examples=60)
@given(items_of())
def test_any_exercise_parses_back_as_one_event(any_item: Item) -> None:
    (event,) = events(ical.write(any_item))
    assert any_item.window is not None
    assert (event.start, event.end) == tuple(datetime.fromtimestamp(s, UTC) for s in any_item.window)
    assert event["UID"] == "0193728f-6b10-7a3c-8e5d-4f2a1b0c9d01"
    assert event["SEQUENCE"] == any_item.revision - 1
    assert (event["CLASS"] == "PUBLIC") == (any_item.notice.publicity == "public")
    assert (event["STATUS"] == "CANCELLED") == (any_item.state == "cancelled")
    if any_item.envelope.mode is not Mode.OPERATION:
        assert str(event["SUMMARY"]).startswith(any_item.envelope.mode.name)
    assert not any(c in str(event["SUMMARY"]) + str(event["DESCRIPTION"]) for c in "\u202e\u200b\x00\x1b")


def test_a_summary_says_its_kind_once() -> None:
    out = {"start": "061000Z DEC 24", "end": "061400Z DEC 24", "reason": "Change.", "other_path": "Telephone"}
    (event,) = events(ical.write(item(from_mapping("out-of-service", out, now_s=NOW_S))))
    assert str(event["SUMMARY"]) == "Out of service: Change."


@settings(max_examples=20)
@given(st.lists(items_of(), min_size=1, max_size=5))
def test_one_calendar_has_one_event_a_thread_and_it_is_the_latest(items: list[Item]) -> None:
    (event,) = events(calendar(items))
    assert event["SEQUENCE"] == max(i.revision for i in items) - 1


def test_an_amendment_keeps_the_uid_and_raises_the_sequence() -> None:
    (first,) = events(calendar([item(notice_id=FIRST.notice_id)]))
    (second,) = events(calendar([item(notice_id=ID, revision=2, earlier=(FIRST,))]))
    assert first["UID"] == second["UID"]
    assert (first["SEQUENCE"], second["SEQUENCE"]) == (0, 1)


def test_a_calendar_stands_in_order_of_start() -> None:
    late = item(planned(start="020500Z DEC 24"), notice_id=OTHER)
    assert [e.start.day for e in events(calendar([late, item()]))] == [1, 2]


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({}, "CONFIRMED"),
        ({"state": "under way"}, "CONFIRMED"),
        ({"state": "cancelled"}, "CANCELLED"),
        ({"state": "overdue"}, "TENTATIVE"),
        ({"serial": None}, "TENTATIVE"),
    ],
)
def test_the_status_says_how_sure_it_is(changed: dict[str, Any], status: str) -> None:
    (event,) = events(ical.write(item(**changed)))
    assert event["STATUS"] == status


def test_the_stamp_is_when_the_notice_was_sent() -> None:
    (event,) = events(ical.write(item(sent_ms=NOW_S * 1000 + 999)))
    assert event.stamp == datetime(2024, 11, 27, 12, 30, tzinfo=UTC)


def test_a_hostile_text_cannot_begin_a_line_of_its_own() -> None:
    hostile = "x" * 70 + HOSTILE + "END:VEVENT"
    exported = ical.write(item(planned(designation=hostile[:110], areas=[_circle(HOSTILE)])))
    assert exported.count("\r\nEND:VEVENT\r\n") == 1
    (event,) = events(exported)
    assert "\\u{202e}" in str(event["SUMMARY"])


def test_more_places_than_fit_are_counted() -> None:
    (event,) = events(ical.write(item(planned(areas=[_circle(f"Box {i}") for i in range(7)]))))
    assert event["LOCATION"] == "Areas: Box 0; Areas: Box 1; Areas: Box 2; Areas: Box 3; and 3 more"


def annual(*designations: str, **changed: Any) -> Notice:
    entry = {"start": "020500Z JUN 25", "end": "101700Z JUN 25", "place": "At sea", "notifiable": True}
    given_ = {"year": 2025, "as_of": "150000Z NOV 24", "entries": [entry | {"designation": d} for d in designations]}
    return from_mapping("calendar", given_ | changed, now_s=NOW_S)


def test_each_entry_of_an_annual_calendar_is_a_tentative_event() -> None:
    found = events(ical.write(item(annual("A", "B", "A"))))
    assert len({event["UID"] for event in found}) == 3
    assert {(e["STATUS"], e["LOCATION"], e.start.month) for e in found} == {("TENTATIVE", "At sea", 6)}


def test_an_entry_stays_the_same_event_when_others_are_added_before_it() -> None:
    before = {e["UID"] for e in events(ical.write(item(annual("A", "B"))))}
    after = {e["UID"] for e in events(ical.write(item(annual("C", "A", "B"))))}
    assert before < after


def test_a_nil_calendar_plans_nothing() -> None:
    with pytest.raises(UsageError, match="plans nothing"):
        ical.write(item(annual(entries=None, nil=True)))


def test_a_marking_is_carried_over() -> None:
    (event,) = events(ical.write(item(planned(marking="LINE CONFIDENTIAL"))))
    assert "Marking: LINE CONFIDENTIAL" in str(event["DESCRIPTION"])


def test_what_is_not_planned_is_left_out_of_a_calendar_and_refused_alone() -> None:
    talk = item(from_mapping("consultation", {"text": "Hello."}, now_s=NOW_S), notice_id=OTHER)
    assert len(events(calendar([talk, item()]))) == 1
    assert isinstance(error_of(lambda: calendar([talk])), UsageError)
    assert isinstance(error_of(lambda: calendar([])), UsageError)
    assert isinstance(error_of(lambda: ical.write(talk)), UsageError)


def test_an_id_that_is_no_notices_is_refused() -> None:
    with pytest.raises(UsageError, match="id is no notice's"):
        ical.write(item(notice_id="x\r\nEND:VEVENT"))


def _circle(name: str) -> dict[str, object]:
    return {"centre": "34-15.00N 033-36.00E", "radius_nm": 1, "name": name}
