"""Stations and relays killed in the middle of an exchange: nothing is lost, nothing comes twice, both logs verify."""

import asyncio
import random
from pathlib import Path

import pytest

from tests.brokers import Broker, embedded, mosquitto
from tests.integration.pair import Pair, all_stored, inbox, numbered, pair, received_exactly, submit_all

COUNT = 150


async def goes_on_while(two: Pair, disturb: "asyncio.Task[None]", count: int = COUNT) -> None:
    """Submit at both ends while something is done to them; afterwards all of it is at the other end, once."""
    sent = {station.name: numbered(count, station.name) for station in two.both}
    async with two.clients() as (north, south):
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(submit_all(north, sent["NORTH"]))
            tasks.create_task(submit_all(south, sent["SOUTH"]))
            await disturb
        await asyncio.gather(all_stored(north), all_stored(south))
        await asyncio.gather(received_exactly(south, sent["NORTH"]), received_exactly(north, sent["SOUTH"]))
    await two.stop()
    two.verify()


@pytest.mark.parametrize("victims", [("north",), ("south",)], ids="".join)
async def test_a_station_killed_in_mid_exchange_loses_nothing(
    made: Path, tmp_path: Path, relay: Broker, victims: tuple[str, ...]
) -> None:
    await killed_and_restarted(made, tmp_path, relay, victims)


async def test_both_stations_killed_at_once_in_mid_exchange_lose_nothing(made: Path, tmp_path: Path) -> None:
    async with embedded(tmp_path) as relay:
        await killed_and_restarted(made, tmp_path, relay, ("north", "south"))


async def killed_and_restarted(made: Path, tmp_path: Path, relay: Broker, victims: tuple[str, ...]) -> None:
    moments = random.Random(f"{relay.kind} {victims}")

    async def disturb(two: Pair) -> None:
        for _ in range(2):
            await asyncio.sleep(moments.uniform(0.1, 0.8))
            struck = [station for station in two.both if station.name.lower() in victims]
            await asyncio.gather(*(station.kill() for station in struck))
            await asyncio.gather(*(station.start() for station in struck))

    async with pair(made, tmp_path / "pair", relay) as two:
        await two.start()
        await goes_on_while(two, asyncio.create_task(disturb(two)))


async def test_a_relay_killed_and_restarted_in_mid_exchange_costs_time_only(
    made: Path, tmp_path: Path, broker: Broker
) -> None:
    async def disturb() -> None:
        for _ in range(2):
            await asyncio.sleep(0.3)
            await broker.kill()
            await broker.start()

    async with pair(made, tmp_path / "pair", broker) as two:
        await two.start()
        await goes_on_while(two, asyncio.create_task(disturb()))


async def test_of_two_relays_one_may_die(made: Path, tmp_path: Path) -> None:
    async with (
        mosquitto(tmp_path) as first,
        embedded(tmp_path) as second,
        pair(made, tmp_path / "pair", first, second) as two,
    ):

        async def disturb() -> None:
            await asyncio.sleep(0.3)
            await first.kill()

        await two.start()
        await goes_on_while(two, asyncio.create_task(disturb()))


async def test_a_peer_that_was_never_there_gets_everything_when_it_comes(
    made: Path, tmp_path: Path, relay: Broker
) -> None:
    notices = numbered(50, "early")
    async with pair(made, tmp_path / "pair", relay) as two:
        await two.north.start()
        async with two.clients() as (north, south):
            await submit_all(north, notices)
            await two.south.start()
            await all_stored(north)
            await received_exactly(south, notices)


async def test_notices_submitted_again_with_their_ids_after_a_crash_are_sent_once(
    made: Path, tmp_path: Path, relay: Broker
) -> None:
    notices = numbered(20, "repeated")
    async with pair(made, tmp_path / "pair", relay) as two:
        await two.start()
        async with two.clients() as (north, south):
            await submit_all(north, notices)
            await two.north.kill()
            await two.north.start()
            await submit_all(north, notices)
            await all_stored(north)
            await submit_all(north, notices)
            await received_exactly(south, notices)
            assert len(await inbox(south)) == len(notices)
