"""The verifier's command line, and that no input whatever makes it fail in another way than by saying so."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from protocol import reference
from tests.vectors import test_reference
from tests.vectors.loader import Case, all_cases, cases, keys


def one(family: str, name: str) -> Case:
    return next(case for case in cases(family) if case.name == name)


def write_export(folder: Path, name: str = "export-of-a-line") -> None:
    for file, octets in one("export", name).input["files"].items():
        (folder / file).write_bytes(octets)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "north.card").write_bytes(keys()["north.card"])
    (tmp_path / "south.card").write_bytes(keys()["south.card"])
    (tmp_path / "notice.tlog-proof").write_bytes(one("proof", "proof-of-a-notice").input["proof"])
    return tmp_path


def test_a_card_is_shown_with_what_was_checked(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert reference.main(["card", str(files / "north.card")]) == 0
    assert capsys.readouterr().out.endswith("OK\n")


def test_a_proof_is_shown_as_values_for_programs(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    both = ["--card", str(files / "north.card"), "--card", str(files / "south.card")]
    assert reference.main(["proof", str(files / "notice.tlog-proof"), *both, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["ok"], answer["owner"], answer["entry"], answer["body_shown"]) == (True, "NORTH", "notice", True)


def test_one_card_is_too_few_for_a_proof(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert reference.main(["proof", str(files / "notice.tlog-proof"), "--card", str(files / "north.card")]) == 1
    assert capsys.readouterr().out == "FAILED, SPEC 5.5, two-cards: a line has two cards\n"


def test_an_export_is_verified_and_its_invalid_entries_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_export(tmp_path)
    assert reference.main(["export", str(tmp_path)]) == 0
    assert "entry 2 is INVALID (type)" in capsys.readouterr().out


def test_an_export_with_cards_says_whose_officers_count_before_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_export(tmp_path, "export-with-a-card-and-a-watch")
    assert reference.main(["export", str(tmp_path)]) == 0
    assert "before the first of 1 cards in the log, its officers count" in capsys.readouterr().out
    assert reference.main(["export", str(tmp_path), "--json"]) == 0
    logs = {log["owner"]: log for log in json.loads(capsys.readouterr().out)["logs"]}
    assert (logs["NORTH"]["watches"], logs["NORTH"]["cards"]) == (1, 1)


def test_a_changed_export_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_export(tmp_path, "export-entry-bit-flipped")
    assert reference.main(["export", str(tmp_path), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["reason"] == "root"


@pytest.mark.parametrize("words", [["card", "absent"], ["export", "absent"], ["card", "."], ["card", "a\0b"]])
def test_what_cannot_be_read_gets_one_sentence(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert reference.main(words) == 1
    assert capsys.readouterr().out.count("\n") == 1


def test_the_file_runs_by_itself_and_on_a_terminal_without_unicode(files: Path) -> None:
    command = [sys.executable, "-I", str(Path(reference.__file__)), "card", str(files / "absent…")]
    done = subprocess.run(command, capture_output=True, env={"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}, check=False)
    assert (done.returncode, done.stderr) == (1, b"")


FUZZED = ("card", "decode", "entry", "export", "frame", "judge", "note", "proof", "receipt", "vkey")


@pytest.mark.parametrize("kind", FUZZED)
def test_damaged_input_raises_nothing_but_a_fault(kind: str) -> None:
    chance = random.Random(f"hotline {kind}")
    good = [case for case in all_cases() if case.kind == kind and case.ok]
    for _ in range(60):
        with suppress(reference.Fault):
            test_reference.RUN[kind](damaged(chance.choice(good).input, chance))


def damaged(given: dict[str, object], chance: random.Random) -> dict[str, object]:
    name = chance.choice([name for name, item in given.items() if spoilable(name, item)])
    return given | {name: spoil(given[name], chance)}


def spoilable(name: str, item: object) -> bool:
    """Keys and secrets of the verifier itself come from cards or its own memory, and have their length."""
    shown = ("card", "data", "entry", "files", "frame", "entries", "other_entries", "note", "proof", "cards", "vkey")
    return name in shown and bool(item)


def spoil(item: object, chance: random.Random) -> object:
    if isinstance(item, dict):
        name = chance.choice(list(item))
        return item | {name: spoil(item[name], chance)}
    if isinstance(item, list):
        at = chance.randrange(len(item))
        return [*item[:at], spoil(item[at], chance), *item[at + 1 :]]
    if isinstance(item, str):
        return item[: chance.randrange(len(item))]
    assert isinstance(item, bytes)
    at = chance.randrange(len(item))
    middle = chance.choice([b"", chance.randbytes(1), chance.randbytes(chance.randrange(1, 40)), b"\n\n", b" "])
    return item[:at] + middle + item[at + chance.choice([0, 1, 1, 30]) :]
