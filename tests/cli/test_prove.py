"""`hotline prove`: the evidence for one notice, as a file."""

from pathlib import Path

import pytest

from hotline.cli.prove import file_name
from tests.cli.calls import call, refused
from tests.cli.conftest import Pair
from tests.cli.notices import sent

pytestmark = pytest.mark.integration


def test_the_evidence_is_written_where_it_was_asked_for(pair: Pair, tmp_path: Path) -> None:
    ref = sent(pair.north)["ref"]
    called = call("prove", ref, "--out", str(tmp_path / "x.tlog-proof"), home=pair.north)
    assert called.code == 0
    assert (tmp_path / "x.tlog-proof").read_text().startswith("c2sp.org/tlog-proof@v1\n")


def test_without_a_name_the_file_is_called_after_the_notice(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = sent(pair.north)["ref"]
    monkeypatch.chdir(tmp_path)
    document = call("prove", ref, "--json", home=pair.north).document
    assert document["file"] == f"{ref.replace(' ', '-')}.tlog-proof"
    assert Path(document["file"]).read_text() == document["proof"]


def test_a_hyphen_prints_it_and_nothing_else(pair: Pair) -> None:
    ref = sent(pair.north)["ref"]
    out = call("prove", ref, "--out", "-", home=pair.north).out
    document = call("prove", ref, "--out", "-", "--json", home=pair.north).document
    assert out == document["proof"]


def test_without_its_body_the_evidence_does_not_hold_the_text(pair: Pair) -> None:
    ref = sent(pair.north, "Secret words. " * 50)["ref"]
    whole, short = (call("prove", ref, "--out", "-", *words, home=pair.north).out for words in ([], ["--without-body"]))
    assert len(short) < len(whole)


def test_a_notice_that_is_not_there_is_told(pair: Pair) -> None:
    refused(call("prove", "NORTH 999999", home=pair.north), 2, "NORTH 999999")


def test_another_file_is_not_overwritten(pair: Pair, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("mine")
    refused(call("prove", sent(pair.north)["ref"], "--out", str(tmp_path / "x"), home=pair.north), 2, "not touched")


@pytest.mark.parametrize(
    ("ref", "name"),
    [
        ("NORTH 7", "NORTH-7.tlog-proof"),
        ("../x 7", "x-7.tlog-proof"),
        ("長城", "notice.tlog-proof"),
        ("a" * 99, "a" * 60 + ".tlog-proof"),
    ],
)
def test_the_name_of_the_file_is_one_that_every_disk_takes(ref: str, name: str) -> None:
    assert file_name(ref) == name
