"""What `status` says of a line that comes back, or cannot."""

import msgspec
import pytest

from hotline.api.types import Rebuild
from hotline.cli import rebuilding
from hotline.cli.output import Output
from tests.cli.test_words import line


def told(capsys: pytest.CaptureFixture[str], rebuild: Rebuild | None) -> str:
    rebuilding.tell(Output(), msgspec.structs.replace(line(), rebuild=rebuild))
    return capsys.readouterr().out


def test_a_whole_line_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, None) == ""


def test_how_far_it_is_and_that_nothing_is_signed_meanwhile(capsys: pytest.CaptureFixture[str]) -> None:
    said = told(capsys, Rebuild(own=120, own_of=500, peer=30, peer_of=420))
    assert "120 of 500 entries of ours, 30 of 420 of theirs" in said
    assert "nothing is proposed or signed" in said
    assert "STANDS STILL" not in said


def test_one_that_stands_still_says_why_and_whom_to_call(capsys: pytest.CaptureFixture[str]) -> None:
    said = told(capsys, Rebuild(own=3, own_of=5, peer=0, peer_of=0, why="The peer holds 3\x1b."))
    assert r"STANDS STILL: The peer holds 3\u{1b}." in said
    assert line().phone in said
    assert "docs/runbooks/recovery.md" in said
