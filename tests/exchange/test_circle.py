"""Circles as polygons: on the ellipsoid, never narrower than the circle, whole over the poles and the antimeridian."""

import itertools
import math
from collections.abc import Iterator
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.exchange import circle, cut
from hotline.notices import bounds
from hotline.notices.area import Circle
from hotline.notices.position import Position

MILE_M = 1852.0


def around(lat: float, lon: float, radius_nm: float) -> Circle:
    return Circle(centre=Position(round(lat * 60_000), round(lon * 60_000)), radius_mnm=round(radius_nm * 1000))


def ecef(lon: float, lat: float) -> tuple[float, float, float]:
    """Return the place in metres from the Earth's centre: no trigonometry on longitudes to go wrong at a pole."""
    phi, lam, e2 = math.radians(lat), math.radians(lon), (2 - 1 / 298.257223563) / 298.257223563
    n = 6_378_137.0 / math.sqrt(1 - e2 * math.sin(phi) ** 2)
    return n * math.cos(phi) * math.cos(lam), n * math.cos(phi) * math.sin(lam), n * (1 - e2) * math.sin(phi)


def holds(parts: list[list[tuple[float, float]]], lon: float, lat: float) -> bool:
    """Whether a place lies in one of the rings, by counting sides to its north."""
    lon = (lon + 180) % 360 - 180
    return any(_inside(ring, lon, lat) for ring in parts)


def _inside(ring: list[tuple[float, float]], lon: float, lat: float) -> bool:
    crossed = False
    for (x1, y1), (x2, y2) in itertools.pairwise(ring):
        if (x1 > lon) != (x2 > lon) and lat < y1 + (y2 - y1) * (lon - x1) / (x2 - x1):
            crossed = not crossed
    return crossed


def rim(drawn: Circle, share: float, count: int = 400) -> Iterator[tuple[float, float]]:
    """Places round the centre at `share` of the radius."""
    centre = drawn.centre.lon_mmin / 60_000, drawn.centre.lat_mmin / 60_000
    for i in range(count):
        yield circle.destination(centre, 360 * i / count + 0.01, drawn.radius_mnm / 1000 * MILE_M * share)


def test_a_surveyed_geodesic_of_the_literature_is_reproduced_to_a_millimetre() -> None:
    # Flinders Peak to Buninyong, the worked example of the Geocentric Datum of Australia's manual.
    lon, lat = circle.destination((144.42486788888888, -37.95103341666667), 306.86815833333, 54_972.271)
    assert lon == pytest.approx(143 + 55 / 60 + 35.38390 / 3600, abs=1e-8)
    assert lat == pytest.approx(-(37 + 39 / 60 + 10.15610 / 3600), abs=1e-8)


def test_a_quarter_of_a_meridian_ends_at_the_pole() -> None:
    assert circle.destination((12.0, 0.0), 0, 10_001_965.729)[1] == pytest.approx(90, abs=1e-7)


def test_a_mile_north_is_a_minute_of_latitude_and_a_mile_east_more_minutes_of_longitude() -> None:
    assert circle.destination((0.0, 45.0), 0, MILE_M)[1] - 45 == pytest.approx(1 / 60, rel=1e-3)
    assert circle.destination((0.0, 60.0), 90, MILE_M)[0] == pytest.approx(2 / 60, rel=5e-3)


def test_a_small_circle_is_one_ring_of_the_least_points() -> None:
    (part,) = circle.pieces(around(34.25, 33.6, 12.5))
    assert len(part) == circle.POINTS_LEAST


def test_a_circle_over_the_antimeridian_is_cut_in_two() -> None:
    west, east = circle.pieces(around(0, 179.9, 300))
    assert max(lon for lon, _ in west) == 180
    assert min(lon for lon, _ in east) == -180


@pytest.mark.parametrize(("lat", "pole"), [(89, 90), (-89, -90), (90, 90), (-90, -90)])
def test_a_circle_round_a_pole_reaches_it_along_the_whole_antimeridian(lat: int, pole: int) -> None:
    (part,) = circle.pieces(around(lat, 20, 300))
    assert {(Fraction(-180), Fraction(pole)), (Fraction(180), Fraction(pole))} <= set(part)


@pytest.mark.parametrize(
    "drawn",
    [
        around(34.25, 33.6, 12.5),
        around(0, 179.9, 300),
        around(89, 0, 300),
        around(-90, 0, 100),
        around(60, 170, 1799),
        around(60, 170, 1801),
        around(60, -170, 3000),
        around(45, 180, 4000),
        around(80, 0, 599),
        around(12, -45, 0.1),
    ],
    ids=str,
)
def test_what_is_drawn_holds_the_whole_circle_and_little_more(drawn: Circle) -> None:
    rings = cut.rings(circle.pieces(drawn))
    assert all(holds(rings, *place) for place in rim(drawn, 0.999))
    assert not any(holds(rings, *place) for place in rim(drawn, 1.003))


def test_the_smallest_circle_loses_nothing_to_rounding() -> None:
    drawn = around(12, -45, 0.001)
    rings = cut.rings(circle.pieces(drawn))
    assert all(holds(rings, *place) for place in rim(drawn, 1))
    assert not any(holds(rings, *place) for place in rim(drawn, 1.02))


@settings(max_examples=60)
@given(
    st.integers(-bounds.LATITUDE_MOST_MMIN, bounds.LATITUDE_MOST_MMIN),
    st.integers(1 - bounds.LONGITUDE_MOST_MMIN, bounds.LONGITUDE_MOST_MMIN),
    st.integers(1, bounds.RADIUS_MOST_MNM),
)
def test_the_corners_of_any_circle_lie_just_outside_it(lat: int, lon: int, radius_mnm: int) -> None:
    drawn = Circle(centre=Position(lat, lon), radius_mnm=radius_mnm)
    rings = cut.rings(circle.pieces(drawn))
    assert 1 <= len(rings) <= 3
    for ring in rings:
        assert ring[0] == ring[-1]
        assert cut.signed_area(ring[:-1]) > 0
        assert all(-180 <= x <= 180 and -90 <= y <= 90 for x, y in ring)
        assert len(ring) <= 1000
    centre = ecef(lon / 60_000, lat / 60_000)
    reach = max(math.dist(centre, ecef(*place)) for place in rim(drawn, 1, 24))
    on_rim = [p for ring in rings for p in ring if abs(p[0]) != 180 and abs(p[1]) != 90]
    assert all(math.dist(centre, ecef(*place)) <= reach * 1.02 + 0.05 for place in on_rim)
