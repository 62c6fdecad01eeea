"""The proof of a fork, from either store and from the file alone; the independent verifier agrees."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from hotline.audit import fork_proof, verify_fork, verify_home
from hotline.cli.program import run
from hotline.core import generation
from hotline.errors import CheckFailed, HostError, NotFoundError, UsageError
from hotline.home import Home
from protocol import reference_fork
from tests.audit.closings import close_both, talk
from tests.audit.test_verify import database, flip
from tests.brokers import ROOT
from tests.station.forked import forked_and_met
from tests.station.pair import copy_home


@pytest.fixture(scope="session")
def met(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the homes `north`, convicted, and `south`, who holds the proof; not to be changed."""
    folder = tmp_path_factory.mktemp("fork")
    asyncio.run(forked_and_met(folder))
    return folder


@pytest.fixture
def south(met: Path, tmp_path: Path) -> Home:
    return copy_home(Home(met / "south"), tmp_path / "south")


def test_both_ends_convict_the_same_station(met: Path) -> None:
    at_north, at_south = (fork_proof(Home(met / name), None) for name in ("north", "south"))
    assert at_north == at_south
    assert (at_north[1].owner, at_north[1].fingerprint) == ("NORTH", Home(met / "north").card().fingerprint.hex())


def test_a_third_party_verifies_the_file_with_either_program(met: Path, tmp_path: Path) -> None:
    data, convicted = fork_proof(Home(met / "south"), "NORTH")
    (file := tmp_path / "x").write_bytes(data)
    assert verify_fork(file) == convicted
    script = [sys.executable, str(ROOT / "protocol" / "reference_fork.py"), str(file)]
    said = subprocess.run(script, cwd=tmp_path, env={}, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr) == (0, "")
    assert "NORTH is convicted of broken custody" in said.stdout
    assert convicted.fingerprint in said.stdout


def test_both_programs_refuse_the_same_altered_files(met: Path, tmp_path: Path) -> None:
    data, _ = fork_proof(Home(met / "south"), "NORTH")
    file = tmp_path / "x"
    spoilt = [data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :] for at in range(0, len(data), len(data) // 40)]
    for changed in [*spoilt, data[:-1], data + b"\n", b"", data.replace(b"prior ", b"prior  ")]:
        file.write_bytes(changed)
        with pytest.raises(CheckFailed):
            verify_fork(file)
        assert reference_fork.main([str(file)]) == 1


def test_a_line_that_does_not_exist_is_told(met: Path) -> None:
    with pytest.raises(NotFoundError, match="line"):
        fork_proof(Home(met / "north"), "WEST")


def test_of_two_frozen_logs_it_is_said_which_one(south: Home) -> None:
    with pytest.raises(NotFoundError, match="frozen"):
        fork_proof(south, None, "ours")
    with database(south) as db:
        db.execute("UPDATE log SET frozen = (SELECT frozen FROM log WHERE mine = 0)")
    with pytest.raises(UsageError, match="Both"):
        fork_proof(south, None)
    assert fork_proof(south, None, "theirs")[1].owner == "NORTH"
    with pytest.raises(CheckFailed, match="convicts nobody"):
        fork_proof(south, None, "ours")


def test_evidence_that_was_altered_on_disk_is_not_handed_out(south: Home) -> None:
    with database(south) as db:
        flip(db, "log", "frozen", "mine = 0", 400)
    with pytest.raises(CheckFailed):
        fork_proof(south, None)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(HostError):
        verify_fork(tmp_path / "none")


def test_the_fork_of_a_generation_that_has_ended_is_still_proven_and_its_logs_are_no_fault_any_more(
    met: Path, tmp_path: Path
) -> None:
    homes = [copy_home(Home(met / name), tmp_path / name) for name in ("north", "south")]
    assert all(any("frozen" in problem for problem in verify_home(home).all_problems()) for home in homes)
    before = fork_proof(homes[1], None)
    close_both(homes[0], homes[1], reason=generation.FORK)
    talk(homes[0], homes[1], "in another generation")
    for home in homes:
        report = verify_home(home)
        assert report.all_problems() == []
        assert ["NORTH's log was frozen when it was closed" in note for note in report.lines[0].notes] == [True]
        assert fork_proof(home, None) == fork_proof(home, None, generation=1) == before
        with pytest.raises(NotFoundError, match="frozen"):
            fork_proof(home, None, generation=2)
    file = tmp_path / "fork"
    assert run(["fork", "--generation", "1", "--out", str(file), "--home", str(homes[1].path)]) == 0
    assert verify_fork(file) == before[1]
    assert reference_fork.main([str(file)]) == 0
