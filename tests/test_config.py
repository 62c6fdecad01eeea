"""station.toml: what it may say, and that a mistake in it is told by file, key and nearest valid key."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline import config, limits
from hotline.config import (
    Config,
    LimitsConfig,
    StationConfig,
    add_relay,
    alias_text,
    initial_text,
    load,
    load_alias,
    parse,
    remove_relay,
)
from hotline.errors import ConfigError, HostError, NotFoundError
from hotline.relay.config import RelayConfig

RELAY = '[[relay]]\nname = "first"\nurl = "mqtts://relay.example.org"\n'


def read(text: str) -> Config:
    return parse(text, source="station.toml")


def refused(text: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        read(text)
    assert caught.value.what.startswith("station.toml")
    assert caught.value.remedy
    return caught.value


def test_an_empty_file_means_the_defaults_and_nothing_listens() -> None:
    assert read("") == Config()
    assert Config().station == StationConfig(log_level="info", log_format="text", metrics=None)


def test_a_new_stations_file_is_valid_and_means_the_defaults() -> None:
    assert read(initial_text("NORTH")) == Config()
    assert "Station NORTH" in initial_text("NORTH")


def test_the_examples_in_the_comments_of_a_new_file_are_valid_once_uncommented() -> None:
    lines = [
        line.removeprefix("# ")
        for line in initial_text("NORTH").splitlines()
        if " = " in line or re.search(r"\[[a-z]+\]", line)
    ]
    text = "\n".join(line for line in lines if "One [[relay]]" not in line)
    shown = read(text)
    assert shown.station.metrics == "127.0.0.1:9464"
    assert shown.relay[0].client_key_file == "north-key.pem"
    commented = {line.partition(" = ")[0] for line in lines if " = " in line}
    assert commented >= {
        field.name for kind in (StationConfig, LimitsConfig, RelayConfig) for field in msgspec.structs.fields(kind)
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[station]\nlog_levle = 'x'", ["[station]", "'log_levle'", "'log_level'"]),
        ("[stations]", ["'stations'", "'station'"]),
        ("log_level = 'info'", ["'log_level'", "station, relay"]),
        (RELAY + "user = 'x'", ["[[relay]] number 1", "'user'", "'username'"]),
        (RELAY + RELAY.replace("first", "second") + "tls = true", ["[[relay]] number 2", "'tls'"]),
        (RELAY + "zzzz = 1", ["'zzzz'", "name, url, version"]),
    ],
)
def test_an_unknown_key_is_told_with_its_table_and_the_nearest_valid_one(text: str, words: list[str]) -> None:
    caught = refused(text)
    assert caught.reason == "unknown-key"
    assert [word for word in words if word not in str(caught)] == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[station]\nlog_level = 'loud'", ["[station] log_level", "'loud'", "debug, info, warning, error"]),
        ("[station]\nlog_format = 'xml'", ["log_format", "text, json"]),
        ("[station]\nmetrics = 9464", ["metrics", "whole number"]),
        ("[station]\nmetrics = 'everywhere'", ["metrics", "form"]),
        ("[station]\nmetrics = '127.0.0.1:9464\\n'".replace("'", '"'), ["metrics"]),
        ("station = 1", ["[station]", "table"]),
        ("[relay]\nname = 'x'", ["relay", "list"]),
        ("[[relay]]\nname = 'x'", ["[[relay]] number 1", "'url'"]),
        (RELAY + "qos = 2", ["'first'", "qos"]),
        (RELAY + "qos = true", ["qos"]),
        (RELAY + "version = '4'", ["version", "5, 3.1.1"]),
        ("[[relay]]\nname = 'x'\nurl = 'https://example.org'", ["'x'", "url"]),
        ("[[relay]]\nname = 'x'\nurl = 'mqtt://u:secret@example.org'", ["'x'", "password_file"]),
        (RELAY + RELAY, ["two relays", "'first'"]),
        (RELAY + RELAY.replace("first", "FIRST"), ["two relays"]),
        ("[station]\nlog_level = 'info'\nlog_level = 'info'", ["not TOML"]),
        ("[station", ["not TOML"]),
        ("x = " + "[" * 5000, ["not TOML"]),
        ("x = " + "1" * 5000, ["not TOML"]),
        ("x = 9999-99-99", ["not TOML"]),
    ],
)
def test_a_wrong_value_is_told_by_file_table_and_key(text: str, words: list[str]) -> None:
    told = str(refused(text))
    assert [word for word in words if word not in told] == []
    assert "secret" not in told


def test_more_relays_than_the_bound_are_refused() -> None:
    many = "".join(RELAY.replace("first", f"r{i}") for i in range(limits.RELAYS + 1))
    refused(many)
    assert len(read(many[: many.rindex("[[relay]]")]).relay) == limits.RELAYS


@given(st.text())
def test_any_text_is_a_configuration_or_a_clear_error(text: str) -> None:
    told = ""
    try:
        read(text)
    except ConfigError as e:
        told = str(e)
    assert told.isprintable()


TOML = st.recursive(
    st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | st.times(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.sampled_from(["station", "relay", "line"]), st.dictionaries(st.sampled_from(["name", "url", "qos", ""]), TOML)
)
def test_any_value_in_any_table_is_a_configuration_or_a_clear_error(table: str, value: dict[str, Any]) -> None:
    for whole in ({table: value}, {table: [value]}):
        told = ""
        try:
            config._convert(whole, Config, "station.toml")
        except ConfigError as e:
            told = str(e)
        assert told.isprintable()


# --- files -----------------------------------------------------------------------------


def test_paths_in_the_file_are_relative_to_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "station.toml"
    path.write_text(RELAY + "username = 'n'\npassword_file = 'p'\nca_file = '/etc/ca.pem'\n")
    relay = load(path).relay[0]
    assert (relay.password_file, relay.ca_file, relay.client_key_file) == (str(tmp_path / "p"), "/etc/ca.pem", None)


def test_a_missing_overlong_or_undecodable_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "station.toml"
    with pytest.raises(NotFoundError, match=r"station\.toml"):
        load(path)
    path.write_bytes(b"#" * (limits.CONFIG_BYTES + 1))
    with pytest.raises(ConfigError, match=r"station\.toml is longer"):
        load(path)
    path.write_bytes(b"# caf\xe9")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load(path)


FULL = RelayConfig(
    name='a "quoted" \\ name',
    url="mqtts://relay.example.org:8884",
    version="3.1.1",
    username="north",
    password_file="a\x7f\tb",
    ca_file="ca.pem",
    client_cert_file="c.pem",
    client_key_file="k.pem",
    qos=1,
    topic_prefix="x/y",
    keepalive_s=30,
)


def test_a_relay_with_every_key_set_comes_back_as_it_was() -> None:
    assert read(initial_text("NORTH", [FULL])).relay == (FULL,)


def test_an_added_relay_keeps_what_stood_there_byte_for_byte(tmp_path: Path) -> None:
    path = tmp_path / "station.toml"
    before = initial_text("NORTH") + "\n# my own remark\n[station.x]".removesuffix("[station.x]")
    path.write_text(before)
    added = add_relay(path, FULL)
    assert path.read_text().startswith(before)
    assert load(path) == added
    second = RelayConfig(name="second", url="mqtt://localhost")
    assert [r.name for r in add_relay(path, second).relay] == [FULL.name, "second"]
    assert path.stat().st_mode & 0o7777 == 0o600


@pytest.mark.parametrize("before", ["", "[station]", "# no newline at the end"])
def test_a_relay_can_be_added_to_any_valid_file(tmp_path: Path, before: str) -> None:
    path = tmp_path / "station.toml"
    path.write_text(before)
    assert [r.url for r in add_relay(path, RelayConfig(name="a", url="mqtt://h")).relay] == ["mqtt://h"]


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (RELAY, "already"),
        ("relay = []\n", "by hand"),
        ("[stations]\n", "no key"),
        ("#" * (limits.CONFIG_BYTES - 5) + "\n", "longer than"),
        ("".join(RELAY.replace("first", f"r{i}") for i in range(limits.RELAYS)), "the most"),
    ],
    ids=["a name twice", "an inline list", "an invalid file", "a full file", "eight relays"],
)
def test_a_relay_that_cannot_be_added_leaves_the_file_as_it_was(tmp_path: Path, before: str, words: str) -> None:
    path = tmp_path / "station.toml"
    path.write_text(before)
    with pytest.raises(ConfigError, match=words):
        add_relay(path, RelayConfig(name="FIRST", url="mqtt://localhost"))
    assert path.read_text() == before
    assert [p.name for p in tmp_path.iterdir()] == ["station.toml"]


COMMENTED = """\
# about the station
[station]
log_level = "info"

