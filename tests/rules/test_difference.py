"""Two files compared, in words."""

import pytest
from hypothesis import given

from hotline.rules import BUILT_IN, Rules, differences, digest_of, parse
from tests.rules.strategies import all_rules


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[kinds.inquiry]\nreply = "24 h"', "inquiry reply: 48 h here, 24 h there"),
        ('[kinds.incident]\nacknowledge = "by precedence"', "incident acknowledge: 10 min here, by precedence there"),
        ('[kinds.inquiry]\nreply_at = { flash = "6 h" }', "inquiry reply at: none here, flash 6 h there"),
        ("[kinds.launch]\nallowed = false", "launch allowed: yes here, no there"),
        ('[acknowledge]\nflash = "5 min"', "acknowledge flash: 10 min here, 5 min there"),
        ('[line_test]\nevery = "off"', "line test every: 1 h here, off there"),
        ("warn_percent = 20", "warn percent: 15 here, 20 there"),
        ('title = "Ours"', "title: Built-in rules here, Ours there"),
    ],
)
def test_a_difference_is_told_with_both_values(text: str, says: str) -> None:
    assert differences(BUILT_IN, parse(text, "rules.toml")) == [says]


@given(all_rules(), all_rules())
def test_there_is_no_difference_exactly_if_the_digests_are_equal(mine: Rules, theirs: Rules) -> None:
    assert differences(mine, mine) == []
    assert (differences(mine, theirs) == []) == (digest_of(mine) == digest_of(theirs))


@given(all_rules(), all_rules())
def test_the_other_side_sees_the_same_places_the_other_way_round(mine: Rules, theirs: Rules) -> None:
    here, there = differences(mine, theirs), differences(theirs, mine)
    assert [line.partition(":")[0] for line in here] == [line.partition(":")[0] for line in there]
    assert all(line.isprintable() for line in here)
