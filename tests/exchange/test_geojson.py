"""GeoJSON: RFC 7946 holds for whatever the line accepts."""

import json
from typing import Any

import pytest
from hypothesis import given, settings

from hotline.errors import UsageError
from hotline.exchange import Item, geojson
from hotline.exchange.cut import signed_area
from hotline.notices import KINDS, Mode, from_mapping
from tests.exchange.items import HOSTILE, item, items_of, planned
from tests.notices.samples import NOW_S

ACROSS = ["10-00.00N 179-00.00E", "10-00.00N 179-00.00W", "09-00.00N 179-00.00W", "09-00.00N 179-00.00E"]


def features(exported: str) -> list[dict[str, Any]]:
    read = json.loads(exported)
    assert read["type"] == "FeatureCollection"
    assert all(feature["type"] == "Feature" for feature in read["features"])
    return list(read["features"])


def polygons(geometry: dict[str, Any]) -> list[list[Any]]:
    assert geometry["type"] in ("Polygon", "MultiPolygon")
    return [geometry["coordinates"]] if geometry["type"] == "Polygon" else list(geometry["coordinates"])


@settings(max_examples=60)
@given(items_of())
def test_any_exercise_exports_to_rings_that_obey_the_standard(any_item: Item) -> None:
    exported = geojson.write(any_item)
    assert exported.isascii()
    for feature in features(exported):
        for polygon in polygons(feature["geometry"]):
            (ring,) = polygon
            assert len(ring) >= 4
            assert ring[0] == ring[-1]
            assert all(-180 <= lon <= 180 and -90 <= lat <= 90 for lon, lat in ring)
            assert signed_area(ring[:-1]) > 0
        assert feature["properties"]["mode"] == any_item.envelope.mode.name
        restricted = any_item.notice.publicity != "public"
        assert ("restriction" in feature["properties"]) == restricted


def test_a_box_over_the_antimeridian_is_a_multipolygon_cut_there() -> None:
    (feature,) = features(geojson.write(item(planned(areas=[{"points": ACROSS}]))))
    west, east = sorted(polygons(feature["geometry"]), key=lambda p: -p[0][0][0])
    assert {lon for lon, _ in west[0]} == {179, 180}
    assert {lon for lon, _ in east[0]} == {-180, -179}


def test_a_circle_keeps_its_centre_and_radius_and_says_how_it_is_drawn() -> None:
    circle = {"centre": "34-15.00N 033-36.00E", "radius_nm": 12.5, "name": "Impact"}
    (feature,) = features(geojson.write(item(planned(areas=[circle]))))
    assert feature["properties"]["centre"] == [33.6, 34.25]
    assert feature["properties"]["radius_nm"] == 12.5
    assert feature["properties"]["drawn_as"] == geojson.DRAWN_AS
    assert feature["properties"]["name"] == "Areas: Impact"
    assert len(feature["geometry"]["coordinates"][0]) == 121


def test_each_feature_says_alone_what_may_be_published_and_whether_it_is_a_drill() -> None:
    both = planned(areas=[{"points": ACROSS}], live_fire=True, hazard_areas=[{"points": ACROSS}])
    for feature in features(geojson.write(item(both, mode=Mode.DRILL))):
        assert feature["properties"]["publicity"] == "confidential"
        assert feature["properties"]["mode"] == "DRILL"


def test_hostile_texts_stay_inside_their_string_and_deceive_nobody() -> None:
    exported = geojson.write(item(planned(designation=HOSTILE, areas=[{"points": ACROSS, "name": HOSTILE}])))
    (feature,) = features(exported)
    assert "\\u{202e}" in feature["properties"]["title"]
    assert "\\u{202e}" in feature["properties"]["name"]


def test_the_position_of_an_incident_is_a_point() -> None:
    given = {"facts": "Seen.", "intent": "unknown", "position": "34-15.00N 033-36.00W"}
    incident = from_mapping("incident", KINDS["incident"].complete(given), now_s=NOW_S)
    (feature,) = features(geojson.write(item(incident)))
    assert feature["geometry"] == {"type": "Point", "coordinates": [-33.6, 34.25]}


def test_a_notice_without_any_place_is_refused_with_a_remedy() -> None:
    given = {"facts": "Seen.", "intent": "unknown"}
    incident = from_mapping("incident", KINDS["incident"].complete(given), now_s=NOW_S)
    with pytest.raises(UsageError, match="no area or position") as e:
        geojson.write(item(incident))
    assert e.value.remedy
