"""Asking for a value of each type: wrong answers are said, keys go back, what is kept is what a file holds."""

import tomllib

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from hotline.cli.asking import Asker, Key, Question, take
from hotline.cli.output import Output
from hotline.cli.prefill import written
from hotline.cli.terminal import Keyboard
from hotline.notices.call_request import CallRequest
from hotline.notices.exercise import Exercise
from hotline.notices.fields import Line
from hotline.notices.reply import Reply
from hotline.notices.schema import Field, RecordValue, fields_of, value_of
from hotline.notices.values import Value
from tests.cli.calls import looking, typing

EXERCISE = {field.shown: field for field in fields_of(Exercise)}


def answer(value: Value, question: Question, *typed: str) -> tuple[object, str]:
    """What is made of the lines typed, and what the screen shows."""
    with looking() as screen, typing("".join(f"{line}\n" for line in typed)):
        return Asker(Keyboard(Output())).ask(value, question), screen.getvalue()


def of(name: str, *typed: str, held: object = None) -> tuple[object, str]:
    field = EXERCISE[name]
    return answer(field.value, Question.of(field, {name: held}), *typed)


@pytest.mark.parametrize(
    ("name", "typed", "kept"),
    [
        ("designation", ["ILLUSTRATION"], "ILLUSTRATION"),
        ("designation", ["\\-"], "-"),
        ("purpose", ["One.", "Two.", ""], "One.\nTwo."),
        ("start", ["010500Z DEC 24"], "010500Z DEC 24"),
        ("live_fire", ["y"], True),
        ("live_fire", ["No"], False),
        ("ships", ["1,000"], 1000),
        ("ships", [""], Key.NOTHING),
        ("ships", ["-"], Key.BACK),
        ("publicity", ["2"], "do-not-announce"),
        ("publicity", ["public"], "public"),
        ("states", ["North", "South", ""], ["North", "South"]),
        ("states", ["North", "South", "-", "East", ""], ["North", "East"]),
        ("states", ["-"], Key.BACK),
        ("formations", [""], []),
        ("troops", ["y", "North", "1000", "3", ""], [{"state": "North", "people": 1000, "bound": "at-least"}]),
        ("troops", [""], []),
        (
            "hazard_areas",
            ["y", "2", "34-15.00N 033-36.00E", "12.5", "", ""],
            [{"shape": "circle", "centre": "34-15.00N 033-36.00E", "radius_nm": 12.5}],
        ),
    ],
)
def test_what_is_typed_is_kept_as_a_file_would_hold_it(name: str, typed: list[str], kept: object) -> None:
    assert of(name, *typed)[0] == kept


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("designation", ["", "x"], "required"),
        ("designation", ["x" * 121, "x"], "120 is the most"),
        ("start", ["010500A DEC 24", "010500Z DEC 24"], "zone letter"),
        ("live_fire", ["perhaps", "y"], "Live fire: this is neither y nor n. Type y or n."),
        ("ships", ["-1", "1"], "not a whole number"),
        ("ships", ["9" * 5000, "1"], "not a whole number"),
        ("publicity", ["7", "1"], "none of the values"),
        ("states", ["", "North", ""], "required"),
        ("areas", ["2", "here", "34-15.00N 033-36.00E", "wide", "1", "", ""], "nautical miles"),
        ("areas", ["2", "here", "34-15.00N 033-36.00E", "1", "", ""], "Areas 1, centre: 'here' is not a position"),
    ],
)
def test_what_does_not_fit_is_said_at_once_and_asked_again(name: str, typed: list[str], said: str) -> None:
    kept, shown = of(name, *typed)
    assert said in shown
    assert not isinstance(kept, Key)


def test_a_polygon_whose_sides_cross_is_said_at_once_and_its_points_can_be_changed() -> None:
    points = ["34-30.00N 033-12.00E", "34-00.00N 034-00.00E", "34-30.00N 034-00.00E", "34-00.00N 033-12.00E"]
    mended = [points[0], points[2], points[1], points[3]]
    kept, shown = of("areas", "1", *points, "", "", "-", "-", "-", *mended[1:], "", "", "")
    assert "Areas 1, points: the side of points" in shown
    assert kept == [{"shape": "polygon", "points": mended}]


def test_help_gives_the_words_an_example_and_the_keys() -> None:
    _, shown = of("ships", "?", "3")
    assert "ships and submarines" in shown
    assert "such as 10" in shown
    assert "Ctrl-D" in shown


def test_what_is_there_already_is_shown_and_enter_keeps_it() -> None:
    kept, shown = of("designation", "", held="BEFORE\x1b")
    assert kept is Key.NOTHING
    assert "[BEFORE\\u{1b}]" in shown


def test_going_back_in_a_table_asks_the_field_before_again() -> None:
    reply = {field.shown: field for field in fields_of(Reply)}["answers"]
    kept, _ = answer(reply.value, Question.of(reply, {}), "1", "-", "2", "Yes.", "", "", "", "")
    assert kept == [{"number": 2, "text": "Yes."}]


def test_the_end_of_the_input_ends_a_list_too() -> None:
    with pytest.raises(typer.Abort):
        of("states", "North")


def test_an_end_before_its_start_is_told_as_soon_as_both_are_known() -> None:
    field = EXERCISE["end"]
    ends = ("010500Z NOV 24", "010500Z DEC 24", "031700Z DEC 24")
    kept, shown = answer(field.value, Question.of(field, {"start": "010500Z DEC 24"}), *ends)
    assert "End: 010500Z NOV 24 is before start, 010500Z DEC 24." in shown
    assert "is the same as start" in shown
    assert kept == ends[2]
    assert answer(field.value, Question.of(field, {"start": "soon"}), ends[0])[0] == ends[0]  # told of the start


def test_an_end_in_a_list_is_named_as_its_prompt_is() -> None:
    field = {field.shown: field for field in fields_of(CallRequest)}["windows"]
    typed = ("271400Z NOV 24", "271200Z NOV 24", "271500Z NOV 24", "")
    _, shown = answer(field.value, Question.of(field, {}), *typed)
    assert "Times 1, end: 271200Z NOV 24 is before windows 1, start" in shown
    assert "[0]" not in shown


def test_a_key_changes_nothing_and_an_empty_list_takes_the_field_out() -> None:
    data: dict[str, object] = {"ships": 3, "states": ["North"]}
    take(data, "ships", Key.NOTHING)
    take(data, "states", [])
    take(data, "tanks", 4)
    assert data == {"ships": 3, "tanks": 4}


@given(text=st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=120))
def test_any_line_that_the_field_takes_comes_out_of_the_file_as_it_was_typed(text: str) -> None:
    text = text.strip()
    if text in ("", "-", "?", "\\-", "\\?"):
        return
    kept, _ = answer(value_of(Line), Question("designation", "Designation"), text)
    assert tomllib.loads(written("exercise", {"designation": kept}, {}))["designation"] == text


def test_every_type_of_value_of_every_kind_can_be_asked() -> None:
    from hotline.notices import KINDS

    def plain(field: Field) -> None:
        with looking(), typing("-\n"):
            asked = Asker(Keyboard(Output())).ask(field.value, Question.of(field, {}))
        assert asked is Key.BACK, field.shown

    for kind in KINDS.values():
        for field in fields_of(kind.schema):
            if not isinstance(field.value, RecordValue):
                plain(field)
