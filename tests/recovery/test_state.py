"""`recovery.json`, and what the daemon asks of a home before it opens the store."""

import pytest

from hotline.core.rebuild import Lost
from hotline.errors import StoreError
from hotline.home import Home
from hotline.recovery import state
from hotline.recovery.state import LostLine, Recovery

ONE, TWO = b"\1" * 32, b"\2" * 32


def note(home: Home, stage: str = "rebuilding") -> Recovery:
    (home.path / "lost" / "x").mkdir(parents=True)
    made = Recovery(stage, "lost/x", 5, (LostLine(ONE.hex(), False), LostLine(TWO.hex(), True)), ("Queue: 1.",))  # type: ignore[arg-type]  # one of the two
    state.save(home, made)
    return made


def test_a_new_home_may_begin_and_one_that_has_run_may_not_without_its_database(new: Home) -> None:
    assert state.require_store(new) == state.NONE
    state.mark_begun(new)
    with pytest.raises(StoreError, match=r"is gone, and this station has run before.*hotline recover"):
        state.require_store(new)


@pytest.mark.parametrize("left", [None, b""], ids=["gone", "empty"])
def test_a_lock_file_alone_says_that_there_was_a_database(used: Home, left: bytes | None) -> None:
    assert state.require_store(used) == state.NONE
    used.database_path.unlink()
    if left is not None:
        used.database_path.write_bytes(left)
    with pytest.raises(StoreError, match="does not begin anew"):
        state.require_store(used)


def test_an_interrupted_recovery_starts_nothing(used: Home) -> None:
    note(used, "moving")
    with pytest.raises(StoreError, match="was interrupted"):
        state.require_store(used)


def test_what_is_rebuilt_is_remembered_for_each_line_until_it_is_whole(used: Home) -> None:
    made = note(used)
    assert state.require_store(used) == made
    assert (made.of(ONE), made.of(TWO), made.of(bytes(32))) == (Lost(False), Lost(True), None)
    assert state.finish(used, ONE) == made
    assert state.load(used).lines == made.lines[1:]
    state.finish(used, TWO)
    assert state.load(used) == state.NONE
    assert (used.lost_path / "x" / "recovery.json").exists(), "the note is kept beside what was moved"
    state.finish(used, TWO)  # once more does nothing


def test_a_line_whose_generation_has_ended_is_rebuilt_no_more(used: Home) -> None:
    made = note(used)
    assert state.leave_ended(used, [ONE, TWO]) == made
    assert state.leave_ended(used, [TWO]).lines == made.lines[1:]
    assert state.leave_ended(used, [bytes(32)]) == state.NONE
    assert (used.lost_path / "x" / "recovery.json").exists()


@pytest.mark.parametrize("text", [b"", b"{}", b"\xff", b'{"stage":"other"}', b"x" * 70_000])
def test_a_note_that_cannot_be_read_starts_nothing(used: Home, text: bytes) -> None:
    used.recovery_path.write_bytes(text)
    with pytest.raises(StoreError, match=r"cannot be read.*hotline recover"):
        state.require_store(used)
