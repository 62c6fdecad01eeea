"""Exercise notices."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from hotline.errors import NoticeError
from hotline.notices import decode_body, encode_body, from_file, from_mapping, subject
from hotline.notices.exercise import EXERCISE, Exercise, Phase, Strength
from tests.notices.samples import BOX, NOW_S, exercise

EXAMPLE = Path(__file__).parents[2] / "examples" / "notices" / "exercise.toml"


def test_the_example_is_the_notice_of_the_event_this_project_starts_from() -> None:
    notice = from_file(EXAMPLE).notice
    assert isinstance(notice, Exercise)
    assert notice.publicity == "do-not-announce"
    assert notice.troops == (Strength(state="North", people=1000, bound="at-least"),)
    assert (notice.ships, notice.aircraft, notice.live_fire) == (10, 24, True)
    assert notice.weapon_class is None
    assert "weapon_class" in {w.field for w in notice.withheld}
    assert notice.late_reason
    assert notice.end_s - notice.start_s < 3 * 86_400
    assert decode_body(encode_body(notice)) == notice


def test_the_example_says_of_itself_that_it_is_illustrative() -> None:
    text = EXAMPLE.read_text()
    assert "ILLUSTRATIVE" in text
    assert all("illustrative" in area["name"] for area in tomllib.loads(text)["areas"])


def test_the_least_exercise_needs_nothing_optional() -> None:
    notice = from_mapping("exercise", exercise(), now_s=NOW_S)
    assert (notice.language, notice.publicity, notice.dtg_s) == ("en", "confidential", NOW_S)


def test_the_headline_says_when_and_whether_weapons_are_fired() -> None:
    notice = from_mapping("exercise", exercise(), now_s=NOW_S)
    assert notice.headline() == "010500Z DEC 24 to 031700Z DEC 24, no live fire: ILLUSTRATION 24"
    assert subject(notice) == notice.headline()


def test_a_strength_says_how_exact_it_is() -> None:
    assert Strength("North", 1000, "at-least").lines() == ["North: at least 1,000"]
    assert Strength("North", 1000, "exact").lines() == ["North: 1,000"]


def test_its_times_and_the_first_area_to_keep_clear_of_are_read_back() -> None:
    circle = {"centre": "34-15.00N 033-36.00E", "radius_nm": 5}
    quiet, loud = (
        from_mapping("exercise", exercise(**changed), now_s=NOW_S)
        for changed in ({}, {"live_fire": True, "hazard_areas": [circle, {"points": BOX}]})
    )
    times = [("start", "010500Z DEC 24"), ("end", "031700Z DEC 24")]
    values = [[(v.name, v.shown) for v in EXERCISE.read_back(notice)] for notice in (quiet, loud)]
    assert values[0] == [*times, ("areas[0].points[0]", "34-30.00N 033-12.00E")]
    assert values[1] == [*times, ("hazard_areas[0].centre", "34-15.00N 033-36.00E")]


def test_its_thread_has_its_designation_and_window() -> None:
    notice = from_mapping("exercise", exercise(), now_s=NOW_S)
    assert EXERCISE.title_of(notice) == "ILLUSTRATION 24"
    assert EXERCISE.window(notice) == (1_733_029_200, 1_733_245_200)


@pytest.mark.parametrize("environment", ["land", "sea", "air", "joint", None])
def test_its_environment_may_be_said(environment: str | None) -> None:
    notice = from_mapping("exercise", exercise(environment=environment), now_s=NOW_S)
    assert isinstance(notice, Exercise)
    assert notice.environment == environment


def test_a_phase_prints_its_times_purpose_and_areas() -> None:
    phase = {"start": "010500Z DEC 24", "end": "011700Z DEC 24", "purpose": "Firing", "areas": [{"points": BOX}]}
    notice = from_mapping("exercise", exercise(phases=[phase]), now_s=NOW_S)
    assert isinstance(notice, Exercise)
    assert isinstance(notice.phases[0], Phase)
    assert notice.phases[0].lines()[0] == "010500Z DEC 24 to 011700Z DEC 24: Firing"
    assert notice.phases[0].lines()[1] == "  Polygon of 4 points, in order round the area:"


@pytest.mark.parametrize(
    ("changed", "field", "says"),
    [
        ({"end": "301700Z NOV 24"}, "end", "end: 301700Z NOV 24 is before start, 010500Z DEC 24."),
        ({"end": "010500Z DEC 24"}, "end", "end: 010500Z DEC 24 is the same as start"),
        ({"live_fire": True}, "hazard_areas", "hazard_areas: with live_fire = true at least one hazard area is"),
        ({"areas": [{"points": BOX[:2]}]}, "areas[0].points", "areas[0].points: a polygon needs at least 3 points;"),
        ({"areas": []}, "areas", "areas: the list has 0 items; 1 is the least."),
        ({"states": []}, "states", "states: the list has 0 items; 1 is the least."),
        (
            {"hazard_areas": [{"points": [BOX[0], BOX[2], BOX[1], BOX[3]]}]},
            "hazard_areas[0].points",
            "hazard_areas[0].points: the side of points 1 and 2 meets the side of points 3 and 4.",
        ),
        (
            {"phases": [{"start": "300500Z NOV 24", "end": "011700Z DEC 24", "purpose": "x"}]},
            "phases[0].start",
            "phases[0].start: 300500Z NOV 24 is before start, 010500Z DEC 24.",
        ),
        (
            {"phases": [{"start": "010500Z DEC 24", "end": "041700Z DEC 24", "purpose": "x"}]},
            "end",
            "end: 031700Z DEC 24 is before phases[0].end, 041700Z DEC 24.",
        ),
        (
            {"phases": [{"start": "020500Z DEC 24", "end": "011700Z DEC 24", "purpose": "x"}]},
            "phases[0].end",
            "phases[0].end: 011700Z DEC 24 is before phases[0].start, 020500Z DEC 24.",
        ),
        ({"ships": -1}, "ships", "ships: the number is outside 0 to 10,000,000."),
        ({"purpose": None}, "purpose", "purpose: this field is required and not given."),
        ({"environment": "space"}, "environment", "environment: this is none of the values known."),
        ({"live_fire": "yes"}, "live_fire", "live_fire: this is a text, not true or false."),
    ],
)
def test_a_wrong_exercise_is_refused_with_one_sentence_and_a_remedy(
    changed: dict[str, Any], field: str, says: str
) -> None:
    with pytest.raises(NoticeError) as e:
        from_mapping("exercise", exercise(**changed), now_s=NOW_S)
    assert str(e.value).startswith(says)
    assert e.value.remedy
    assert e.value.field == field
