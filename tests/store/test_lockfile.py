"""The lock file: old or new after any failure, damage always noticed, and private."""

import hashlib
import os
import stat
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline import limits
from hotline.core.step import LockedHead
from hotline.core.view import Lock
from hotline.errors import StoreError
from hotline.store.lockfile import LockFile, _format, _parse
from tests.store import samples

LINE, OTHER = samples.LINE, b"M" * 32
OLD = Lock(True, LockedHead(samples.OWN, 7, samples.root(7)), None)
NEW = Lock(True, LockedHead(samples.OWN, 9, samples.root(9)), LockedHead(samples.MIRROR, 3, samples.root(3)))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "heads.lock"
    LockFile(path).replace({LINE: OLD})
    return path


def held(path: Path) -> Lock:
    """What the next start reads."""
    return LockFile(path).lock(LINE, fresh=False)


def test_what_was_written_is_read_back_and_lines_do_not_touch_each_other(path: Path) -> None:
    locks = LockFile(path)
    locks.replace({OTHER: NEW})
    again = LockFile(path)
    assert (again.state, again.lock(LINE, fresh=False), again.lock(OTHER, fresh=False)) == ("read", OLD, NEW)


def test_a_generation_that_has_ended_is_left_out_when_it_is_written_next(path: Path) -> None:
    locks = LockFile(path)
    locks.forget([LINE, OTHER])
    assert LockFile(path).lines() == [LINE.hex()], "nothing is written for that alone"
    locks.replace({OTHER: NEW})
    again = LockFile(path)
    assert again.lines() == [OTHER.hex()]
    assert again.lock(LINE, fresh=False) == Lock(False), "whoever goes back to it is taken for restored"


def test_it_tells_the_latest_generation_of_a_line_with_a_peer(path: Path) -> None:
    locks, peer = LockFile(path), b"s" * 32
    assert locks.generation_with(peer) == 0
    for line, end in ((b"1", f"{peer.hex()}/2"), (b"2", f"{peer.hex()}/11"), (b"3", f"{b'o'.hex() * 32}/40")):
        locks.replace({line * 32: Lock(True, None, LockedHead(f"hotline/{line.hex() * 32}/{end}", 1, samples.root(1)))})
    assert LockFile(path).generation_with(peer) == 11


def test_the_journals_record_is_no_line(path: Path) -> None:
    locks = LockFile(path)
    locks.lock_journal(LockedHead("journal", 1, samples.root(1)))
    assert LockFile(path).lines() == [LINE.hex()]


def test_a_missing_file_is_readable_only_beside_a_store_that_holds_no_heads(tmp_path: Path) -> None:
    locks = LockFile(tmp_path / "heads.lock")
    assert locks.state == "missing"
    assert locks.lock(LINE, fresh=True) == Lock(True)
    assert locks.lock(LINE, fresh=False) == Lock(False)


def test_a_line_that_the_file_does_not_name_is_as_if_the_file_were_missing(path: Path) -> None:
    assert LockFile(path).lock(OTHER, fresh=True) == Lock(True)
    assert LockFile(path).lock(OTHER, fresh=False) == Lock(False)


def test_a_damaged_file_is_unreadable_also_beside_a_fresh_store(path: Path) -> None:
    path.write_bytes(b"garbage")
    locks = LockFile(path)
    assert (locks.state, locks.lock(LINE, fresh=True), locks.lock(LINE, fresh=False)) == (
        "damaged", Lock(False), Lock(False),
    )  # fmt: skip


def test_a_damaged_file_is_replaced_by_a_good_one_when_the_line_has_recovered(path: Path) -> None:
    path.write_bytes(b"garbage")
    locks = LockFile(path)
    locks.replace({LINE: NEW})
    assert (locks.state, held(path)) == ("read", NEW)


def test_the_file_cut_at_any_length_is_damaged(path: Path) -> None:
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert LockFile(path).state == "damaged", length


def test_any_bit_flipped_anywhere_is_damage(path: Path) -> None:
    LockFile(path).replace({LINE: NEW})
    whole = path.read_bytes()
    for at in range(len(whole)):
        for bit in range(8):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :])
            assert LockFile(path).state == "damaged", (at, bit)


