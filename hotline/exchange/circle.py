"""Circles as outlines of polygons, for formats that have none: on the ellipsoid of WGS 84, also over a pole."""

import itertools
import math
from fractions import Fraction

from hotline.exchange import cut
from hotline.exchange.cut import Point
from hotline.notices import bounds
from hotline.notices.area import Circle
from hotline.notices.position import Position

POINTS_LEAST = 120
# A side's middle may stray by a thousandth of the radius; the points lie that much outside, so that what is drawn
# is never narrower than the circle that a notice warns of.
STRAY = 0.001
_ROUNDING_M = 0.01  # of seven decimals of a degree: what rounding can take away
_HALVINGS_MOST = 8  # near a pole sides that are straight in longitude and latitude bend most

_NAUTICAL_MILE_M = 1852.0
_RADIUS_MOST_M = bounds.RADIUS_MOST_MNM / 1000 * _NAUTICAL_MILE_M
# WGS 84.
_AXIS_M = 6_378_137.0
_FLATTENING = 1 / 298.257_223_563
_POLAR_AXIS_M = _AXIS_M * (1 - _FLATTENING)
_ROUNDS_MOST = 50  # Vincenty's direct method settles in three to six

Place = tuple[float, float]  # longitude and latitude in degrees


def pieces(circle: Circle) -> list[list[Point]]:
    """Return outlines within -180 to 180 degrees that together hold the circle; at most 0.2 % and 2 cm wider."""
    path = _unwrapped(_outline(circle))
    turned = round(path[-1][0] - path[0][0])
    if not turned:
        return cut.pieces(path[:-1])
    # Round a pole the path comes back a turn away. Twice round and closed along the pole, it covers one whole strip.
    pole = Fraction(math.copysign(90, circle.centre.lat_mmin))
    twice = [*path, *((lon + turned, lat) for lon, lat in path[1:])]
    closed = [*twice, (twice[-1][0], pole), (twice[0][0], pole)]
    west = min(twice[0][0], twice[-1][0])
    return cut.strip(closed, math.ceil((west + 180) / 360))


def destination(start: Place, azimuth_deg: float, distance_m: float) -> Place:
    """Return the place at a distance along the geodesic that leaves `start` at an azimuth (north 0, east 90).

    T. Vincenty, Direct and Inverse Solutions of Geodesics on the Ellipsoid, Survey Review XXIII 176, 1975: good to
    a millimetre.
    """
    azimuth = math.radians(azimuth_deg)
    reduced = math.atan((1 - _FLATTENING) * math.tan(math.radians(start[1])))
    sin_u, cos_u = math.sin(reduced), math.cos(reduced)
    sigma_1 = math.atan2(math.tan(reduced), math.cos(azimuth))
    sin_alpha = cos_u * math.sin(azimuth)
    cos2_alpha = 1 - sin_alpha**2
    sigma = _angular_distance(sigma_1, cos2_alpha, distance_m)
    sin_s, cos_s = math.sin(sigma), math.cos(sigma)
    across = sin_u * sin_s - cos_u * cos_s * math.cos(azimuth)
    latitude = math.atan2(
        sin_u * cos_s + cos_u * sin_s * math.cos(azimuth), (1 - _FLATTENING) * math.hypot(sin_alpha, across)
    )
    turn = math.atan2(sin_s * math.sin(azimuth), cos_u * cos_s - sin_u * sin_s * math.cos(azimuth))
    c = _FLATTENING / 16 * cos2_alpha * (4 + _FLATTENING * (4 - 3 * cos2_alpha))
    middle = math.cos(2 * sigma_1 + sigma)
    turn -= (1 - c) * _FLATTENING * sin_alpha * (sigma + c * sin_s * (middle + c * cos_s * (2 * middle**2 - 1)))
    return start[0] + math.degrees(turn), math.degrees(latitude)


def _angular_distance(sigma_1: float, cos2_alpha: float, distance_m: float) -> float:
    u2 = cos2_alpha * (_AXIS_M**2 - _POLAR_AXIS_M**2) / _POLAR_AXIS_M**2
    a = 1 + u2 / 16384 * (4096 + u2 * (-768 + u2 * (320 - 175 * u2)))
    b = u2 / 1024 * (256 + u2 * (-128 + u2 * (74 - 47 * u2)))
    sigma = plain = distance_m / (_POLAR_AXIS_M * a)
    for _ in range(_ROUNDS_MOST):
        middle, sin_s, cos_s = math.cos(2 * sigma_1 + sigma), math.sin(sigma), math.cos(sigma)
        third = b / 6 * middle * (4 * sin_s**2 - 3) * (4 * middle**2 - 3)
        before = sigma
        sigma = plain + b * sin_s * (middle + b / 4 * (cos_s * (2 * middle**2 - 1) - third))
        if abs(sigma - before) < 1e-13:
            break
    return sigma


def _outline(circle: Circle) -> list[Place]:
    """Return places on the circle from bearing 0 to 360, both named."""
    centre = _degrees(circle.centre)
    radius_m = circle.radius_mnm / 1000 * _NAUTICAL_MILE_M
    drawn_m = min(radius_m * (1 + STRAY) + _ROUNDING_M, _RADIUS_MOST_M)
    step = 360 / POINTS_LEAST
    corners = [destination(centre, i * step, drawn_m) for i in range(POINTS_LEAST)]
    corners.append(corners[0])

    def between(at: float, width: float, first: Place, last: Place, halvings: int) -> list[Place]:
        middle = destination(centre, at + width / 2, drawn_m)
        if halvings == 0 or _stray_m(first, middle, last) <= radius_m * STRAY:
            return [first]
        half = width / 2
        return between(at, half, first, middle, halvings - 1) + between(at + half, half, middle, last, halvings - 1)

    sides = itertools.pairwise(corners)
    places = [p for i, (a, b) in enumerate(sides) for p in between(i * step, step, a, b, _HALVINGS_MOST)]
    return [*places, places[0]]


def _stray_m(first: Place, middle: Place, last: Place) -> float:
    """Return how far the middle of the straight side lies from where the circle's is."""
    east = _step(middle[0], first[0]) + _step(middle[0], last[0])
    north = first[1] + last[1] - 2 * middle[1]
    return math.hypot(north, east * math.cos(math.radians(middle[1]))) / 2 * 60 * _NAUTICAL_MILE_M


def _unwrapped(places: list[Place]) -> list[Point]:
    lon = places[0][0]
    path = []
    for place in places:
        lon += _step(lon, place[0])
        path.append((_exact(lon), _exact(place[1])))
    return path


def _step(first: float, last: float) -> float:
    """Return the shorter way from one longitude to another, in degrees, east positive."""
    return (last - first + 180) % 360 - 180


def _exact(degrees: float) -> Fraction:
    return Fraction(round(degrees * 10**7), 10**7)


def _degrees(position: Position) -> Place:
    return position.lon_mmin / 60_000, position.lat_mmin / 60_000
