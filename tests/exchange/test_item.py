"""What every format says of a notice: its thread, its marks, its terms of publicity."""

from dataclasses import replace

import pytest

from hotline.errors import UsageError
from hotline.exchange.item import one_line, shown
from hotline.notices import Mode
from tests.exchange.items import FIRST, HOSTILE, ID, item, planned


def test_the_first_notice_names_its_own_thread() -> None:
    assert item().thread_id == ID


def test_a_later_notice_names_the_thread_by_the_first() -> None:
    assert item(revision=2, earlier=(FIRST, replace(FIRST, notice_id=ID))).thread_id == FIRST.notice_id


def test_a_later_revision_without_its_first_notice_is_refused_rather_than_exported_as_new() -> None:
    with pytest.raises(UsageError, match="the first notice of its thread") as e:
        _ = item(revision=2).thread_id
    assert e.value.remedy


def test_a_draft_without_an_id_cannot_be_named() -> None:
    with pytest.raises(UsageError, match="without an id"):
        _ = item(notice_id="").notice_id


@pytest.mark.parametrize(("mode", "word"), [(Mode.DRILL, "DRILL"), (Mode.TEST, "TEST")])
def test_a_drill_or_test_says_so_before_anything_else(mode: Mode, word: str) -> None:
    assert item(mode=mode, state="cancelled").marks == f"{word} {word} {word}: CANCELLED: "


def test_a_notice_that_is_merely_announced_bears_no_mark() -> None:
    assert item().marks == ""


def test_only_a_public_notice_is_without_restriction() -> None:
    assert item(planned(publicity="public")).restriction == ""
    for publicity in ("confidential", "do-not-announce", "agreed-text"):
        assert item(planned(publicity=publicity)).restriction.startswith(f"{publicity}: ")


def test_further_terms_of_publicity_follow_the_restriction() -> None:
    assert item(planned(publicity_terms="Until the 5th.")).restriction.endswith(" Until the 5th.")


def test_the_facts_leave_out_what_is_not_stated() -> None:
    facts = item(planned(publicity="public")).facts()
    assert "restriction" not in facts
    assert "marking" not in facts
    assert facts["start"] == "2024-12-01T05:00:00Z"
    assert facts["notice"] == "NORTH 43"


def test_the_facts_of_hostile_names_are_safe() -> None:
    facts = item(planned(designation=HOSTILE, marking=HOSTILE), sender=HOSTILE, recipient=HOSTILE).facts()
    assert not any("\u202e" in str(value) for value in facts.values())


def test_text_keeps_its_lines_and_one_line_has_none() -> None:
    assert shown("a\tb\nc\u202e") == "a b\nc\\u{202e}"
    assert one_line("a\n  b\tc") == "a b c"
