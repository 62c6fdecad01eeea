"""One connection against a relay that follows a script: what aiomqtt leaves open is closed here."""

import asyncio
import contextlib
import os
import random
import socket
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

import aiomqtt
import paho.mqtt.client
import pytest
from paho.mqtt.client import MQTTMessage

from hotline import limits
from hotline.relay import bounds
from hotline.relay.config import RelayConfig
from hotline.relay.connection import Connection
from tests.brokers import eventually, free_port
from tests.relay.harness import CONNACK, Script, accept, packet, publish, read_packet, scripted, stay

OURS = ["_client_connect", "_on_connect", "_on_disconnect", "_on_message", "_on_socket_register_write"]
PAHOS = ["_sock_close", "_ssl_wrap_socket", "loop_read", "socket", "connect_timeout"]


def to(url: str, **fields: Any) -> RelayConfig:
    return RelayConfig(name="north", url=url, **({"version": "3.1.1"} | fields))


class Opened:
    """A connection with what it took."""

    def __init__(self, config: RelayConfig) -> None:
        self.messages: list[MQTTMessage] = []
        self.connection = Connection(config, None, None, self.messages.append)


@asynccontextmanager
async def opened(script: Script, **fields: Any) -> AsyncIterator[Opened]:
    with ThreadPoolExecutor(1) as threads:
        async with scripted(script) as url:
            made = Opened(to(url, **fields))
            try:
                await made.connection.open(threads)
                yield made
            finally:
                await made.connection.close()


async def attempt(script: Script, **fields: Any) -> None:
    async with opened(script, **fields) as made:
        await made.connection.lost()


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "RELAY_CONNECT_S", 0.2)


async def test_everything_that_we_reach_into_is_where_it_was() -> None:
    """After an upgrade of either: read hotline/relay/connection.py against its source before changing this."""
    assert version("aiomqtt").startswith("2.5.")
    assert version("paho-mqtt").startswith("2.")
    client = aiomqtt.Client("relay.example", logger=None)
    assert {"_client", "_connected", "_disconnected", "_hostname", "_loop", "_misc_task"} <= set(vars(client))
    assert [name for name in OURS if not callable(getattr(aiomqtt.Client, name, None))] == []
    assert [name for name in PAHOS if not hasattr(paho.mqtt.client.Client, name)] == []
    assert client._client._in_packet["remaining_length"] == 0
    assert client._client._registered_write is False


@pytest.mark.parametrize("ending", ["_sock_close", "_call_socket_unregister_write"])
async def test_a_socket_that_is_closed_or_drained_before_the_loop_watches_it_is_not_watched(ending: str) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(reader, writer)
        await stay(reader)

    faults: list[dict[str, Any]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: faults.append(context))
    async with opened(script) as made:
        paho = made.connection._client
        watched = paho.socket()
        assert isinstance(watched, socket.socket)
        paho._call_socket_register_write()
        getattr(paho, ending)()
        await asyncio.sleep(0)
        assert faults == []
        assert watched.fileno() < 0 or not loop.remove_writer(watched)


async def test_small_packets_do_not_wait_on_either_side() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(reader, writer)

    async with opened(script) as made:
        plain = made.connection._client.socket()
        assert isinstance(plain, socket.socket)
        assert plain.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


async def test_a_connection_starts_clean_under_a_name_of_its_own() -> None:
    connects: list[bytes] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connects.append((await read_packet(reader))[1])
        writer.write(CONNACK)

    for _ in range(2):
        with pytest.raises(aiomqtt.MqttError):
            await attempt(script)
    header = (
        b"\x00\x04MQTT\x04\x02\x00\x14\x00\x16"  # 3.1.1, clean session and nothing else, keepalive 20, 22 bytes of id
    )
    assert [connect[: len(header)] for connect in connects] == [header, header]
    assert connects[0] != connects[1]


async def test_a_relay_of_version_5_states_what_it_takes() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_packet(reader)
        stated = b"\x27\x00\x00\x40\x00" + b"\x24\x00" + b"\x21\x00\x03"  # maximum packet size, QoS, receive maximum
        writer.write(packet(0x20, b"\x00\x00" + bytes([len(stated)]) + stated))
        await stay(reader)

    async with opened(script, version="5", qos=1) as made:
        stated = made.connection
        assert (stated.max_packet_bytes, stated.max_qos, stated.receive_maximum) == (16384, 0, 3)


async def test_without_a_statement_our_own_bounds_hold() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_packet(reader)
        writer.write(CONNACK)
        await stay(reader)

    async with opened(script) as made:
        stated = made.connection
        ours = (bounds.PACKET_BYTES, 1, bounds.INFLIGHT_QOS1)
        assert (stated.max_packet_bytes, stated.max_qos, stated.receive_maximum) == ours


