"""Whether sides cross, against an oracle that knows fractions and tries every pair."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from hotline.notices import bounds
from hotline.notices.geometry import Point, crossing_sides, same_neighbours, unwrap

SQUARE = [(0, 0), (0, 10), (10, 10), (10, 0)]
HALF = 180 * 60_000


def _common_point(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Oracle: solve a + s(b - a) = c + t(d - c) in fractions; parallel sides by projection."""
    r, q = (b[0] - a[0], b[1] - a[1]), (d[0] - c[0], d[1] - c[1])
    det = r[0] * q[1] - r[1] * q[0]
    ac = (c[0] - a[0], c[1] - a[1])
    if det:
        s = Fraction(ac[0] * q[1] - ac[1] * q[0], det)
        t = Fraction(ac[0] * r[1] - ac[1] * r[0], det)
        return 0 <= s <= 1 and 0 <= t <= 1
    if ac[0] * r[1] - ac[1] * r[0]:
        return False
    span = r[0] ** 2 + r[1] ** 2
    at = sorted(Fraction((p[0] - a[0]) * r[0] + (p[1] - a[1]) * r[1], span) for p in (c, d))
    return at[0] <= 1 and at[1] >= 0


def _is_plain(corners: list[Point]) -> bool:
    n = len(corners)
    sides = [(corners[i], corners[(i + 1) % n]) for i in range(n)]
    for i in range(n):
        for j in range(i + 1, n):
            if j == i + 1 or (i == 0 and j == n - 1):
                a, b, c = (*sides[i], sides[j][1]) if j == i + 1 else (*sides[j], sides[i][1])
                straight = (b[0] - a[0]) * (c[1] - b[1]) == (b[1] - a[1]) * (c[0] - b[0])
                if straight and (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1]) < 0:
                    return False
            elif _common_point(*sides[i], *sides[j]):
                return False
    return True


def test_a_square_is_plain() -> None:
    assert crossing_sides(SQUARE) is None


def test_a_bow_tie_crosses() -> None:
    assert crossing_sides([(0, 0), (10, 10), (10, 0), (0, 10)]) == (0, 2)


def test_a_corner_that_touches_another_side_is_found() -> None:
    assert crossing_sides([(0, 0), (0, 10), (10, 10), (0, 5)]) is not None


def test_a_spike_that_folds_back_is_found() -> None:
    assert crossing_sides([(0, 0), (0, 10), (0, 5)]) is not None


def test_three_points_on_a_line_bound_nothing() -> None:
    assert crossing_sides([(0, 0), (5, 5), (10, 10)]) is not None


def test_a_corner_in_the_middle_of_a_straight_side_is_allowed() -> None:
    assert crossing_sides([(0, 0), (0, 5), (0, 10), (10, 10), (10, 0)]) is None


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=8))
def test_crossings_agree_with_an_independent_solver(corners: list[Point]) -> None:
    if same_neighbours(corners) is None:
        assert (crossing_sides(corners) is None) == _is_plain(corners)


def test_longitudes_do_not_jump_at_the_antimeridian() -> None:
    across = [(0, HALF - 10), (0, -HALF + 10), (10, -HALF + 10), (10, HALF - 10)]
    assert unwrap(across) == [(0, HALF - 10), (0, HALF + 10), (10, HALF + 10), (10, HALF - 10)]


def test_two_points_half_way_round_the_globe_have_no_shorter_way() -> None:
    assert unwrap([(0, 0), (0, HALF), (10, 0)]) == 0


def test_a_way_round_the_pole_bounds_no_area() -> None:
    assert unwrap([(10, 0), (10, HALF * 2 // 3), (10, -HALF * 2 // 3)]) is None


def test_an_area_round_the_whole_globe_is_none() -> None:
    thirds = [0, HALF * 2 // 3, -HALF * 2 // 3, 0]
    there, back = [(i, lon) for i, lon in enumerate(thirds)], [(i + 10, lon) for i, lon in enumerate(thirds[::-1])]
    assert unwrap(there + back) is None


def test_equal_neighbours_are_found_also_across_the_end() -> None:
    assert same_neighbours([(0, 0), (1, 1), (1, 1)]) == 1
    assert same_neighbours([(0, 0), (1, 1), (0, 0)]) == 2
    assert same_neighbours(SQUARE) is None


def test_a_jagged_area_of_the_most_points_is_plain_until_two_corners_are_exchanged() -> None:
    # Eastward along a saw's teeth, back westward above them.
    teeth = [(i % 2 * 50, 10 * i) for i in range(32)]
    area = teeth + [(lat + 100, lon) for lat, lon in reversed(teeth)]
    assert len(area) == bounds.POINTS_MOST
    assert crossing_sides(area) is None
    area[3], area[40] = area[40], area[3]
    assert crossing_sides(area) is not None
