"""Files to fill in: what they begin with is what the earlier notice says, and they read back as it."""

import json
import tomllib
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hotline import notices
from hotline.cli import prefill
from hotline.cli.compose import Words, compose
from hotline.cli.prefill import Start
from hotline.notices.dtg import parse_time
from tests.house.source import ROOT

NOTICES = ROOT / "examples" / "notices"
EXERCISE = notices.to_mapping(notices.from_file(NOTICES / "exercise.toml").notice)
OF_ITSELF = ("originator", "action", "info", "drafter", "releaser")


def amendment() -> str:
    whole = {k: v for k, v in EXERCISE.items() if k not in (*OF_ITSELF, "dtg", "version", "acknowledge_by")}
    start = Start({"target": "NORTH 7", "replacement": whole}, {"target": ["NORTH 7: exercise, \x1b[2J"]})
    return prefill.document("amendment", start)


@pytest.mark.parametrize("kind", notices.KINDS)
def test_without_a_beginning_it_is_the_template(kind: str) -> None:
    assert prefill.document(kind) == notices.template(kind)


@pytest.mark.parametrize("kind", ["cancellation", "start", "completion", "launch-report", "view", "inquiry"])
def test_the_notice_that_it_is_about_is_filled_in(kind: str) -> None:
    field = "about" if kind == "inquiry" else "target"
    text = prefill.document(kind, Start({field: 'NORTH "7"'}))
    assert tomllib.loads(text)[field] == 'NORTH "7"'
    assert "[envelope]" in text


def test_an_amendment_holds_the_whole_text_and_can_be_sent_once_the_reason_is_there() -> None:
    read = tomllib.loads(amendment().replace('\nreason = ""', '\nreason = "Weather."'))
    assert read["replacement"]["start"] == "010500Z DEC 24"
    assert read["replacement"]["phases"][0]["start"] == "010500Z DEC 24"
    submit = compose(Words("amendment", data=read))
    assert submit.notice["target"] == "NORTH 7"
    assert "revision" not in submit.notice
    assert submit.notice["replacement"]["areas"] == EXERCISE["areas"]


def test_what_may_be_added_to_an_amended_text_stands_there_commented_out() -> None:
    assert "\n# tanks = 0\n" in amendment()
    assert "dtg" not in amendment().partition("[replacement]")[2]


def test_remarks_cannot_break_out_of_their_line() -> None:
    assert "# NORTH 7: exercise, \\u{1b}[2J\n" in amendment()


def test_times_are_shown_as_officers_write_them() -> None:
    assert prefill.spoken_notice("exercise", EXERCISE)["end"] == "031700Z DEC 24"
    assert parse_time(prefill.spoken_notice("exercise", EXERCISE)["end"], "end") == parse_time(EXERCISE["end"], "end")


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
values: st.SearchStrategy[Any] = st.recursive(
    texts | st.integers(-(2**63), 2**63 - 1) | st.booleans(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["a", "b_c", "d"]), inner, max_size=3),
    max_leaves=12,
)


@example(data={"text": 'a"\\\x7f\x00\u2028', "subject": [{"a": "\x7f"}]}, to="S\x7f")
@given(data=st.dictionaries(st.sampled_from(["text", "subject", "marking"]), values, max_size=3), to=texts)
def test_whatever_a_form_holds_reads_back_from_the_file_as_it_was(data: Mapping[str, Any], to: str) -> None:
    read = tomllib.loads(prefill.written("consultation", data, {"to": to}))
    assert read == {"kind": "consultation", **data, "envelope": {"to": to}}


@pytest.mark.parametrize("file", sorted(NOTICES.glob("*.toml")), ids=lambda file: file.stem)
def test_every_example_survives_being_written_by_a_form(file: Any) -> None:
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    kind, envelope = data.pop("kind"), data.pop("envelope", {})
    read = tomllib.loads(prefill.written(kind, data, envelope))
    assert json.dumps({"kind": kind, **data, "envelope": envelope}, sort_keys=True) == json.dumps(
        {"envelope": {}} | read, sort_keys=True
    )
