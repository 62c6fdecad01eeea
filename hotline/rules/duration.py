"""Durations: whole seconds, written as people write them: `90 s`, `10 min`, `48 h`, `42 d`."""

import re
from typing import NoReturn

from hotline.errors import ConfigError
from hotline.rules import bounds
from hotline.text import safe

_UNITS = {"d": bounds.DAY_S, "h": 3600, "min": 60, "s": 1}
_FORM = re.compile(r"([1-9][0-9]*) ?(s|min|h|d)", re.ASCII)
# Up to here the field counts hours: an answer is due in 48 h, not in 2 d.
_HOURS_MOST_S = 72 * 3600


def parse_duration(given: object, key: str, other: str = "") -> int:
    """Return the seconds that the text `given` states, or raise ConfigError naming `key`.

    From 1 to bounds.DURATION_MOST_S, in s, min, h or d. `other` is a word that the key takes too, for the remedy.
    """
    text = given if isinstance(given, str) and len(given) <= bounds.DURATION_CHARS else ""
    form = _FORM.fullmatch(text)
    if form is None:
        _refuse(given, key, other)
    seconds = int(form[1]) * _UNITS[form[2]]
    if seconds > bounds.DURATION_MOST_S:
        most = format_duration(bounds.DURATION_MOST_S)
        raise ConfigError(f"{key} is {safe(text)}, more than {most}.", f"Use a duration of at most {most}.")
    return seconds


def format_duration(seconds: int) -> str:
    """Return the shortest notation that states the seconds exactly; less than 72 h are never told in days."""
    for unit, size_s in _UNITS.items():
        if seconds % size_s == 0 and not (unit == "d" and seconds < _HOURS_MOST_S):
            return f"{seconds // size_s} {unit}"
    raise AssertionError("one second divides every duration")


def about(seconds: int) -> str:
    """Return the two largest units of a duration, rounded down, for people: `3 d 21 h`. Zero is `0 s`."""
    parts: list[str] = []
    for unit, size_s in _UNITS.items():
        count, rest_s = divmod(seconds, size_s)
        if count and not (unit == "d" and seconds < _HOURS_MOST_S and not parts):
            parts.append(f"{count} {unit}")
            seconds = rest_s
        if len(parts) == 2:
            break
    return " ".join(parts) or "0 s"


def _refuse(given: object, key: str, other: str) -> NoReturn:
    what = f"{safe(given, limit=40)!r}, which" if isinstance(given, str) else "not text in quotes and"
    forms = '"90 s", "10 min", "48 h" or "42 d"' + (f', or "{other}"' if other else "")
    raise ConfigError(f"{key} is {what} is no duration.", f"Write it as {forms}.")
