"""GeoJSON (RFC 7946): the areas and positions of a notice, one feature each."""

import json

from hotline.errors import UsageError
from hotline.exchange.circle import POINTS_LEAST
from hotline.exchange.item import Item
from hotline.exchange.places import Place, degrees, places_of, rings_of
from hotline.notices.area import Circle
from hotline.notices.position import Position

DRAWN_AS = f"polygon of {POINTS_LEAST} points or more: never narrower, at most 0.2 % of the radius and 2 cm wider"


def write(item: Item) -> str:
    """Return a FeatureCollection, all of it ASCII; UsageError if the notice states no area or position.

    Each feature repeats what the notice is, so that one copied out alone still says whether it may be published
    and whether it is a drill. Areas over the antimeridian are cut there (section 3.1.9); outer rings run
    anticlockwise. A circle is drawn as a polygon; its centre and radius stand in the properties.
    """
    places = places_of(item.notice)
    if not places:
        raise UsageError(f"This {item.notice.kind} states no area or position.", "Export it in another format.")
    facts = item.facts()
    features = [{"type": "Feature", "geometry": _geometry(p), "properties": facts | _properties(p)} for p in places]
    # A line a feature: read and compared by people too, who see nothing in a line a coordinate.
    lines = ",\n".join(json.dumps(feature, allow_nan=False) for feature in features)
    return f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}\n'


def _geometry(place: Place) -> dict[str, object]:
    if isinstance(place.where, Position):
        return {"type": "Point", "coordinates": degrees(place.where)}
    rings = rings_of(place.where)
    if len(rings) == 1:
        return {"type": "Polygon", "coordinates": rings}
    return {"type": "MultiPolygon", "coordinates": [[ring] for ring in rings]}


def _properties(place: Place) -> dict[str, object]:
    properties: dict[str, object] = {"field": place.field, "name": place.words}
    if isinstance(place.where, Circle):
        properties |= {
            "centre": degrees(place.where.centre),
            "centre_words": str(place.where.centre),
            "radius_nm": place.where.radius_mnm / 1000,
            "drawn_as": DRAWN_AS,
        }
    return properties
