"""Schemas as data."""

from typing import Annotated, Any, cast

import pytest
from msgspec import Meta, Struct

from hotline.errors import NoticeError
from hotline.notices import KINDS, Notice
from hotline.notices.area import Area, Circle, Polygon
from hotline.notices.calendar import Entry
from hotline.notices.exercise import Exercise, Strength
from hotline.notices.fields import Line, about
from hotline.notices.schema import (
    ListValue,
    RecordValue,
    UnionValue,
    fields_of,
    join,
    value_of,
    withholdable,
)
from hotline.notices.values import Value
from tests.notices.samples import BOX

AREA = value_of(Area)
STRENGTH = RecordValue(Strength)
LINES = ListValue(value_of(Line), 0, 4)


def _structs(value: Value) -> list[type[Struct]]:
    match value:
        case RecordValue():
            inner = [s for f in fields_of(value.struct) for s in _structs(f.value)]
            return [value.struct, *inner]
        case UnionValue():
            return [s for arm in value.arms for s in _structs(arm)]
        case ListValue():
            return _structs(value.item)
    return []


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_every_field_of_every_kind_has_a_bound_and_words(kind: Any) -> None:
    for field in fields_of(kind.schema):
        assert field.title != field.name
        assert field.description or field.name == "version"
        assert field.value.hint
        assert getattr(field.value, "most", 1) > 0


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_only_values_that_decode_to_themselves_are_defaults(kind: Any) -> None:
    # msgspec leaves a field out if its value *is* the default: with any other default two byte forms would be taken.
    for struct in _structs(RecordValue(kind.schema)):
        for field in fields_of(struct):
            assert field.required or field.default is None or field.default is False or field.default == ()


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_structs_inside_a_notice_stay_below_sixteen_fields(kind: Any) -> None:
    # body._pack shortens the headers of notices alone, the one within an amendment too.
    inside = (s for s in _structs(RecordValue(kind.schema)) if not issubclass(s, Notice))
    assert [s for s in inside if len(s.__struct_fields__) >= 15] == []


def test_fields_come_in_the_order_of_the_wire() -> None:
    names = [f.name for f in fields_of(Exercise)]
    assert names == list(Exercise.__struct_fields__)
    assert names[: len(Notice.__struct_fields__)] == list(Notice.__struct_fields__)


def test_times_and_radii_lose_their_units_in_files() -> None:
    assert {f.name: f.shown for f in fields_of(Exercise)}["start_s"] == "start"
    assert [f.shown for f in fields_of(Circle)] == ["centre", "radius_nm", "name"]


def test_what_may_be_withheld_stands_with_the_field() -> None:
    assert "weapon_class" in withholdable(Exercise)
    assert not {"areas", "start_s", "designation", "dtg_s"} & withholdable(Exercise)


def test_a_path_names_the_way_to_a_field() -> None:
    assert join(join("", "areas[0]"), "points") == "areas[0].points"


def test_the_shape_of_an_area_may_be_left_out() -> None:
    assert isinstance(AREA.read({"points": BOX}, "a"), Polygon)
    assert isinstance(AREA.read({"centre": BOX[0], "radius_nm": 1}, "a"), Circle)
    assert isinstance(AREA.read({"shape": "circle", "centre": BOX[0], "radius_nm": 1}, "a"), Circle)


def test_a_list_of_one_prints_without_a_number_and_of_more_with() -> None:
    names = ListValue(value_of(Line), 0, 4)
    assert names.lines(("North",)) == ["North"]
    assert names.lines(("North", "South")) == ["(1) North", "(2) South"]


@pytest.mark.parametrize(
    ("value", "given_value", "says"),
    [
        (AREA, "box", "a: this is a text, not a table. Give a table."),
        (AREA, {}, 'a.shape: which one this is cannot be told. Give shape = "polygon" or shape = "circle".'),
        (AREA, {"points": BOX, "centre": BOX[0]}, "a.shape: which one this is cannot be told."),
        (AREA, {"shape": "square"}, "a.shape: which one this is cannot be told."),
        (AREA, {"points": BOX[:2]}, "a.points: a polygon needs at least 3 points; this one has 2. Add what is"),
        (AREA, {"points": BOX * 17}, "a.points: the list has 68 items; 64 is the most. Leave some out."),
        (AREA, {"points": [*BOX[:2], "x"]}, "a.points[2]: 'x' is not a position."),
        (AREA, {"points": BOX, "nmae": "x"}, "a.nmae: there is no such field here. Did you mean name?"),
        (AREA, {"points": BOX, "name": 7}, "a.name: this is a number, not a text."),
        (STRENGTH, [], "a: this is a list, not a table."),
        (LINES, "North", "a: this is a text, not a list. Give a list."),
        (STRENGTH, {"state": "North"}, "a.people: this field is required and not given. Also missing: bound. Add it."),
        (STRENGTH, {"state": "", "people": 1, "bound": "at-least"}, "a.state: this field is empty. Fill it in."),
        (
            STRENGTH,
            {"state": "", "people": ""},
            "a.state: this field is empty. Also empty: people. Missing: bound.",
        ),
        (AREA, {"points": BOX, "name": ""}, "a.name: this field is empty. Fill it in, or leave the whole line out."),
        (STRENGTH, {"\x1b": 1}, "a.\\u{1b}: there is no such field here. Known fields: state, people, bound."),
        (STRENGTH, {7: 1}, "a.7: there is no such field here."),
    ],
)
def test_a_wrong_structure_is_refused_with_one_sentence_and_a_remedy(
    value: Value, given_value: object, says: str
) -> None:
    with pytest.raises(NoticeError) as e:
        value.read(given_value, "a")
    assert str(e.value).startswith(says)
    assert e.value.remedy
    assert e.value.field.startswith("a.") or e.value.field == "a"


def test_an_optional_list_may_stay_blank_as_its_template_has_it() -> None:
    entry = {"designation": "A", "start": "010500Z JUN 25", "end": "020500Z JUN 25", "place": "B", "notifiable": True}
    assert RecordValue(Entry).read({**entry, "areas": "", "states": ""}, "a") == RecordValue(Entry).read(entry, "a")


def test_null_stands_for_a_field_left_out() -> None:
    assert AREA.read({"points": BOX, "name": None}, "a") == AREA.read({"points": BOX}, "a")


def test_a_type_that_no_notice_can_hold_is_a_fault_of_the_schema_file() -> None:
    class Wrong(Struct):
        weight: Annotated[float, Meta(ge=0), about("Weight")]

    with pytest.raises(TypeError, match="cannot hold"):
        fields_of(cast(type[Struct], Wrong))
