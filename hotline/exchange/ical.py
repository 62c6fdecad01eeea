"""iCalendar (RFC 5545): what is planned, one event a thread, so that importing it again replaces what was there."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from hotline.errors import UsageError
from hotline.exchange.item import Item, one_line
from hotline.exchange.places import of_hazard, places_of
from hotline.notices import KINDS
from hotline.notices.calendar import Calendar
from hotline.notices.dtg import format_time

if TYPE_CHECKING:
    from icalendar import Event

PLANNED = frozenset({"calendar", "exercise", "launch", "hazard", "out-of-service"})

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PLACES_NAMED = 4  # of an event; the rest is counted


@dataclass(frozen=True)
class _Activity:
    """One event of an item: of most kinds the notice itself, of an annual calendar each of its entries."""

    item: Item
    uid: UUID
    start_s: int
    end_s: int
    title: str
    location: str
    status: str


def write(item: Item) -> str:
    """Return the item as a calendar; UsageError if the notice plans nothing."""
    if not _activities(item):
        raise UsageError(f"This {item.notice.kind} plans nothing at a time of its own.", "Export it in another format.")
    return calendar([item])


def calendar(items: Iterable[Item]) -> str:
    """Return one calendar of all that is planned, in order of start, with CRLF ends of lines.

    Of several items of one thread the latest counts. UsageError if nothing is planned: an empty calendar has no
    valid form.
    """
    latest: dict[str, Item] = {}
    for item in filter(_plans, items):
        held = latest.get(item.thread_id)
        if held is None or (held.revision, held.sent_ms) < (item.revision, item.sent_ms):
            latest[item.thread_id] = item
    activities = [activity for item in latest.values() for activity in _activities(item)]
    if not activities:
        raise UsageError("Nothing is planned, and an empty iCalendar has no valid form.", "Export it once there is.")
    return _written(sorted(activities, key=lambda one: (one.start_s, one.end_s, one.uid)))


def _plans(item: Item) -> bool:
    return item.notice.kind in PLANNED and item.window is not None


def _activities(item: Item) -> list[_Activity]:
    if not _plans(item):
        return []
    thread = _uuid(item.thread_id)
    if isinstance(item.notice, Calendar):
        return _entries(item, item.notice, thread)
    start_s, end_s = item.window or (item.sent_s, item.sent_s)
    return [_Activity(item, thread, start_s, end_s, item.title, _location(item), _status(item))]


def _entries(item: Item, annual: Calendar, thread: UUID) -> list[_Activity]:
    """Return the entries of an annual calendar: tentative, since what comes about gets a notice of its own.

    An entry has no id. Its designation, counted where it repeats, keeps the event the same over later revisions.
    """
    found, seen = [], Counter[str]()
    status = "CANCELLED" if item.state == "cancelled" else "TENTATIVE"
    for entry in annual.entries:
        seen[entry.designation] += 1
        uid = uuid5(thread, f"{seen[entry.designation]} {entry.designation}")
        title, place = one_line(entry.designation), one_line(entry.place)
        found.append(_Activity(item, uid, entry.start_s, entry.end_s, title, place, status))
    return found


def _written(activities: Iterable[_Activity]) -> str:
    # Importing it takes 100 ms, which every other command of the program would pay.
    from icalendar import Calendar as ICalendar

    whole = ICalendar()
    whole.add("VERSION", "2.0")
    whole.add("PRODID", "-//Hotline//Notices//EN")
    for activity in activities:
        whole.add_component(_event(activity))
    return str(whole.to_ical(), "utf-8")


def _event(activity: _Activity) -> "Event":
    from icalendar import Event

    item = activity.item
    event = Event()
    event.add("UID", str(activity.uid))
    event.add("SEQUENCE", item.revision - 1)
    event.add("DTSTAMP", _moment(item.sent_s))
    event.add("DTSTART", _moment(activity.start_s))
    if activity.end_s > activity.start_s:
        event.add("DTEND", _moment(activity.end_s))
    kind = f"{KINDS[item.notice.kind].title}: "
    event.add("SUMMARY", one_line(f"{item.marks}{kind}{activity.title.removeprefix(kind)}"))
    event.add("DESCRIPTION", "\n".join(_description(item)))
    if activity.location:
        event.add("LOCATION", activity.location)
    event.add("STATUS", activity.status)
    event.add("CLASS", "CONFIDENTIAL" if item.restriction else "PUBLIC")
    event.add("TRANSP", "TRANSPARENT")  # what others plan takes no time of the reader's
    event.add("CATEGORIES", [item.notice.kind, item.envelope.mode.name])
    return event


def _description(item: Item) -> list[str]:
    facts = item.facts()
    lines = [f"{facts['notice']}, {item.envelope.mode.name}, DTG {format_time(item.notice.dtg_s)}"]
    lines.append(f"From {facts['from']} to {facts['to']}")
    lines.append(f"State: {facts['state']}, revision {item.revision}")
    lines.append(f"Publicity: {item.restriction or 'may be published'}")
    if "marking" in facts:
        lines.append(f"Marking: {facts['marking']}")
    return lines


def _location(item: Item) -> str:
    places = of_hazard(places_of(item.notice))
    named = "; ".join(place.words for place in places[:_PLACES_NAMED])
    rest = len(places) - _PLACES_NAMED
    return f"{named}; and {rest} more" if rest > 0 else named


def _status(item: Item) -> str:
    """Return CONFIRMED only for what the peer has stored and nobody has to ask about."""
    if item.state == "cancelled":
        return "CANCELLED"
    return "TENTATIVE" if item.envelope.serial is None or item.state == "overdue" else "CONFIRMED"


def _uuid(thread_id: str) -> UUID:
    """Return the id in the form that RFC 7986 asks of a UID."""
    try:
        return UUID(thread_id)
    except ValueError:
        raise UsageError("The thread's id is no notice's.", "Export it by its name, such as NORTH 7.") from None


def _moment(time_s: int) -> datetime:
    return _EPOCH + timedelta(seconds=time_s)
