"""Verifying an exported line: each file that was changed is found. The vectors hold further cases."""

from pathlib import Path

import pytest

from hotline.audit import export_line
from hotline.audit.exported import verify_export, verify_files
from hotline.core.step import BodyFacts
from hotline.errors import CardError, HostError, HotlineError, MalformedError, PeerError, SignatureError
from hotline.home import Home
from tests.vectors.loader import cases


@pytest.fixture
def exported(north: Home, tmp_path: Path) -> Path:
    export_line(north, None, tmp_path / "out")
    return tmp_path / "out"


def test_both_logs_are_whole_and_all_their_entries_valid(exported: Path) -> None:
    logs = {log.owner.body.name: log for log in verify_export(exported)}
    assert {name: log.head.size for name, log in logs.items()} == {"NORTH": 4, "SOUTH": 6}
    assert {name: (log.bodies, log.invalid) for name, log in logs.items()} == {"NORTH": (3, {}), "SOUTH": (1, {})}


def test_watches_and_cards_are_counted_and_rules_between_notices_not_judged() -> None:
    (case,) = [c for c in cases("export") if c.name == "export-with-a-card-and-a-watch"]
    asked: list[object] = []

    def read(_: bytes, context: object) -> BodyFacts:
        asked.append(context)
        return BodyFacts("", "", "rule" if context else "")

    logs = {log.owner.body.name: log for log in verify_files(case.input["files"], read)}
    assert (logs["NORTH"].watches, logs["NORTH"].cards, logs["NORTH"].invalid) == (1, 1, {})
    assert (logs["SOUTH"].watches, logs["SOUTH"].cards) == (0, 0)
    assert asked


@pytest.mark.parametrize("suffix", [".card", ".entries", ".checkpoint"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.98])
def test_a_byte_that_was_changed_in_any_file_is_found(exported: Path, suffix: str, share: float) -> None:
    for path in sorted(exported.glob(f"*{suffix}")):
        original = path.read_bytes()
        data = bytearray(original)
        data[int(share * len(data))] ^= 0x01
        path.write_bytes(data)
        with pytest.raises((PeerError, CardError)):
            verify_export(exported)
        path.write_bytes(original)
    verify_export(exported)


def test_a_file_cut_short_is_found(exported: Path) -> None:
    path = next(iter(exported.glob("*.entries")))
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(MalformedError, match="cut short"):
        verify_export(exported)


def test_entries_past_the_head_are_refused(exported: Path) -> None:
    path = next(iter(exported.glob("*.entries")))
    path.write_bytes(path.read_bytes() + (1).to_bytes(4, "big") + b"x" + bytes(8))
    with pytest.raises(SignatureError, match="not that of the entries"):
        verify_export(exported)


@pytest.mark.parametrize("suffix", [".card", ".entries", ".checkpoint"])
def test_a_missing_file_is_named(exported: Path, suffix: str) -> None:
    next(iter(exported.glob(f"*{suffix}"))).unlink()
    with pytest.raises(HotlineError, match="Export the line again"):
        verify_export(exported)


def test_a_folder_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(HostError, match="nowhere"):
        verify_export(tmp_path / "nowhere")
