"""Cutting outlines at the antimeridian and winding their rings, as RFC 7946 sections 3.1.6 and 3.1.9 ask: exact.

A point here is (longitude, latitude) in degrees. An outline is a list of corners, the first not repeated, whose sides
are straight in both and do not cross; its longitudes do not jump, so they may lie past 180 degrees either way.
"""

import math
from collections.abc import Sequence
from fractions import Fraction

Point = tuple[Fraction, Fraction]

_DECIMALS = 7  # of a degree: a centimetre, below the 1.9 m of a position on the wire
_TURN = 360
_HALF_TURN = 180


def pieces(outline: Sequence[Point]) -> list[list[Point]]:
    """Return the outlines of the area's parts, each within -180 to 180 degrees; together they are the whole area."""
    longitudes = [lon for lon, _ in outline]
    first = math.floor((min(longitudes) + _HALF_TURN) / _TURN)
    last = math.ceil((max(longitudes) + _HALF_TURN) / _TURN) - 1
    return [piece for turn in range(first, last + 1) for piece in strip(outline, turn)]


def strip(outline: Sequence[Point], turn: int) -> list[list[Point]]:
    """Return what lies within 180 degrees either side of `turn` whole turns, moved back by as many."""
    west = turn * _TURN - _HALF_TURN
    kept = [part for half in _west_of(outline, west + _TURN) for part in _east_of(half, west)]
    return [[(lon - turn * _TURN, lat) for lon, lat in part] for part in kept]


def signed_area(outline: Sequence[tuple[Fraction | float, Fraction | float]]) -> Fraction:
    """Return the area in square degrees of longitude and latitude: positive where the corners run anticlockwise."""
    following = [*outline[1:], outline[0]]
    sides = zip(outline, following, strict=True)
    # A float is a fraction too: exact here, so that no rounding turns a thin ring the other way round.
    products = (Fraction(a[0]) * Fraction(b[1]) - Fraction(b[0]) * Fraction(a[1]) for a, b in sides)
    return sum(products, start=Fraction(0)) / 2


def rings(parts: Sequence[Sequence[Point]]) -> list[list[tuple[float, float]]]:
    """Return each part as a closed ring, anticlockwise (the right-hand rule), in degrees of seven decimals.

    A part that is narrower than the last decimal has no inside left and is dropped, unless it is all there is.
    """
    drawn = [_ring(part) for part in parts]
    return [ring for ring in drawn if len(ring) > 3 and signed_area(ring[:-1]) > 0] or drawn[:1]


def _ring(part: Sequence[Point]) -> list[tuple[float, float]]:
    ordered = part if signed_area(part) > 0 else part[::-1]
    # Adding zero turns the -0.0 that rounding can leave into 0.0.
    rounded = [(round(float(lon), _DECIMALS) + 0.0, round(float(lat), _DECIMALS) + 0.0) for lon, lat in ordered]
    distinct = [point for i, point in enumerate(rounded) if point != rounded[i - 1]]
    return [*distinct, *distinct[:1]]


def _east_of(outline: Sequence[Point], limit: int) -> list[list[Point]]:
    return [_mirrored(part) for part in _west_of(_mirrored(outline), -limit)]


def _mirrored(outline: Sequence[Point]) -> list[Point]:
    return [(-lon, lat) for lon, lat in outline]


def _west_of(outline: Sequence[Point], limit: int) -> list[list[Point]]:
    """Return the parts west of the meridian `limit`, which may cut a concave area into several.

    A corner on the meridian counts as past it, as if the cut ran a hair's breadth west of it: so no part is without
    inside, and none touches itself.
    """
    if all(lon <= limit for lon, _ in outline):
        return [list(outline)]
    chains = _chains(outline, limit)
    ends = sorted(
        (_crossing(*side, limit), number, entry)
        for number, chain in enumerate(chains)
        for side, entry in (((chain[1], chain[0]), True), ((chain[-2], chain[-1]), False))
    )
    # From south to north along the cut, ends pair up round what is inside; one of each pair leads in, one out.
    partner = {ends[i][1]: ends[i ^ 1][1] for i in range(len(ends)) if not ends[i][2]}
    drawn = [[_at(chain[1], chain[0], limit), *chain[1:-1], _at(chain[-2], chain[-1], limit)] for chain in chains]
    return [[point for number in loop for point in drawn[number]] for loop in _loops(partner)]


def _chains(outline: Sequence[Point], limit: int) -> list[list[Point]]:
    """Return each run of corners west of the meridian, with the corner past it before and after."""
    count = len(outline)
    chains = []
    for i, (lon, _) in enumerate(outline):
        if lon < limit and outline[i - 1][0] >= limit:
            length = next(n for n in range(1, count) if outline[(i + n) % count][0] >= limit)
            chains.append([outline[(i + n) % count] for n in range(-1, length + 1)])
    return chains


def _crossing(west: Point, past: Point, limit: int) -> tuple[Fraction, Fraction]:
    """Return where a side meets the meridian, in an order that also holds a hair's breadth west of it."""
    slope = (past[1] - west[1]) / (past[0] - west[0])
    return _at(west, past, limit)[1], -slope


def _at(west: Point, past: Point, limit: int) -> Point:
    share = (limit - west[0]) / (past[0] - west[0])
    return Fraction(limit), west[1] + share * (past[1] - west[1])


def _loops(following: dict[int, int]) -> list[list[int]]:
    """Return the cycles of a permutation."""
    left = dict(following)
    loops = []
    while left:
        loop = [next(iter(left))]
        while (number := left.pop(loop[-1])) != loop[0]:
            loop.append(number)
        loops.append(loop)
    return loops
