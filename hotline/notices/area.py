"""Areas: a polygon, or a circle; WGS 84; an area may cross the antimeridian (NOTICES.md, section 3)."""

from typing import Annotated

from msgspec import Meta, Struct

from hotline.errors import NoticeError
from hotline.notices import bounds, geometry
from hotline.notices.fields import Line, Radius, about
from hotline.notices.position import Position

_IN_ORDER = "List the corners in order round the area."


class Polygon(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="shape", tag="polygon"):
    """Corners in order, the first not repeated at the end; sides straight in latitude and longitude."""

    points: Annotated[
        tuple[Position, ...],
        Meta(min_length=bounds.POINTS_LEAST, max_length=bounds.POINTS_MOST),
        about("Points", "corners in order, the first not repeated"),
    ]
    name: Annotated[Line, about("Name", "what the area is called")] | None = None

    def check(self, field: str) -> None:
        """Raise NoticeError naming `field` if the corners do not bound one plain area."""
        field = f"{field}.points"
        corners = [(p.lat_mmin, p.lon_mmin) for p in self.points]
        at = geometry.same_neighbours(corners)
        if at is not None:
            raise _repeated(field, at, len(corners))
        unwrapped = geometry.unwrap(corners)
        if isinstance(unwrapped, int):
            raise NoticeError(
                f"{field}: {_pair(unwrapped, len(corners))} are exactly half way round the globe from each other.",
                "Put a point between them.",
                field=field,
            )
        if unwrapped is None:
            raise NoticeError(
                f"{field}: the polygon goes round a pole or the whole globe.",
                "Split it into several areas.",
                field=field,
            )
        sides = geometry.crossing_sides(unwrapped)
        if sides:
            first, second = (_pair(i, len(corners)) for i in sides)
            raise NoticeError(f"{field}: the side of {first} meets the side of {second}.", _IN_ORDER, field=field)

    def lines(self) -> list[str]:
        """Return the area as lines of the printed form."""
        head = f"Polygon of {len(self.points)} points, in order round the area:"
        pairs = [self.points[i : i + 2] for i in range(0, len(self.points), 2)]
        return [_named(self.name, head), *("  " + "   ".join(map(str, pair)) for pair in pairs)]


class Circle(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="shape", tag="circle"):
    """A centre and a radius in thousandths of a nautical mile."""

    centre: Annotated[Position, about("Centre")]
    radius_mnm: Annotated[Radius, about("Radius")]
    name: Annotated[Line, about("Name", "what the area is called")] | None = None

    def check(self, field: str) -> None:
        """Raise nothing: the bounds of the fields say all."""

    def lines(self) -> list[str]:
        """Return the area as lines of the printed form."""
        miles = f"{self.radius_mnm / 1000:.3f}".rstrip("0").rstrip(".")
        return [_named(self.name, f"Circle of {miles} NM radius around"), f"  {self.centre}"]


Area = Polygon | Circle


def check_areas(field: str, areas: tuple[Area, ...]) -> None:
    """Raise NoticeError naming the area of the list `field` that is no plain area."""
    for i, area in enumerate(areas):
        area.check(f"{field}[{i}]")


def _pair(at: int, count: int) -> str:
    return f"points {at + 1} and {(at + 1) % count + 1}"


def _named(name: str | None, head: str) -> str:
    return f"{name}: {head}" if name else head


def _repeated(field: str, at: int, count: int) -> NoticeError:
    remedy = "Leave out the last point; the area closes by itself." if at == count - 1 else "Leave one of them out."
    return NoticeError(f"{field}: {_pair(at, count)} are the same.", remedy, field=field)
