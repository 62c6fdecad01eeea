"""Values that an officer reads back."""

from hotline.notices.area import Circle, Polygon
from hotline.notices.kind import ReadBack
from hotline.notices.position import Position
from hotline.notices.readback import first_position, time_value
from tests.notices.samples import NOW_S

POINTS = (Position(0, 0), Position(60_000, 0), Position(0, 60_000))


def test_a_time_is_read_back_as_a_date_time_group() -> None:
    assert time_value("start", "Start", NOW_S) == ReadBack("start", "Start", "271230Z NOV 24")


def test_a_polygon_is_read_back_by_its_first_point() -> None:
    assert first_position("areas[0]", "Area", Polygon(points=POINTS)) == ReadBack(
        "areas[0].points[0]", "Area, first point", "00-00.00N 000-00.00E"
    )


def test_a_circle_is_read_back_by_its_centre() -> None:
    value = first_position("launch_area", "Launch area", Circle(centre=POINTS[1], radius_mnm=1000))
    assert value == ReadBack("launch_area.centre", "Launch area, centre", "01-00.00N 000-00.00E")
