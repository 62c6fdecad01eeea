"""Areas and positions are found wherever a schema holds them."""

import pytest
from hypothesis import given

from hotline.errors import NoticeError
from hotline.exchange.places import degrees, has_places, of_hazard, outline, places_of, rings_of
from hotline.notices import Notice
from hotline.notices.area import Circle, Polygon
from hotline.notices.consultation import Consultation
from hotline.notices.exercise import Exercise
from hotline.notices.incident import Incident
from hotline.notices.position import Position
from tests.exchange.items import planned
from tests.notices.samples import BOX
from tests.notices.strategies import areas, notices_of

CIRCLE = {"centre": "34-15.00N 033-36.00E", "radius_nm": 12.5, "name": "Impact\u202e"}


def test_each_area_is_named_by_its_path_in_files() -> None:
    phases = [{"start": "010500Z DEC 24", "end": "021700Z DEC 24", "purpose": "Fire", "areas": [CIRCLE]}]
    places = places_of(planned(live_fire=True, hazard_areas=[CIRCLE, {"points": BOX}], phases=phases))
    assert [p.field for p in places] == ["areas[0]", "hazard_areas[0]", "hazard_areas[1]", "phases[0].areas[0]"]
    assert [p.words for p in places][1] == "Hazard areas: Impact\\u{202e}"
    assert [p.field for p in of_hazard(places)] == ["hazard_areas[0]", "hazard_areas[1]"]


def test_without_hazard_areas_all_areas_count() -> None:
    places = places_of(planned())
    assert of_hazard(places) == places


def test_kinds_with_areas_or_positions_are_told_from_those_without() -> None:
    assert has_places(Exercise)
    assert has_places(Incident)
    assert not has_places(Consultation)


def test_an_unsound_area_is_refused_by_name() -> None:
    bow_tie = Polygon(points=tuple(Position(*p) for p in [(0, 0), (10, 10), (10, 0), (0, 10)]))
    with pytest.raises(NoticeError) as e:
        places_of(_with(planned(), bow_tie))
    assert e.value.field == "areas[0].points"


def test_a_polygon_round_a_pole_has_no_outline() -> None:
    with pytest.raises(NoticeError):
        outline(Polygon(points=tuple(Position(4_800_000, lon) for lon in (0, 7_200_000, -7_200_000))))


def test_degrees_have_longitude_first() -> None:
    assert degrees(Position(2_070_000, -1_992_001)) == (-33.2000167, 34.5)


@given(notices_of(Exercise))
def test_every_area_of_an_exercise_is_found(notice: Notice) -> None:
    assert isinstance(notice, Exercise)
    in_phases = [area for phase in notice.phases for area in phase.areas]
    assert [p.where for p in places_of(notice)] == [*notice.areas, *notice.hazard_areas, *in_phases]


@given(areas)
def test_the_rings_of_any_area_are_within_one_turn_of_the_globe(area: Polygon | Circle) -> None:
    for ring in rings_of(area):
        assert all(-180 <= lon <= 180 and -90 <= lat <= 90 for lon, lat in ring)


def _with(notice: Exercise, area: Polygon) -> Exercise:
    return Exercise(**{f: getattr(notice, f) for f in notice.__struct_fields__} | {"areas": (area,)})
