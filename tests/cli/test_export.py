"""`hotline export`: both logs for somebody who has neither Hotline nor trust; one notice for other programs."""

import json
from pathlib import Path

import pytest

from tests.cli.calls import call, refused
from tests.cli.conftest import Pair
from tests.cli.notices import amended, exercise_sent, sent

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


@pytest.mark.parametrize(
    ("form", "begins"),
    [("geojson", '{"type"'), ("ical", "BEGIN:VCALENDAR"), ("cap", "<?xml"), ("warning", "NOT FOR BROADCAST")],
)
def test_a_notice_is_written_in_each_format(pair: Pair, form: str, begins: str) -> None:
    ref = exercise_sent(pair.north)["ref"]
    called = call("export", ref, "--as", form, "--out", "-", home=pair.north)
    assert called.code == 0, called
    assert "".join(called.out.split()).startswith("".join(begins.split()))
    assert "do-not-announce" in called.err


def test_what_was_amended_is_written_as_it_stands_in_force(pair: Pair, tmp_path: Path) -> None:
    ref = exercise_sent(pair.north)["ref"]
    amended(pair.north, ref, start="2030-12-01T04:00:00Z")
    file = tmp_path / "area.geojson"
    said = call("export", ref, "--as", "GEOJSON", "--out", str(file), home=pair.north).out
    assert "amended, is in " in said
    properties = json.loads(file.read_bytes())["features"][0]["properties"]
    assert (properties["start"], properties["revision"]) == ("2030-12-01T04:00:00Z", 2)


def test_a_file_is_named_after_the_notice_and_never_replaced_unasked(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ref = exercise_sent(pair.north, "--mode", "DRILL")["ref"]
    file = tmp_path / f"{ref.replace(' ', '-')}.ics"
    document = call("export", ref, "--as", "ical", "--json", home=pair.north).document
    assert document["file"] == file.name
    assert file.read_bytes().decode() == document["text"]
    assert "DRILL DRILL DRILL" in document["text"]
    file.write_text("mine")
    refused(call("export", ref, "--as", "ical", home=pair.north), 2, "not touched")
    assert file.read_text() == "mine"
    assert call("export", ref, "--as", "ical", "--force", home=pair.north).code == 0
    assert file.read_bytes().decode() == document["text"]


def test_a_notice_that_has_nothing_to_say_in_a_format_is_told(pair: Pair, tmp_path: Path) -> None:
    ref = sent(pair.north)["ref"]
    refused(
        call("export", ref, "--as", "geojson", "--out", str(tmp_path / "x"), home=pair.north), 2, "nothing to export"
    )
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["NORTH 1"], "--as"),
        (["--as", "geojson"], "--as geojson"),
        (["NORTH 1", "--as", "shapefile"], "shapefile"),
        (["NORTH 999999", "--as", "cap"], "NORTH 999999"),
        (["NORTH 1", "--as", "cap", "--line", "SOUTH"], "--line"),
        ([], "--out"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(pair: Pair, words: list[str], said: str) -> None:
    refused(call("export", *words, home=pair.north), 2, said)
