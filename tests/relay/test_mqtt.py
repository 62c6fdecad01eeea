"""What only a path over MQTT does: names, passwords, what a hostile or odd relay sends, and coming back."""

import asyncio
import logging
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from hotline import limits
from hotline.relay import bounds
from hotline.relay.config import RelayConfig
from hotline.relay.mqtt import MqttRelay
from tests.brokers import Broker, embedded, eventually, free_port, mosquitto
from tests.integration.stalling import stalling
from tests.relay.harness import CONNACK, Make, accept, publish, read_packet, running, scripted, stay, suback

FENCE = b"nothing arrives after this"
BROKERS = [
    ("mosquitto", "5"),
    ("mosquitto", "3.1.1"),
    ("embedded", "3.1.1"),
    ("mosquitto", "auto"),
    ("embedded", "auto"),
]


def path(broker: Broker, name: str = "north", **fields: Any) -> Make:
    return lambda deliver, on_state: MqttRelay(broker.config(name, **fields), deliver, on_state)


def path_to(url: str, **fields: Any) -> Make:
    config = RelayConfig(name="north", url=url, **({"version": "3.1.1"} | fields))
    return lambda deliver, on_state: MqttRelay(config, deliver, on_state)


def secret(folder: Path, text: str) -> str:
    file = folder / "given-password"
    file.touch(0o600)
    file.write_text(text)
    return str(file)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "RELAY_BACKOFF_FIRST_S", 0.01)
    monkeypatch.setattr(limits, "RELAY_BACKOFF_MOST_S", 0.05)


@pytest.mark.integration
@pytest.mark.parametrize(("kind", "version"), BROKERS)
async def test_a_wrong_password_is_told_as_such_and_never_shown(kind: str, version: str, tmp_path: Path) -> None:
    wrong = "hunter2 is wrong"
    async with (embedded if kind == "embedded" else mosquitto)(tmp_path) as broker:
        make = path(broker, version=version, password_file=secret(tmp_path, wrong))
        async with running(make, wait_for="down") as north:
            assert north.relay.state.detail == "relay north refused the user name or password"
            assert north.relay.state.status == "refused"  # not `down`: only a person can end it
            shown = repr(north.relay) + repr(vars(north.relay)) + broker.output + broker.errors
            assert wrong not in shown


@pytest.mark.integration
@pytest.mark.parametrize(("kind", "version"), BROKERS)
async def test_a_client_without_a_name_is_refused(kind: str, version: str, tmp_path: Path) -> None:
    async with (embedded if kind == "embedded" else mosquitto)(tmp_path) as broker:
        make = path(broker, version=version, username=None, password_file=None)
        async with running(make, wait_for="down") as north:
            assert "refused the user name or password" in north.relay.state.detail


@pytest.mark.integration
async def test_a_password_that_is_put_right_lets_a_running_path_in(hurried: None, tmp_path: Path) -> None:
    async with mosquitto(tmp_path) as broker:
        file = secret(tmp_path, "wrong")
        async with running(path(broker, password_file=file), wait_for="down") as north:
            secret(tmp_path, broker.password)
            await north.until("up")


@pytest.mark.integration
async def test_a_password_file_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    async with mosquitto(tmp_path) as broker:
        broker.password_file.chmod(0o644)
        async with running(path(broker), wait_for="down") as north:
            assert "can be read by others" in north.relay.state.detail
            assert "chmod 600" in north.relay.state.detail
            assert north.relay.counters.connects == 0


async def test_a_refusal_is_tried_again_only_after_the_longest_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(time.monotonic())
        await read_packet(reader)
        writer.write(b"\x20\x02\x00\x05")
        await stay(reader)

    monkeypatch.setattr(limits, "RELAY_BACKOFF_FIRST_S", 0.001)
    monkeypatch.setattr(limits, "RELAY_BACKOFF_MOST_S", 0.4)
    async with scripted(refuse) as url, running(path_to(url), wait_for="down"):
        await eventually(lambda: len(asked) >= 3)
    assert all(later - earlier >= 0.2 for earlier, later in pairwise(asked))


async def test_pauses_between_attempts_grow_up_to_a_bound(hurried: None) -> None:
    began = time.monotonic()
    async with running(path_to(f"mqtt://127.0.0.1:{free_port()}"), wait_for="down") as north:
        await eventually(lambda: north.relay.counters.failures >= 8)
    least_s = 0.5 * (0.01 + 0.02 + 0.04 + 4 * 0.05)
    assert time.monotonic() - began >= least_s
    assert len(north.states) == 2  # one for all of them, and the end


async def test_a_relay_that_does_not_run_and_a_host_that_does_not_exist_are_told_apart() -> None:
    port = free_port()
    async with running(path_to(f"mqtt://127.0.0.1:{port}"), wait_for="down") as north:
        assert north.relay.state.detail == f"relay north does not run: nothing listens at 127.0.0.1:{port}"
    async with running(path_to("mqtt://relay.invalid"), wait_for="down") as north:
        assert "relay.invalid" in north.relay.state.detail


