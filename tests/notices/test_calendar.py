"""Annual calendars."""

from typing import Any

import pytest

from hotline.notices import KINDS
from hotline.notices.calendar import Calendar, span_of_year
from hotline.notices.dtg import format_time
from tests.notices.spoilt import example, refusal

ENTRY = {"designation": "X", "start": "010500Z JUN 25", "end": "021700Z JUN 25", "place": "Sea", "notifiable": False}


def test_nothing_planned_is_said_with_nil() -> None:
    notice = example("calendar", entries=None, nil=True)
    assert isinstance(notice, Calendar)
    assert (notice.nil, notice.entries) == (True, ())
    assert notice.headline() == "2025: nil, as of 150000Z NOV 24"


def test_the_headline_counts_what_is_planned() -> None:
    assert example("calendar").headline() == "2025: 2 activities, as of 150000Z NOV 24"
    assert example("calendar", entries=[ENTRY]).headline() == "2025: 1 activity, as of 150000Z NOV 24"


def test_a_year_begins_and_ends_at_midnight_utc() -> None:
    assert [format_time(t) for t in span_of_year(2025)] == ["010000Z JAN 25", "31235959Z DEC 25"]
    assert KINDS["calendar"].window(example("calendar")) == span_of_year(2025)


@pytest.mark.parametrize(("start", "end"), [("311200Z DEC 24", "011200Z JAN 25"), ("311200Z DEC 25", "021200Z JAN 26")])
def test_an_activity_over_the_turn_of_the_year_belongs_to_both(start: str, end: str) -> None:
    assert example("calendar", entries=[ENTRY | {"start": start, "end": end}]).kind == "calendar"


def test_an_entry_prints_whether_a_notice_is_due() -> None:
    notice = example("calendar", entries=[ENTRY | {"purpose": "Firing", "states": ["North", "South"], "people": 1200}])
    assert isinstance(notice, Calendar)
    assert notice.entries[0].lines() == [
        "X (no notice due)",
        "  010500Z JUN 25 to 021700Z JUN 25: Sea",
        "  purpose: Firing",
        "  states: North, South",
        "  people: about 1,200",
    ]


@pytest.mark.parametrize(
    ("changed", "field", "says"),
    [
        ({"entries": None}, "entries", "entries: neither entries nor nil are given."),
        ({"nil": True}, "entries", "entries: entries are given and nil is true."),
        ({"year": 2026}, "entries[0].start", "entries[0].start: the activity has no day in 2026."),
        ({"entries": [ENTRY | {"end": "010500Z JUN 25"}]}, "entries[0].end", "entries[0].end: 010500Z JUN 25 is the"),
        (
            {"entries": [ENTRY | {"areas": [{"points": ["0N 0E", "1N 1E", "0N 1E", "1N 0E"]}]}]},
            "entries[0].areas[0].points",
            "entries[0].areas[0].points: the side of",
        ),
    ],
)
def test_a_wrong_calendar_is_refused(changed: dict[str, Any], field: str, says: str) -> None:
    named, what = refusal("calendar", **changed)
    assert (named, what[: len(says)]) == (field, says)
