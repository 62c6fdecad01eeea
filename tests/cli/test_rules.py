"""`hotline rules`: what both sides agreed on, printed, checked, compared and set."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from hotline.api.types import RulesView
from hotline.cli import rules
from hotline.cli.output import Output
from hotline.home import Home
from hotline.rules import BUILT_IN, digest_of, format, parse
from tests.cli.calls import call, looking, refused, typing
from tests.cli.conftest import Pair

STRICTER = BUILT_IN.with_kind("exercise", signatures=2)


@pytest.fixture
def stricter(tmp_path: Path) -> Path:
    """A file with rules that ask for two signatures."""
    file = tmp_path / "rules.toml"
    file.write_text(format(STRICTER), encoding="utf-8")
    return file


@pytest.fixture
def built_in(pair: Pair) -> Iterator[Pair]:
    """The running pair, which holds the built-in rules before and after."""
    yield pair
    for home in (pair.north, pair.south):
        assert call("rules", "--reset", home=home).code == 0


# --- without a station --------------------------------------------------------------------------


def test_the_built_in_rules_are_a_file_to_edit_and_need_no_station(north: Home) -> None:
    assert parse(call("rules", "--built-in", home=north).out, "out") == BUILT_IN
    document = call("rules", "--built-in", "--json", home=north).document
    assert (document["digest"], parse(document["text"], "text")) == ("00" * 32, BUILT_IN)


def test_a_file_is_checked_and_told_in_what_it_differs_without_a_station(north: Home, stricter: Path) -> None:
    called = call("rules", "--check", str(stricter), home=north)
    assert called.code == 0
    assert "exercise signatures: 1 here, 2 there" in called.out
    document = call("rules", "--check", str(stricter), "--json", home=north).document
    assert document["digest"] == digest_of(STRICTER).hex()


def test_a_file_that_holds_no_rules_is_refused_by_its_key(north: Home, stricter: Path) -> None:
    stricter.write_text('[kinds.exercise]\nlaed = "5 d"\n')
    refused(call("rules", "--check", str(stricter), home=north), 2, "laed", "lead")
    refused(call("rules", "--check", str(stricter) + "x", home=north), 2, "no file")
    refused(call("rules", "--set", str(stricter), home=north), 2, "laed")


def test_two_things_at_once_are_refused(north: Home, stricter: Path) -> None:
    refused(call("rules", "--built-in", "--reset", home=north), 2, "--set")


def test_a_station_that_does_not_run_is_told(north: Home) -> None:
    refused(call("rules", home=north), 4, "hotline run")


# --- with the running pair ----------------------------------------------------------------------


@pytest.mark.integration
def test_the_rules_in_force_are_printed_as_a_file_that_can_be_set(pair: Pair) -> None:
    out = call("rules", home=pair.north).out
    assert out.startswith("# In force with SOUTH: Built-in rules.\n# SOUTH holds the same.\n")
    assert parse(out, "out") == BUILT_IN
    assert call("rules", "--line", "SOUTH", "--json", home=pair.north).document["agree"]
    refused(call("rules", "--line", "EAST", home=pair.north), 2, "EAST")


@pytest.mark.integration
def test_rules_are_set_at_one_end_told_to_differ_and_agree_again(built_in: Pair, stricter: Path) -> None:
    called = call("rules", "--set", str(stricter), "--yes", home=built_in.north)
    assert called.code == 0, called
    assert f"digest {digest_of(STRICTER).hex()[:4]} " in called.out
    assert "SOUTH holds OTHER rules" in called.out
    assert "pass by themselves" in called.out
    assert parse(call("rules", home=built_in.north).out, "out") == STRICTER
    assert "rules differ" in call("status", home=built_in.north).out
    document = call("rules", "--reset", "--json", home=built_in.north).document
    assert (document["digest"], document["agree"]) == ("00" * 32, True)


@pytest.mark.integration
def test_a_comparison_ends_with_the_answer_no_where_something_differs(pair: Pair, stricter: Path) -> None:
    called = call("rules", "--compare", str(stricter), home=pair.north)
    assert called.code == 1
    assert "exercise signatures: 1 here, 2 there" in called.out
    assert "1 value differs" in called.err
    document = call("rules", "--compare", str(stricter), "--json", home=pair.north).document
    assert (document["same"], len(document["differences"])) == (False, 1)
    stricter.write_text("# nothing but what is built in\n")
    assert call("rules", "--compare", str(stricter), home=pair.north).code == 0


@pytest.mark.integration
def test_a_person_is_shown_what_changes_and_asked(pair: Pair, stricter: Path) -> None:
    from hotline.cli.program import run

    with looking() as screen, typing("n\n"):
        code = run(["rules", "--set", str(stricter), "--home", str(pair.north.path)])
    assert code == 1
    assert "exercise signatures: 1 here, 2 there" in re.sub(r"\x1b\[[0-9;]*m", "", screen.getvalue())
    assert "Nothing was changed." in screen.getvalue()
    assert parse(call("rules", home=pair.north).out, "out") == BUILT_IN


# --- what is printed ----------------------------------------------------------------------------


def printed(capsys: pytest.CaptureFixture[str], **fields: object) -> str:
    """What a person reads of such rules."""
    plain = {"line": "SOUTH", "title": "t", "text": "version = 1\n", "digest": "ab" * 32, "peer_digest": "ab" * 32}
    rules._print(Output(), RulesView(**{**plain, "agree": True, **fields}))  # type: ignore[arg-type]
    return capsys.readouterr().out


def test_rules_without_a_title_are_not_called_the_built_in_ones(capsys: pytest.CaptureFixture[str]) -> None:
    title = "# In force with SOUTH: Built-in rules"
    assert f"{title} with changes, without a title, digest abab" in printed(capsys, title=BUILT_IN.title)
    assert f"{title}.\n" in printed(capsys, title=BUILT_IN.title, digest="00" * 32)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "SOUTH holds the same."),
        ({"peer_digest": ""}, "SOUTH has not shown its rules yet."),
        ({"peer_digest": "12" * 32, "agree": False}, "SOUTH holds OTHER rules: digest 1212 1212 1212 1212…."),
        ({"peer_digest": "00" * 32, "agree": False}, "SOUTH holds OTHER rules: the built-in ones."),
    ],
)
def test_who_holds_what_is_said_apart(capsys: pytest.CaptureFixture[str], fields: dict[str, object], said: str) -> None:
    assert f"# {said}" in printed(capsys, **fields)


def test_whatever_the_names_hold_what_is_printed_stays_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    evil = "\n\x1b[2J\u202e\r"
    out = printed(capsys, line=evil, title=evil, digest=evil, peer_digest=evil, agree=False)
    assert tomllib.loads(out) == {"version": 1}
    assert not set("\x1b\u202e\r") & set(out)
