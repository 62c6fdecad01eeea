"""Looking at a loss and preparing for the peers, interrupted at every step."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw
import pytest

from hotline.custody import files
from hotline.errors import CardError, HostError, NotFoundError, StoreError, UsageError
from hotline.home import Home
from hotline.recovery import state
from hotline.recovery.recover import examine, prepare
from hotline.store.remains import fault_of
from tests.brokers import ROOT

AT_MS = 1_732_710_600_000


class Crash(BaseException):
    """The process is gone."""


def spoil(home: Home) -> bytes:
    data = b"not a database" * 1000
    home.database_path.write_bytes(data)
    home.database_path.with_name("station.db-wal").write_bytes(b"wal")
    return data


def test_a_sound_database_is_left_alone(used: Home) -> None:
    before = used.database_path.read_bytes()
    with pytest.raises(UsageError, match="is sound: there is nothing to recover"):
        examine(used)
    assert used.database_path.read_bytes() == before


def test_without_a_peers_card_nobody_is_known_who_could_give_anything_back(used: Home) -> None:
    used.database_path.unlink()
    for path in used.lines_path.iterdir():
        path.unlink()
    with pytest.raises(NotFoundError, match="hotline pair"):
        examine(used)


def test_it_says_what_the_lock_file_knows(used: Home) -> None:
    used.database_path.unlink()
    found = examine(used)
    assert (found.fault, found.lock) == ("it is gone", "read")
    (line,) = found.lines
    assert (line.name, line.phone, line.signed, line.cosigned, line.begun) == ("SOUTH", "+7 000", 7, 5, True)
    assert prepare(used, found, AT_MS).lines == (state.LostLine(line.line_id, False),)


def test_without_a_lock_file_no_line_may_begin_anew(used: Home) -> None:
    used.database_path.unlink()
    used.heads_lock_path.unlink()
    found = examine(used)
    assert (found.lock, found.lines[0].signed) == ("missing", -1)
    assert [each.may_begin for each in prepare(used, found, AT_MS).lines] == [False]


def test_a_line_whose_card_is_gone_is_told(used: Home, made: Path) -> None:
    used.database_path.unlink()
    (card,) = used.lines_path.glob("*.card")
    kept = card.read_bytes()
    line = used.lines()[0].id.hex()
    card.write_bytes((made / "north" / "station.card").read_bytes())
    with pytest.raises(CardError):
        examine(used)
    card.write_bytes(kept)
    assert examine(used).strangers == ()
    assert line == examine(used).lines[0].line_id


def test_what_only_the_database_held_is_named_where_it_can_still_be_read(used: Home) -> None:
    db = apsw.Connection(str(used.database_path))
    db.execute("INSERT INTO cursor (name, seq, at_ms) VALUES ('printer', 1, 1)")
    db.execute("INSERT INTO log (line, origin, mine) VALUES (x'00', 'o', 1)")
    db.execute("INSERT INTO entry (log, idx, leaf, entry) VALUES (1, 5, x'00', x'00')")  # beyond what there is
    db.close()
    line = used.lines()[0].id
    db = apsw.Connection(str(used.database_path))
    db.execute("UPDATE log SET line = ?", (line,))
    db.close()
    found = examine(used)
    assert found.fault, "an entry that hangs in the air is damage"
    lost = " ".join(prepare(used, found, AT_MS).lost)
    assert "Queue: 0 entries" in lost
    assert "Cursors: printer." in lost


def test_what_is_damaged_is_moved_and_a_new_database_is_there(used: Home) -> None:
    data = spoil(used)
    prepared = prepare(used, examine(used), AT_MS)
    assert prepared.folder == "lost/20241127T123000Z"
    assert (used.path / prepared.folder / "station.db").read_bytes() == data
    assert (used.path / prepared.folder / "station.db-wal").read_bytes() == b"wal"
    assert fault_of(used.database_path) == ""
    assert state.require_store(used) == prepared
    with pytest.raises(UsageError, match="is prepared already"):
        examine(used)


def test_a_second_loss_while_it_is_rebuilt_keeps_the_first_ones_remains(used: Home) -> None:
    spoil(used)
    first = prepare(used, examine(used), AT_MS)
    spoil(used)
    second = prepare(used, examine(used), AT_MS)
    assert second.folder == f"{first.folder}-2"
    assert second.lines == first.lines
    assert (used.path / first.folder / "station.db").exists()


def test_a_note_that_cannot_be_read_has_every_line_rebuilt_and_moves_nothing_sound(used: Home) -> None:
    used.recovery_path.write_bytes(b"garbage")
    found = examine(used)
    assert (found.fault, found.interrupted) == ("", True)
    prepared = prepare(used, found, AT_MS)
    assert [each.may_begin for each in prepared.lines] == [False]
    assert not (used.path / prepared.folder / "station.db").exists()


def crash_at(monkeypatch: pytest.MonkeyPatch, step: int, error: BaseException) -> None:
    """Raise at the given call of whatever changes a disk, before or after it took effect by turns."""
    left = [step]

    def wrap(module: Any, name: str) -> None:
        real: Callable[..., Any] = getattr(module, name)

        def instead(*args: Any, **more: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                raise error
            result = real(*args, **more)
            left[0] -= 1
            if left[0] == 0:
                raise error
            return result

        monkeypatch.setattr(module, name, instead)

    for name in ("rename", "mkdir", "fsync"):
        wrap(os, name)
    wrap(files, "_write_new")


@pytest.mark.parametrize("error", [Crash(), OSError(28, "No space left on device")], ids=["crash", "full disk"])
def test_interrupted_at_any_step_it_is_done_again_and_nothing_is_lost_or_begun_anew(
    used: Home, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    data, steps = spoil(used), 0
    found = examine(used)
    for step in range(1, 200):
        with monkeypatch.context() as patch:
            crash_at(patch, step, error)
            try:
                prepare(used, found, AT_MS)
                break
            except (Crash, HostError):
                steps += 1
        if used.recovery_path.exists() and state.load(used).stage == "moving":
            with pytest.raises(StoreError, match="was interrupted"):
                state.require_store(used)
        held = [p.read_bytes() for p in used.path.rglob("station.db")]
        assert data in held, f"step {step}"
        if not used.database_path.exists() or fault_of(used.database_path) or state.load(used).stage == "moving":
            found = examine(used)
        else:
            break
    assert steps > 10
    (prepared,) = [state.load(used)]
    assert prepared.stage == "rebuilding"
    assert (used.path / prepared.folder / "station.db").read_bytes() == data
    assert fault_of(used.database_path) == ""


def recover(home: Home, *, most_bytes: int | None = None) -> "subprocess.CompletedProcess[str]":
    limits = None if most_bytes is None else (most_bytes, most_bytes)
    return subprocess.run(
        [sys.executable, "-m", "hotline", "recover", "--yes", "--home", str(home.path)],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL,
        preexec_fn=None if limits is None else lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limits),
    )  # fmt: skip


@pytest.mark.parametrize("most_bytes", [0, 400, 8192])
def test_a_disk_that_takes_no_more_ends_it_in_a_sentence_and_the_next_call_finishes(
    used: Home, most_bytes: int
) -> None:
    data = spoil(used)
    full = recover(used, most_bytes=most_bytes)
    assert full.returncode == 4, full
    assert full.stderr.startswith("error: "), full
    assert "Traceback" not in full.stderr
    assert data in [path.read_bytes() for path in used.path.rglob("station.db")]
    done = recover(used)
    assert done.returncode == 0, done
    note = state.load(used)
    assert note.stage == "rebuilding"
    assert (used.path / note.folder / "station.db").read_bytes() == data
