"""Several relays and real processes: one that hangs or dies costs its share, and a line moves from one to another."""

import asyncio
import statistics
import time
from pathlib import Path

from hotline import config, limits
from hotline.client import Client
from tests.brokers import Broker, mosquitto
from tests.cli.calls import finish, spawn
from tests.integration.pair import Pair, Station, all_stored, numbered, pair, received_exactly, submit_all
from tests.integration.stalling import stalling
from tests.station.pair import consultation, stored, until

NOTICES = 9
TRAFFIC = 120


async def flash_s(client: Client) -> float:
    """Seconds from submitting a FLASH to its receipt."""
    began = time.monotonic()
    await stored(client, consultation("urgent", precedence="FLASH"))
    return time.monotonic() - began


async def test_a_flash_passes_in_its_usual_time_while_another_relay_hangs(
    made: Path, tmp_path: Path, relay: Broker
) -> None:
    async with mosquitto(tmp_path) as second, stalling(second) as proxy:
        async with pair(made, tmp_path / "pair", relay) as two:
            for station in two.both:
                config.add_relay(station.home.config_path, second.config("hanging", url=proxy.url))
            await two.start()
            async with two.clients() as (north, south):
                for client in (north, south):
                    await until(client.status, lambda s: [p.state for p in s.paths] == ["up", "up"], what="both up")
                await flash_s(north)
                usual = [await flash_s(north) for _ in range(NOTICES)]
                proxy.let_through.clear()
                took = [await flash_s(north) for _ in range(NOTICES)]
                later_s = statistics.median(took) - statistics.median(usual)  # a busy machine is slow in both
                assert later_s < limits.RETRANSMIT_FIRST_S / 2, (usual, took)  # no frame had to be sent again
                hanging = (await south.status()).paths[1]
                assert (hanging.name, hanging.state) == ("hanging", "up")  # TCP itself has noticed nothing yet
                missed = await until(
                    south.status, lambda s: s.paths[1].missed >= NOTICES, what="the silence of the relay counted"
                )
                assert missed.paths[0].missed == 0
                proxy.let_through.set()
                await flash_s(north)
            await two.stop()
        two.verify()


async def hotline(station: Station, *words: str) -> None:
    """One command on a station, as a process of its own."""
    done = await asyncio.to_thread(lambda: finish(spawn(*words, "--home", str(station.home.path))))
    assert done.code == 0, done


async def move(two: Pair, clients: tuple[Client, Client], to: Broker) -> None:
    """Both sides, one after the other, as two officers would who are on the telephone."""
    words = ["relay", "add", "new", to.url, "--user", to.username, "--password-file", str(to.password_file)]
    for station in two.both:
        await hotline(station, *words)
    for client in clients:
        await until(client.status, lambda s: s.paths[1].state == "up", what="the new relay up")
    for station in two.both:
        await hotline(station, "relay", "remove", "relay-0")


async def test_a_line_moves_to_another_relay_under_traffic_and_nothing_is_lost_or_comes_twice(
    made: Path, tmp_path: Path, relay: Broker
) -> None:
    sent = numbered(TRAFFIC, "under way")
    async with mosquitto(tmp_path) as other, pair(made, tmp_path / "pair", relay) as two:
        await two.start()
        async with two.clients() as (north, south):
            await submit_all(north, sent[:10])

            async def traffic() -> None:
                for notice in sent[10:-10]:
                    await submit_all(north, [notice])

            await asyncio.gather(traffic(), move(two, (north, south), other))
            await relay.kill()
            await submit_all(north, sent[-10:])
            await all_stored(north)
            await received_exactly(south, sent)
            for client in (north, south):
                assert [path.name for path in (await client.status()).paths] == ["new"]
        await two.stop()
        two.verify()
        for station in two.both:  # and the next start knows of it
            assert [each.name for each in config.load(station.home.config_path).relay] == ["new"]
