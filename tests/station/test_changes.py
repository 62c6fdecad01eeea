"""What a station stands on, compared with the last run: each difference once, by name, and never by value."""

from pathlib import Path

import pytest

from hotline.config import Config, StationConfig
from hotline.core.generation import Agreed
from hotline.core.step import Event
from hotline.custody.keyring import Keyring
from hotline.home import Home
from hotline.relay.config import RelayConfig
from hotline.station import changes
from tests.station.pair import no_passphrase

RULES = bytes(32)
FIRST = RelayConfig(name="first", url="mqtt://relay.example:1883", username="n", password_file="/etc/hotline/secret")


@pytest.fixture
def keys(north: Home) -> Keyring:
    return Keyring.load(north, no_passphrase)


def facts(
    north: Home, keys: Keyring, *relays: RelayConfig, file: bytes = b"x", rules: bytes = RULES, alias: str = "SOUTH",
    level: str = "info",
) -> dict[str, str]:  # fmt: skip
    (peer,) = north.lines()
    settings = Config(station=StationConfig(log_level=level), relay=relays)  # type: ignore[arg-type]  # one of the four words
    return changes.facts(file, settings, keys.card, [(keys.line(peer.card), alias, rules)])


def told(before: dict[str, str], after: dict[str, str]) -> list[tuple[str, str]]:
    return [(event.kind, event.text) for _, event in changes.events(before, after)]


def test_what_is_the_same_is_not_told(north: Home, keys: Keyring) -> None:
    assert told(facts(north, keys, FIRST), facts(north, keys, FIRST)) == []


def test_the_first_run_tells_what_there_is_and_of_no_change(north: Home, keys: Keyring) -> None:
    kinds = [kind for kind, _ in told({}, facts(north, keys, FIRST))]
    assert kinds == ["line-added", "officer-added", "relay-added"]


def test_no_value_of_a_setting_stands_among_the_facts(north: Home, keys: Keyring) -> None:
    written = repr(facts(north, keys, FIRST))
    for value in ("relay.example", "/etc/hotline/secret", "1883"):
        assert value not in written


def test_settings_are_named_with_the_digest_of_the_file(north: Home, keys: Keyring) -> None:
    before = facts(north, keys, FIRST)
    other = RelayConfig(
        name="first", url="mqtt://elsewhere.example:1883", username="n", password_file="/etc/hotline/secret"
    )
    after = facts(north, keys, other, file=b"y", level="debug")
    ((_, event),) = changes.events(before, after)
    assert event.text == "station.toml was changed: relay.first.url, station.log_level."
    assert dict(event.fields)["digest"] == after["config"] != before["config"]


def test_many_settings_are_counted(north: Home, keys: Keyring) -> None:
    relays = [RelayConfig(name=f"r{n}", url="mqtt://relay.example:1883") for n in range(8)]
    (config, *_) = changes.events(facts(north, keys), facts(north, keys, *relays, file=b"y"))
    assert " and 60 more." in config[1].text or " more." in config[1].text
    assert len(config[1].text) < 600


@pytest.mark.parametrize(
    ("name", "was", "now", "event"),
    [
        ("relay.first", None, "", Event("relay-added", "Relay first was added.", fields=(("relay", "first"),))),
        ("relay.first", "", None, Event("relay-removed", "Relay first was removed.", fields=(("relay", "first"),))),
        ("card", "1", "2", Event("own-card", "Our card has the number 2 now; it was 1.")),
        (f"peer-card.{'ab' * 32}", "1", "3", Event("card", "Card 3 of the peer holds; it was 1.")),
        (f"line.{'ab' * 32}", "SOUTH", "East", Event("line-state", "The peer is called East here; it was SOUTH.")),
        (
            f"rules.{'ab' * 32}", "0" * 64, "c" * 64,
            Event("rules", f"Other rules hold than at the last run: digest {'c' * 16}, it was {'0' * 16}."),
        ),
    ],
)  # fmt: skip
def test_each_difference_is_one_event(name: str, was: str | None, now: str | None, event: Event) -> None:
    common = {"config": "00", "setting.x": "1"}
    before, after = (common | ({name: value} if value is not None else {}) for value in (was, now))
    ((line, found),) = changes.events(before, after)
    assert found == event
    assert line == (bytes.fromhex("ab" * 32) if "ab" in name else b"")


def test_a_line_that_is_closed_and_goes_on_is_one_line(north: Home, keys: Keyring) -> None:
    (peer,) = north.lines()
    first = keys.line(peer.card)
    second = keys.line(peer.card, Agreed(2, b"2" * 32, 7, 8))
    before, closed, after, long = (
        changes.facts(b"x", Config(), keys.card, [(line, "SOUTH", RULES)], shut)
        for line, shut in ((first, []), (first, [first.pair]), (second, []), (second, [second.pair]))
    )
    assert told(before, closed) == [
        (
            "generation-closed",
            "An officer has closed generation 1 of the line: it carries nothing until the next has begun.",
        )
    ]
    assert told(closed, after) == [("generation-begun", "Generation 2 of the line has begun; it was generation 1.")]
    assert [kind for kind, _ in told(after, long)] == ["generation-closed"]
    assert ("generation-begun", "Generation 2 of the line has begun.") in told({}, after)
    old = {name: value for name, value in before.items() if not name.startswith("generation")}
    assert told(old, before) == [], "the journal of an earlier version knew of no generations"


def test_a_line_that_goes_takes_its_card_and_rules_with_it_untold(north: Home, keys: Keyring, tmp_path: Path) -> None:
    before = facts(north, keys)
    after = changes.facts(b"x", Config(), keys.card, [])
    assert [kind for kind, _ in told(before, after)] == ["line-removed"]
    assert tmp_path.exists()
