"""`hotline new`: a file to fill in for every kind, with what an earlier notice says where there is one."""

import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

from hotline import notices
from hotline.home import Home
from tests.cli.calls import call, refused
from tests.cli.conftest import Pair
from tests.cli.notices import arrived, exercise_sent, sent


@pytest.mark.parametrize("kind", notices.KINDS)
def test_the_template_of_every_kind_is_printed_and_is_the_same_as_by_send(kind: str) -> None:
    called = call("new", kind)
    assert called.code == 0
    assert called.out == notices.template(kind) == call("send", kind, "--template").out
    assert call("new", kind, "--json").document["template"] == notices.template(kind)


def test_without_a_kind_all_of_them_are_listed_with_their_titles() -> None:
    listed = call("new")
    for kind in notices.KINDS.values():
        assert f"{kind.name} " in listed.out
        assert kind.title in listed.out
    assert [each["kind"] for each in call("new", "--json").document["kinds"]] == list(notices.KINDS)


def test_a_file_is_written_once_and_not_written_over(tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    assert f"hotline send exercise --from {file}" in call("new", "exercise", "--out", str(file)).out
    assert file.read_text() == notices.template("exercise")
    file.write_text("mine")
    refused(call("new", "exercise", "--out", str(file)), 2, "exists already")
    assert file.read_text() == "mine"
    assert call("new", "exercise", "--out", "-").out == notices.template("exercise")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["frob"], "exercise"),
        (["--of", "NORTH 7"], "hotline new"),
        (["--out", "x.toml"], "hotline new"),
        (["exercise", "x"], "quotes"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(words: list[str], said: str) -> None:
    refused(call("new", *words), 2, said)


def test_where_no_station_runs_that_is_told(north: Home) -> None:
    refused(call("new", "amendment", "--of", "NORTH 7", home=north), 4, "hotline run")


@pytest.mark.integration
class TestOfANotice:
    """With --of the station is asked."""

    def test_an_amendment_begins_with_the_text_in_force_and_is_sent_as_it_stands(
        self, pair: Pair, tmp_path: Path
    ) -> None:
        ref = exercise_sent(pair.north)["ref"]
        file = tmp_path / "a.toml"
        ends = ("031700Z DEC 30", "041700Z DEC 30", "051700Z DEC 30")
        for revision, (old, end) in enumerate(pairwise(ends), 2):  # the second begins with the first
            file.unlink(missing_ok=True)
            assert call("new", "amendment", "--of", ref, "--out", str(file), home=pair.north).code == 0
            text = file.read_text()
            assert tomllib.loads(text)["target"] == ref
            assert tomllib.loads(text)["replacement"]["end"] == old
            file.write_text(
                text.replace(f'\nend = "{old}"', f'\nend = "{end}"', 1).replace('reason = ""', 'reason = "Weather."', 1)
            )
            called = call("send", "amendment", "--from", str(file), "--wait", "--json", home=pair.north)
            assert called.code == 0, called
            shown = arrived(pair.north, called.document["id"])
            assert (shown["notice"]["changed"], shown["notice"]["revision"]) == (["end_s"], revision)

    def test_a_reply_begins_with_the_numbered_questions(self, pair: Pair, tmp_path: Path) -> None:
        inquiry = tmp_path / "i.toml"
        inquiry.write_text(
            'concerns = "Launches."\nactivity = "Missiles"\nplace = "East"\nquestions = ["Which?", "Why\\nthen?"]\n'
        )
        called = call("send", "inquiry", "--from", str(inquiry), "--wait", "--json", home=pair.north)
        assert called.code == 0, called
        ref = called.document["ref"]
        arrived(pair.south, ref)
        text = call("new", "reply", "--of", ref, home=pair.south).out
        read = tomllib.loads(text)
        assert read["inquiry"] == ref
        assert [answer["number"] for answer in read["answers"]] == [1, 2]
        assert "# Question 2: Why\\u{a}then?" in text
        (tmp_path / "r.toml").write_text(text)
        refused(call("send", "reply", "--from", str(tmp_path / "r.toml"), home=pair.south), 2, "answers[0].text")

    def test_what_cannot_be_amended_or_is_about_nothing_is_refused(self, pair: Pair) -> None:
        ref = sent(pair.north)["ref"]
        refused(call("new", "amendment", "--of", ref, home=pair.north), 2, "no amendment can be about", "exercise")
        refused(call("new", "reply", "--of", ref, home=pair.north), 2, "consultation", "of kind inquiry")
        refused(call("new", "exercise", "--of", ref, home=pair.north), 2, "about no other notice")
        plan = exercise_sent(pair.north)["ref"]
        arrived(pair.south, plan)
        refused(call("new", "start", "--of", plan, home=pair.south), 2, "is not of our own")
        refused(call("form", "launch-report", "--of", plan, home=pair.north), 2, "terminal")
        refused(call("new", "start", "--of", "NORTH 999999", home=pair.north), 2, "NORTH 999999")
