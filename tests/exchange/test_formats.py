"""One call for all formats, which refuses with a remedy what a format cannot hold."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.errors import UsageError
from hotline.exchange import FORMATS, Item, export
from hotline.notices import KINDS, from_mapping
from tests.exchange.items import item, items_of, planned
from tests.notices.samples import NOW_S, error_of


@pytest.mark.parametrize("name", ["geojson", "ical", "cap", "warning"])
def test_an_exercise_with_live_fire_exports_to_every_format(name: str) -> None:
    notice = planned(live_fire=True, hazard_areas=[{"centre": "34-15.00N 033-36.00E", "radius_nm": 1}])
    assert FORMATS[name].takes("exercise")
    assert export(name, item(notice)) == FORMATS[name].write(item(notice))


@pytest.mark.parametrize("name", list(FORMATS))
def test_a_consultation_exports_to_none_and_the_remedy_says_how_to_read_it(name: str) -> None:
    talk = from_mapping("consultation", {"text": "Hello."}, now_s=NOW_S)
    assert not FORMATS[name].takes("consultation")
    with pytest.raises(UsageError, match="nothing to export") as e:
        export(name, item(talk))
    assert "hotline show" in e.value.remedy


def test_the_remedy_names_the_formats_that_take_the_kind() -> None:
    incident = from_mapping("incident", KINDS["incident"].complete({"facts": "A.", "intent": "unknown"}), now_s=NOW_S)
    with pytest.raises(UsageError) as e:
        export("ical", item(incident))
    assert e.value.remedy == "Use geojson or cap."


def test_an_unknown_format_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="no format 'pdf'") as e:
        export("pdf", item())
    assert e.value.remedy == "Use one of geojson, ical, cap, warning."


def test_no_format_takes_a_kind_that_does_not_exist_or_an_amendment_alone() -> None:
    for known in FORMATS.values():
        assert not known.takes("amendment")
        assert not known.takes("nonsense")


def test_what_a_format_takes_is_a_kind() -> None:
    assert any(known.takes(kind) for known in FORMATS.values() for kind in KINDS)


@settings(max_examples=100)
@given(st.sampled_from(list(FORMATS)), st.one_of([items_of(kind.schema) for kind in KINDS.values()]))
def test_any_notice_in_any_format_gives_text_or_an_error_of_the_tree(name: str, any_item: Item) -> None:
    error = error_of(lambda: export(name, any_item))
    assert error is None or error.remedy
