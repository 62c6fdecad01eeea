"""`hotline form`: a notice field by field at a real terminal, and nothing that was typed is lost."""

import tomllib
from pathlib import Path

import pytest

from hotline.cli.program import run
from hotline.home import Home
from tests.cli.calls import call, looking, refused, typing
from tests.cli.conftest import Pair
from tests.cli.notices import arrived, exercise_sent
from tests.cli.typist import END, INTERRUPT, at_terminal

pytestmark = pytest.mark.integration

EXERCISE = (
    ("Designation:", "?"),
    ("such as ILLUSTRATION 24", ""),
    ("required", "ILLUSTRATION 24"),
    ("Purpose", "Practice of naval forces."),
    ("…", "Nothing else."),
    ("…", ""),
    ("States taking part 1:", "North"),
    ("States taking part 2", ""),
    ("Level of command:", "Navy"),
    ("Start:", "soon"),
    ("there is no time", "010500Z DEC 24"),
    ("End:", "031700Z DEC 24"),
    ("Areas 1", "1"),
    ("points 1:", "34-30.00N 033-12.00E"),
    ("points 2:", "here"),
    ("points 2:", "34-30.00N 034-00.00E"),
    ("points 3:", "34-00.00N 034-00.00E"),
    ("points 4", "-"),
    ("taken away", "34-00.00N 034-00.00E"),
    ("points 4", "34-00.00N 033-12.00E"),
    ("points 5", ""),
    ("name", "Main area"),
    ("Areas 2?", ""),
    ("Live fire (y or n):", "n"),
    ("Contact point:", "-"),
    ("Live fire [n]:", ""),
    ("Contact point:", "Duty officer, NORTH"),
)


def test_a_form_asks_checks_goes_back_and_writes_a_file_that_can_be_sent(north: Home, tmp_path: Path) -> None:
    with at_terminal("form", "exercise", home=north, cwd=tmp_path) as person:
        person.answers(
            *EXERCISE,
            ("More fields?", "ships"),
            ("Ships (Enter: none):", "many"),
            ("not a whole number", "10"),
            ("More fields?", ""),
            ("q: leave", "f"),
            ("File", "x.toml"),
        )
        assert person.ends() == 0, person.shown
    assert "NOTICE OF EXERCISE" in person.shown
    assert "END OF THIS STATION" in person.shown
    written = tomllib.loads((tmp_path / "x.toml").read_text())
    assert written["designation"] == "ILLUSTRATION 24"
    assert written["purpose"] == "Practice of naval forces.\nNothing else."
    assert len(written["areas"][0]["points"]) == 4
    assert (written["ships"], written["live_fire"]) == (10, False)


@pytest.mark.parametrize("key", [END, INTERRUPT])
def test_the_end_of_the_input_and_ctrl_c_end_the_form_with_nothing_sent(north: Home, key: str) -> None:
    with at_terminal("form", "consultation", home=north) as person:
        person.answers(("Text", "Half a thought"), ("…", key))
        assert person.ends() == 130
    assert "Nothing was sent or kept." in person.shown


def test_a_fault_between_fields_is_said_and_its_field_asked_again(north: Home, tmp_path: Path) -> None:
    late = [*EXERCISE, ("More fields?", "acknowledge_by"), ("Ack by", "031700Z DEC 20")]
    with at_terminal("form", "exercise", "--out", "x.toml", home=north, cwd=tmp_path) as person:
        person.answers(*late, ("More fields?", ""), ("is before dtg", "031700Z DEC 30"))
        assert person.ends() == 0, person.shown
    assert tomllib.loads((tmp_path / "x.toml").read_text())["acknowledge_by"] == "031700Z DEC 30"


def test_an_end_before_the_start_is_told_at_its_own_prompt(north: Home) -> None:
    talk = [*EXERCISE[: [words for words, _ in EXERCISE].index("End:")]]
    with at_terminal("form", "exercise", home=north) as person:
        person.answers(*talk, ("End:", "031700Z NOV 24"), ("is before start", "031700Z DEC 24"), ("Areas 1", END))
        assert person.ends() == 130, person.shown


def test_a_line_test_is_not_asked_for_its_number_or_nonce(north: Home, tmp_path: Path) -> None:
    with at_terminal("form", "line-test", "--out", "t.toml", home=north, cwd=tmp_path) as person:
        person.answers(("More fields?", ""))
        assert person.ends() == 0, person.shown
    assert tomllib.loads((tmp_path / "t.toml").read_text()) == {"kind": "line-test"}


