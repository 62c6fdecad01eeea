"""Whoever can publish on the line's topics: every frame is counted with its reason, and the line goes on."""

import random
from pathlib import Path

import aiomqtt
import pytest

from hotline.api.types import LineStatus
from hotline.core.frame import SIZES, VERSION
from hotline.custody.keyring import Keyring
from hotline.home import Home
from tests.brokers import Broker
from tests.integration.pair import pair
from tests.station.pair import consultation, incoming_topic, line_of, no_passphrase, stored, until

FRAMES = 200


def stranger(broker: Broker) -> aiomqtt.Client:
    """Somebody whom the relay lets in, and who knows no key."""
    return aiomqtt.Client(
        broker.host, broker.port, username=broker.username, password=broker.password,
        protocol=aiomqtt.ProtocolVersion.V311,
    )  # fmt: skip


def rejected(line: LineStatus) -> int:
    return sum(line.rejected.values())


async def test_random_bytes_on_the_topic_are_counted_and_the_line_goes_on(
    made: Path, tmp_path: Path, broker: Broker
) -> None:
    draw = random.Random(1)
    async with pair(made, tmp_path / "pair", broker) as two:
        topic = incoming_topic(two.south.home)
        await two.start()
        async with two.clients() as (north, south):
            await stored(north, consultation("before"))
            async with stranger(broker) as client:
                for _ in range(FRAMES):
                    size = draw.choice([0, 1, 16, draw.randrange(60_000), *SIZES[:4]])
                    begins = draw.choice([b"", b"", bytes([VERSION])])  # as a frame of this version does
                    await client.publish(topic, begins + draw.randbytes(size)[len(begins) :])
            line = await until(lambda: line_of(south), lambda at: rejected(at) >= FRAMES, what="every frame counted")
            assert rejected(line) == FRAMES
            assert set(line.rejected) == {"frame-size", "frame-version", "frame-mac"}
            await stored(north, consultation("after"))
            await stored(south, consultation("and back"))
        await two.stop()
        assert "frame-mac" in two.south.log
        two.verify()


async def test_frames_of_the_peer_that_are_repeated_or_damaged_change_nothing(
    made: Path, tmp_path: Path, relay: Broker
) -> None:
    """What a relay can do with frames that it has seen: play them again, whole or with a bit turned."""
    async with pair(made, tmp_path / "pair", relay) as two:
        await two.start()
        topic = incoming_topic(two.south.home)
        async with two.clients() as (north, south), stranger(relay) as client:
            await client.subscribe(topic)
            for number in range(5):
                await stored(north, consultation(f"notice {number}"))
            heard = [bytes(message.payload) async for message in _some(client, 8)]
            for frame in heard * 2:
                turned = bytearray(frame)
                turned[len(turned) // 2] ^= 1
                await client.publish(topic, frame)
                await client.publish(topic, bytes(turned))
            line = await until(
                lambda: line_of(south), lambda at: rejected(at) >= len(heard), what="the damaged frames counted"
            )
            assert set(line.rejected) <= {"frame-seal", "frame-key", "frame-mac", "stale"}
            page = await until(south.inbox, lambda page: len(page.notices) >= 5, what="five notices")
            assert [notice.serial for notice in page.notices] == [1, 2, 3, 4, 5]
            await stored(north, consultation("after"))
        await two.stop()
        two.verify()


async def _some(client: aiomqtt.Client, count: int):  # type: ignore[no-untyped-def]  # aiomqtt's iterator
    async for message in client.messages:
        yield message
        count -= 1
        if not count:
            return


async def test_a_frame_larger_than_any_of_ours_is_not_taken(made: Path, tmp_path: Path, relay: Broker) -> None:
    async with pair(made, tmp_path / "pair", relay) as two:
        await two.start()
        async with two.clients() as (north, south):
            async with stranger(relay) as client:
                await client.publish(incoming_topic(two.south.home), bytes(SIZES[-1] + 1))
            await stored(north, consultation("all the same"))
            page = await until(south.inbox, lambda page: page.notices, what="the notice in the inbox")
            assert page.notices[0].subject == "all the same"


@pytest.mark.parametrize("name", ["north", "south"])
def test_the_topics_of_the_two_directions_differ_and_name_nobody(made: Path, name: str) -> None:
    home = Home(made / name)
    (peer,) = home.lines()
    line = Keyring.load(home, no_passphrase).line(peer.card)
    assert line.incoming.topic_id != line.outgoing.topic_id
    assert "NORTH" not in line.incoming.topic_id.upper()
