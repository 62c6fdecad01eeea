"""A copy of a home that can be put in its place."""

import os
import resource
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from hotline.audit import verify_home
from hotline.custody import generations
from hotline.errors import CardError, NotFoundError, StoreError, UsageError
from hotline.home import Home
from hotline.recovery.backup import back_up
from tests.brokers import ROOT
from tests.custody import ceremonies


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_backup_is_a_home_without_the_lock_file_the_root_key_and_what_a_daemon_leaves(
    used: Home, tmp_path: Path
) -> None:
    (used.path / "relay.password").write_text("secret")
    made = back_up(used, tmp_path / "saved")
    copy = Home(tmp_path / "saved").require()
    (line,) = copy.lines()
    assert set(made.files) == names(copy.path)
    assert names(copy.path) == {
        "station.db", "station.toml", "station.card", "keys/station.key", "keys/officer-duty-officer.key",
        f"lines/{line.file_stem}.card", f"lines/{line.file_stem}.toml",
    }  # fmt: skip
    assert set(made.left_out) == {"heads.lock", "keys/root.key", "relay.password"}
    assert verify_home(copy).all_problems() == []


def test_everything_in_it_is_its_owners_alone(used: Home, tmp_path: Path) -> None:
    back_up(used, tmp_path / "saved")
    for path in (tmp_path / "saved", *(tmp_path / "saved").rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_nothing_is_overwritten_and_nothing_goes_into_the_home_itself(used: Home, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    for place in (tmp_path / "there", used.path / "inside"):
        with pytest.raises(UsageError):
            back_up(used, place)
    (tmp_path / "saved.part").mkdir()
    with pytest.raises(UsageError, match="did not end"):
        back_up(used, tmp_path / "saved")
    with pytest.raises(NotFoundError):
        back_up(Home(tmp_path / "nowhere"), tmp_path / "other")


def test_a_damaged_or_missing_database_is_not_called_a_backup(used: Home, tmp_path: Path) -> None:
    data = bytearray(used.database_path.read_bytes())
    data[8192:12288] = os.urandom(4096)
    used.database_path.write_bytes(bytes(data))
    with pytest.raises(StoreError, match="hotline recover"):
        back_up(used, tmp_path / "saved")
    used.database_path.unlink()
    with pytest.raises(StoreError, match="does not exist"):
        back_up(used, tmp_path / "saved")
    assert not list(tmp_path.glob("saved*")), "nothing is left of it"


def test_progress_counts_pages(used: Home, tmp_path: Path) -> None:
    counts: list[tuple[int, int]] = []
    back_up(used, tmp_path / "saved", lambda done, total: counts.append((done, total)))
    assert counts
    assert counts[-1][0] == counts[-1][1] > 1


@pytest.mark.parametrize("most_bytes", [0, 4096, 40_960])
def test_a_disk_that_takes_no_more_ends_it_in_a_sentence_and_leaves_nothing(
    used: Home, tmp_path: Path, most_bytes: int
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hotline", "backup", str(tmp_path / "saved"), "--home", str(used.path)],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes)),
    )  # fmt: skip
    assert done.returncode == 4, done
    assert done.stderr.startswith("error: "), done
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.glob("saved*"))


def test_a_copy_put_in_place_of_the_home_knows_that_it_was_restored(used: Home, tmp_path: Path) -> None:
    back_up(used, tmp_path / "saved")
    shutil.rmtree(used.path)
    (tmp_path / "saved").rename(used.path)
    assert not used.heads_lock_path.exists()


def test_a_backup_brings_each_line_back_in_its_generation(used: Home, tmp_path: Path) -> None:
    """Else a home that was put back would stand in a generation that is closed, alone."""
    ceremonies.close(used)
    (line,) = used.lines()
    made = back_up(used, tmp_path / "saved")
    (copy,) = Home(tmp_path / "saved").lines()
    assert copy.generations == line.generations
    assert copy.generations.closed
    assert not set(made.left_out) & {str(p.relative_to(used.path)) for p in used.lines_path.rglob("*")}


def test_what_counts_for_nothing_stops_no_backup_and_a_damaged_statement_does(used: Home, tmp_path: Path) -> None:
    ceremonies.close(used)
    (line,) = used.lines()
    place = generations.folder(used, line.file_stem)
    os.mkfifo(place / "notes")
    back_up(used, tmp_path / "saved")
    assert Home(tmp_path / "saved").lines() == used.lines()
    (place / "1.mine.closing").unlink()
    (place / "1.mine.closing").mkdir()
    with pytest.raises(UsageError, match=r"1\.mine\.closing"):
        back_up(used, tmp_path / "second")
    assert not (tmp_path / "second").exists()


def test_a_backup_of_a_home_whose_generations_are_damaged_is_not_one_of_its_first(used: Home, tmp_path: Path) -> None:
    (line,) = used.lines()
    generations.folder(used, line.file_stem).write_bytes(b"no folder")
    back_up(used, tmp_path / "saved")
    with pytest.raises(CardError, match="is no folder"):
        Home(tmp_path / "saved").lines()


def test_a_backup_of_a_home_made_anew_still_waits_for_its_peers(used: Home, tmp_path: Path) -> None:
    (line,) = used.lines()
    used.renewed_path.touch()
    generations.folder(used, line.file_stem).mkdir()
    back_up(used, tmp_path / "saved")
    saved = Home(tmp_path / "saved")
    assert saved.renewed_path.exists()
    assert saved.lines()[0].generations.awaits
