"""The relays of a running station: each on its own, added and removed while it runs."""

from collections.abc import AsyncIterator

import pytest

from hotline import config
from hotline.errors import ConfigError
from hotline.home import Home
from hotline.relay.base import Deliver, OnState, Relay
from hotline.relay.config import RelayConfig
from hotline.relay.memory import MemoryBroker, MemoryRelay
from hotline.station.arrivals import Tally
from hotline.station.paths import Paths, row, with_rejected
from tests.brokers import eventually
from tests.station.pair import Stage, consultation, line_is, line_of, stored, until

FIRST, SECOND = (RelayConfig(name=name, url="mqtt://memory:1") for name in ("first", "second"))


class Desk:
    """Paths to brokers in memory, with what they brought and what went wrong."""

    def __init__(self) -> None:
        self.brokers: dict[str, MemoryBroker] = {}
        self.brought: list[tuple[str, bytes]] = []
        self.defects: list[BaseException] = []
        self.paths = Paths(self._open, self._deliver, lambda _: None, ["t"], self.defects.append)

    def _deliver(self, path: str, _topic: str, frame: bytes) -> None:
        self.brought.append((path, frame))

    def _open(self, settings: RelayConfig, deliver: Deliver, on_state: OnState) -> Relay:
        broker = self.brokers.setdefault(settings.name, MemoryBroker())
        return broker.relay(settings.name, deliver, on_state)

    async def are_up(self, *names: str) -> None:
        await eventually(lambda: {name for name, _ in self.paths.up()} == set(names), what=f"{names} up")


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    """The first relay, running."""
    desk = Desk()
    desk.paths.add(FIRST)
    async with desk.paths.running():
        await desk.are_up("first")
        yield desk


async def test_each_frame_goes_to_every_relay_that_is_up(desk: Desk) -> None:
    assert await desk.paths.change([FIRST, SECOND]) == (["second"], [])
    await desk.are_up("first", "second")
    desk.paths.send("t", [b"1", b"2"])
    await eventually(lambda: len(desk.brought) == 4)
    assert sorted(desk.brought) == [("first", b"1"), ("first", b"2"), ("second", b"1"), ("second", b"2")]


async def test_a_relay_that_stays_is_not_touched_and_the_order_is_the_configurations(desk: Desk) -> None:
    before = desk.paths.relays
    await desk.paths.change([SECOND, FIRST])
    assert [relay.name for relay in desk.paths.relays] == ["second", "first"]
    assert desk.paths.relays[1] is before[0]
    assert before[0].counters.connects == 1


async def test_a_removed_relay_writes_what_it_holds_and_hangs_up(desk: Desk) -> None:
    (gone,) = desk.paths.relays
    desk.paths.send("t", [b"last"])
    assert await desk.paths.change([]) == ([], ["first"])
    desk.paths.send("t", [b"too late"])
    await eventually(lambda: gone.state.status == "down", what="hung up")
    assert gone.counters.sent == 1
    assert desk.brought == [("first", b"last")]
    assert desk.defects == []


async def test_a_relay_with_other_settings_is_connected_anew(desk: Desk) -> None:
    (before,) = desk.paths.relays
    other = RelayConfig(name="first", url="mqtt://elsewhere")
    assert await desk.paths.change([other]) == (["first"], ["first"])
    await desk.are_up("first")
    assert desk.paths.relays[0] is not before
    desk.paths.send("t", [b"once"])
    await eventually(lambda: desk.brought)
    assert desk.brought == [("first", b"once")]


async def test_a_relay_that_hangs_while_it_is_removed_is_left_after_a_second(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MemoryRelay, "_flush", lambda _: None)
    (gone,) = desk.paths.relays
    desk.paths.send("t", [b"never written"])
    await desk.paths.change([SECOND])
    await desk.are_up("second")  # at once: nothing waits for the one that hangs
    await eventually(lambda: gone.state.status == "down", what="hung up")
    assert gone.counters.dropped == 1


async def test_a_loop_that_ends_by_itself_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(_: MemoryRelay) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(MemoryRelay, "run", broken)
    await desk.paths.change([FIRST, SECOND])
    await eventually(lambda: desk.defects)
    assert isinstance(desk.defects[0], ZeroDivisionError)


async def test_a_row_says_what_was_measured_and_what_was_not_taken() -> None:
    relay = MemoryBroker().relay("first", lambda *_: None, lambda _: None)
    relay.counters.sent, relay.counters.wrong_topic = 3, 2
    shown = with_rejected(row(relay, Tally(carried=5, missed=1, repeats=4, late_s=0.0256)), {"frame-mac": 7})
    assert (shown.state, shown.delay_ms, shown.late_ms) == ("connecting", None, 25.6)
    assert (shown.frames_out, shown.carried, shown.missed) == (3, 5, 1)
    assert shown.rejected == {"wrong-topic": 2, "repeat": 4, "frame-mac": 7}


TOLD = ("relay-added", "relay-removed")


# --- a whole station ------------------------------------------------------------------------------------------


def write(home: Home, *relays: RelayConfig) -> None:
    home.config_path.write_text(config.initial_text("X", relays))


async def test_a_line_moves_from_one_relay_to_another_while_it_runs(stage: Stage, north: Home, south: Home) -> None:
    async with stage.running(north) as n, stage.running(south) as s:
        await stored(n, consultation("over the first"))
        for home, client in ((north, n), (south, s)):
            write(home, FIRST, SECOND)
            assert (await client.reload_relays()).added == ["second"]
        for home, client in ((north, n), (south, s)):
            write(home, SECOND)
            assert (await client.reload_relays()).removed == ["first"]
        stage.brokers["first"].stop()
        await stored(n, consultation("over the second"))
        assert [path.name for path in (await n.status()).paths] == ["second"]
        told = [event.text async for event in n.events(after=0, follow=False) if event.kind in TOLD]
        assert told == ["Relay first was added.", "Relay second was added.", "Relay first was removed."]


async def test_a_station_without_any_relay_says_path_down_and_heals_when_it_gets_one(
    stage: Stage, north: Home, south: Home
) -> None:
    async with stage.running(north) as n, stage.running(south):
        await line_is(n, "attended")
        write(north)
        await n.reload_relays()
        await line_is(n, "path down")
        write(north, FIRST)
        await n.reload_relays()
        await stored(n, consultation("again"))


async def test_a_configuration_that_cannot_be_read_leaves_the_relays_as_they_are(stage: Stage, north: Home) -> None:
    async with stage.running(north) as n:
        north.config_path.write_text("[[relay]]\n")
        with pytest.raises(ConfigError, match=r"station\.toml"):
            await n.reload_relays()
        assert [path.name for path in (await n.status()).paths] == ["first"]


async def test_status_counts_by_path_what_a_stranger_wrote_and_who_was_late(
    stage: Stage, north: Home, south: Home
) -> None:
    both = ("first", "second")
    async with stage.running(north, relays=both) as n, stage.running(south, relays=both) as s:
        await stored(n, consultation("one"))
        (topic,) = stage.engine(south).ports
        stage.brokers["second"].publish(topic, bytes(2048))
        status = await until(
            s.status,
            lambda at: "frame-version" in at.paths[1].rejected and min(path.carried for path in at.paths) >= 3,
            what="counted",
        )
        first, second = status.paths
        assert first.rejected.get("frame-version") is None
        assert second.late_ms is not None
        await until(lambda: line_of(s), lambda line: line.rejected == {"frame-version": 1}, what="counted for the line")
