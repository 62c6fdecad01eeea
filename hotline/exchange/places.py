"""The areas and positions of a notice of any kind, found by its schema."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from msgspec import Struct

from hotline.errors import NoticeError
from hotline.exchange import circle, cut
from hotline.exchange.cut import Point
from hotline.exchange.item import one_line
from hotline.notices import Notice, geometry
from hotline.notices.area import Area, Circle, Polygon
from hotline.notices.position import Position
from hotline.notices.schema import ListValue, RecordValue, UnionValue, fields_of, join
from hotline.notices.values import PositionValue, Value


@dataclass(frozen=True)
class Place:
    """One area or position: the path of its field as in files, such as `areas[0]`, and the field's title."""

    field: str
    title: str
    where: Area | Position

    @property
    def words(self) -> str:
        """What the area is called, safe to show: the field's title, and the name where it has one."""
        name = None if isinstance(self.where, Position) else self.where.name
        return f"{self.title}: {one_line(name)}" if name else self.title


def places_of(notice: Notice) -> list[Place]:
    """Return every area and position that the notice states, in its order; NoticeError for an unsound area."""
    places = list(_within(notice, ""))
    for place in places:
        if not isinstance(place.where, Position):
            place.where.check(place.field)
    return places


def has_places(schema: type[Struct]) -> bool:
    """Whether a notice of this schema can state an area or a position."""
    return any(_holds_places(field.value) for field in fields_of(schema))


def of_hazard(places: list[Place]) -> list[Place]:
    """Return the areas to keep clear of, where the notice tells them apart from the rest; else all."""
    return [place for place in places if place.field.startswith("hazard_areas")] or places


def degrees(position: Position) -> tuple[float, float]:
    """Return longitude and latitude in degrees, to seven decimals."""
    return round(position.lon_mmin / 60_000, 7), round(position.lat_mmin / 60_000, 7)


def rings_of(area: Area) -> list[list[tuple[float, float]]]:
    """Return the closed rings of the area's parts, cut at the antimeridian, anticlockwise: (longitude, latitude)."""
    return cut.rings(circle.pieces(area) if isinstance(area, Circle) else cut.pieces(outline(area)))


def outline(polygon: Polygon) -> list[Point]:
    """Return the corners, (longitude, latitude) in degrees, with longitudes that do not jump at the antimeridian."""
    corners = geometry.unwrap([(p.lat_mmin, p.lon_mmin) for p in polygon.points])
    if not isinstance(corners, list):
        raise NoticeError("The polygon bounds no area.", "Split it into several areas.", field="points")
    return [(Fraction(lon, 60_000), Fraction(lat, 60_000)) for lat, lon in corners]


def _within(struct: Struct, path: str) -> Iterator[Place]:
    for field in fields_of(type(struct)):
        held = getattr(struct, field.name)
        listed = isinstance(held, tuple)
        for i, value in enumerate(held if listed else (held,)):
            at = join(path, f"{field.shown}[{i}]" if listed else field.shown)
            if isinstance(value, Polygon | Circle | Position):
                yield Place(at, field.title, value)
            elif isinstance(value, Struct):
                yield from _within(value, at)


def _holds_places(value: Value) -> bool:
    match value:
        case ListValue():
            return _holds_places(value.item)
        case RecordValue():
            return has_places(value.struct)
        case UnionValue():
            return any(arm.struct in (Polygon, Circle) or has_places(arm.struct) for arm in value.arms)
    return isinstance(value, PositionValue)
