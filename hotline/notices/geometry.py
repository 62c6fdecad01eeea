"""Whether the sides of a polygon cross: exact integer arithmetic on (latitude, longitude) in thousandths of a minute.

Sides are straight in latitude and longitude and take the shorter way round in longitude (NOTICES.md, section 3).
"""

from collections.abc import Sequence

Point = tuple[int, int]

_HALF_TURN = 180 * 60_000
_TURN = 2 * _HALF_TURN


def same_neighbours(points: Sequence[Point]) -> int | None:
    """Return the index of a point equal to the next one (the last is followed by the first), or None."""
    return next((i for i, p in enumerate(points) if p == points[(i + 1) % len(points)]), None)


def unwrap(points: Sequence[Point]) -> list[Point] | int | None:
    """Return the points with longitudes that do not jump at the antimeridian.

    Instead: the index of a point exactly half a turn from the next, or None if the sides go round a pole or
    span the whole globe.
    """
    lat, lon = points[0]
    unwrapped = [(lat, lon)]
    for i in range(len(points)):
        lat, next_lon = points[(i + 1) % len(points)]
        step = (next_lon - lon + _HALF_TURN) % _TURN - _HALF_TURN
        if step == -_HALF_TURN:
            return i
        lon += step
        unwrapped.append((lat, lon))
    span = max(p[1] for p in unwrapped) - min(p[1] for p in unwrapped)
    return unwrapped[:-1] if unwrapped[-1] == unwrapped[0] and span < _TURN else None


def crossing_sides(corners: Sequence[Point]) -> tuple[int, int] | None:
    """Return the indices of two sides that touch, cross or fold back, or None.

    Side i goes from corner i to the next; neighbours share a corner, which alone is no touch.
    """
    n = len(corners)
    sides = [(corners[i], corners[(i + 1) % n]) for i in range(n)]
    for i, (a, b) in enumerate(sides):
        if _folds_back(a, b, sides[(i + 1) % n][1]):
            return i, (i + 1) % n
        south, north = (a[0], b[0]) if a[0] <= b[0] else (b[0], a[0])
        for j in range(i + 2, n if i else n - 1):
            c, d = sides[j]
            # Most pairs lie apart in latitude: this keeps 64 corners well under a millisecond.
            if (c[0] > north and d[0] > north) or (c[0] < south and d[0] < south):
                continue
            if _touch(a, b, c, d):
                return i, j
    return None


def _turn(a: Point, b: Point, c: Point) -> int:
    """Positive, zero or negative: c lies to one side of the line through a and b, on it, or to the other side."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _folds_back(a: Point, b: Point, c: Point) -> bool:
    """Whether the way from b to c runs back over the way from a to b."""
    return _turn(a, b, c) == 0 and (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1]) < 0


def _touch(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Whether the side a-b and the side c-d have a point in common."""
    t1, t2, t3, t4 = _turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b)
    if ((t1 > 0) != (t2 > 0)) and ((t3 > 0) != (t4 > 0)) and t1 and t2 and t3 and t4:
        return True
    return (
        (t1 == 0 and _within(a, b, c))
        or (t2 == 0 and _within(a, b, d))
        or (t3 == 0 and _within(c, d, a))
        or (t4 == 0 and _within(c, d, b))
    )


def _within(a: Point, b: Point, p: Point) -> bool:
    """Whether p, known to lie on the line through a and b, lies between them."""
    return min(a[0], b[0]) <= p[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= p[1] <= max(a[1], b[1])
