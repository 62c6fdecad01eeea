"""Failures as people and programs are told them."""

import inspect

import msgspec
import pytest

from hotline import errors
from hotline.api.failures import failure as api_failure
from hotline.api.types import Failure
from hotline.cli import failure
from hotline.errors import HotlineError, NoticeError

CLASSES = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, HotlineError)]


@pytest.mark.parametrize("kind", CLASSES)
def test_every_error_of_the_tree_is_told_in_words_and_as_a_document(
    kind: type[HotlineError], capsys: pytest.CaptureFixture[str]
) -> None:
    code = failure.tell(kind("It is so.", "Do this."), json=True)
    out, err = capsys.readouterr()
    assert code == kind.exit_code
    assert err == "error: It is so. Do this.\n"
    assert msgspec.json.decode(out, type=Failure) == api_failure(kind("It is so.", "Do this."))


def test_a_document_names_the_field_at_fault() -> None:
    assert failure.as_document(NoticeError("end: it is before the start.", field="end"))["field"] == "end"


def test_a_command_that_has_printed_its_document_prints_no_second_one(capsys: pytest.CaptureFixture[str]) -> None:
    failure.tell(errors.NotYet("Not yet."), json=True, document=False)
    assert capsys.readouterr() == ("", "error: Not yet.\n")


def test_control_characters_in_an_error_are_shown_and_not_sent_to_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    failure.tell(HotlineError("It says \x1b[2J."), json=True)
    out, err = capsys.readouterr()
    assert "\x1b" not in out + err
    assert "\\u{1b}" in err


@pytest.mark.parametrize(
    ("words", "wanted"),
    [(["status", "--json"], True), (["--json"], True), (["status"], False), (["show", "--", "--json"], False)],
)
def test_json_is_asked_for_by_its_option_and_not_by_an_argument(words: list[str], *, wanted: bool) -> None:
    assert failure.wants_json(words) is wanted


def test_a_defect_is_told_also_where_no_file_can_be_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/nowhere/at/all")
    assert failure.tell_defect(ValueError("x"), json=False) == 70
    assert "could not be written" in capsys.readouterr().err
