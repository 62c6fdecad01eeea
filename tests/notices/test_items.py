"""The numbered items of the printed form."""

from hypothesis import given
from hypothesis import strategies as st

from hotline.notices import from_mapping
from hotline.notices.columns import columns
from hotline.notices.items import indented, titled
from hotline.text import safe
from tests.notices.record import LEAST
from tests.notices.samples import NOW_S, is_safe

texts = st.text(max_size=300)
widths = st.integers(40, 78)


@given(texts, st.integers(0, 11), widths)
def test_an_indented_line_stays_within_its_columns(text: str, indent: int, width: int) -> None:
    lines = indented(text, indent, width)
    for line in lines:
        assert columns(line) <= width
        assert is_safe(line)
        assert not line or line.startswith(" " * indent)
    assert "".join(lines).replace(" ", "") == safe(text).replace(" ", "")


@given(st.lists(texts, min_size=1, max_size=4), widths)
def test_only_the_title_stands_at_the_margin(values: list[str], width: int) -> None:
    first, *rest = titled(" 1. TEXT:", values, width)
    assert first.startswith(" 1. TEXT:")
    assert all(line.startswith("    ") for line in rest if line)


def test_what_hangs_under_a_mark_stays_under_it() -> None:
    assert indented("(1) " + "x" * 30 + " " + "y" * 30, 4, 50) == ["    (1) " + "x" * 30, "        " + "y" * 30]


def test_an_item_keeps_its_number_when_others_are_left_out() -> None:
    notice = from_mapping("exercise", LEAST["exercise"] | {"ships": 10}, now_s=NOW_S)
    lines = notice.items(60)
    assert "19. SHIPS: 10" in lines
    assert all(columns(line) <= 60 for line in lines)


def test_what_is_unknown_is_told_from_what_is_withheld_and_not_stated() -> None:
    withheld = [{"field": "casualties", "reason": "Not released."}]
    lines = from_mapping("incident", LEAST["incident"] | {"withheld": withheld}, now_s=NOW_S).items(78)
    assert " 2. POSITION: UNKNOWN to the originator" in lines
    assert any("WITHHELD by the originator: Not released." in line for line in lines)
    assert any(line.startswith("Not stated: items 3 (Place), ") for line in lines)
