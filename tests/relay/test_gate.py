"""The bounds that amqtt does not have, against our own relay in this process."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from hotline import limits
from hotline.relay import bounds
from hotline.relay.embedded import serve
from hotline.relay.gate import Door
from tests.brokers import HOST, eventually
from tests.relay.harness import packet, publish, read_packet

ACCEPTED = (0x20, b"\x00\x00")
NOT_AUTHORIZED = (0x20, b"\x00\x05")


def connect(
    name: str = "u", password: str = "p", *, keepalive_s: int = 0, client_id: bytes = b"c", clean: bool = True
) -> bytes:
    def text(data: bytes) -> bytes:
        return len(data).to_bytes(2, "big") + data

    flags = bytes([0xC2 if clean else 0xC0])
    body = text(client_id) + text(name.encode()) + text(password.encode())
    return packet(0x10, b"\x00\x04MQTT\x04" + flags + keepalive_s.to_bytes(2, "big") + body)


def subscribe(topic: bytes) -> bytes:
    return packet(0x82, b"\x00\x01" + len(topic).to_bytes(2, "big") + topic + b"\x00")


class Client:
    """A raw client: what a station's software never sends, it can."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def say(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def hear(self) -> tuple[int, bytes]:
        return await asyncio.wait_for(read_packet(self.reader), 60)

    async def is_cut_off(self) -> bool:
        try:
            return await asyncio.wait_for(self.reader.read(1), 60) == b""
        except ConnectionError:
            return True

    async def enter(self, **fields: Any) -> None:
        await self.say(connect(**fields))
        assert await self.hear() == ACCEPTED


class Relay:
    def __init__(self, port: int) -> None:
        self.port = port
        self.clients: list[Client] = []

    async def client(self) -> Client:
        client = Client(*await asyncio.open_connection(HOST, self.port))
        self.clients.append(client)
        return client


@pytest.fixture
async def relay() -> AsyncIterator[Relay]:
    ports: list[int] = []
    task = asyncio.create_task(serve(HOST, 0, users={"u": "p"}, ready=ports.append))
    await eventually(lambda: ports or task.done())
    made = Relay(ports[0])
    yield made
    for client in made.clients:
        client.writer.transport.abort()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize(
    ("users", "anonymous", "name", "password", "known"),
    [
        ({"u": "p"}, False, "u", "p", True),
        ({"u": "p"}, False, "u", "P", False),
        ({"u": "p"}, False, "u", "", False),
        ({"u": "p"}, False, "u", None, False),
        ({"u": "p"}, False, "v", "p", False),
        ({"u": "p"}, False, "v", "", False),
        ({"u": "p"}, False, None, None, False),
        ({"ü": "pässword"}, False, "ü", "pässword", True),
    ],
)
def test_a_name_and_its_password_are_known_together(
    users: dict[str, str], anonymous: bool, name: str | None, password: str | None, known: bool
) -> None:
    assert Door(users=users, allow_anonymous=anonymous).knows(name, password) is known


def test_the_door_does_not_show_its_passwords() -> None:
    assert "hunter2" not in repr(Door(users={"u": "hunter2"}))


@pytest.mark.parametrize("wrong", [{"password": "x"}, {"name": "x"}, {"name": ""}, {"clean": False}])
async def test_whoever_may_not_enter_is_told_so_and_cut_off(relay: Relay, wrong: dict[str, Any]) -> None:
    client = await relay.client()
    await client.say(connect(**wrong))
    assert await client.hear() == NOT_AUTHORIZED
    assert await client.is_cut_off()


async def test_whoever_was_refused_hears_nothing_under_the_name_of_one_that_was_let_in(relay: Relay) -> None:
    stranger = await relay.client()
    await stranger.say(connect(password="x", client_id=b"same") + subscribe(b"t"))
    assert await stranger.hear() == NOT_AUTHORIZED
    friend = await relay.client()
    await friend.enter(client_id=b"same")
    await friend.say(subscribe(b"t"))
    await friend.hear()
    await friend.say(publish(b"t", b"secret"))
    assert (await friend.hear())[1].endswith(b"secret")
    assert await stranger.is_cut_off()


async def test_a_client_of_version_5_is_told_at_once_that_it_is_not_spoken_here(relay: Relay) -> None:
    client = await relay.client()
    await client.say(packet(0x10, b"\x00\x04MQTT\x05\x02\x00\x14\x00\x00\x01c"))
    assert await client.hear() == (0x20, b"\x00\x84\x00")
    assert await client.is_cut_off()


async def test_whoever_says_nothing_is_cut_off(relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "RELAY_CONNECT_S", 0.05)
    assert await (await relay.client()).is_cut_off()


async def test_whoever_says_little_at_a_time_is_cut_off_too(relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "RELAY_CONNECT_S", 0.1)
    client = await relay.client()

    async def drip() -> None:
        for byte in connect(client_id=b"x" * 500):
            client.writer.write(bytes([byte]))
            await asyncio.sleep(0.01)

    dripping = asyncio.create_task(drip())
    assert await client.is_cut_off()
    dripping.cancel()


async def test_a_client_that_falls_silent_for_longer_than_its_keepalive_is_cut_off(relay: Relay) -> None:
    client = await relay.client()
    await client.enter(keepalive_s=1)
    began = asyncio.get_running_loop().time()
    assert await client.is_cut_off()
    assert asyncio.get_running_loop().time() - began >= 1.4


async def test_a_client_that_states_no_keepalive_is_cut_off_in_the_end(
    relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "IDLE_S", 0.05)
    client = await relay.client()
    await client.enter()
    assert await client.is_cut_off()


async def test_a_packet_larger_than_any_frame_is_not_collected(relay: Relay) -> None:
    client = await relay.client()
    await client.enter()
    await client.say(b"\x30\xff\xff\xff\x7f\x00\x01t")
    assert await client.is_cut_off()


async def hear_to_the_end(client: Client) -> None:
    while True:
        await client.hear()


async def test_a_reader_that_does_not_read_is_cut_off_and_the_others_go_on(
    relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "UNSENT_BYTES", 200_000)
    idle, busy = await relay.client(), await relay.client()
    await idle.enter(client_id=b"idle")
    await idle.say(subscribe(b"t"))
    await idle.hear()
    idle_transport: Any = idle.writer.transport
    idle_transport.pause_reading()
    await busy.enter(client_id=b"busy")
    await busy.say(subscribe(b"t"))
    await busy.hear()
    for number in range(200):
        await busy.say(publish(b"t", bytes(60_000) + number.to_bytes(2, "big")))
        assert (await busy.hear())[1].endswith(number.to_bytes(2, "big"))
    idle_transport.resume_reading()
    with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
        await hear_to_the_end(idle)


async def test_a_flood_of_publishes_waits_at_its_sender_and_is_passed_on_whole(
    relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "BACKLOG_MESSAGES", 2)
    client = await relay.client()
    await client.enter()
    await client.say(subscribe(b"t"))
    await client.hear()
    client.writer.write(b"".join(publish(b"t", number.to_bytes(2, "big")) for number in range(500)))
    assert [(await client.hear())[1][-2:] for _ in range(500)] == [number.to_bytes(2, "big") for number in range(500)]
