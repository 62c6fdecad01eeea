"""A line as a folder of files for somebody who has neither Hotline nor trust."""

from pathlib import Path

import pytest

from hotline.audit import export_line
from hotline.audit.exported import verify_export
from hotline.errors import CheckFailed, HostError, NotFoundError, StoreError, UsageError
from hotline.home import Home
from tests.audit.test_verify import database, flip, own_log


def test_both_ends_export_the_same_logs(north: Home, south: Home, tmp_path: Path) -> None:
    files = []
    for home in (north, south):
        folder = tmp_path / f"{home.path.name}-export"
        made = export_line(home, None, folder)
        assert sorted(made) == sorted(folder.iterdir())
        assert len(made) == 6
        files.append({path.name: path.read_bytes() for path in made if path.suffix == ".entries"})
    assert files[0] == files[1]


@pytest.mark.parametrize("name", [None, "SOUTH"])
def test_what_was_exported_verifies(north: Home, tmp_path: Path, name: str | None) -> None:
    export_line(north, name, tmp_path / "out")
    assert sorted(log.owner.body.name for log in verify_export(tmp_path / "out")) == ["NORTH", "SOUTH"]


def test_the_largest_head_with_a_receipt_is_shown_and_nothing_past_it(north: Home, tmp_path: Path) -> None:
    with database(north) as db:
        db.execute(f"DELETE FROM receipt WHERE log = {own_log(db)} AND size > 3")  # noqa: S608
    export_line(north, None, tmp_path / "out")
    sizes = {path.read_text().splitlines()[1] for path in (tmp_path / "out").glob("*.checkpoint")}
    assert sizes == {"3", "6"}


def test_a_folder_that_holds_something_is_left_alone(north: Home, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").touch()
    with pytest.raises(UsageError, match="not empty"):
        export_line(north, None, tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine"]


def test_a_line_that_is_not_there_is_named(north: Home, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="SOUTH"):
        export_line(north, "WEST", tmp_path / "out")


def test_a_place_that_cannot_be_written_is_named(north: Home, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(HostError, match="file"):
        export_line(north, None, tmp_path / "file" / "out")


def test_without_a_database_no_folder_is_left_behind(north: Home, tmp_path: Path) -> None:
    north.database_path.unlink()
    with pytest.raises(StoreError, match="hotline run"):
        export_line(north, None, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("table", "column"), [("entry", "entry"), ("body", "body")])
def test_a_store_in_which_one_byte_was_turned_is_not_exported(
    north: Home, tmp_path: Path, table: str, column: str
) -> None:
    with database(north) as db:
        flip(db, table, column, f"log = {own_log(db)} AND idx = 2", 60)
    with pytest.raises(CheckFailed, match="nothing is exported"):
        export_line(north, None, tmp_path / "evidence")
    assert not list((tmp_path / "evidence").glob("*"))