@pytest.mark.integration
@pytest.mark.parametrize("version", ["5", "3.1.1"])
async def test_a_retained_frame_is_like_any_other_or_not_asked_for(version: str, tmp_path: Path) -> None:
    """Version 5 can ask for none. In 3.1.1 an old frame comes, and the protocol above knows it as old."""

    def retaining(conf: str) -> str:
        return conf.replace("retain_available false", "retain_available true")

    async with mosquitto(tmp_path, edit=retaining) as broker, running(path(broker, "sender")) as sender:
        await retain(broker, "hotline/t", b"old")
        async with running(path(broker, version=version), "t", "fence") as north:
            assert sender.relay.send("fence", FENCE)
            await eventually(lambda: FENCE in north.payloads)
            assert north.payloads == ([FENCE] if version == "5" else [b"old", FENCE])


async def retain(broker: Broker, topic: str, frame: bytes) -> None:
    """Leave a retained message, as some other client of the relay may."""
    import aiomqtt

    async with aiomqtt.Client(broker.host, broker.port, username=broker.username, password=broker.password) as stranger:
        await stranger.publish(topic, frame, qos=1, retain=True)


@pytest.mark.integration
async def test_a_brokers_maximum_packet_size_is_the_paths_bound(tmp_path: Path) -> None:
    async with mosquitto(tmp_path, max_packet_bytes=20_000) as broker, running(path(broker), "t") as north:
        most = north.relay.max_frame_bytes
        assert 19_000 < most < 20_000
        assert not north.relay.send("t", bytes(most + 1))
        assert north.relay.counters.oversized_out == 1
        assert north.relay.send("t", bytes(most))
        await north.until_frames(1)
        assert north.relay.counters.failures == 0


GARBAGE = [
    (b"hotline/other", b"another topic of the prefix"),
    (b"elsewhere/t", b"another prefix"),
    (b"hotline", b"the prefix alone"),
    (b"hotline/", b"an empty topic"),
    (b"hotline/t/", b"longer"),
    (b"hotline/\xff\xfe", b"no UTF-8"),
    (b"hotline/+", b"a wildcard"),
    (b"$SYS/hotline/t", b"the broker's own"),
    ("hotline/t\u202e".encode(), b"bidi"),
]


async def test_frames_under_garbage_topics_are_counted_and_the_path_stays_up() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(reader, writer)
        for topic, payload in GARBAGE:
            writer.write(publish(topic, payload))
        writer.write(publish(b"hotline/t", b"good", retain=True))
        await stay(reader)

    async with scripted(script) as url, running(path_to(url), "t") as north:
        await north.until_frames(1)
        assert north.frames == [("t", b"good")]
        assert north.relay.counters.wrong_topic == len(GARBAGE)
        assert north.relay.counters.failures == 0


async def test_a_frame_larger_than_any_is_counted_and_the_path_stays_up() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(reader, writer)
        writer.write(publish(b"hotline/t", bytes(bounds.FRAME_MOST_BYTES + 1)) + publish(b"hotline/t", b"good"))
        await stay(reader)

    async with scripted(script) as url, running(path_to(url), "t") as north:
        await north.until_frames(1)
        assert north.payloads == [b"good"]
        assert north.relay.counters.oversized_in == 1


async def test_a_packet_larger_than_any_frame_takes_the_path_down_with_the_reason(hurried: None) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(reader, writer)
        writer.write(b"\x30\xff\xff\xff\x7f")
        await stay(reader)

    async with scripted(script) as url, running(path_to(url), "t", wait_for=None) as north:
        await eventually(lambda: any("larger than any frame" in state.detail for state in north.states))


async def test_a_flood_is_delivered_whole_and_in_order() -> None:
    count = 5000

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(reader, writer)
        for number in range(count):
            writer.write(publish(b"hotline/t", number.to_bytes(4, "big")))
        await stay(reader)

    async with scripted(script) as url, running(path_to(url), "t") as north:
        await north.until_frames(count)
        assert north.payloads == [number.to_bytes(4, "big") for number in range(count)]


async def test_refused_topics_are_told_while_the_others_work() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(reader, writer, 0, 0x80)
        writer.write(publish(b"hotline/a", b"good"))
        await stay(reader)

    async with scripted(script) as url, running(path_to(url), "a", "b") as north:
        await north.until_frames(1)
        assert north.relay.state.detail == "relay north refuses to pass on 1 of 2 topics to us"
        assert north.relay.counters.topics_refused == 1


async def test_a_refused_topic_that_is_not_wanted_any_more_is_told_no_longer() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(reader, writer, 0, 0x80)
        unsubscribe = await read_packet(reader)
        writer.write(b"\xb0\x02" + unsubscribe[1][:2])
        await stay(reader)

    async with scripted(script) as url, running(path_to(url), "a", "b") as north:
        north.relay.unsubscribe("b")
        await eventually(lambda: not north.relay.state.detail)
        assert north.relay.state.status == "up"


