"""`hotline export`: a folder for somebody who has neither Hotline nor trust."""

from pathlib import Path

import pytest

from tests.cli.calls import call, refused
from tests.cli.conftest import Pair
from tests.cli.notices import sent

pytestmark = pytest.mark.integration


def test_both_cards_and_both_logs_are_written(pair: Pair, tmp_path: Path) -> None:
    sent(pair.north)
    document = call(
        "export", "--out", str(tmp_path / "evidence"), "--line", "SOUTH", "--json", home=pair.north
    ).document
    written = [Path(path) for path in document["files"]]
    assert sorted(path.suffix for path in written).count(".card") == 2
    assert all(path.is_file() for path in written)


def test_people_are_told_the_files(pair: Pair, tmp_path: Path) -> None:
    assert call("export", "--out", str(tmp_path / "evidence"), home=pair.north).out.count("evidence/") >= 4


def test_a_folder_that_holds_something_is_not_touched(pair: Pair, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("x")
    refused(call("export", "--out", str(tmp_path), home=pair.north), 2, "not empty")
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_line_that_is_not_there_is_told(pair: Pair, tmp_path: Path) -> None:
    refused(call("export", "--out", str(tmp_path / "e"), "--line", "EAST", home=pair.north), 2, "EAST")
