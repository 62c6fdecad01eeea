"""Files that people name: written whole, never over something else."""

from pathlib import Path

import pytest

from hotline.cli.files import hand_out, named_after
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


def test_a_file_is_replaced_as_a_whole_where_that_is_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "x"
    hand_out(file, b"abc", replace=True)
    file.chmod(0o640)
    hand_out(file, b"new", replace=True)
    assert file.read_bytes() == b"new"
    assert file.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [file]


def test_a_folder_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="was not touched"):
        hand_out(tmp_path, b"abc", replace=True)


@pytest.mark.parametrize(
    ("ref", "name"),
    [
        ("NORTH 7", "NORTH-7.ics"),
        ("../../x", "x.ics"),
        ("\x1b[2J/", "2J.ics"),
        ("...", "notice.ics"),
        ("", "notice.ics"),
    ],
)
def test_a_file_named_after_a_notice_stays_in_its_folder(ref: str, name: str) -> None:
    assert str(named_after(ref, ".ics")) == name