def test_bytes_after_the_end_are_damage(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\n")
    assert LockFile(path).state == "damaged"


def test_a_file_over_the_bound_is_damage_and_is_not_read_whole(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(1 << 40)  # sparse: reading it whole would end the test
    assert LockFile(path).state == "damaged"


@pytest.mark.parametrize(
    "body",
    [
        "hotline-lock/2\n",
        "hotline-lock/1\nnot json\n",
        "hotline-lock/1\n[1]\n",
        "hotline-lock/1\n7\n",
        'hotline-lock/1\n{"line": "aa"}\n',
        'hotline-lock/1\n{"line": ["aa"], "own": null, "peer": null}\n',
        'hotline-lock/1\n{"line": "aa", "own": [1], "peer": null}\n',
        'hotline-lock/1\n{"line": "aa", "own": ["o", "x", "00"], "peer": null}\n',
        'hotline-lock/1\n{"line": "aa", "own": ["o", 1, "zz"], "peer": null}\n',
        'hotline-lock/1\n{"line": "aa", "own": 5, "peer": null}\n',
        "hotline-lock/1\n" + "[" * 100_000 + "\n",
    ],
)
def test_another_form_under_a_good_checksum_is_damage(path: Path, body: str) -> None:
    path.write_text(body + hashlib.sha256(body.encode()).hexdigest() + "\n")
    assert LockFile(path).state == "damaged"


@given(st.binary(max_size=400))
def test_arbitrary_bytes_raise_nothing_but_what_reading_expects(data: bytes) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        _parse(data)


heads = st.builds(
    LockedHead,
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=limits.ORIGIN_BYTES),
    st.integers(0, limits.TREE_SIZE),
    st.binary(min_size=32, max_size=32),
)


@given(
    st.dictionaries(
        st.binary(min_size=32, max_size=32).map(bytes.hex),
        st.builds(Lock, st.just(True), st.none() | heads, st.none() | heads),
        max_size=5,
    )
)
def test_every_set_of_records_is_read_back(locks: dict[str, Lock]) -> None:
    assert _parse(_format(locks)) == locks


def test_the_largest_station_fits_the_bound() -> None:
    origin = "o" * limits.ORIGIN_BYTES
    head = LockedHead(origin, limits.TREE_SIZE, bytes(32))
    lines = {bytes([number]).hex() * 32: Lock(True, head, head) for number in range(limits.LINES)}
    assert len(_format(lines)) < limits.LOCK_FILE_BYTES


# --- how it is written -----------------------------------------------------------------------------


class Failing:
    """Makes the n-th call that reaches the operating system fail, before or after it has taken place."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, at: int, *, persists: bool) -> None:
        self.at, self.persists, self.calls = at, persists, list[str]()
        for name in ("open", "write", "fsync", "unlink", "rename", "replace", "close"):
            monkeypatch.setattr(os, name, self.wrap(name, getattr(os, name)))

    def wrap(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            self.calls.append(name)
            fails = len(self.calls) == self.at
            if fails and not self.persists and name != "close":
                raise OSError(5, "injected")
            try:
                result = real(*args, **kwargs)
            except OSError:
                if not fails:
                    raise
                result = None
            if fails:
                if name == "open":
                    os.close(result)
                raise OSError(5, "injected")
            return result

        return call


def failure_of(action: Callable[[], None]) -> StoreError | None:
    try:
        action()
    except StoreError as e:
        return e
    return None


@pytest.mark.parametrize("persists", [False, True], ids=["failed", "failed-but-persisted"])
def test_when_any_call_fails_the_file_is_the_old_or_the_new_one_and_the_failure_is_told(
    path: Path, persists: bool
) -> None:
    seen = set[str]()
    for at in range(1, 100):
        LockFile(path).replace({LINE: OLD})
        locks = LockFile(path)
        with pytest.MonkeyPatch.context() as patched:
            failing = Failing(patched, at, persists=persists)
            told = failure_of(partial(locks.replace, {LINE: NEW}))
        if len(failing.calls) < at:
            break
        assert held(path) in (OLD, NEW)
        assert told is None or (str(path) in told.what and told.remedy)
        assert told or failing.calls[at - 1] == "unlink", failing.calls  # nothing to unlink is no failure
        seen.add(failing.calls[at - 1])
    assert {"open", "write", "fsync", "close"} <= seen
    assert held(path) == NEW


def test_the_folder_is_synced_after_the_new_file_has_its_name_and_the_file_before(path: Path) -> None:
    order: list[str] = []
    with pytest.MonkeyPatch.context() as patched:
        real_fsync, real = os.fsync, os.replace

        def fsync(fd: int) -> None:
            order.append("folder" if stat.S_ISDIR(os.fstat(fd).st_mode) else "file")
            real_fsync(fd)

        patched.setattr(os, "fsync", fsync)

        def rename(source: Path, target: Path) -> None:
            order.append("name")
            real(source, target)

        patched.setattr(os, "rename", rename)
        patched.setattr(os, "replace", rename)
        LockFile(path).replace({LINE: NEW})
    assert order == ["file", "name", "folder"]


def test_a_file_written_in_small_pieces_is_whole(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: real(fd, data[:7]))
    LockFile(path).replace({LINE: NEW})
    assert held(path) == NEW


@pytest.mark.parametrize("left", ["nothing", "a readable file", "a symlink", "a hard link"])
def test_what_a_crash_or_somebody_left_under_the_temporary_name_is_not_written_into(
    path: Path, tmp_path: Path, left: str
) -> None:
    other, temporary = tmp_path / "other", path.with_suffix(".tmp")
    other.write_bytes(b"precious")
    before = os.umask(0)
    try:
        if left == "a readable file":
            temporary.write_bytes(b"half")
            temporary.chmod(0o644)
        elif left == "a symlink":
            temporary.symlink_to(other)
        elif left == "a hard link":
            temporary.hardlink_to(other)
        LockFile(path).replace({LINE: NEW})
    finally:
        os.umask(before)
    assert held(path) == NEW
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert other.read_bytes() == b"precious"


def test_a_symlink_in_its_place_is_not_followed_and_is_replaced(path: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    assert LockFile(path).state == "damaged"
    LockFile(path).replace({LINE: NEW})
    assert not path.is_symlink()
    assert held(path) == NEW
    assert held(elsewhere) == OLD


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["folder", "pipe"])
def test_what_is_no_regular_file_is_damage_and_blocks_nothing(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "heads.lock")
    assert LockFile(tmp_path / "heads.lock").state == "damaged"
