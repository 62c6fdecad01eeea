"""Values that an officer reads back: times, and the first position of an area."""

from hotline.notices.area import Area, Polygon
from hotline.notices.dtg import format_time
from hotline.notices.kind import ReadBack


def time_value(name: str, label: str, time_s: int) -> ReadBack:
    """Return the time at the path `name` (as in files) as a value to read back."""
    return ReadBack(name, label, format_time(time_s))


def first_position(name: str, label: str, area: Area) -> ReadBack:
    """Return the first corner or the centre of the area at the path `name` as a value to read back.

    One position of an area is enough to tell it from another, and few enough to be read with care.
    """
    if isinstance(area, Polygon):
        return ReadBack(f"{name}.points[0]", f"{label}, first point", str(area.points[0]))
    return ReadBack(f"{name}.centre", f"{label}, centre", str(area.centre))
