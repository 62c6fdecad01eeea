"""The verifier of closing files: the chain of generations that they begin, and its command line."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from protocol import reference_generation
from protocol.reference import Fault
from protocol.reference_generation import Closing, chain, line_of, read_closing
from tests.vectors.loader import VECTORS, cases, keys


def closing_file(name: str) -> bytes:
    """A statement of keys.json with its author's card."""
    card = keys()[f"{name.partition('-')[0]}.card"]
    return keys()[f"closing.{name}"] + b"-----END HOTLINE CLOSING-----\n" + card


def closing(name: str) -> Closing:
    return read_closing(closing_file(name))


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Of both sides, for the two generations that have ended; the later first."""
    names = ("south-2", "north-2", "south-1", "north-1")
    for name in names:
        (tmp_path / f"{name}.closing").write_bytes(closing_file(name))
    return [str(tmp_path / f"{name}.closing") for name in names]


def test_two_generations_are_chained_from_the_first_in_whatever_order_the_files_come() -> None:
    found = chain(map(closing, ("south-2", "north-1", "south-1", "north-2")))
    expected = {case.name: case.expect for case in cases("closing") if case.kind == "next-generation" and case.ok}
    assert [each.number for each in found] == [1, 2, 3]
    assert found[0].line == keys()["line.id"]
    assert [each.line for each in found[1:]] == [expected[f"closing-generation-{n}"]["line"] for n in (2, 3)]
    assert line_of(found[1].line, 3, closing("north-2"), closing("south-2")) == found[2].line


BROKEN = {
    "closing-authors": ("north-1", "north-2"),
    "closing-missing": ("north-1", "south-1", "north-2"),
    "closing-chain": ("north-2", "south-2"),
}


@pytest.mark.parametrize("reason", BROKEN)
def test_a_chain_that_lacks_a_statement_begins_nothing(reason: str) -> None:
    with pytest.raises(Fault) as raised:
        chain(map(closing, BROKEN[reason]))
    assert raised.value.reason == reason


def test_other_statements_of_the_generation_before_lead_to_another_line() -> None:
    with pytest.raises(Fault, match="closing-chain"):
        chain(map(closing, ("north-lost", "south-1", "north-2", "south-2")))


def test_the_command_line_tells_line_ids_agreement_numbers_and_first_serials(files: list[str]) -> None:
    script = [sys.executable, str(VECTORS.parent / "reference_generation.py"), *files]
    said = subprocess.run(script, capture_output=True, check=True, timeout=60, text=True).stdout
    assert said.endswith("OK\n")
    assert "closed generation 1" in said
    shown = subprocess.run([*script, "--json"], capture_output=True, check=True, timeout=60, text=True).stdout
    told = json.loads(shown)["generations"]
    assert [(g["generation"], g["first_serials"]) for g in told] == [
        (2, {"NORTH": 4, "SOUTH": 5}),
        (3, {"NORTH": 4, "SOUTH": 5}),
    ]
    assert all(g["agreement_number"] in said and g["line"] in said for g in told)


def test_what_does_not_hold_is_told_in_one_sentence(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert reference_generation.main(files[:2]) == 1
    assert capsys.readouterr().out.startswith("FAILED, SPEC 7.13, closing-chain: ")
    assert reference_generation.main([*files, files[0] + ".none", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["reason"] == "unreadable"


def test_no_change_of_a_file_makes_it_fail_in_another_way_than_by_a_fault() -> None:
    rng, file = random.Random(7), closing_file("north-1")
    for _ in range(300):
        changed = bytearray(file)
        at = rng.randrange(len(changed))
        changed[at : at + rng.choice((0, 1, 1, 40))] = rng.randbytes(rng.choice((0, 1, 1, 40)))
        if bytes(changed) != file:
            with pytest.raises(Fault):
                read_closing(bytes(changed))
