"""A navigational warning as plain text, in the form of the Joint IMO/IHO/WMO Manual on Maritime Safety Information.

MSC.1/Circ.1310, section 5.5: series, general area, locality, charts, then subject, positions and amplification as
numbered paragraphs, then cancellation. Each element begins on a new line. Texts from outside never begin a line of
their own: what runs on is indented, so no text can imitate another element.
"""

import re
from collections.abc import Iterable

from hotline.errors import UsageError
from hotline.exchange.cut import signed_area
from hotline.exchange.item import ENDED, Item, one_line
from hotline.exchange.places import of_hazard, outline, places_of
from hotline.notices import Mode, Notice
from hotline.notices.area import Circle, Polygon
from hotline.notices.columns import wrap
from hotline.notices.dtg import format_time
from hotline.notices.exercise import Exercise
from hotline.notices.hazard import Hazard
from hotline.notices.launch import Launch
from hotline.notices.position import Position

WIDTH = 69  # of a telex line, which radio operators' printers still have
_INDENT = 3
_ELSE = re.compile(r"\d|CANCEL|CHART|NOT FOR|DRILL|TEST|REPLACES")
_BANNER = {Mode.OPERATION: [], Mode.DRILL: ["DRILL DRILL DRILL"], Mode.TEST: ["TEST TEST TEST"]}


def write(item: Item) -> str:
    """Return the warning, ending in a newline; DRILL and TEST stand first and last, and so does a restriction.

    UsageError for an exercise without live fire: it is no hazard to ships.
    """
    banner = _BANNER[item.envelope.mode]
    forbidden = _hung(f"NOT FOR BROADCAST. {item.restriction.upper()}") if item.restriction else []
    paragraphs = [f"CANCEL {_first_series(item)}."] if item.state in ENDED else _paragraphs(item)
    body = [_time(item.notice.dtg_s), *_preamble(item), *_numbered(paragraphs)]
    return "\n".join([*banner, *forbidden, *body, *forbidden, *banner]) + "\n"


def _preamble(item: Item) -> list[str]:
    notice = item.notice
    lines = _element(_series(item))
    if isinstance(notice, Hazard):
        lines += _element(f"{notice.general_area}.") + _element(f"{notice.locality}.")
        lines += _hung(_words(f"CHART {', '.join(notice.charts)}.")) if notice.charts else []
    return lines


def _element(text: str) -> list[str]:
    """Return a text that has a line of its own by custom; one that could pass for another element is indented."""
    words = _words(text)
    margin = " " * _INDENT if _ELSE.match(words) else ""
    return [margin + line for line in _hung(words)]


def _paragraphs(item: Item) -> list[str]:
    notice = item.notice
    subject, amplification, cancel_s = _subject(notice)
    start_s, end_s = item.window or (notice.dtg_s, cancel_s)
    replaced = [f"REPLACES NOTICE {item.earlier[-1].name}."] if item.revision > 1 and item.earlier else []
    return [
        f"{subject}, {_time(start_s)} TO {_time(end_s)}.",
        *(f"{place.words}: {_where(place.where)}." for place in of_hazard(places_of(notice))),
        amplification,
        *replaced,
        f"CANCEL THIS MSG {_time(cancel_s)}.",
    ]


def _subject(notice: Notice) -> tuple[str, str, int]:
    """Return the subject, what is asked of ships, and when the warning lapses (seconds since 1970 UTC)."""
    match notice:
        case Hazard():
            return notice.subject, notice.amplification, notice.cancel_s
        case Launch():
            what = f"LAUNCH, {notice.vehicle}" if notice.vehicle else "LAUNCH"
            return f"HAZARDOUS OPERATIONS, {what}", "KEEP CLEAR.", notice.window_end_s
        case Exercise(live_fire=True):
            what = f"LIVE FIRING, EXERCISE {notice.designation}"
            return what, f"KEEP CLEAR. CONTACT {notice.contact_point}.", notice.end_s
    raise UsageError(f"This {notice.kind} warns of no hazard to ships.", "Export it in another format.")


def _where(where: Polygon | Circle | Position) -> str:
    if isinstance(where, Position):
        return f"IN POSITION {where}"
    if isinstance(where, Circle):
        miles = f"{where.radius_mnm / 1000:.3f}".rstrip("0").rstrip(".")
        return f"WITHIN {miles} MILES OF {where.centre}"
    return f"AREA BOUNDED BY {', '.join(map(str, _clockwise(where)))}"


def _clockwise(polygon: Polygon) -> list[Position]:
    """Return the corners clockwise from the one farthest to the north-west, as the Manual asks."""
    corners = outline(polygon)
    points = list(zip(corners, polygon.points, strict=True))
    if signed_area(corners) > 0:
        points.reverse()
    first = max(range(len(points)), key=lambda i: points[i][0][1] - points[i][0][0])
    return [position for _, position in points[first:] + points[:first]]


def _series(item: Item) -> str:
    return item.notice.series if isinstance(item.notice, Hazard) else item.envelope.name


def _first_series(item: Item) -> str:
    first = item.earlier[0].name if item.earlier else item.envelope.name
    return item.notice.series if isinstance(item.notice, Hazard) else first


def _time(time_s: int) -> str:
    """Return `271230 UTC NOV 24`."""
    return format_time(time_s).replace("Z ", " UTC ")


def _words(text: str) -> str:
    return one_line(text).upper()


def _numbered(paragraphs: Iterable[str]) -> list[str]:
    return [line for number, text in enumerate(paragraphs, 1) for line in _hung(f"{number}. {_words(text)}")]


def _hung(text: str) -> list[str]:
    """Return the text as lines, all but the first indented."""
    first, *rest = wrap(text, WIDTH - 2 * _INDENT)
    return [first, *(" " * _INDENT + line for line in rest)]
