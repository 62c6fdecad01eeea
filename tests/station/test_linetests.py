"""Line tests: by turns of the hour, echoed by a machine, missed aloud; a manned one waits for a person."""

from functools import partial

import pytest

from hotline.api.types import Event, LineStatus, LineTestNew
from hotline.client import Client
from hotline.core.step import Now
from hotline.home import Home
from hotline.station.linetests import SETTLED_S
from hotline.station.record import MANNED
from tests.station.matters import looked
from tests.station.pair import Stage, line_is, line_of, until
from tests.station.test_desk import HOUR_S, notice


def to_next_hour(stage: Stage) -> None:
    """Just into the next hour of UTC."""
    stage.clock.ahead_s += HOUR_S - stage.clock.now().wall_s % HOUR_S + 2


async def settled(stage: Stage, *homes: Home) -> None:
    """Both have run for long enough to expect anything, and have seen the hour."""
    if stage.clock.now().wall_s % HOUR_S > HOUR_S - SETTLED_S - 60:
        to_next_hour(stage)
        await looked(stage, *homes)
    stage.clock.ahead_s += SETTLED_S + 1
    await looked(stage, *homes)


async def both(n: Client, s: Client) -> dict[str, LineStatus]:
    return {"n": await line_of(n), "s": await line_of(s)}


def received_since(since_ms: float, line: LineStatus) -> bool:
    return line.tests.received_ms > since_ms


async def missed(client: Client) -> list[Event]:
    return [event async for event in client.events(after=0, follow=False) if event.kind == "line-test-missed"]


async def test_the_sides_test_by_turns_of_the_hour_and_nothing_of_it_is_in_an_inbox(
    stage: Stage, north: Home, south: Home
) -> None:
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "attended")
        await settled(stage, north, south)
        turns: list[str] = []
        for _ in range(3):
            sent = {name: (await line_of(client)).tests.sent_ms for name, client in (("n", n), ("s", s))}
            to_next_hour(stage)
            hour_ms = 1000 * (stage.clock.now().wall_s - 60)
            lines = await until(
                partial(both, n, s),
                lambda x, since=hour_ms: any(line.tests.echo_ms > since for line in x.values()),  # type: ignore[misc]  # bound
                within_s=60,
                what="an echo",
            )
            (mine,) = [name for name, line in lines.items() if line.tests.sent_ms > sent[name]]
            other = "s" if mine == "n" else "n"
            there = {"n": n, "s": s}[other]
            await until(partial(line_of, there), partial(received_since, hour_ms), what="the test at the other side")
            turns.append(mine)
        assert turns in (["n", "s", "n"], ["s", "n", "s"])
        for client in (n, s):
            assert (await client.inbox()).notices == []
            assert (await line_of(client)).unread == 0
            assert await missed(client) == []


async def test_a_test_without_an_echo_alarms_once_and_the_next_echo_ends_the_count(
    stage: Stage, north: Home, south: Home
) -> None:
    async with stage.running(north) as n:
        async with stage.running(south):
            await line_is(n, "attended")
            await n.line_test(LineTestNew())
            await until(lambda: line_of(n), lambda line: line.tests.echo_ms, what="the echo")
        await settled(stage, north)
        await n.line_test(LineTestNew())
        stage.clock.ahead_s += 901
        (alarm,) = await until(lambda: missed(n), lambda found: found, what="the alarm")
        assert alarm.alarm
        assert "Line test 2 has no echo from SOUTH" in alarm.text
        stage.clock.ahead_s += 30
        await looked(stage, north)
        line = await line_of(n)
        assert (line.tests.missed, len(await missed(n))) == (1, 1)
        async with stage.running(south):
            await until(lambda: line_of(n), lambda x: not x.tests.missed, within_s=60, what="the late echo")


async def test_a_test_of_the_peer_that_does_not_come_alarms(stage: Stage, north: Home, south: Home) -> None:
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "attended")
        await s.set_rules('[line_test]\nevery = "off"\n')
        await settled(stage, north, south)
        for _ in range(2):  # of two hours one is SOUTH's
            before = (await line_of(n)).tests.sent_ms
            to_next_hour(stage)
            await looked(stage, north, south)
            await delivered(n, s, before)
            stage.clock.ahead_s += 1000
            await looked(stage, north, south)
        await until(
            lambda: missed(n),
            lambda found: [a for a in found if "SOUTH's line test of this hour did not come" in a.text],
            what="the alarm",
        )
        assert await missed(s) == []


async def delivered(n: Client, s: Client, before_ms: int) -> None:
    """If NORTH has sent a test since, wait until it was echoed: the clock must not move on while it is on its way."""
    sent_ms = (await line_of(n)).tests.sent_ms
    if sent_ms > before_ms:
        await until(lambda: line_of(s), lambda line: line.tests.received_ms >= sent_ms, within_s=60, what="the test")
        await until(lambda: line_of(n), lambda line: line.tests.echo_ms >= sent_ms, within_s=60, what="its echo")


async def test_a_station_that_was_started_just_now_neither_tests_nor_misses_anything(
    stage: Stage, north: Home, south: Home
) -> None:
    async with stage.running(north) as n, stage.running(south):
        await line_is(n, "attended")
        stage.clock.ahead_s += SETTLED_S - 60
        await looked(stage, north, south)
        assert (await line_of(n)).tests.sent_ms == 0
        assert await missed(n) == []


async def test_a_flood_of_tests_is_echoed_at_most_once_a_second(stage: Stage, north: Home, south: Home) -> None:
    many = 40
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "attended")
        engine = stage.engine(north)

        def flood(now: Now) -> None:
            for _ in range(many):
                for port in engine.record.ports.values():
                    engine.tests.send(port, now)
                    port.machine.wake()

        began_s = stage.clock.now().mono_s
        engine.call(flood).result(20)
        await until(lambda: line_of(s), lambda line: line.last_received == many, what="all received")
        await until(lambda: line_of(n), lambda line: line.tests.echo_ms, what="an echo")
        echoes = (await line_of(s)).last_sent
        took_s = stage.clock.now().mono_s - began_s
        assert 1 <= echoes <= took_s + 1


@pytest.mark.parametrize("attended", [True, False])
async def test_a_manned_test_is_listed_marked_and_unread_and_no_machine_answers_it(
    stage: Stage, north: Home, south: Home, attended: bool
) -> None:
    async with stage.running(north) as n, stage.running(south, attended=attended) as s:
        await n.line_test(LineTestNew(manned=True))
        page = await until(s.inbox, lambda p: p.notices, what="the test")
        (got,) = page.notices
        assert (got.kind, got.mode, got.precedence, got.remarks) == ("line-test", "TEST", "PRIORITY", [MANNED])
        assert [(d.what, d.owed_by) for d in got.due] == [("acknowledge", "ours")]
        assert (await line_of(s)).unread == 1
        tests = (await line_of(n)).tests
        assert (tests.manned_ms, tests.echo_ms, (await s.outbox()).notices) == (0, 0, [])


async def test_an_echo_to_no_test_is_told_and_changes_nothing(stage: Stage, north: Home, south: Home) -> None:
    echo = {"serial": 7, "nonce": "00" * 16, "echo": True}
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "attended")
        await n.submit(notice("line-test", echo, mode="TEST"))

        async def events() -> list[str]:
            return [e.text async for e in s.events(after=0, follow=False) if e.kind == "line-test"]

        assert await until(events, lambda found: found, what="the event") == ["An echo came to no test of ours."]
        assert (await line_of(s)).tests.echo_ms == 0
