"""What a kind says of itself."""

import pytest

from hotline.notices import KINDS, Kind, Mode, Precedence


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_the_mode_taken_by_default_is_one_the_kind_may_have(kind: Kind) -> None:
    assert kind.mode in kind.modes


def test_a_kind_changes_nothing_that_is_given_unless_it_says_so() -> None:
    exercise = KINDS["exercise"]
    assert exercise.complete({"a": 1}) == {"a": 1}
    assert (exercise.precedence, exercise.mode, exercise.version) == (Precedence.ROUTINE, Mode.OPERATION, 1)
