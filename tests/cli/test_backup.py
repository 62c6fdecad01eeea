"""`hotline backup`: what it prints, and that its copy is a home."""

from pathlib import Path

import pytest

from hotline.home import Home
from tests.cli.calls import call, refused
from tests.cli.conftest import Pair


@pytest.mark.integration
def test_the_home_of_a_running_station_is_copied_and_the_copy_verifies(pair: Pair, tmp_path: Path) -> None:
    called = call("backup", str(tmp_path / "saved"), home=pair.north)
    assert called.code == 0, called
    assert "in clear" in called.out
    assert "heads.lock" in called.out.partition("Not in it:")[2]
    assert call("verify", home=Home(tmp_path / "saved")).code == 0


@pytest.mark.integration
def test_it_answers_in_json(pair: Pair, tmp_path: Path) -> None:
    document = call("backup", str(tmp_path / "saved"), "--json", home=pair.north).document
    assert document["folder"] == str(tmp_path / "saved")
    assert "station.db" in document["files"]
    assert "heads.lock" in document["left_out"]


def test_a_folder_that_is_there_is_refused(north: Home, tmp_path: Path) -> None:
    refused(call("backup", str(tmp_path), home=north), 2, "is there already")


def test_a_home_whose_station_never_ran_has_nothing_to_keep(north: Home, tmp_path: Path) -> None:
    refused(call("backup", str(tmp_path / "saved"), home=north), 4, "station.db")
    assert not (tmp_path / "saved").exists()
