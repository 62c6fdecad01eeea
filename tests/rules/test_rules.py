"""The values that two sides can agree on, and the built-in ones."""

import re
from pathlib import Path

import pytest

from hotline.errors import ConfigError
from hotline.notices import KINDS as NOTICE_KINDS
from hotline.notices import Mode, Precedence
from hotline.rules import BUILT_IN, KindRules, Rules, bounds
from hotline.rules.rules import ALWAYS_PASS, FLASH, KINDS, MODES, PRECEDENCES

NOTICES = (Path(__file__).resolve().parents[2] / "protocol" / "NOTICES.md").read_text(encoding="utf-8")


def test_every_kind_of_notice_has_a_row_and_no_row_is_misspelt() -> None:
    specified = re.findall(r"^## \d+\. ([a-z-]+), version \d+$", NOTICES, re.MULTILINE)
    assert sorted(KINDS) == sorted(specified)
    assert set(NOTICE_KINDS) <= set(KINDS)


@pytest.mark.parametrize("name", NOTICE_KINDS)
def test_the_built_in_modes_of_a_kind_are_those_that_its_notices_may_have(name: str) -> None:
    assert set(BUILT_IN.of(name).modes) == {mode.name for mode in NOTICE_KINDS[name].modes}


def test_precedences_and_modes_are_in_the_order_of_their_numbers_on_the_wire() -> None:
    assert list(PRECEDENCES) == [precedence.name.lower() for precedence in sorted(Precedence)]
    assert list(MODES) == [mode.name for mode in sorted(Mode)]
    assert Precedence(FLASH).name == "FLASH"


def test_the_built_in_rules_ask_one_person_for_one_signature_and_close_no_kind() -> None:
    assert {own.signatures for own in BUILT_IN.kinds.values()} == {1}
    assert all(own.allowed for own in BUILT_IN.kinds.values())


def test_the_built_in_publicity_is_that_of_a_notice_that_does_not_say() -> None:
    assert BUILT_IN.publicity == "confidential"
    assert "files: `confidential` if left out" in NOTICES


def test_a_kind_without_own_rules_has_the_defaults() -> None:
    assert BUILT_IN.of("a kind of tomorrow") == KindRules()


def test_rules_for_one_kind_are_changed_without_touching_the_others() -> None:
    changed = BUILT_IN.with_kind("inquiry", reply_s=3600)
    assert changed.of("inquiry") == KindRules(reply_s=3600)
    assert {name for name in KINDS if changed.of(name) != BUILT_IN.of(name)} == {"inquiry"}
    assert BUILT_IN.of("inquiry").reply_s == 48 * 3600


def test_the_rows_of_rules_cannot_be_changed_in_place() -> None:
    rows = dict(BUILT_IN.kinds)
    rules = Rules(kinds=rows)
    rows["inquiry"] = KindRules()
    assert rules == BUILT_IN
    with pytest.raises(TypeError):
        rules.kinds["inquiry"] = KindRules()  # type: ignore[index]  # what the test tries is what the type forbids


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"signatures": 0}, "signatures cannot be 0"),
        ({"signatures": 3}, "signatures cannot be 3"),
        ({"modes": ()}, "modes has none"),
        ({"modes": ("DRILL", "OPERATION")}, "modes has none"),
        ({"modes": ("TEST", "TEST")}, "modes has none"),
        ({"lead_s": -1}, "lead is out of range"),
        ({"reply_s": bounds.DURATION_MOST_S + 1}, "reply is out of range"),
        ({"reply_at_s": (0, 0, 0, -1)}, "reply_at is out of range"),
        ({"acknowledge_at_s": (1, 2, 3)}, "acknowledge_at is out of range"),
    ],
)
def test_a_value_of_a_kind_that_does_not_fit_is_refused_by_name(changes: dict[str, object], says: str) -> None:
    with pytest.raises(ConfigError, match=says) as e:
        BUILT_IN.with_kind("exercise", **changes)
    assert e.value.remedy


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Rules(version=2), "version 2 of rules is not known"),
        (lambda: Rules(title=""), "title is no plain line"),
        (lambda: Rules(title="0\xa0"), "title is no plain line"),
        (lambda: Rules(title="a\u2003b"), "title is no plain line"),
        (lambda: Rules(title="a  b"), "title is no plain line"),
        (lambda: Rules(title="a "), "title is no plain line"),
        (lambda: Rules(title="a\u202eb"), "title is no plain line"),
        (lambda: Rules(title=" "), "title is no plain line"),
        (lambda: Rules(title="two\nlines"), "title is no plain line"),
        (lambda: Rules(title="x" * (bounds.TITLE_CHARS + 1)), "title is no plain line"),
        (lambda: Rules(warn_percent=0), "warn_percent is out of range"),
        (lambda: Rules(warn_percent=91), "warn_percent is out of range"),
        (lambda: Rules(acknowledge_s=(1, 1, 1, 0)), "acknowledge is left open"),
        (lambda: Rules(acknowledge_s=(1, 1, 1, -1)), "acknowledge is out of range"),
        (lambda: Rules(publicity="secret"), "publicity is not known"),  # type: ignore[arg-type]  # as a wrong caller would
        (lambda: Rules(line_test_s=59), r"line_test\.every is out of range"),
        (lambda: Rules(manned_test_s=59), r"line_test\.manned is out of range"),
        (lambda: Rules(line_test_echo_s=9), r"line_test\.echo is out of range"),
        (lambda: Rules(line_test_s=600, line_test_echo_s=601), r"line_test\.echo is out of range"),
        (lambda: Rules(kinds={}), r"kinds\.[a-z-]+ has no rules"),
        (lambda: Rules(kinds={**KINDS, "exercize": KindRules()}), r"kinds\.exercize is not known"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name(make: object, says: str) -> None:
    assert callable(make)
    with pytest.raises(ConfigError, match=says) as e:
        make()
    assert e.value.remedy


@pytest.mark.parametrize("kind", sorted(ALWAYS_PASS))
def test_no_rules_close_a_kind_that_always_passes(kind: str) -> None:
    with pytest.raises(ConfigError, match=f"{kind}: allowed is false"):
        BUILT_IN.with_kind(kind, allowed=False)


@pytest.mark.parametrize("kind", sorted(ALWAYS_PASS - {"line-test"}))
def test_no_rules_take_operation_from_a_kind_that_always_passes(kind: str) -> None:
    with pytest.raises(ConfigError, match=f"{kind}: modes leave out OPERATION"):
        BUILT_IN.with_kind(kind, modes=("DRILL", "TEST"))


def test_line_tests_can_be_switched_off_whatever_the_echo() -> None:
    assert Rules(line_test_s=0, line_test_echo_s=900, manned_test_s=0).line_test_s == 0
