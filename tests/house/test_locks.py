"""Both locks pin everything to hashes, say nothing of where they were made, and agree with each other."""

import re
import tomllib

import pytest

from tests.house.source import ROOT

USER_LOCK = "requirements.txt"
TEST_LOCK = "requirements-test.txt"
HASHES = r"(?:\n    --hash=sha256:[0-9a-f]{64}[ \\]*)+"
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^\s;]+)[^\n]*" + HASHES + "$", re.MULTILINE)
LINE = re.compile(r"[a-z0-9][a-z0-9._-]*==[^\s;]+( ; [^\\]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?|\s*#.*")


def pins(lock: str) -> dict[str, str]:
    return dict(PIN.findall((ROOT / lock).read_text(encoding="utf-8")))


def declared(*extras: str) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *(line for extra in extras for line in project["optional-dependencies"][extra])]
    return {re.split(r"[<>=!~;\[ ]", line)[0] for line in wanted}


@pytest.mark.parametrize("lock", [USER_LOCK, TEST_LOCK])
def test_a_lock_holds_pins_hashes_and_comments_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if not LINE.fullmatch(line)] == []
    assert "://" not in text
    pinned = {line.partition("==")[0] for line in text.splitlines() if line[:1].isalnum()}
    assert pinned - set(pins(lock)) == set(), "these pins have no hash"


def test_the_user_lock_pins_every_declared_dependency_and_the_build_backend() -> None:
    assert declared("build") - set(pins(USER_LOCK)) == set()


def test_the_test_lock_pins_every_declared_dependency_of_the_tests() -> None:
    assert declared("build", "test") - set(pins(TEST_LOCK)) == set()


def test_what_is_tested_is_what_users_install() -> None:
    tested = pins(TEST_LOCK)
    assert {name: version for name, version in pins(USER_LOCK).items() if tested.get(name) != version} == {}
