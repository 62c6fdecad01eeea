"""Cutting at the antimeridian: exact, so the parts add up to the whole."""

from fractions import Fraction

from hypothesis import given

from hotline.exchange import cut
from hotline.exchange.cut import Point
from hotline.exchange.places import outline
from hotline.notices.area import Polygon
from hotline.notices.geometry import crossing_sides, same_neighbours
from tests.notices.strategies import polygons


def points(*pairs: tuple[int, int]) -> list[Point]:
    return [(Fraction(lon), Fraction(lat)) for lon, lat in pairs]


def area(parts: list[list[Point]]) -> Fraction:
    return sum((abs(cut.signed_area(part)) for part in parts), start=Fraction(0))


BOX = points((170, 0), (190, 0), (190, 10), (170, 10))
# Open to the east, its two arms reach over the antimeridian.
FORK = points((170, 0), (190, 0), (190, 4), (175, 4), (175, 6), (190, 6), (190, 10), (170, 10))


def test_an_area_that_stays_on_one_side_is_returned_as_it_is() -> None:
    box = points((10, 0), (20, 0), (20, 10), (10, 10))
    assert cut.pieces(box) == [box]


def test_a_box_over_the_antimeridian_becomes_two() -> None:
    west, east = cut.pieces(BOX)
    assert {lon for lon, _ in west} == {170, 180}
    assert {lon for lon, _ in east} == {-180, -170}


def test_an_area_may_end_on_the_antimeridian_without_being_cut() -> None:
    box = points((170, 0), (180, 0), (180, 10), (170, 10))
    assert cut.pieces(box) == [box]
    assert cut.pieces([(lon + 10, lat) for lon, lat in box]) == [[(lon - 350, lat) for lon, lat in box]]


def test_a_fork_is_cut_into_its_handle_and_two_prongs() -> None:
    parts = cut.pieces(FORK)
    assert sorted(len(part) for part in parts) == [4, 4, 8]
    assert area(parts) == area([FORK])


def test_a_corner_that_only_touches_the_meridian_from_inside_parts_the_area() -> None:
    # The notch from the west ends on the cut: what lies west of it are two areas that touch in one point.
    notched = points((170, 0), (190, 0), (190, 10), (170, 10), (180, 5))
    parts = cut.pieces(notched)
    assert len(parts) == 3
    assert area(parts) == area([notched])


def test_an_area_seen_from_the_far_side_of_its_first_corner_is_the_same() -> None:
    shifted = [(lon - 360, lat) for lon, lat in FORK]
    assert sorted(map(sorted, cut.pieces(shifted))) == sorted(map(sorted, cut.pieces(FORK)))


def test_rings_are_closed_and_run_anticlockwise_whichever_way_the_corners_ran() -> None:
    for corners in (BOX, BOX[::-1]):
        for ring in cut.rings(cut.pieces(corners)):
            assert ring[0] == ring[-1]
            assert cut.signed_area(ring[:-1]) == 100


def test_a_sliver_below_the_last_decimal_is_dropped_and_the_rest_stays() -> None:
    thin = Fraction(180) + Fraction(1, 10**9)
    box = [(Fraction(170), Fraction(0)), (thin, Fraction(0)), (thin, Fraction(1)), (Fraction(170), Fraction(1))]
    assert len(cut.pieces(box)) == 2
    assert len(cut.rings(cut.pieces(box))) == 1


def test_a_lone_sliver_is_kept_rather_than_nothing() -> None:
    tiny = Fraction(1, 10**9)
    sliver = [(Fraction(0), Fraction(0)), (Fraction(1), Fraction(0)), (Fraction(1), tiny)]
    assert len(cut.rings([sliver])) == 1


@given(polygons())
def test_the_parts_of_any_area_lie_within_one_turn_and_add_up_to_it(polygon: Polygon) -> None:
    if same_neighbours([(p.lat_mmin, p.lon_mmin) for p in polygon.points]) is not None:
        return
    whole = outline(polygon)
    if crossing_sides([(round(lat * 60_000), round(lon * 60_000)) for lon, lat in whole]) is not None:
        return
    parts = cut.pieces(whole)
    assert area(parts) == area([whole])
    for part in parts:
        assert all(-180 <= lon <= 180 for lon, _ in part)
        assert all(a != b for a, b in zip(part, [*part[1:], part[0]], strict=True))
        assert cut.signed_area(part) != 0
