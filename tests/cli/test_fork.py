"""`hotline fork`: the proof for which a log is frozen, as a file; and `hotline verify FILE`."""

import asyncio
from pathlib import Path

import pytest

from hotline.home import Home
from tests.cli.calls import call, refused
from tests.station.forked import forked_and_met

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def met(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the homes `north`, convicted, and `south`."""
    folder = tmp_path_factory.mktemp("fork")
    asyncio.run(forked_and_met(folder))
    return folder


def test_the_proof_is_written_and_verified_without_a_home(
    met: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    called = call("fork", "NORTH", home=Home(met / "south"))
    assert called.code == 0
    assert "NORTH is convicted of broken custody" in called.out
    checked = call("verify", "NORTH.hotline-fork", home=Home(tmp_path / "none"))
    assert checked.code == 0
    assert Home(met / "north").card().fingerprint.hex() in checked.out


def test_the_document_holds_the_proof_and_a_hyphen_prints_it(met: Path) -> None:
    south = Home(met / "south")
    document = call("fork", "--out", "-", "--json", home=south).document
    assert document["convicted"]["owner"] == "NORTH"
    assert call("fork", "--out", "-", home=south).out == document["proof"]


def test_an_altered_proof_convicts_nobody_and_the_exit_code_says_so(met: Path, tmp_path: Path) -> None:
    proof = call("fork", "--out", "-", "--json", home=Home(met / "south")).document["proof"]
    (tmp_path / "x").write_text(proof.replace("prior ", "prior A"))
    refused(call("verify", str(tmp_path / "x"), home=Home(met / "south")), 1, "convicts nobody")


def test_a_proof_and_a_line_are_not_checked_together(met: Path) -> None:
    refused(call("verify", "x", "--line", "NORTH", home=Home(met / "south")), 2, "--line")