async def test_a_path_is_up_only_once_what_it_wants_is_subscribed() -> None:
    asked = asyncio.Event()
    go_on = asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_packet(reader)
        writer.write(CONNACK)
        subscribe = await read_packet(reader)
        asked.set()
        await go_on.wait()
        writer.write(suback(subscribe, 0))
        await stay(reader)

    async with scripted(script) as url, running(path_to(url), "a", wait_for=None) as north:
        await asyncio.wait_for(asked.wait(), 60)
        assert north.relay.state.status == "connecting"
        go_on.set()
        await north.until("up")


async def test_a_relay_that_reads_nothing_costs_a_bounded_queue(hurried: None) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(reader, writer)
        await asyncio.Event().wait()

    async with scripted(script) as url, running(path_to(url), "t") as north:
        sent = limits.RELAY_OUTBOUND_FRAMES * 2
        for _ in range(sent):
            assert north.relay.send("t", bytes(limits.FRAME_BYTES))
            await asyncio.sleep(0)
        counters = north.relay.counters
        assert counters.dropped >= sent - limits.RELAY_OUTBOUND_FRAMES - counters.sent - 1
        assert counters.dropped > 0


async def test_a_fault_of_our_own_ends_the_run_and_is_not_taken_for_a_fault_of_the_relay() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(reader, writer)
        writer.write(publish(b"hotline/t", b"x"))
        await stay(reader)

    def deliver(path_name: str, topic: str, frame: bytes) -> None:
        raise LookupError("ours")

    async with scripted(script) as url:
        relay = MqttRelay(RelayConfig(name="north", url=url, version="3.1.1"), deliver, lambda _: None)
        relay.subscribe("t")
        with pytest.raises(LookupError):
            await asyncio.wait_for(relay.run(), 60)


async def test_a_connection_that_is_lost_again_and_again_logs_nothing(
    hurried: None, caplog: pytest.LogCaptureFixture
) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(reader, writer)
        writer.write(publish(b"hotline/\xff", b"x") + b"\xff\xff")

    caplog.set_level(logging.DEBUG)
    async with scripted(script) as url, running(path_to(url), "t", wait_for=None) as north:
        await eventually(lambda: north.relay.counters.failures >= 3)
    assert [record for record in caplog.records if record.name != "asyncio"] == []
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.integration
@pytest.mark.parametrize("qos", [0, 1])
async def test_a_hop_is_far_quicker_than_nagles_pause(qos: int, tmp_path: Path) -> None:
    """Without TCP_NODELAY at both ends a hop at QoS 1 takes 40 ms and more."""
    async with mosquitto(tmp_path) as broker, running(path(broker, qos=qos), "t") as north:
        took: list[float] = []
        for number in range(1, 30):
            began = time.perf_counter()
            assert north.relay.send("t", bytes(2000))
            await north.until_frames(number)
            took.append(time.perf_counter() - began)
        assert sorted(took)[len(took) // 4] < 0.025  # the quicker ones: a busy machine makes some wait


@pytest.mark.integration
async def test_stations_of_another_prefix_share_a_relay_and_hear_nothing_of_each_other(tmp_path: Path) -> None:
    async with (
        mosquitto(tmp_path) as broker,
        running(path(broker, "a", topic_prefix="exercise/a"), "t") as a,
        running(path(broker, "b"), "t") as b,
    ):
        assert b.relay.send("t", b"b")
        assert a.relay.send("t", b"a")
        await a.until_frames(1)
        await b.until_frames(1)
        assert (a.payloads, b.payloads) == ([b"a"], [b"b"])


@pytest.mark.parametrize("qos", [0, 1])
async def test_a_path_ends_when_cancelled_at_any_moment(qos: int) -> None:
    """Whatever it waits for, and also when an answer or the end of the connection comes in the same turn."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(reader, writer, qos)
        for _ in range(3):
            _, body = await read_packet(reader)
            if qos:
                id_at = 2 + len("hotline/t")
                writer.write(b"\x40\x02" + body[id_at : id_at + 2])

    async with scripted(script) as url:
        for turns in range(60):
            async with running(path_to(url, qos=qos), "t") as north:
                for _ in range(4):
                    assert north.relay.send("t", b"x")
                for _ in range(turns):
                    await asyncio.sleep(0)


@pytest.mark.integration
async def test_the_delay_is_measured_again_and_again_and_grows_while_the_relay_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "PROBE_S", 0.02)
    async with (
        mosquitto(tmp_path) as broker,
        stalling(broker) as proxy,
        running(path(broker, url=proxy.url), "mine") as north,
    ):
        first = north.relay.delay_s
        await eventually(lambda: north.relay.delay_s != first, what="measured again")
        proxy.let_through.clear()
        await eventually(lambda: (north.relay.delay_s or 0) > 0.5, what="seen to take long")
        assert north.relay.state.status == "up"
        proxy.let_through.set()
        await eventually(lambda: (north.relay.delay_s or 1) < 0.5, what="measured in time again")
