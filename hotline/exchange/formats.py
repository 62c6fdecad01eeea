"""The formats that a notice can be exported in, and the one call that does it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from hotline.errors import UsageError
from hotline.exchange import cap, geojson, ical, warning
from hotline.exchange.item import Item
from hotline.exchange.places import has_places
from hotline.notices import KINDS
from hotline.text import safe

_WARNED_OF = frozenset({"exercise", "launch", "hazard"})
_ALERTED = _WARNED_OF | {"incident"}


@dataclass(frozen=True)
class Format:
    """A format: its title, the suffix and media type of its files, and the kinds of notice that it can hold."""

    title: str
    suffix: str
    media_type: str
    takes: Callable[[str], bool]  # the kind's name; a notice of such a kind may still state nothing to export
    write: Callable[[Item], str]


def _placed(kind: str) -> bool:
    # An amendment is exported as the thread that it changes: alone, its replacement would pass for a notice of its own.
    return kind in KINDS and kind != "amendment" and has_places(KINDS[kind].schema)


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "geojson": Format("GeoJSON (areas)", ".geojson", "application/geo+json", _placed, geojson.write),
        "ical": Format("iCalendar (what is planned)", ".ics", "text/calendar", ical.PLANNED.__contains__, ical.write),
        "cap": Format("Common Alerting Protocol 1.2", ".xml", "application/cap+xml", _ALERTED.__contains__, cap.write),
        "warning": Format("Navigational warning", ".txt", "text/plain", _WARNED_OF.__contains__, warning.write),
    }
)


def export(format: str, item: Item) -> str:
    """Return the item as text of the format, to be written as UTF-8 with its ends of lines kept.

    UsageError for a format that is not known, and for a notice that has nothing to say in it; NoticeError for one
    whose areas are unsound.
    """
    known = FORMATS.get(format)
    if known is None:
        what = f"There is no format {safe(format, limit=60)!r} to export to."
        raise UsageError(what, f"Use one of {', '.join(FORMATS)}.")
    kind = item.notice.kind
    if kind == "amendment":
        raise UsageError("An amendment is not exported alone.", "Export what it amends, as it is now in force.")
    if not known.takes(kind):
        others = [name for name, other in FORMATS.items() if other.takes(kind)]
        remedy = f"Use {' or '.join(others)}." if others else "Use `hotline show`, which prints a notice of any kind."
        raise UsageError(f"A notice of kind {kind} has nothing to export as {format}.", remedy)
    return known.write(item)
