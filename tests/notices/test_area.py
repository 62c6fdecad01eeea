"""Areas: what bounds water and what does not."""

import pytest
from hypothesis import given

from hotline.errors import NoticeError
from hotline.notices.area import Circle, Polygon
from hotline.notices.position import Position, parse_position
from tests.notices.samples import BOX
from tests.notices.strategies import circles


def polygon(*texts: str) -> Polygon:
    return Polygon(points=tuple(parse_position(t, "at") for t in texts))


def test_a_box_is_an_area() -> None:
    polygon(*BOX).check("areas[0]")


def test_an_area_may_cross_the_antimeridian() -> None:
    polygon("10-00N 179-00E", "10-00N 179-00W", "09-00N 179-00W", "09-00N 179-00E").check("areas[0]")


@pytest.mark.parametrize(
    ("points", "says"),
    [
        ([*BOX, BOX[0]], "points 5 and 1 are the same. Leave out the last point; the area closes by itself."),
        ([BOX[0], BOX[0], BOX[1], BOX[2]], "points 1 and 2 are the same."),
        ([BOX[0], BOX[2], BOX[1], BOX[3]], "the side of points 1 and 2 meets the side of points 3 and 4."),
        (["0N 0E", "0N 180E", "1N 0E"], "points 1 and 2 are exactly half way round the globe from each other."),
        (["80N 0E", "80N 120E", "80N 120W"], "the polygon goes round a pole or the whole globe."),
        (["0N 0E", "1N 1E", "2N 2E"], "meets the side"),
    ],
)
def test_corners_that_bound_no_plain_area_are_refused(points: list[str], says: str) -> None:
    with pytest.raises(NoticeError) as e:
        polygon(*points).check("areas[0]")
    assert str(e.value).startswith("areas[0].points: ")
    assert says in str(e.value)
    assert e.value.remedy
    assert e.value.field == "areas[0].points"


@given(circles)
def test_every_circle_within_its_bounds_is_an_area(circle: Circle) -> None:
    circle.check("areas[0]")


def test_a_polygon_prints_its_points_two_a_line() -> None:
    assert polygon(*BOX[:3]).lines() == [
        "Polygon of 3 points, in order round the area:",
        "  34-30.00N 033-12.00E   34-30.00N 034-00.00E",
        "  34-00.00N 034-00.00E",
    ]


def test_a_circle_prints_its_radius_in_nautical_miles() -> None:
    lines = Circle(centre=Position(0, 0), radius_mnm=12_500, name="Impact area").lines()
    assert lines == ["Impact area: Circle of 12.5 NM radius around", "  00-00.00N 000-00.00E"]
    assert Circle(centre=Position(0, 0), radius_mnm=100_000).lines()[0] == "Circle of 100 NM radius around"
