"""Times in and out."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.errors import NoticeError
from hotline.notices.dtg import format_iso, format_time, parse_time
from tests.notices.samples import NOW_S, error_of
from tests.notices.strategies import times


@pytest.mark.parametrize(
    "text",
    [
        "271230Z NOV 24",
        "271230ZNOV24",
        "271230z nov 2024",
        " 271230Z NOV 24 ",
        "27123000Z NOV 24",
        "2024-11-27T12:30Z",
        "2024-11-27T12:30:00+00:00",
        "2024-11-27T15:30:00+03:00",
        "20241127T123000Z",
    ],
)
def test_the_usual_notations_of_a_time_mean_the_same(text: str) -> None:
    assert parse_time(text, "dtg") == NOW_S


def test_a_datetime_of_a_toml_file_is_read_with_its_zone() -> None:
    assert parse_time(datetime(2024, 11, 27, 15, 30, tzinfo=timezone(timedelta(hours=3))), "dtg") == NOW_S


def test_a_time_is_shown_as_a_date_time_group() -> None:
    assert format_time(NOW_S) == "271230Z NOV 24"


def test_seconds_show_only_where_there_are_any() -> None:
    assert format_time(NOW_S + 15) == "27123015Z NOV 24"


@given(times)
def test_every_time_survives_both_forms(time_s: int) -> None:
    assert parse_time(format_time(time_s), "dtg") == time_s
    assert parse_time(format_iso(time_s), "dtg") == time_s


@pytest.mark.parametrize(
    ("given_time", "says"),
    [
        ("2024-11-27T12:30", "dtg: the time has no zone. Add Z for UTC: 2024-11-27T12:30Z."),
        ("2024-11-27", "dtg: the time has no zone."),
        (datetime(2024, 11, 27, 12, 30), "dtg: the time has no zone."),
        ("271230C NOV 24", "dtg: the zone letter is C; only Z (UTC) is accepted."),
        ("311230Z NOV 24", "dtg: there is no time '311230Z NOV 24'."),
        ("272430Z NOV 24", "dtg: there is no time '272430Z NOV 24'."),
        ("271230Z NOW 24", "dtg: there is no month NOW."),
        ("2024-11-27T12:30:00.5Z", "dtg: times are in whole seconds."),
        ("1999-12-31T23:59:59Z", "dtg: the year is outside 2000 to 2099."),
        ("0001-01-01T00:00+14:00", "dtg: the year is outside 2000 to 2099."),
        ("tomorrow", "dtg: there is no time 'tomorrow'."),
        ("\x1b[31m", "dtg: there is no time '\\\\u{1b}[31m'."),
        (1732710600, "dtg: this is not a time."),
        (None, "dtg: this is not a time."),
    ],
)
def test_a_wrong_time_is_refused_with_one_sentence_and_a_remedy(given_time: object, says: str) -> None:
    with pytest.raises(NoticeError) as e:
        parse_time(given_time, "dtg")
    assert str(e.value).startswith(says)
    assert e.value.remedy
    assert e.value.field == "dtg"


@given(st.text() | st.integers() | st.datetimes(timezones=st.just(UTC)) | st.datetimes())
def test_no_time_raises_outside_the_error_tree(anything: object) -> None:
    error = error_of(lambda: parse_time(anything, "dtg"))
    assert error is None or error.remedy
