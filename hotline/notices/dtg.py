"""Times: read from ISO 8601 or a date-time group, kept as seconds since 1970 UTC, shown as a date-time group.

A date-time group is the field's form, `271230Z NOV 24`: day, hour, minute, zone Z (UTC), month, year.
Seconds, where there are any, follow the minutes: `27123015Z NOV 24`.
"""

import re
from datetime import UTC, datetime, timedelta

from hotline.errors import NoticeError
from hotline.notices import bounds
from hotline.text import safe

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_GROUP = re.compile(r"(\d{2})(\d{2})(\d{2})(\d{2})?([A-Z])\s*([A-Z]{3})\s*(?:20)?(\d{2})", re.ASCII)
_CHARS_MOST = 60
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_REMEDY = "Write it as 271230Z NOV 24 or 2024-11-27T12:30Z."


def parse_time(given: object, field: str) -> int:
    """Return the time that `given` (text, or a datetime as TOML makes them) states, in seconds since 1970 UTC.

    Raises NoticeError naming `field` for a time without zone, one that does not exist, fractions of a
    second, and years outside 2000 to 2099.
    """
    moment = _read(given, field)
    if moment.tzinfo is None:
        raise NoticeError(f"{field}: the time has no zone.", "Add Z for UTC: 2024-11-27T12:30Z.", field=field)
    if moment.microsecond:
        raise NoticeError(f"{field}: times are in whole seconds.", "Leave the fraction out.", field=field)
    since = (moment - _EPOCH) // timedelta(seconds=1)
    if not bounds.TIME_LEAST_S <= since <= bounds.TIME_MOST_S:
        raise NoticeError(f"{field}: the year is outside 2000 to 2099.", _REMEDY, field=field)
    return since


def format_time(time_s: int) -> str:
    """Return the date-time group of a time within the bounds, such as `271230Z NOV 24`."""
    t = _moment(time_s)
    seconds = f"{t.second:02d}" if t.second else ""
    return f"{t.day:02d}{t.hour:02d}{t.minute:02d}{seconds}Z {_MONTHS[t.month - 1]} {t.year % 100:02d}"


def format_iso(time_s: int) -> str:
    """Return the time as ISO 8601 in UTC, such as `2024-11-27T12:30:00Z`: exact, for files and JSON."""
    return _moment(time_s).strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment(time_s: int) -> datetime:
    return _EPOCH + timedelta(seconds=time_s)


def _read(given: object, field: str) -> datetime:
    if isinstance(given, datetime):
        return given
    if not isinstance(given, str):
        raise NoticeError(f"{field}: this is not a time.", _REMEDY, field=field)
    text = given.strip() if len(given) <= _CHARS_MOST else ""
    group = _GROUP.fullmatch(text.upper())
    try:
        return _from_group(group, field) if group else datetime.fromisoformat(text)
    except ValueError:
        raise NoticeError(f"{field}: there is no time {safe(given, limit=60)!r}.", _REMEDY, field=field) from None


def _from_group(group: re.Match[str], field: str) -> datetime:
    day, hour, minute, second, zone, month, year = group.groups()
    if zone != "Z":
        # Zone letters exist (A to Y), but a letter misread moves a launch by hours.
        raise NoticeError(f"{field}: the zone letter is {zone}; only Z (UTC) is accepted.", _REMEDY, field=field)
    if month not in _MONTHS:
        raise NoticeError(f"{field}: there is no month {month}.", f"Months are {' '.join(_MONTHS)}.", field=field)
    return datetime(
        2000 + int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second or 0), tzinfo=UTC
    )
