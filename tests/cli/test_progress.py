"""Progress: for a person who waits, and for nobody else."""

import pytest

from hotline.cli import progress
from hotline.cli.output import Output
from hotline.cli.progress import counting, waiting
from tests.cli.calls import looking


def test_on_a_pipe_nothing_is_counted_aloud(capsys: pytest.CaptureFixture[str]) -> None:
    with counting(Output(), "entries") as count:
        count(1, 2)
    assert capsys.readouterr() == ("", "")


def test_a_person_sees_a_count_only_of_what_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    with looking() as screen:
        with counting(Output(), "entries") as count:
            count(1, 2)
        assert "entries" not in screen.getvalue()
        monkeypatch.setattr(progress, "_SHOWN_AFTER_S", -1)
        with counting(Output(), "entries") as count:
            count(1, 2)
    assert "entries" in screen.getvalue()


def test_on_a_pipe_each_thing_waited_for_is_a_line_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    with waiting(Output(), "queued") as say:
        say("stored")
    assert capsys.readouterr() == ("", "queued\nstored\n")


def test_with_json_waiting_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    with waiting(Output(json=True), "queued") as say:
        say("stored")
    assert capsys.readouterr() == ("", "")


def test_a_person_sees_what_is_waited_for_as_it_is_written() -> None:
    with looking() as screen, waiting(Output(), "queued for [SOUTH]") as say:
        say("stored at [SOUTH]")
    assert "[SOUTH]" in screen.getvalue()
