"""What every relay promises, whatever carries it: the same tests in memory, against our own relay and mosquitto."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hotline import limits
from hotline.errors import UsageError
from hotline.relay import bounds
from hotline.relay.base import Relay
from hotline.relay.memory import MemoryBroker
from hotline.relay.mqtt import MqttRelay
from tests.brokers import Broker, embedded, mosquitto
from tests.relay.harness import Make, running

FENCE = b"nothing arrives after this"


@dataclass
class Bench:
    """A broker under test: `path(name)` makes relays to it."""

    path: Callable[[str], Make]
    kill: Callable[[], Awaitable[None]]
    start: Callable[[], Awaitable[None]]
    ordered: bool = field(default=True)  # QoS 1 with several in flight promises no order


def _in_memory() -> Bench:
    broker = MemoryBroker()

    async def kill() -> None:
        broker.stop()

    async def start() -> None:
        broker.start()

    return Bench(lambda name: lambda deliver, on_state: broker.relay(name, deliver, on_state), kill, start)


def _over_mqtt(broker: Broker, version: str, qos: int) -> Bench:
    def path(name: str) -> Make:
        return lambda deliver, on_state: MqttRelay(broker.config(name, version=version, qos=qos), deliver, on_state)

    return Bench(path, broker.kill, broker.start, ordered=not qos)


@pytest.fixture(
    params=["memory", "embedded 3.1.1 0", "embedded 3.1.1 1", "mosquitto 3.1.1 0", "mosquitto 5 0", "mosquitto 5 1"]
)
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    kind, *rest = str(request.param).split()
    if kind == "memory":
        yield _in_memory()
        return
    version, qos = rest
    async with (embedded if kind == "embedded" else mosquitto)(tmp_path) as broker:
        yield _over_mqtt(broker, version, int(qos))


async def test_a_frame_arrives_as_it_was_sent_at_the_path_that_wants_its_topic(bench: Bench) -> None:
    async with running(bench.path("south"), "line/a") as south, running(bench.path("north")) as north:
        assert isinstance(south.relay, Relay)
        frame = bytes(range(256)) * 4
        assert north.relay.send("line/a", frame)
        await south.until_frames(1)
        assert south.frames == [("line/a", frame)]
        async with asyncio.timeout(20):  # QoS 1 counts what was sent once the broker has said so
            while north.relay.counters.sent < 1:  # noqa: ASYNC110  # a counter wakes nobody
                await asyncio.sleep(0.01)
        assert (north.relay.counters.sent, south.relay.counters.received) == (1, 1)


async def test_the_largest_frame_of_the_protocol_fits(bench: Bench) -> None:
    async with running(bench.path("south"), "t") as south, running(bench.path("north")) as north:
        assert north.relay.max_frame_bytes >= limits.FRAME_BYTES
        frame = b"\xa5" * limits.FRAME_BYTES
        assert north.relay.send("t", frame)
        await south.until_frames(1)
        assert south.payloads == [frame]


async def test_frames_arrive_in_the_order_in_which_they_were_sent(bench: Bench) -> None:
    async with running(bench.path("south"), "t") as south, running(bench.path("north")) as north:
        frames = [f"frame {number}".encode() for number in range(300)]
        for frame in frames:
            assert north.relay.send("t", frame)
        await south.until_frames(len(frames))
        assert south.payloads == frames if bench.ordered else sorted(south.payloads) == sorted(frames)


async def test_a_topic_that_is_not_wanted_or_not_any_more_brings_nothing(bench: Bench) -> None:
    async with running(bench.path("south"), "first", "fence") as south, running(bench.path("north")) as north:
        assert north.relay.send("first", b"1")
        await south.until_frames(1)
        south.relay.unsubscribe("first")
        assert north.relay.send("first", b"2")
        assert north.relay.send("second", b"3")
        assert north.relay.send("fence", FENCE)
        await south.until_frames(2)
        assert south.payloads == [b"1", FENCE]


async def test_a_topic_can_be_wanted_while_connected(bench: Bench) -> None:
    async with running(bench.path("south"), "first") as south, running(bench.path("north")) as north:
        south.relay.subscribe("second")
        while "second" not in [topic for topic, _ in south.frames]:
            # The relay may not know yet that it is wanted: lossy, so the protocol says it again, as we do.
            assert north.relay.send("second", b"x")
            assert north.relay.send("first", b"y")
            await south.until_frames(len(south.frames) + 1)


async def test_a_frame_is_refused_and_counted_while_the_path_is_not_up(bench: Bench) -> None:
    await bench.kill()
    async with running(bench.path("north"), wait_for=None) as north:
        assert north.relay.state.status == "connecting"
        assert not north.relay.send("t", b"x")
        assert north.relay.counters.unsent == 1


async def test_a_frame_beyond_the_bound_is_refused_and_counted_and_the_next_one_passes(bench: Bench) -> None:
    async with running(bench.path("south"), "t") as south, running(bench.path("north")) as north:
        assert not north.relay.send("t", bytes(north.relay.max_frame_bytes + 1))
        assert north.relay.send("t", bytes(north.relay.max_frame_bytes))
        await south.until_frames(1)
        assert north.relay.counters.oversized_out == 1
        assert len(south.payloads[0]) == north.relay.max_frame_bytes


async def test_a_full_queue_drops_its_oldest_frames_and_counts_them(bench: Bench) -> None:
    async with running(bench.path("south"), "t") as south, running(bench.path("north")) as north:
        frames = [number.to_bytes(2, "big") for number in range(limits.RELAY_OUTBOUND_FRAMES + 100)]
        assert all(north.relay.send("t", frame) for frame in frames)  # in one turn of the loop: nothing leaves yet
        assert north.relay.counters.dropped == 100
        await south.until_frames(limits.RELAY_OUTBOUND_FRAMES)
        assert sorted(south.payloads) == frames[100:]


async def test_after_a_kill_and_a_restart_at_the_same_port_wanted_topics_bring_frames_again(bench: Bench) -> None:
    async with running(bench.path("south"), "t") as south, running(bench.path("north")) as north:
        await bench.kill()
        state = await south.until("down")
        await north.until("down")
        assert "south" in state.detail
        assert not north.relay.send("t", b"lost")
        await bench.start()
        await south.until("up")
        await north.until("up")
        assert south.relay.state.detail == ""
        assert north.relay.send("t", b"found")
        await south.until_frames(1)
        assert south.payloads == [b"found"]
        assert [state.status for state in south.states] == ["up", *["down"] * (len(south.states) - 2), "up"]
        assert south.relay.counters.connects == 2
        assert south.relay.counters.failures >= 1


async def test_nothing_that_was_sent_waits_for_a_path_that_comes_later(bench: Bench) -> None:
    async with running(bench.path("north"), "t") as north:
        assert north.relay.send("t", b"early")
        await north.until_frames(1)
        async with running(bench.path("south"), "t") as south:
            assert north.relay.send("t", FENCE)
            await south.until_frames(1)
            assert south.payloads == [FENCE]


@pytest.mark.parametrize(
    "topic", ["", "a/#", "+/a", "$SYS/x", "a//b", "/a", "a/", "a b", "ä", "a\0b", "x" * (bounds.TOPIC_BYTES + 1)]
)
async def test_words_that_are_no_topic_are_refused(topic: str) -> None:
    relay = _in_memory().path("north")(lambda *_: None, lambda _: None)
    for call in (lambda: relay.subscribe(topic), lambda: relay.send(topic, b"")):
        with pytest.raises(UsageError):
            call()


async def test_the_longest_topic_is_carried(bench: Bench) -> None:
    topic = "t" * bounds.TOPIC_BYTES
    async with running(bench.path("south"), topic) as south, running(bench.path("north")) as north:
        assert north.relay.send(topic, bytes(north.relay.max_frame_bytes))
        await south.until_frames(1)
        assert south.frames[0][0] == topic


async def test_a_path_says_that_it_is_out_of_use_once_its_run_is_cancelled(bench: Bench) -> None:
    async with running(bench.path("north")) as north:
        up = north.relay.state
    assert north.relay.state.status == "down"
    assert north.relay.state.since >= up.since
    assert "not in use" in north.relay.state.detail
    assert not north.relay.send("t", b"x")


async def test_many_topics_are_all_carried(bench: Bench) -> None:
    topics = [f"line/{number}" for number in range(bounds.TOPICS_IN_ONE_SUBSCRIBE * 2 + 1)]
    async with running(bench.path("south"), *topics) as south, running(bench.path("north")) as north:
        for topic in topics:
            assert north.relay.send(topic, topic.encode())
        await south.until_frames(len(topics))
        assert sorted(south.frames) == sorted((topic, topic.encode()) for topic in topics)


async def test_the_path_to_a_relay_has_a_measured_delay(bench: Bench) -> None:
    async with running(bench.path("south"), "t") as south:
        assert south.relay.delay_s is not None
        assert 0 <= south.relay.delay_s < limits.RELAY_CONNECT_S
