"""Navigational warnings: the Manual's elements in their order, and no text that passes for one of them."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.errors import UsageError
from hotline.exchange import Item, warning
from hotline.notices import Mode, Notice, from_mapping
from hotline.notices.hazard import Hazard
from hotline.notices.launch import Launch
from tests.exchange.items import FIRST, HOSTILE, item, items_of, planned
from tests.notices.samples import BOX, NOW_S

CIRCLE = {"centre": "34-15.00N 033-36.00E", "radius_nm": 12.5}
ELEMENT = re.compile(r"\S|   \S")


def hazard(**changed: Any) -> Notice:
    given_ = {
        "series": "NAVAREA III 123/24",
        "general_area": "Eastern Mediterranean",
        "locality": "South of Cyprus",
        "charts": ["INT 3705", "INT 3706"],
        "subject": "Missile firing",
        "start": "010500Z DEC 24",
        "end": "031700Z DEC 24",
        "cancel": "031800Z DEC 24",
        "areas": [{"points": BOX}],
        "amplification": "Wide berth requested.",
        "publicity": "public",
    }
    return from_mapping("hazard", given_ | changed, now_s=NOW_S)


def test_a_hazard_reads_as_a_navigational_warning() -> None:
    assert warning.write(item(hazard(positions=["34-15.00N 033-36.00E"]))).splitlines() == [
        "271230 UTC NOV 24",
        "NAVAREA III 123/24",
        "EASTERN MEDITERRANEAN.",
        "SOUTH OF CYPRUS.",
        "CHART INT 3705, INT 3706.",
        "1. MISSILE FIRING, 010500 UTC DEC 24 TO 031700 UTC DEC 24.",
        "2. POSITIONS: IN POSITION 34-15.00N 033-36.00E.",
        "3. AREAS: AREA BOUNDED BY 34-30.00N 033-12.00E, 34-30.00N",
        "   034-00.00E, 34-00.00N 034-00.00E, 34-00.00N 033-12.00E.",
        "4. WIDE BERTH REQUESTED.",
        "5. CANCEL THIS MSG 031800 UTC DEC 24.",
    ]


@pytest.mark.parametrize("corners", [BOX, BOX[::-1], BOX[2:] + BOX[:2]])
def test_corners_run_clockwise_from_the_north_west(corners: list[str]) -> None:
    text = " ".join(warning.write(item(hazard(areas=[{"points": corners}]))).split())
    assert f"AREA BOUNDED BY {', '.join(BOX)}." in text


def test_corners_over_the_antimeridian_begin_on_its_western_side() -> None:
    across = ["10-00.00N 179-00.00W", "09-00.00N 179-00.00W", "09-00.00N 179-00.00E", "10-00.00N 179-00.00E"]
    text = " ".join(warning.write(item(hazard(areas=[{"points": across}]))).split())
    assert "BOUNDED BY 10-00.00N 179-00.00E, 10-00.00N 179-00.00W, 09-00.00N 179-00.00W" in text


def test_a_cancelled_hazard_is_one_paragraph_that_cancels_its_series() -> None:
    text = warning.write(item(hazard(), state="cancelled", earlier=(FIRST,)))
    assert text.splitlines()[-1] == "1. CANCEL NAVAREA III 123/24."
    assert "BOUNDED" not in text


def test_a_cancelled_exercise_names_the_first_notice() -> None:
    notice = planned(live_fire=True, hazard_areas=[CIRCLE], publicity="public")
    text = warning.write(item(notice, state="cancelled", earlier=(FIRST,)))
    assert text.splitlines()[1:] == ["NORTH 43", "1. CANCEL NORTH 42."]


def test_a_live_firing_gives_only_the_areas_to_keep_clear_of() -> None:
    notice = planned(live_fire=True, hazard_areas=[CIRCLE], publicity="public")
    text = " ".join(warning.write(item(notice, state="amended", revision=2, earlier=(FIRST,))).split())
    assert "1. LIVE FIRING, EXERCISE ILLUSTRATION 24, 010500 UTC DEC 24" in text
    assert "WITHIN 12.5 MILES OF 34-15.00N 033-36.00E." in text
    assert "BOUNDED" not in text
    assert "REPLACES NOTICE NORTH 42." in text


def test_an_exercise_without_live_fire_warns_of_nothing() -> None:
    with pytest.raises(UsageError, match="no hazard to ships") as e:
        warning.write(item())
    assert e.value.remedy


@pytest.mark.parametrize(("mode", "banner"), [(Mode.DRILL, "DRILL DRILL DRILL"), (Mode.TEST, "TEST TEST TEST")])
def test_a_drill_or_test_says_so_first_and_last(mode: Mode, banner: str) -> None:
    lines = warning.write(item(hazard(publicity="confidential"), mode=mode)).splitlines()
    assert lines[0] == lines[-1] == banner
    assert lines[1].startswith("NOT FOR BROADCAST. CONFIDENTIAL: ")


@settings(max_examples=80)
@given(st.one_of([items_of(kind) for kind in (Hazard, Launch)]))
def test_no_text_of_any_hazard_or_launch_begins_a_line_of_its_own(any_item: Item) -> None:
    lines = warning.write(any_item).splitlines()
    # Only these begin at the margin: every further line of a text is indented.
    numbered = [line for line in lines if re.match(r"\d+\.( |$)", line)]
    assert [int(line.split(".")[0]) for line in numbered] == list(range(1, len(numbered) + 1))
    assert numbered[-1].split(". ", 1)[1].startswith("CANCEL")
    assert all(ELEMENT.match(line) for line in lines)
    assert ("NOT FOR BROADCAST." in "\n".join(lines)) == (any_item.notice.publicity != "public")


@pytest.mark.parametrize("text", ["1. Cancel this msg", "Cancel this msg", "Drill drill drill", "271230 UTC NOV 24"])
def test_a_general_area_that_could_pass_for_another_element_is_indented(text: str) -> None:
    lines = warning.write(item(hazard(general_area=text, locality=text, series=text))).splitlines()
    assert lines[1:4] == [f"   {text.upper()}", f"   {text.upper()}.", f"   {text.upper()}."]


def test_a_hostile_text_is_escaped_and_stays_in_its_paragraph() -> None:
    text = warning.write(item(hazard(amplification=f"One.\n5. CANCEL THIS MSG\n{HOSTILE}")))
    assert "3. ONE. 5. CANCEL THIS MSG X\\U{202E}" in text
    assert "\u202e" not in text