async def test_a_relay_of_version_5_learns_our_largest_packet_and_is_asked_for_nothing_retained() -> None:
    seen: list[bytes] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append((await read_packet(reader))[1])
        writer.write(packet(0x20, b"\x00\x00\x00"))
        subscribe = await read_packet(reader)
        seen.append(subscribe[1])
        writer.write(packet(0x90, subscribe[1][:2] + b"\x00\x00"))
        await stay(reader)

    async with opened(script, version="5") as made:
        assert await made.connection.listen(["a/b"], 0) == []
    assert b"\x27" + bounds.PACKET_BYTES.to_bytes(4, "big") in seen[0]
    do_not_send_retained = 0x20
    assert seen[1][2:] == b"\x00" + b"\x00\x03a/b" + bytes([do_not_send_retained])


async def test_refused_topics_are_returned() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(reader, writer, 0, 0x80)
        await stay(reader)

    async with opened(script) as made:
        assert await made.connection.listen(["a", "b"], 0) == ["b"]


async def test_a_relay_that_closes_before_answering_is_noticed_at_once() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_packet(reader)

    with pytest.raises(aiomqtt.MqttError, match="before answering"):
        await attempt(script)


async def test_a_relay_that_never_answers_is_left(hurried: None) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await stay(reader)

    with pytest.raises(TimeoutError):
        await attempt(script)


async def test_a_packet_larger_than_any_frame_ends_the_connection_before_it_is_collected() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(reader, writer)
        writer.write(b"\x30\xff\xff\xff\x7f" + bytes(1000))  # 256 MB announced
        await stay(reader)

    async with opened(script) as made:
        await made.connection.listen(["a"], 0)
        with pytest.raises(aiomqtt.MqttError, match="larger than any frame"):
            await made.connection.lost()


def made_up_bytes() -> list[bytes]:
    """Bytes of no form, and packets of each type with a body that does not fit."""
    chance = random.Random(1)
    bodies = [chance.randbytes(chance.randrange(12)) for _ in range(4)]
    typed = [packet(kind << 4 | flags, body) for kind in range(16) for flags in (0, 2, 15) for body in bodies]
    return [b"\xff" * 64, b"GET / HTTP/1.0\r\n\r\n", b"\0\0", *typed]


@pytest.mark.parametrize("version", ["3.1.1", "5"])
@pytest.mark.parametrize("begin", [CONNACK, b""], ids=["after its answer", "for an answer"])
async def test_garbage_ends_the_connection_as_a_fault_of_the_relay(version: str, begin: bytes) -> None:
    for garbage in made_up_bytes():

        async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, garbage: bytes = garbage) -> None:
            await read_packet(reader)
            accepted = begin if version == "3.1.1" or not begin else packet(0x20, b"\0\0\0")
            writer.write(accepted + garbage)
            writer.write_eof()
            await stay(reader)

        with pytest.raises((aiomqtt.MqttError, OSError)):
            await attempt(script, version=version)


async def test_a_goodbye_is_said_and_the_socket_freed() -> None:
    packets: list[int] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_packet(reader)
        writer.write(CONNACK)
        packets.append((await read_packet(reader))[0])

    async with opened(script) as made:
        await made.connection.close()
        await eventually(lambda: packets)
    assert packets == [0xE0]
    assert made.connection._client.socket() is None


async def test_a_fault_of_our_own_in_taking_a_message_is_kept_and_not_hidden() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_packet(reader)
        writer.write(CONNACK + publish(b"a", b"x"))
        await stay(reader)

    def take(message: MQTTMessage) -> None:
        raise LookupError("ours")

    with ThreadPoolExecutor(1) as threads:
        async with scripted(script) as url:
            connection = Connection(to(url), None, None, take)
            with contextlib.suppress(aiomqtt.MqttError):  # the message may come with the answer, or after it
                await connection.open(threads)
                await connection.lost()
            await connection.close()
            assert isinstance(connection.failure, LookupError)


async def test_failed_attempts_leave_no_file_open(hurried: None) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await stay(reader)

    async def closing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_packet(reader)

    async def ten_attempts() -> int:
        """The files that are open after ten more."""
        for script in (silent, closing) * 5:
            with pytest.raises((aiomqtt.MqttError, TimeoutError)):
                await attempt(script)
        return len(os.listdir("/proc/self/fd"))

    before = await ten_attempts()
    await ten_attempts()
    await eventually(  # a server's side of the last ones may still be closing
        lambda: len(os.listdir("/proc/self/fd")) <= before + 1, what="every file closed"
    )


async def test_an_attempt_that_is_given_up_while_connecting_frees_its_socket_later() -> None:
    entered = asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        entered.set()
        assert await reader.read(1) in (b"", b"\x10")
        await stay(reader)

    with ThreadPoolExecutor(1) as threads:
        async with scripted(script) as url:
            made = Opened(to(url))
            opening = asyncio.create_task(made.connection.open(threads))
            await asyncio.sleep(0)
            opening.cancel()
            await asyncio.wait((opening,))
            await made.connection.close()
            await asyncio.get_running_loop().run_in_executor(threads, lambda: None)  # the connecting thread is done
            await eventually(lambda: made.connection._client.socket() is None, what="its socket freed")


async def test_nothing_listening_is_the_operating_systems_own_error() -> None:
    with ThreadPoolExecutor(1) as threads:
        made = Opened(to(f"mqtt://127.0.0.1:{free_port()}"))
        with pytest.raises(ConnectionRefusedError):
            await made.connection.open(threads)
        await made.connection.close()
