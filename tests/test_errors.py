"""The tree of errors is the one drawn in its module, and each says what happened and what to do."""

import re

import pytest

from hotline import errors
from hotline.errors import HotlineError, NoticeError

CLASSES = {
    name: kind for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, HotlineError)
}


def drawn() -> dict[str, tuple[str, int | None]]:
    """{class: (its base, the exit code drawn beside it)} as the docstring shows them."""
    found: dict[str, tuple[str, int | None]] = {}
    parents = ["HotlineError"]
    for line in (errors.__doc__ or "").splitlines():
        branch = re.match(r"    ((?:│   |    )*)(?:├── |└── )(\w+)", line)
        if branch:
            depth = len(branch[1]) // 4
            code = re.search(r"exit (\d)$", line)
            parents[depth + 1 :] = [branch[2]]
            found[branch[2]] = (parents[depth], int(code[1]) if code else None)
    return found


def test_the_tree_is_the_one_that_is_drawn() -> None:
    real = {name: kind.__bases__[0].__name__ for name, kind in CLASSES.items() if kind is not HotlineError}
    assert {name: base for name, (base, _) in drawn().items()} == real


def test_the_exit_codes_are_those_that_are_drawn_and_are_inherited() -> None:
    codes = {name: code for name, (_, code) in drawn().items() if code is not None}
    assert sorted(codes.values()) == [1, 2, 3, 4, 5]
    for name, (base, _) in drawn().items():
        assert CLASSES[name].exit_code == codes.get(name, codes.get(base))


def test_every_class_has_a_reason_of_its_own() -> None:
    reasons = [kind.reason for kind in CLASSES.values()]
    assert len(set(reasons)) == len(reasons)
    assert all(re.fullmatch(r"[a-z-]+", reason) for reason in reasons)


def test_every_class_says_who_is_to_blame() -> None:
    assert [name for name, kind in CLASSES.items() if not kind.__doc__] == []


@pytest.mark.parametrize("kind", CLASSES.values(), ids=CLASSES)
def test_an_error_shows_what_happened_and_then_what_to_do(kind: type[HotlineError]) -> None:
    error = kind("It broke.", "Mend it.")
    assert (error.what, error.remedy, str(error)) == ("It broke.", "Mend it.", "It broke. Mend it.")
    assert error.reason == kind.reason
    assert str(kind("It broke.")) == "It broke."


def test_a_reason_given_is_of_this_error_alone() -> None:
    assert errors.MalformedError("x", reason="trailing-bytes").reason == "trailing-bytes"
    assert errors.MalformedError("x").reason == "malformed"


def test_an_error_of_a_notice_names_its_field() -> None:
    assert NoticeError("x", "y", field="areas[0].name").field == "areas[0].name"
    assert NoticeError("x").field == ""
