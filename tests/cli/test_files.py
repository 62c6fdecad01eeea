"""Files that people name: written whole, never over something else."""

from pathlib import Path

import pytest

from hotline.cli.files import hand_out
from hotline.errors import HostError, UsageError


def test_a_new_file_holds_what_was_handed_out(tmp_path: Path) -> None:
    hand_out(tmp_path / "x", b"abc")
    assert (tmp_path / "x").read_bytes() == b"abc"


def test_the_same_again_is_no_fault_and_something_else_is_not_overwritten(tmp_path: Path) -> None:
    hand_out(tmp_path / "x", b"abc")
    hand_out(tmp_path / "x", b"abc")
    with pytest.raises(UsageError, match="holds something else"):
        hand_out(tmp_path / "x", b"abcd")
    with pytest.raises(UsageError, match="holds something else"):
        hand_out(tmp_path / "x", b"ab")
    assert (tmp_path / "x").read_bytes() == b"abc"


@pytest.mark.parametrize("name", ["no/such/folder", "a\0b"])
def test_a_path_that_cannot_be_written_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(HostError, match="cannot be written"):
        hand_out(tmp_path / name, b"abc")


def test_a_folder_in_its_place_is_left_alone(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="was not touched"):
        hand_out(tmp_path, b"abc")


def test_a_hyphen_is_standard_output(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    hand_out(Path("-"), b"abc")
    assert capsysbinary.readouterr().out == b"abc"
