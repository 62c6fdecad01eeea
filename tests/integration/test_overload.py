"""Too much for a real daemon: bounds of memory, counts and order. How fast it is then, `make overload` measures."""

import asyncio
from pathlib import Path

from hotline import limits
from hotline.client import Client
from tests.benchmarks.flooding import stranger
from tests.benchmarks.overload import rss_mib
from tests.brokers import Broker
from tests.cli.calls import finish, spawn
from tests.integration.pair import Station, all_stored, numbered, pair, received_exactly, submit_all
from tests.station.pair import consultation, incoming_topic, line_of, stored, until

GARBAGE_A_SECOND, GARBAGE_S = 2000, 3.0
ROUTINE = 100


async def test_garbage_costs_little_memory_is_counted_and_told_once_and_flash_passes(
    made: Path, tmp_path: Path, relay: Broker
) -> None:
    async with pair(made, tmp_path / "pair", relay) as two:
        await two.start()
        async with two.clients() as (north, south):
            await stored(north, consultation("before"))
            before = rss_mib(two.south.pid)
            topic = incoming_topic(two.south.home)
            flood = asyncio.to_thread(
                stranger, relay.port, relay.username, relay.password_file, topic, GARBAGE_A_SECOND, GARBAGE_S
            )
            flooding = asyncio.create_task(flood)
            for _ in range(3):
                await stored(north, consultation("urgent", precedence="FLASH"))
            sent = await flooding
            status = await until(
                south.status,
                lambda at: any(a.kind == "flood" for a in at.lines[0].alarms),
                what="the alarm",
            )
            assert rss_mib(two.south.pid) - before < 32
            (path,) = status.paths
            assert 0 < path.rejected["frame-mac"] <= sent
            assert [a.kind for a in status.lines[0].alarms].count("flood") == 1
        await two.stop()
        two.verify()


async def sent_by_command(station: Station, precedence: str) -> tuple[int, str]:
    words = ["send", "consultation", "one more", "--precedence", precedence, "--home", str(station.home.path)]
    done = await asyncio.to_thread(lambda: finish(spawn(*words)))
    return done.code, done.err


async def test_a_full_queue_is_refused_in_a_sentence_and_flash_is_still_taken_and_goes_first(
    made: Path, tmp_path: Path, relay: Broker
) -> None:
    """The peer is away, and signs for nothing."""
    async with pair(made, tmp_path / "pair", relay) as two:
        config = two.north.home.config_path
        config.write_text(f"[limits]\nqueue_notices = {ROUTINE}\n\n" + config.read_text())
        await two.north.start()
        routine = numbered(ROUTINE, "routine")
        async with Client(two.north.home) as north:
            await submit_all(north, routine)
            code, said = await sent_by_command(two.north, "ROUTINE")
            assert code == 4
            assert f"The queue holds {ROUTINE} entries" in said
            assert "Traceback" not in said
            assert (await sent_by_command(two.north, "FLASH"))[0] == 0
            line = await until(
                lambda: line_of(north), lambda at: any(a.kind == "queue-filling" for a in at.alarms), what="the alarm"
            )
            assert line.queued == ROUTINE + 1
            await two.south.start()
            await all_stored(north)
            line = await until(lambda: line_of(north), lambda at: not at.alarms, what="the alarm over")
            async with Client(two.south.home) as south:
                page = await until(
                    lambda: south.inbox(after=0, limit=1000),
                    lambda p: len(p.notices) == ROUTINE + 1,
                    what="all of them",
                )
                assert [n.precedence for n in page.notices].index("FLASH") == 0
        await two.stop()
        two.verify()


async def test_a_peer_that_sends_very_much_costs_little_memory_and_flash_passes_both_ways_meanwhile(
    made: Path, tmp_path: Path, relay: Broker
) -> None:
    many = numbered(3 * limits.WINDOW_ENTRIES, "routine")
    async with pair(made, tmp_path / "pair", relay) as two:
        await two.start()
        async with two.clients() as (north, south):
            await stored(north, consultation("before", id="00" * 15 + "01"))
            before = rss_mib(two.south.pid)
            flood = asyncio.create_task(submit_all(north, many))
            await until(lambda: line_of(north), lambda at: at.queued > 0, what="a queue")
            urgent = numbered(1, "urgent")
            await stored(north, consultation("urgent", precedence="FLASH", id=urgent[0].id))
            await stored(south, consultation("back", precedence="FLASH"))
            await flood
            await all_stored(north)
            assert rss_mib(two.south.pid) - before < 32
            await received_exactly(south, [consultation("before", id="00" * 15 + "01"), *many, *urgent])
        await two.stop()
        two.verify()
