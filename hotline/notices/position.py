"""Positions: WGS 84, in thousandths of an arc minute, read in the usual notations, shown as `34-30.00N 033-12.00E`."""

import re
from fractions import Fraction
from typing import Annotated

from msgspec import Meta, Struct

from hotline.errors import NoticeError
from hotline.notices import bounds
from hotline.text import safe

_REMEDY = "Write it as 34-30.00N 033-12.00E."
_DEGREES_MMIN = 60_000
_CHARS_MOST = 80

_HALVES = re.compile(r"\s*([^NSEW]+)([NS])[\s,;/]*([^NSEW]+)([EW])\s*")
_DECIMAL_PAIR = re.compile(r"\s*([+-]?\d{1,3}(?:\.\d{1,9})?)\s*[,;\s]\s*([+-]?\d{1,3}(?:\.\d{1,9})?)\s*", re.ASCII)
# Degrees, minutes and seconds of one half, without its letter. The order decides between `3430` (degrees
# and minutes) and `34` (degrees).
_NOTATIONS = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        r"(\d{1,3}(?:\.\d{1,9})?)\s*[°º]?",
        r"(\d{1,3})\s*[-°º\s]\s*(\d{1,2}(?:\.\d{1,9})?)\s*['′’]?",
        r"(\d{1,3})\s*[-°º\s]\s*(\d{1,2})\s*[-'′’\s]\s*(\d{1,2}(?:\.\d{1,9})?)\s*[\"″”]?",
        r"(\d{2,3})(\d{2}(?:\.\d{1,9})?)",
        r"(\d{2,3})(\d{2})(\d{2}(?:\.\d{1,9})?)",
    )
)


class Position(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A point: `lat_mmin` north positive, `lon_mmin` east positive; the 180th meridian is +10,800,000."""

    lat_mmin: Annotated[int, Meta(ge=-bounds.LATITUDE_MOST_MMIN, le=bounds.LATITUDE_MOST_MMIN)]
    lon_mmin: Annotated[int, Meta(ge=1 - bounds.LONGITUDE_MOST_MMIN, le=bounds.LONGITUDE_MOST_MMIN)]

    def __str__(self) -> str:
        lat = _format_half(self.lat_mmin, 2, "NS")
        return f"{lat} {_format_half(self.lon_mmin, 3, 'EW')}"


def parse_position(given: object, field: str) -> Position:
    """Return the position that the text `given` states, rounded to a thousandth of a minute (1.9 m).

    Accepted: `34-30.00N 033-12.00E`, `34-30-15N 033-12-00E`, `34°30.0'N 33°12.0'E`, `3430N 03312E`, `34.5N 33.2E`,
    and decimal degrees `34.5, 33.2` (latitude first). Raises NoticeError naming `field`.
    """
    if not isinstance(given, str):
        raise NoticeError(f"{field}: a position is a text.", _REMEDY, field=field)
    # No notation is longer; some patterns would take quadratic time over a long run of spaces.
    text = given.strip().upper() if len(given) <= _CHARS_MOST else ""
    lat, lon = _read_decimal_pair(text) or _read_halves(text) or _not_a_position(given, field)
    if abs(lat) > bounds.LATITUDE_MOST_MMIN:
        raise NoticeError(f"{field}: the latitude is past 90 degrees.", "Latitude comes first.", field=field)
    if abs(lon) > bounds.LONGITUDE_MOST_MMIN:
        raise NoticeError(f"{field}: the longitude is past 180 degrees.", _REMEDY, field=field)
    return Position(lat, bounds.LONGITUDE_MOST_MMIN if lon == -bounds.LONGITUDE_MOST_MMIN else lon)


def _not_a_position(given: str, field: str) -> tuple[int, int]:
    raise NoticeError(f"{field}: {safe(given, limit=60)!r} is not a position.", _REMEDY, field=field)


def _read_decimal_pair(text: str) -> tuple[int, int] | None:
    pair = _DECIMAL_PAIR.fullmatch(text)
    if not pair:
        return None
    return _round(Fraction(pair[1]) * _DEGREES_MMIN), _round(Fraction(pair[2]) * _DEGREES_MMIN)


def _read_halves(text: str) -> tuple[int, int] | None:
    halves = _HALVES.fullmatch(text)
    if not halves:
        return None
    lat, lon = _read_half(halves[1].strip(), 2), _read_half(halves[3].strip(), 3)
    if lat is None or lon is None:
        return None
    return (-lat if halves[2] == "S" else lat), (-lon if halves[4] == "W" else lon)


def _read_half(text: str, degree_digits: int) -> int | None:
    """Return thousandths of a minute, or None where no notation fits or minutes or seconds reach 60."""
    for at, notation in enumerate(_NOTATIONS):
        match = notation.fullmatch(text)
        # Run-together digits can only be split where the degrees have their full width.
        if not match or (at >= 3 and len(match[1]) != degree_digits):
            continue
        degrees, minutes, seconds = (*map(Fraction, match.groups()), Fraction(0), Fraction(0))[:3]
        if minutes < 60 and seconds < 60:
            return _round(degrees * _DEGREES_MMIN + minutes * 1000 + seconds * 1000 / 60)
    return None


def _round(value: Fraction) -> int:
    """Round half away from zero, so that a place and its mirror image round alike."""
    whole = int(abs(value) + Fraction(1, 2))
    return -whole if value < 0 else whole


def _format_half(mmin: int, degree_digits: int, letters: str) -> str:
    degrees, rest = divmod(abs(mmin), _DEGREES_MMIN)
    minutes, thousandths = divmod(rest, 1000)
    # Hundredths are the custom; the third place shows only where it says something, so no point is shown moved.
    fraction = f"{thousandths // 10:02d}" if thousandths % 10 == 0 else f"{thousandths:03d}"
    return f"{degrees:0{degree_digits}d}-{minutes:02d}.{fraction}{letters[mmin < 0]}"
