"""What passes while the two sides differ, and how many people sign."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.rules import BUILT_IN, Rules, passes, released_short, signatures_needed
from hotline.rules.rules import FLASH, KINDS
from tests.rules.strategies import all_rules


def test_only_what_opens_a_conversation_passes_while_the_rules_differ() -> None:
    passing = {kind for kind in [*KINDS, "a kind of tomorrow"] if passes(kind, 0)}
    assert passing == {"incident", "consultation", "call-request", "line-test"}
    assert not any(passes("exercise", precedence) for precedence in range(FLASH))


@given(st.text())
def test_flash_passes_whatever_the_kind(kind: str) -> None:
    assert passes(kind, FLASH)


@pytest.mark.parametrize("kind", [*sorted(set(KINDS) - {"line-test"}), "a kind of tomorrow"])
def test_the_built_in_rules_need_one_signature(kind: str) -> None:
    assert signatures_needed(BUILT_IN, kind) == 1
    assert not released_short(BUILT_IN, kind, 1)


def test_the_rules_can_ask_for_two() -> None:
    rules = BUILT_IN.with_kind("exercise", signatures=2)
    assert signatures_needed(rules, "exercise") == 2
    assert released_short(rules, "exercise", 1)
    assert not released_short(rules, "exercise", 2)


def test_an_incident_goes_out_from_one_person_and_is_marked_where_two_were_agreed() -> None:
    rules = BUILT_IN.with_kind("incident", signatures=2)
    assert signatures_needed(rules, "incident") == 1
    assert released_short(rules, "incident", 1)
    assert not released_short(rules, "incident", 2)


@given(all_rules())
def test_a_line_test_needs_nobody_whatever_the_rules(rules: Rules) -> None:
    assert signatures_needed(rules, "line-test") == 0
    assert not released_short(rules, "line-test", 0)


@given(all_rules(), st.sampled_from(sorted(KINDS)))
def test_what_has_the_signatures_needed_is_marked_only_if_it_is_an_incident(rules: Rules, kind: str) -> None:
    marked = released_short(rules, kind, signatures_needed(rules, kind))
    assert marked == (kind == "incident" and rules.of(kind).signatures == 2)
