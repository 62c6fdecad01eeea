"""Log lines: one a happening, nothing that moves a cursor, and a full disk that costs lines and not the station."""

import json
import sys
from collections.abc import Iterator
from typing import TextIO

import pytest
import structlog

from hotline.station.logs import configure


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def test_json_lines_carry_level_time_and_fields(capsys: pytest.CaptureFixture[str]) -> None:
    configure("info", "json")
    structlog.get_logger("a").warning("relay", relay="one", state="down")
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["level"], line["relay"]) == ("relay", "warning", "one")
    assert line["timestamp"].endswith("Z")


def test_levels_below_the_one_that_was_asked_for_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    configure("warning", "text")
    structlog.get_logger("b").info("not this")
    structlog.get_logger("b").error("but this")
    (line,) = capsys.readouterr().err.splitlines()
    assert "but this" in line


def test_control_characters_from_outside_do_not_reach_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    configure("info", "text")
    structlog.get_logger("c").info("event", text="\x1b[2Jgone\r\n\u202eover")
    written = capsys.readouterr().err
    assert not {"\x1b", "\r", "\u202e"} & set(written)
    assert written.count("\n") == 1


class _Full:
    """A stream on a full disk."""

    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")

    def flush(self) -> None:
        raise BrokenPipeError


def test_a_log_that_cannot_be_written_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    full: TextIO = _Full()  # type: ignore[assignment]  # all that a log uses of a stream
    full.isatty = lambda: False  # type: ignore[method-assign]
    monkeypatch.setattr(sys, "stderr", full)
    configure("info", "text")
    structlog.get_logger("d").info("lost")