def test_where_no_station_runs_what_was_typed_can_still_be_saved(north: Home, tmp_path: Path) -> None:
    with at_terminal("form", "consultation", "--send", home=north, cwd=tmp_path) as person:
        person.answers(
            ("Text", "Kept."), ("…", ""), ("More fields?", ""), ("q: leave", "f"), ("File", "kept.toml")
        )  # fmt: skip
        assert person.ends() == 0, person.shown
    assert "hotline run" in person.shown
    assert "Nothing that you typed is lost" in person.shown
    assert tomllib.loads((tmp_path / "kept.toml").read_text())["text"] == "Kept."


def test_a_file_that_is_there_already_is_not_written_over(north: Home, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("mine")
    with at_terminal("form", "consultation", "--out", "mine.toml", home=north, cwd=tmp_path) as person:
        person.answers(("Text", "Kept."), ("…", ""), ("More fields?", ""), ("q: leave", "q"))
        assert person.ends() == 1
    assert "Nothing was sent or kept." in person.shown
    assert "error: Nothing" not in person.shown
    assert (tmp_path / "mine.toml").read_text() == "mine"


def test_a_form_is_sent_and_arrives(pair: Pair) -> None:
    with at_terminal("form", "consultation", "--to", "SOUTH", "--precedence", "priority", home=pair.north) as person:
        person.answers(
            ("Text", "By form."), ("…", ""), ("More fields?", "subj"), ("Subject", "Of the form"),
            ("More fields?", ""), ("q: leave", "s"),
        )  # fmt: skip
        assert person.ends() == 0, person.shown
    assert "PRIORITY   OPERATION   CONSULTATION" in person.shown
    listed = call("outbox", "--limit", "1", "--json", home=pair.north).document["notices"]
    assert (listed[0]["subject"], listed[0]["precedence"]) == ("Of the form", "PRIORITY")


def test_a_name_that_no_notice_has_is_asked_for_again(pair: Pair, tmp_path: Path) -> None:
    ref = exercise_sent(pair.north)["ref"]
    with at_terminal("form", "start", "--out", "s.toml", home=pair.north, cwd=tmp_path) as person:
        person.answers(
            ("Starts", "NORTH 999999"), ("Actual time:", "010500Z DEC 24"), ("As notified (y or n):", "y"),
            ("More fields?", ""), ("There is no notice", ref),
        )  # fmt: skip
        assert person.ends() == 0, person.shown
    assert tomllib.loads((tmp_path / "s.toml").read_text())["target"] == ref


def test_an_amendment_begins_with_the_text_in_force_and_asks_what_changes(pair: Pair) -> None:
    ref = exercise_sent(pair.north)["ref"]
    with at_terminal("form", "amendment", "--of", ref, "--send", home=pair.north) as person:
        person.answers(
            ("What changes?", "end"), ("End [", "041700Z DEC 30"), ("What changes?", ""), ("Reason", "Weather."),
            ("…", ""), ("More fields?", ""),
        )  # fmt: skip
        assert person.ends() == 0, person.shown
    listed = call("outbox", "--limit", "1", "--json", home=pair.north).document["notices"]
    shown = arrived(pair.north, listed[0]["id"])
    assert shown["notice"]["changed"] == ["end_s"]
    assert shown["notice"]["replacement"]["end"] == "2030-12-04T17:00:00Z"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "hotline new"),
        (["frob"], "terminal"),
        (["exercise"], "hotline new exercise"),
        (["exercise", "--send", "--draft"], "exclude"),
        (["amendment"], "--of"),
    ],
)
def test_without_a_terminal_or_with_wrong_words_nothing_is_asked(north: Home, words: list[str], said: str) -> None:
    refused(call("form", *words, home=north), 2, said)


def test_a_kind_that_is_not_known_is_refused_before_anything_is_asked(north: Home) -> None:
    with looking() as screen, typing("x\n"):
        assert run(["form", "frob", "--home", str(north.path)]) == 2
    assert "frob" in screen.getvalue()


def test_with_json_the_questions_stand_beside_the_one_document(
    north: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "c.toml"
    with typing("Beside.\n\n\n"), pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stderr.isatty", lambda: True, raising=False)
        assert run(["form", "consultation", "--out", str(file), "--json", "--home", str(north.path)]) == 0
    told = capsys.readouterr()
    assert told.out == f'{{"kind":"consultation","file":"{file}"}}\n'
    assert "More fields?" in told.err
