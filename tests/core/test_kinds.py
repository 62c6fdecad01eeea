"""What can happen stands in one table: whatever the code says that happened is listed there, as what it is."""

import ast

import pytest

from hotline.core import kinds
from hotline.core.kinds import ALARMS, CLEARED, HAPPENED, KINDS, RAISED, kind_of, level_of
from tests.house.source import package_files, parse, shown


def _events() -> list[tuple[str, str, bool]]:
    """(where, kind, alarm) of each event that the package makes with a kind written out."""
    found = []
    for path in package_files():
        if path.parts[-2] in ("exchange", "cli"):
            continue  # events of calendars, and what a demo tells
        for node in ast.walk(parse(path)):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = ast.unparse(node.func).rpartition(".")[2]
                alarm = name in ("alarm", "_alarm") or any(
                    k.arg == "alarm" and isinstance(k.value, ast.Constant) and bool(k.value.value)
                    for k in node.keywords
                )
                if name in ("Event", "alarm", "_tell") and isinstance(node.args[0].value, str):
                    found.append((f"{shown(path)}:{node.lineno}", node.args[0].value, alarm))
    return found


def test_every_event_that_the_code_makes_is_listed_and_an_alarm_exactly_where_the_table_says_so() -> None:
    events = _events()
    assert len({kind for _, kind, _ in events}) > 20, "the rule would check nothing"
    assert [event for event in events if event[1] not in KINDS] == []
    assert [event for event in events if KINDS[event[1]].alarm != event[2]] == []


def test_what_clears_an_alarm_names_one_that_is_listed_and_is_none_itself() -> None:
    pairs = [(kind.clears, kind.alarm) for kind in KINDS.values() if kind.clears]
    assert {cleared for cleared, _ in pairs} == {
        "path-down", "peer-silent", "line-stalled", "rules-differ", "peer-lost-data", "rebuilding",
        "flood", "queue-filling", "no-receipts", "emergency-unseen",
    }  # fmt: skip
    assert all(cleared in ALARMS and not alarm for cleared, alarm in pairs)


def test_every_alarm_is_journalled_and_told_however_many_there_are() -> None:
    assert [name for name in ALARMS if not KINDS[name].journalled or KINDS[name].sparing] == []


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_fits_a_journal_entry(name: str) -> None:
    assert 0 < len(name) <= 32
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_a_kind_of_another_version_is_journalled_and_told() -> None:
    assert kind_of("of-tomorrow") == kinds.Kind("of-tomorrow")
    assert (level_of("of-tomorrow", alarm=True), level_of("start", alarm=False)) == (RAISED, HAPPENED)
    assert level_of("peer-heard", alarm=False) == CLEARED
