"""Rules for the vectors: enough of them, mostly faults, each named by its cause, none made with our own code."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

from tests.vectors.loader import FAMILIES, VECTORS, all_cases, cases, keys

PROTOCOL = VECTORS.parent
MAKERS = (PROTOCOL / "make_vectors.py", *sorted((VECTORS / "making").glob("*.py")))
REFERENCE = PROTOCOL / "reference.py"
# Section 4.8 gives these words; whoever judges says them.
JUDGED = {
    "envelope",
    "content",
    "type",
    "version",
    "position",
    "genesis",
    "body",
    "seen",
    "recipient",
    "serial",
    "duplicate-id",
    "release",
    "target",
    "officer",
    "signature",
    "card",
}


def imported(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    plain = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


def test_there_are_enough_vectors_and_half_of_them_are_faults() -> None:
    assert len(all_cases()) >= 60
    assert 2 * sum(not case.ok for case in all_cases()) >= len(all_cases())


def test_every_family_has_faults() -> None:
    assert all(any(not case.ok for case in cases(family)) for family in FAMILIES)


def test_names_are_unique_and_begin_with_their_family() -> None:
    names = [case.name for case in all_cases()]
    assert len(names) == len(set(names))
    assert all(case.name.startswith(f"{case.family}-") for case in all_cases())
    assert all(re.fullmatch(r"[a-z0-9-]+", name) for name in names)


def test_a_case_has_a_reason_exactly_where_it_is_a_fault() -> None:
    assert all(case.ok == (not case.reason) for case in all_cases())


def test_no_two_cases_have_the_same_input() -> None:
    inputs = [repr((case.kind, sorted(case.input.items()))) for case in all_cases()]
    assert len(inputs) == len(set(inputs))


def test_every_section_named_stands_in_the_specification() -> None:
    text = (PROTOCOL / "SPEC.md").read_text(encoding="utf-8")
    sections = set(re.findall(r"^#{2,3} ([0-9]+(?:\.[0-9]+)?)\.? ", text, flags=re.MULTILINE))
    assert {case.spec for case in all_cases()} <= sections


def test_every_reason_of_judging_has_a_vector() -> None:
    found = {reason for case in cases("judge") for reason in case.expect["reasons"]}
    assert found - {""} == JUDGED


@pytest.mark.parametrize("path", [*MAKERS, REFERENCE], ids=lambda path: path.stem)
def test_neither_maker_nor_verifier_imports_hotline(path: Path) -> None:
    assert not {name for name in imported(path) if name.split(".")[0] == "hotline"}


def test_the_maker_and_the_verifier_do_not_know_each_other() -> None:
    assert all("reference" not in name for path in MAKERS for name in imported(path))
    assert all(name.split(".")[0] != "protocol" for name in imported(REFERENCE))


def test_the_verifier_is_one_file_of_the_standard_library_and_cryptography() -> None:
    allowed = {*sys.stdlib_module_names, "cryptography"}
    assert {name.split(".")[0] for name in imported(REFERENCE)} <= allowed
    assert len(REFERENCE.read_text(encoding="utf-8").splitlines()) < 1000


def test_the_vectors_stay_small() -> None:
    """Half is hybrid signatures, 3.3 KB each as text, which nothing shortens; some fifty are of watches and cards, and
    thirty of closing files."""
    assert sum(path.stat().st_size for path in VECTORS.glob("*.json")) < 1_880_000


def test_every_shared_value_is_used() -> None:
    text = "".join((VECTORS / f"{family}.json").read_text(encoding="ascii") for family in FAMILIES)
    unused = {name for name in keys() if f'"$ref": "{name}"' not in text and not name.endswith(".seed")}
    assert not unused


def test_every_kind_is_described() -> None:
    text = (VECTORS / "README.md").read_text(encoding="utf-8")
    assert {case.kind for case in all_cases()} <= set(re.findall(r"^\| `([a-z0-9-]+)` \|", text, flags=re.MULTILINE))
