"""Bounds that stand in a relation to each other."""

from hotline import limits
from hotline.rules import BUILT_IN, bounds
from hotline.rules.rules import KINDS
from hotline.rules.text import format as file_of
from tests.rules.test_specification import SPECIFICATION


def test_the_bounds_of_the_specification_are_those_of_the_code() -> None:
    days = bounds.DURATION_MOST_S // bounds.DAY_S
    for words in (
        f"line({bounds.TITLE_CHARS})",
        f"{bounds.WARN_PERCENT_LEAST} to {bounds.WARN_PERCENT_MOST}",
        f"duration from {bounds.TEST_LEAST_S} s",
        f"duration from {bounds.ECHO_LEAST_S} s",
        f"At most {days} d",
        f"at most {limits.CONFIG_BYTES:,} bytes",
    ):
        assert words in SPECIFICATION


def test_the_longest_duration_has_room_in_every_notation() -> None:
    assert len(f"{bounds.DURATION_MOST_S} min") <= bounds.DURATION_CHARS


def test_a_complete_file_of_the_longest_values_has_room_within_the_bound_of_a_file() -> None:
    longest = (bounds.DURATION_MOST_S - 1,) * 4
    rules = BUILT_IN
    for name in KINDS:
        rules = rules.with_kind(name, acknowledge_at_s=longest, reply_at_s=longest)
    assert len(file_of(rules).encode()) < limits.CONFIG_BYTES // 2