# the relays of both ministries
[[relay]]
name = "first"  # ours
url = "mqtt://one"

# theirs
[[relay]]
name = "second"
url = "mqtt://two"
# the end
"""


@pytest.mark.parametrize(
    ("name", "left", "gone"),
    [
        ("first", "second", ['name = "first"  # ours', "mqtt://one"]),
        ("second", "first", ['name = "second"', "mqtt://two"]),
    ],
)
def test_removing_a_relay_leaves_the_rest_of_the_file_with_its_comments(
    tmp_path: Path, name: str, left: str, gone: list[str]
) -> None:
    path = tmp_path / "station.toml"
    path.write_text(COMMENTED)
    assert [r.name for r in remove_relay(path, name).relay] == [left]
    text = path.read_text()
    assert [words for words in gone if words in text] == []
    comments = ["# about the station", "# the relays of both ministries", "# theirs", "# the end"]
    assert [line for line in text.splitlines() if line.startswith("#")] == comments
    assert path.stat().st_mode & 0o7777 == 0o600
    assert load(path) == read(text)


def test_a_relay_that_was_added_and_removed_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "station.toml"
    path.write_text(before := initial_text("NORTH"))
    add_relay(path, FULL)
    remove_relay(path, FULL.name)
    assert path.read_text() == before


@pytest.mark.parametrize(
    ("before", "error"),
    [(RELAY, NotFoundError), ('relay = [{name = "b", url = "mqtt://h"}]\n', ConfigError)],
    ids=["no such relay", "an inline list"],
)
def test_a_relay_that_cannot_be_removed_leaves_the_file_as_it_was(
    tmp_path: Path, before: str, error: type[Exception]
) -> None:
    path = tmp_path / "station.toml"
    path.write_text(before)
    with pytest.raises(error):
        remove_relay(path, "b")
    assert path.read_text() == before


def test_a_disk_that_is_full_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "station.toml"
    path.write_text(RELAY)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(HostError, match=r"station\.toml"):
        add_relay(path, RelayConfig(name="b", url="mqtt://h"))
    assert path.read_text() == RELAY


@given(st.text(min_size=1, max_size=16))
def test_any_alias_comes_back_from_its_file(tmp_path_factory: pytest.TempPathFactory, alias: str) -> None:
    path = tmp_path_factory.mktemp("alias") / "x.toml"
    path.write_bytes(alias_text(alias).encode())
    assert load_alias(path) == alias


def test_a_line_without_a_file_has_no_alias(tmp_path: Path) -> None:
    assert load_alias(tmp_path / "x.toml") is None


def test_limits_may_be_set_within_their_bounds() -> None:
    assert read("[limits]\nqueue_notices = 5\nqueue_mib = 2\nopenings_per_s = 50\n").limits.queue_notices == 5
    assert read("").limits.queue_mib * 1024 * limits.KIB == limits.QUEUE_BYTES
    assert "[limits] queue_notices" in refused("[limits]\nqueue_notices = 0\n").what
    assert "queue_mib" in refused("[limits]\nqueue_mb = 1\n").remedy
