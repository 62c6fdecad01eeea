"""The keys of the file: each field has one, and each value that is written is read again."""

import tomllib

import msgspec
import pytest
from hypothesis import given

from hotline.errors import ConfigError
from hotline.rules import BUILT_IN, KindRules, Rules, keys
from hotline.rules.keys import Key, refuse_unknown, told, toml
from tests.rules.strategies import all_rules, kind_rules, some_precedences, titles

EVERY_KEY = [*keys.TOP, *keys.LINE, *keys.KIND]


def key(name: str) -> Key:
    (found,) = (known for known in EVERY_KEY if known.name == name)
    return found


def test_every_value_of_the_rules_has_exactly_one_key() -> None:
    of_kind = [known.field for known in keys.KIND]
    of_rules = [known.field for known in (*keys.TOP, *keys.LINE)]
    assert of_kind == [field.name for field in msgspec.structs.fields(KindRules)]
    assert sorted([*of_rules, "acknowledge_s", "kinds"]) == sorted(f.name for f in msgspec.structs.fields(Rules))


@given(kind_rules("exercise"), all_rules())
def test_every_value_is_read_again_from_what_is_written(own: KindRules, rules: Rules) -> None:
    for holder, table in ((own, keys.KIND), (rules, (*keys.TOP, *keys.LINE))):
        for known in table:
            value = getattr(holder, known.field)
            parsed = tomllib.loads(f"x = {toml(known.write(value))}")["x"]
            assert known.read(parsed, known.name) == value


@given(some_precedences)
def test_a_table_of_precedences_states_only_what_differs(spans: tuple[int, int, int, int]) -> None:
    assert keys.read_at(keys.write_at(spans), "reply_at") == spans
    assert len(keys.write_at(spans)) == len([span for span in spans if span])


@given(titles)
def test_any_printable_title_is_a_text_of_toml(title: str) -> None:
    assert tomllib.loads(f"title = {toml(title)}") == {"title": title}


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("allowed", True, "yes"),
        ("allowed", False, "no"),
        ("reply", 48 * 3600, "48 h"),
        ("reply", 0, "none"),
        ("lead_sea", 0, "as lead"),
        ("acknowledge", 0, "by precedence"),
        ("every", 0, "off"),
        ("reply_at", (0, 0, 0, 0), "none"),
        ("reply_at", (0, 0, 60, 30), "immediate 1 min, flash 30 s"),
        ("modes", ("DRILL", "TEST"), "DRILL, TEST"),
        ("signatures", 2, "2"),
    ],
)
def test_a_value_is_told_to_people_without_quotes_and_brackets(name: str, value: object, words: str) -> None:
    assert key(name).told(value) == words


def test_an_empty_table_is_told_as_none() -> None:
    assert (told({}), toml({})) == ("none", "{}")


@pytest.mark.parametrize("name", ["echo"])
def test_a_duration_that_cannot_be_left_open_has_no_word_for_it(name: str) -> None:
    for word in ("none", "off", "0 s"):
        with pytest.raises(ConfigError, match="is no duration"):
            key(name).read(word, name)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("allowed", 1),
        ("allowed", "true"),
        ("signatures", True),
        ("signatures", "1"),
        ("version", 1.0),
        ("title", 5),
        ("publicity", "secret"),
        ("publicity", ["public"]),
        ("modes", "DRILL"),
        ("modes", []),
        ("modes", ["DRILL", "DRILL"]),
        ("modes", ["WAR"]),
        ("modes", [["DRILL"]]),
        ("reply", 0),
        ("reply", "as lead"),
        ("reply_at", "12 h"),
        ("reply_at", {"flash": "none"}),
        ("reply_at", {"FLASH": "12 h"}),
    ],
)
def test_a_value_of_another_form_is_refused_by_key_with_a_remedy(name: str, value: object) -> None:
    with pytest.raises(ConfigError) as e:
        key(name).read(value, f"kinds.exercise.{name}")
    assert f"kinds.exercise.{name}" in e.value.what
    assert e.value.remedy


def test_modes_are_taken_in_any_order() -> None:
    assert key("modes").read(["TEST", "OPERATION"], "modes") == ("OPERATION", "TEST")


def test_an_unknown_key_is_told_with_the_nearest_that_is_known() -> None:
    with pytest.raises(ConfigError) as e:
        refuse_unknown({"exercize": {}}, list(BUILT_IN.kinds), "kinds.")
    assert str(e.value) == "there is no key 'kinds.exercize'. Did you mean 'exercise'?"
    assert e.value.reason == "unknown-key"


def test_an_unknown_key_near_to_none_is_told_with_all() -> None:
    with pytest.raises(ConfigError, match=r"Its keys are: every, echo, manned\."):
        refuse_unknown({"\x1b[31m": 1}, ["every", "echo", "manned"], "line_test.")
