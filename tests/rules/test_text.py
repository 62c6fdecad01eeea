"""The file: what it says is what is agreed, and a mistake in it is told by file, key and nearest valid key."""

import os
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline import limits, rules
from hotline.errors import ConfigError, NotFoundError
from hotline.rules import BUILT_IN, KindRules, Rules, load, parse
from tests.rules.strategies import all_rules

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "rules.toml"


def refused(text: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        parse(text, "rules.toml")
    assert caught.value.what.startswith("rules.toml: ")
    assert caught.value.remedy
    return caught.value


def test_an_empty_file_means_the_built_in_rules() -> None:
    assert parse("", "rules.toml") == BUILT_IN


@given(all_rules())
def test_the_file_of_any_rules_means_these_rules(held: Rules) -> None:
    assert parse(rules.format(held), "rules.toml") == held


def test_a_file_states_every_key_of_every_kind_and_explains_each_key() -> None:
    text = rules.format(BUILT_IN)
    for name in BUILT_IN.kinds:
        assert f"\n[kinds.{name}]\n" in text
    for known in rules.keys.KIND:
        assert text.count(f"\n{known.name} = ") == len(BUILT_IN.kinds)
        assert f"#   {known.name:<15} {known.says}\n" in text
    assert max(map(len, text.splitlines())) <= 120


def test_what_a_file_leaves_out_is_as_built_in_key_by_key() -> None:
    held = parse('[acknowledge]\nflash = "5 min"\n[kinds.exercise]\nsignatures = 2\n', "rules.toml")
    assert held.acknowledge_s == (*BUILT_IN.acknowledge_s[:3], 300)
    assert held == Rules(acknowledge_s=held.acknowledge_s).with_kind("exercise", signatures=2)
    assert held.of("exercise").lead_s == BUILT_IN.of("exercise").lead_s


def test_a_built_in_value_can_be_taken_away() -> None:
    text = '[line_test]\nevery = "off"\n[kinds.incident]\nacknowledge = "by precedence"\nreply = "none"\n'
    held = parse(text, "rules.toml")
    assert held.line_test_s == 0
    assert held.of("incident") == KindRules()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("titel = 'x'", ["'titel'", "'title'"]),
        ("zzzz = 1", ["'zzzz'", "version, title, warn_percent, publicity, acknowledge, line_test, kinds"]),
        ("[kind.exercise]", ["'kind'", "'kinds'"]),
        ("[kinds.exercize]", ["'kinds.exercize'", "'exercise'"]),
        ("[kinds.exercise]\nsignature = 2", ["'kinds.exercise.signature'", "'signatures'"]),
        ("[acknowledge]\nflush = '1 min'", ["'acknowledge.flush'", "'flash'"]),
        ("[line_test]\nmaned = '8 h'", ["'line_test.maned'", "'manned'"]),
        ("[kinds.inquiry.reply_at]\nflush = '1 h'", ["'kinds.inquiry.reply_at.flush'", "'flash'"]),
    ],
)
def test_an_unknown_key_is_told_with_its_table_and_the_nearest_valid_one(text: str, words: list[str]) -> None:
    caught = refused(text)
    assert caught.reason == "unknown-key"
    assert [word for word in words if word not in str(caught)] == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("kinds = 1", ["kinds is no table", "[kinds]"]),
        ("[kinds]\nexercise = 1", ["kinds.exercise is no table", "[kinds.exercise]"]),
        ("acknowledge = '10 min'", ["acknowledge is no table"]),
        ("line_test = true", ["line_test is no table"]),
        ("version = 2", ["version 2"]),
        ("warn_percent = 0", ["warn_percent", "1 to 90"]),
        ("publicity = 'loud'", ["publicity", "do-not-announce"]),
        ("[acknowledge]\nflash = '0 s'", ["acknowledge.flash is '0 s'"]),
        ("[kinds.exercise]\nsignatures = 3", ["kinds.exercise: signatures", "1 or 2"]),
        ("[kinds.exercise]\nlead = 42", ["kinds.exercise.lead", '"42 d"', '"none"']),
        ("[kinds.incident]\nallowed = false", ["kinds.incident", "always passes"]),
        ("title = 'a'\ntitle = 'b'", ["not TOML"]),
        ("[kinds", ["not TOML"]),
        ("x = " + "[" * 5000, ["not TOML"]),
        ("x = " + "1" * 5000, ["not TOML"]),
        ("#" * (limits.CONFIG_BYTES + 1), [f"{limits.CONFIG_BYTES} bytes"]),
        ("#" + "é" * (limits.CONFIG_BYTES // 2), [f"{limits.CONFIG_BYTES} bytes"]),
    ],
)
def test_a_wrong_value_is_told_by_file_and_key(text: str, words: list[str]) -> None:
    told = str(refused(text))
    assert [word for word in words if word not in told] == []


@given(st.text())
def test_any_text_is_rules_or_a_clear_error(text: str) -> None:
    told = ""
    try:
        parse(text, "rules.toml")
    except ConfigError as e:
        told = str(e)
    assert told.isprintable()


@given(all_rules(), st.randoms(use_true_random=False))
def test_a_file_with_a_character_changed_is_rules_or_a_clear_error(held: Rules, chance: random.Random) -> None:
    text = rules.format(held)
    at = chance.randrange(len(text))
    told = ""
    try:
        parse(text[:at] + chance.choice("\"'[]{}=.,\n#1x\x00é\ud800") + text[at + 1 :], "rules.toml")
    except ConfigError as e:
        told = str(e)
    assert told.isprintable()


def test_a_file_is_read_with_and_without_a_byte_order_mark_and_with_any_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    for data in (b'title = "x"\n', b'\xef\xbb\xbftitle = "x"\n', b'title = "x"\r\n'):
        path.write_bytes(data)
        assert load(path) == Rules(title="x")


def test_a_file_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"rules\.toml"):
        load(tmp_path / "rules.toml")


def test_a_file_that_cannot_be_rules_is_refused_by_name(tmp_path: Path) -> None:
    text, long, pipe = tmp_path / "latin.toml", tmp_path / "long.toml", tmp_path / "pipe.toml"
    text.write_bytes(b"title = '\xe9'")
    long.write_bytes(b"#" * (limits.CONFIG_BYTES + 1))
    os.mkfifo(pipe)
    for path, says in ((text, "not UTF-8"), (long, "more than"), (pipe, "no regular file"), (tmp_path, "no regular")):
        with pytest.raises(ConfigError, match=says) as e:
            load(path)
        assert path.name in e.value.what


def test_the_example_is_accepted_and_asks_two_people_for_an_exercise_and_sooner_answers() -> None:
    example = load(EXAMPLE)
    assert example.of("exercise").signatures == 2
    assert example.of("inquiry").reply_s < BUILT_IN.of("inquiry").reply_s
    assert all(mine < theirs for mine, theirs in zip(example.acknowledge_s, BUILT_IN.acknowledge_s, strict=True))
