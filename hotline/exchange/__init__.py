"""Exchange: notices in the formats that the field's other systems read. Pure: a notice in force in, text out.

    export      one notice as GeoJSON, iCalendar, CAP 1.2 or a navigational warning
    calendar    many planned activities as one iCalendar

An export leaves the line: it is neither signed nor sealed, and nothing recalls it. So each says whether the notice
is a drill and what may be said in public, in the terms that its format has.
"""

from hotline.exchange.formats import FORMATS, Format, export
from hotline.exchange.ical import calendar
from hotline.exchange.item import Earlier, Item

__all__ = ["FORMATS", "Earlier", "Format", "Item", "calendar", "export"]
