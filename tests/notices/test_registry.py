"""Which kinds there are."""

from pathlib import Path

import pytest

from hotline import notices
from hotline.errors import NoticeError
from hotline.notices import KINDS, kind_of

WORDS = [
    *("calendar", "exercise", "amendment", "cancellation", "start", "completion", "launch", "launch-report", "hazard"),
    *("incident", "inquiry", "reply", "consultation", "call-request", "call-answer", "line-test", "statement", "view"),
    "out-of-service",
]


def test_every_kind_is_registered_under_its_word() -> None:
    assert list(KINDS) == WORDS
    assert all(kind.name == name for name, kind in KINDS.items())


def test_each_kind_stands_in_its_own_file() -> None:
    folder = Path(notices.__file__).parent
    files = [Path(kind.schema.__module__.replace(".", "/")).name for kind in KINDS.values()]
    assert len(set(files)) == len(KINDS)
    assert all((folder / f"{name}.py").is_file() for name in files)


def test_the_registry_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        KINDS["x"] = KINDS["exercise"]  # type: ignore[index]  # that it cannot be assigned is what is tested


@pytest.mark.parametrize("name", ["exercize", "", None, 7, ["exercise"], "\x1b"])
def test_an_unknown_kind_is_refused_with_the_known_ones(name: object) -> None:
    with pytest.raises(NoticeError, match=f"Use one of {', '.join(WORDS)}") as e:
        kind_of(name)
    assert e.value.field == "kind"
    assert "\x1b" not in str(e.value)
