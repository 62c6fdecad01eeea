"""What only the relay in memory promises: order, and a broker that can be told to stop."""

import asyncio

from hotline.relay.memory import MemoryBroker
from tests.relay.harness import Make, running


def to(broker: MemoryBroker, name: str) -> Make:
    return lambda deliver, on_state: broker.relay(name, deliver, on_state)


async def test_a_frame_arrives_after_the_call_that_sent_it_and_in_a_fixed_number_of_turns() -> None:
    broker = MemoryBroker()
    async with running(to(broker, "south"), "t") as south, running(to(broker, "north")) as north:
        for _ in range(2):
            south.frames.clear()
            assert north.relay.send("t", b"x")
            turns = [len(south.frames)]
            for _ in range(3):
                await asyncio.sleep(0)
                turns.append(len(south.frames))
            assert turns == [0, 0, 1, 1]


async def test_every_path_that_wants_a_topic_gets_the_frame_the_sender_too() -> None:
    broker = MemoryBroker()
    async with running(to(broker, "a"), "t") as a, running(to(broker, "b"), "t") as b:
        assert a.relay.send("t", b"x")
        await a.until_frames(1)
        await b.until_frames(1)


async def test_frames_on_their_way_are_lost_when_the_broker_stops() -> None:
    broker = MemoryBroker()
    async with running(to(broker, "south"), "t") as south, running(to(broker, "north")) as north:
        assert north.relay.send("t", b"x")
        broker.stop()
        broker.start()
        await north.until("up")
        await south.until("up")
        assert south.frames == []
        assert north.relay.counters.dropped == 1


async def test_a_broker_states_the_largest_frame_that_it_takes() -> None:
    broker = MemoryBroker(max_frame_bytes=10)
    async with running(to(broker, "north")) as north:
        assert north.relay.max_frame_bytes == 10
        assert not north.relay.send("t", bytes(11))
        assert north.relay.counters.oversized_out == 1


async def test_a_path_connects_as_soon_as_its_broker_starts() -> None:
    broker = MemoryBroker()
    broker.stop()
    async with running(to(broker, "north"), wait_for=None) as north:
        await asyncio.sleep(0)
        assert north.relay.state.status == "connecting"
        broker.start()
        await north.until("up")


async def test_a_frame_that_arrives_at_a_path_that_was_cut_is_lost() -> None:
    broker = MemoryBroker()
    async with running(to(broker, "south"), "t") as south:
        broker.publish("t", b"x")
        broker.stop()
        await asyncio.sleep(0)
        assert south.frames == []
