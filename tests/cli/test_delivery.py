"""Handing over and waiting: what is said is what is known, and a late notice is asked for its reason once."""

import time
from pathlib import Path

import pytest
import typer

from hotline.api.types import Submitted
from hotline.cli.compose import Words
from hotline.cli.delivery import Sent, Wait, in_time, placed, told
from hotline.cli.output import Output
from hotline.cli.program import run
from hotline.errors import CheckFailed, NoticeError, NotYet
from tests.cli.calls import call, looking, refused, typing
from tests.cli.conftest import Pair
from tests.cli.notices import arrived, exercise
from tests.cli.test_words import notice

QUEUED = Submitted(id="ab" * 16, line="SOUTH", state="QUEUED", repeated=False)
LATE = NoticeError("late_reason: LATE: 4 d before the start, 42 d agreed.", "Say why.", field="late_reason")


def test_remarks_are_said_beside_the_state(capsys: pytest.CaptureFixture[str]) -> None:
    told(Output(), Sent(QUEUED, notice(state="QUEUED", remarks=["HELD: \x1b[2J"])), Wait())
    assert "HELD: \\u{1b}[2J" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("ended", "code", "said"), [(NotYet("x"), 5, "Nothing is lost"), (CheckFailed("x"), 1, "will not be ANSWERED")]
)
def test_a_wait_that_ends_is_an_error_after_the_document(
    ended: NotYet, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    sent = Sent(QUEUED, notice(), waited=True, seconds=1, ended=ended)
    with pytest.raises(typer.Exit) as caught:
        told(Output(json=True), sent, Wait("ANSWERED", 1))
    assert caught.value.exit_code == code
    captured = capsys.readouterr()
    assert captured.out.count("\n") == 1
    assert said in captured.err


def test_a_program_is_told_the_option_and_asked_nothing() -> None:
    def act(_: Words) -> str:
        raise LATE

    with pytest.raises(NoticeError) as caught:
        in_time(Output(json=True), Words("exercise"), act)
    assert "--reason-late" in caught.value.remedy
    assert caught.value.field == "late_reason"


def test_a_person_is_asked_once_and_the_reason_goes_with_the_second_try() -> None:
    tries: list[str] = []

    def act(given: Words) -> str:
        tries.append(given.late)
        raise LATE

    with looking() as screen, typing("Decided yesterday.\n"), pytest.raises(NoticeError):
        in_time(Output(), Words("exercise"), act)
    assert tries == ["", "Decided yesterday."]
    assert "42 d agreed" in screen.getvalue()


def test_who_gave_a_reason_beforehand_is_not_asked_for_another() -> None:
    def act(_: Words) -> str:
        raise LATE

    with looking() as screen, typing("Another.\n"), pytest.raises(NoticeError):
        in_time(Output(), Words("exercise", late="x"), act)
    assert screen.getvalue() == ""


def test_an_error_of_another_field_is_left_as_it_is() -> None:
    error = NoticeError("start: x.", "y", field="start")
    assert placed(error, Words("exercise")) is error


@pytest.mark.integration
class TestALateNotice:
    """At a real station with the built-in rules."""

    @pytest.fixture
    def late(self, tmp_path: Path) -> list[str]:
        """The words to send an exercise that begins in four days, and five hours into one, whatever the hour is now."""
        file = tmp_path / "soon.toml"
        file.write_text(exercise((int(time.time()) // 86_400 + 4) * 86_400))
        return ["send", "exercise", "--from", str(file)]

    def test_it_is_refused_with_the_option_and_sent_with_the_reason(self, pair: Pair, late: list[str]) -> None:
        refusal = call(*late, "--json", home=pair.north)
        assert refusal.code == 2
        assert refusal.document["field"] == "late_reason"
        assert "--reason-late" in refusal.document["remedy"]
        sent = call(*late, "--reason-late", "Decided yesterday.", "--wait", "--json", home=pair.north)
        assert sent.code == 0, sent
        shown = arrived(pair.south, sent.document["ref"])
        assert shown["notice"]["late_reason"] == "Decided yesterday."
        assert "LATE" in str(shown["remarks"])

    def test_at_a_terminal_the_reason_is_asked(self, pair: Pair, late: list[str]) -> None:
        with looking() as screen, typing("Decided yesterday.\n"):
            assert run([*late, "--home", str(pair.north.path)]) == 0
        assert "Why is it late" in screen.getvalue()

    def test_a_kind_that_cannot_be_late_says_so(self, pair: Pair) -> None:
        refused(call("send", "consultation", "x", "--reason-late", "y", home=pair.north), 2, "--reason-late")
