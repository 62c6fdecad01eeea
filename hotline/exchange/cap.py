"""Common Alerting Protocol 1.2 (OASIS, 2010): a hazard as an alert for systems that show and pass on warnings."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from hotline.errors import UsageError
from hotline.exchange.item import ENDED, Item, one_line, shown
from hotline.exchange.places import Place, degrees, of_hazard, places_of, rings_of
from hotline.notices import KINDS, Mode, render
from hotline.notices.area import Circle
from hotline.notices.exercise import Exercise
from hotline.notices.position import Position

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KM_PER_NAUTICAL_MILE = 1.852
_SOON_S = 3600  # CAP's "Expected": responsive action within the next hour

_STATUS = {Mode.OPERATION: "Actual", Mode.DRILL: "Exercise", Mode.TEST: "Test"}
_SCOPE = {"public": "Public", "confidential": "Private"}
# What lies in an area of weapons or debris threatens life; of the rest CAP lets us say that it is not known.
_SEVERITY = {"launch": "Severe"}
_CATEGORIES = {"exercise": ("Security", "Safety"), "launch": ("Security", "Transport"), "incident": ("Security",)}

Parts = Iterable[tuple[str, str | None]]


def write(item: Item) -> str:
    """Return one alert of one info; its elements stand in the order of the schema.

    Only a public notice gets the scope Public; any other is Private or Restricted and says why in `restriction`.
    What is cancelled or completed is a Cancel, a later revision an Update: both name the messages they replace, so
    UsageError where the thread's earlier notices are not given. A draft that was never sent has the status Draft.
    """
    alert = ET.Element("alert", xmlns=NAMESPACE)
    _add(alert, _head(item))
    info = ET.SubElement(alert, "info")
    _add(info, _info(item))
    for name, value in item.facts().items():
        _add(ET.SubElement(info, "parameter"), (("valueName", name), ("value", str(value))))
    for place in of_hazard(places_of(item.notice)):
        _add(ET.SubElement(info, "area"), _area(place))
    ET.indent(alert)
    return str(ET.tostring(alert, encoding="utf-8", xml_declaration=True), "utf-8") + "\n"


def _head(item: Item) -> Parts:
    kind = _message_type(item)
    return (
        ("identifier", item.notice_id),
        ("sender", _name(item.envelope.sender)),
        ("sent", _time(item.sent_s)),
        ("status", _status(item)),
        ("msgType", kind),
        ("source", one_line(item.notice.originator) if item.notice.originator else None),
        ("scope", _SCOPE.get(item.notice.publicity, "Restricted")),
        ("restriction", item.restriction or None),
        ("addresses", f'"{one_line(item.envelope.recipient).replace(chr(34), chr(39))}"' if item.restriction else None),
        ("note", f"State: {shown(item.state)}."),
        ("references", None if kind == "Alert" else _references(item)),
    )


def _info(item: Item) -> list[tuple[str, str | None]]:
    notice, window = item.notice, item.window
    expires_s = window[1] if window else item.envelope.expires_s
    contact = notice.contact_point if isinstance(notice, Exercise) else None
    return [
        ("language", notice.language),
        *(("category", category) for category in _CATEGORIES.get(notice.kind, ("Safety", "Transport"))),
        ("event", KINDS[notice.kind].title),
        ("responseType", _response(item)),
        ("urgency", _urgency(item)),
        ("severity", _severity(item)),
        ("certainty", "Observed" if notice.kind == "incident" else "Likely"),
        ("effective", _time(item.sent_s)),
        ("onset", _time(window[0]) if window else None),
        ("expires", _time(expires_s) if expires_s is not None else None),
        ("senderName", one_line(notice.originator or item.envelope.sender)),
        ("headline", one_line(f"{item.marks}{KINDS[notice.kind].title}: {item.title}")),
        ("description", _description(item)),
        ("contact", one_line(contact) if contact else None),
    ]


def _description(item: Item) -> str:
    """Return the printed form; of a thread, headed by what its heading cannot say: whose words these first were."""
    text = render(item.notice, item.envelope)
    if not item.earlier:
        return text
    first, last = one_line(item.earlier[0].name), one_line(item.envelope.name)
    return f"{shown(item.state).capitalize()}, revision {item.revision}: first {first}, last changed by {last}.\n{text}"


def _area(place: Place) -> list[tuple[str, str | None]]:
    where = place.where
    parts: list[tuple[str, str | None]] = [("areaDesc", place.words)]
    if isinstance(where, Position):
        return [*parts, ("circle", f"{_pair(degrees(where))} 0")]
    if isinstance(where, Circle):
        return [*parts, ("circle", f"{_pair(degrees(where.centre))} {_km(where.radius_mnm)}")]
    return [*parts, *(("polygon", " ".join(map(_pair, ring))) for ring in rings_of(where))]


def _status(item: Item) -> str:
    draft = item.envelope.serial is None and item.envelope.mode is Mode.OPERATION
    return "Draft" if draft else _STATUS[item.envelope.mode]


def _message_type(item: Item) -> str:
    if item.state in ENDED:
        return "Cancel"
    return "Update" if item.revision > 1 else "Alert"


def _references(item: Item) -> str:
    if not item.earlier:
        what = f"{shown(item.envelope.name)} replaces an earlier notice, which is not given."
        raise UsageError(what, "Export the first notice of the thread by its name.")
    sender = _name(item.envelope.sender)
    return " ".join(f"{sender},{one.notice_id},{_time(one.sent_ms // 1000)}" for one in item.earlier)


def _response(item: Item) -> str:
    if item.state in ENDED:
        return "AllClear"
    harmless = isinstance(item.notice, Exercise) and not item.notice.live_fire
    return "Monitor" if harmless or item.notice.kind == "incident" else "Avoid"


def _urgency(item: Item) -> str:
    """Return how soon it matters as seen when it was sent: an export has no clock."""
    if item.state in ENDED:
        return "Past"
    if item.window is None:
        return "Unknown"
    until_s = item.window[0] - item.sent_s
    if until_s <= 0 or item.state == "under way":
        return "Immediate"
    return "Expected" if until_s <= _SOON_S else "Future"


def _severity(item: Item) -> str:
    if isinstance(item.notice, Exercise):
        return "Severe" if item.notice.live_fire else "Minor"
    return _SEVERITY.get(item.notice.kind, "Unknown")


def _add(parent: ET.Element, parts: Parts) -> None:
    for name, text in parts:
        if text is not None:
            ET.SubElement(parent, name).text = text


def _name(sender: str) -> str:
    """Return the station's name without what CAP forbids in it: spaces, commas, `<` and `&`."""
    return re.sub(r"[^\w.-]+", "_", one_line(sender)) or "_"


def _time(time_s: int) -> str:
    """Return the time as CAP has it: no fraction, no Z; UTC is `-00:00`."""
    return (_EPOCH + timedelta(seconds=time_s)).strftime("%Y-%m-%dT%H:%M:%S-00:00")


def _pair(point: tuple[float, float]) -> str:
    """Return `latitude,longitude`: in plain decimals, for the schema knows no exponents here."""
    lon, lat = (f"{value:.7f}".rstrip("0").rstrip(".") for value in point)
    return f"{lat},{lon}"


def _km(radius_mnm: int) -> str:
    return f"{radius_mnm / 1000 * _KM_PER_NAUTICAL_MILE:.6f}".rstrip("0").rstrip(".")
