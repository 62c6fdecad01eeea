"""Each state of a line as it comes and goes: told within its bound, an alarm where people must act, and its end."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from hotline import limits
from hotline.api.types import Duty, JournalEntry, LineStatus
from hotline.client import Client
from hotline.core.step import Now
from hotline.home import Home
from hotline.station.states import States
from tests.station.bench import Bench, benches, wait_for
from tests.station.matters import looked
from tests.station.pair import WITHIN_S, Stage, TestClock, copy_home, line_is, line_of, until

OFFICER = "Duty officer"
MARGIN_S = 15  # the clock goes on by itself, on a machine that may be slow; tests/core has the bound to the second


async def told(client: Client) -> list[tuple[str, str]]:
    """(kind, level) of all that was told of states."""
    kinds = ("path-", "peer-", "line-s", "line-i")
    page = await client.journal(limit=limits.API_PAGE)
    return [(e.kind, e.level) for e in page.entries if e.kind.startswith(kinds)]


async def told_last(client: Client, kind: str) -> JournalEntry:
    """Wait until the last word of a state is of this kind."""
    await until(lambda: told(client), lambda found: found and found[-1][0] == kind, what=f"{kind} told last")
    return (await client.journal(kind=kind)).entries[-1]


async def told_attended(client: Client) -> None:
    """Wait until the line was told to be attended: a peer's first word may still be that nobody is there."""
    kind = "line-state"
    await until(
        lambda: client.journal(kind=kind),
        lambda page: page.entries and page.entries[-1].fields.get("state") == "attended",
        what="attended told last",
    )
    await told_last(client, kind)


async def standing(client: Client) -> list[str]:
    return [alarm.kind for alarm in (await line_of(client)).alarms]


async def test_a_path_that_goes_down_is_alarmed_at_both_ends_within_a_second_and_cleared(
    stage: Stage, north: Home, south: Home
) -> None:
    async with stage.running(north) as n, stage.running(south) as s:
        for client in (n, s):
            await told_attended(client)
        stage.broker.stop()
        for client in (n, s):
            alarm = await told_last(client, "path-down")
            assert (alarm.level, alarm.phone, alarm.line) == ("alarm", "+7 000", "SOUTH" if client is n else "NORTH")
            assert alarm.fields == {"state": "path down", "before": "attended"}
            assert await standing(client) == ["path-down"]
        stage.broker.start()
        for client in (n, s):
            assert (await told_last(client, "path-up")).level == "cleared"
            assert await standing(client) == []


async def test_a_peer_is_silent_after_a_heartbeat_and_five_seconds_at_both_ends_and_not_before(
    stage: Stage, north: Home, south: Home
) -> None:
    async with stage.running(north) as n, stage.running(south) as s:
        for client in (n, s):
            await line_is(client, "attended")
            await until(partial(line_of, client), _begun, what="both logs begun and signed")
        with lost(stage, north, south):
            stage.clock.ahead_s += limits.PEER_SILENT_S - MARGIN_S
            await several_looks(stage)
            for client in (n, s):
                assert (await line_of(client)).state == "attended"
                assert "peer-silent" not in dict(await told(client))
            stage.clock.ahead_s += MARGIN_S
            for client in (n, s):
                alarm = await told_last(client, "peer-silent")
                assert (alarm.level, alarm.phone) == ("alarm", "+7 000")
                assert (await line_of(client)).state == "peer silent"
                assert await standing(client) == ["peer-silent"]
        stage.clock.ahead_s += limits.HEARTBEAT_S
        for client in (n, s):
            assert (await told_last(client, "peer-heard")).level == "cleared"
            assert await standing(client) == []


def _begun(line: LineStatus) -> bool:
    """Nothing is on its way: what is proposed when frames get lost would be alarmed too."""
    own, mirror = line.own, line.mirror
    return 0 < own.size == own.signed == own.receipted and 0 < mirror.size == mirror.signed


async def several_looks(stage: Stage) -> None:
    """The states are looked at once a second of this clock: make it two or three."""
    for _ in range(3):
        stage.clock.ahead_s += 1
        for home in list(stage.daemons):
            await asyncio.wrap_future(stage.engine(Home(home)).call(lambda _: None))


@contextmanager
def lost(stage: Stage, *homes: Home) -> Iterator[None]:
    """The relay is up and swallows every frame."""
    relays = [relay for home in homes for relay in stage.daemons[home.path]._relays()]
    with pytest.MonkeyPatch.context() as patched:
        for relay in relays:
            patched.setattr(relay, "send", lambda _topic, _frame: True)
        yield


async def test_an_officer_who_goes_off_duty_is_told_to_the_other_end_without_an_alarm(
    stage: Stage, north: Home, south: Home
) -> None:
    async with stage.running(north) as n, stage.running(south) as s:
        for client in (n, s):
            await told_attended(client)
        await s.duty(Duty(on=False, officer=OFFICER))
        page = await until(
            lambda: n.journal(kind="line-state"), lambda page: "unattended" in page.entries[-1].text, what="unattended"
        )
        entry = page.entries[-1]
        assert entry.text == "The line is peer unattended; it was attended."
        assert (entry.level, await standing(n)) == ("happened", [])
        assert (await line_of(s)).state == "attended", "NORTH's officer is there"


async def test_an_alarm_that_an_earlier_run_raised_is_cleared_by_a_later_one(
    stage: Stage, north: Home, south: Home
) -> None:
    async with stage.running(north) as n, stage.running(south):
        await told_attended(n)
        stage.broker.stop()
        await told_last(n, "path-down")
    stage.broker.start()
    async with stage.running(north) as n:
        assert await standing(n) == ["path-down"], "nothing is known of the peer yet"
        async with stage.running(south):
            await told_last(n, "path-up")
            assert await standing(n) == []


async def test_a_station_that_starts_alarms_a_missing_peer_only_after_the_bound(stage: Stage, north: Home) -> None:
    async with stage.running(north) as n:
        assert (await line_is(n, "peer silent")).alarms == []
        await looked(stage, north)  # the silence counts from the first look that finds it
        stage.clock.ahead_s += 1
        await looked(stage, north)
        stage.clock.ahead_s += limits.PEER_SILENT_S - MARGIN_S
        await several_looks(stage)
        assert await standing(n) == []
        stage.clock.ahead_s += MARGIN_S
        await told_last(n, "peer-silent")


def test_a_clean_stop_is_no_outage(stage: Stage, north: Home) -> None:
    async def run() -> list[tuple[str, str]]:
        async with stage.running(north) as n:
            await line_is(n, "peer silent")
        async with stage.running(north) as n:
            return await told(n)

    assert [kind for kind, _ in asyncio.run(run())] == []


# --- the machine's word, in every order --------------------------------------------------------------------


class Said:
    """What the machine of a bench says, in place of what it would."""

    def __init__(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        self.states = States(bench.store, {bench.port.identity.id: bench.port}, Now(0, 1000.0))
        bench.port.machine.peer_seen_s = 1000.0
        self.bench, self.now_s, self.state = bench, 1000.0, "attended"
        monkeypatch.setattr(bench.port.machine, "state", lambda _now, _path_up: self.state)

    def look(self, state: str, after_s: float = 1.0) -> list[str]:
        """The kinds that were told."""
        self.state, self.now_s = state, self.now_s + after_s
        before = self.bench.store.journal.size
        self.states.tick(Now(int(1000 * self.now_s), self.now_s), True)
        sql = "SELECT kind FROM journal WHERE idx >= ? ORDER BY idx"
        return [str(kind) for (kind,) in self.bench.store._db.execute(sql, (before,))]


@pytest.fixture
def said(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Said]:
    bench = Bench(copy_home(Home(made / "north"), tmp_path / "n"), TestClock())
    yield Said(bench, monkeypatch)
    bench.store.close()


def test_one_alarm_gives_way_to_another_and_each_is_told_once(said: Said) -> None:
    assert said.look("attended") == ["line-state"]
    assert said.look("attended") == []
    assert said.look("path down") == ["path-down"]
    assert said.look("path down", 100) == []
    assert said.look("peer silent") == ["path-up", "peer-silent"]
    assert said.look("peer unattended") == ["peer-heard"]
    assert said.look("attended") == ["line-state"]
    assert said.look("frozen") == ["line-state"], "the fork was alarmed with its evidence"


def test_a_line_that_is_out_of_step_for_a_moment_is_not_stalled(said: Said) -> None:
    assert said.look("attended") == ["line-state"]
    assert said.look("stalled") == []
    assert said.look("attended") == []
    assert said.look("stalled") == []
    assert said.look("stalled", limits.HEARTBEAT_S - 1) == []
    assert said.look("stalled") == ["line-stalled"]
    assert said.look("attended") == ["line-in-step"]


def test_two_engines_that_lose_each_others_frames_say_so_at_both_ends(made: Path, tmp_path: Path) -> None:
    with benches(made, tmp_path) as pair:
        clock = pair[0].clock
        wait_for(lambda: all(b.store.path.exists() for b in pair), "both stores")
        for bench in pair:
            bench.peer = None
        clock.ahead_s += limits.PEER_SILENT_S + 1
        for bench in pair:
            wait_for(partial(_is_silent, bench), "peer-silent")


def _is_silent(bench: Bench) -> bool:
    line = bench.port.identity.id
    return bench.engine.call(lambda _: bench.store.standing(line, "peer-silent")).result(WITHIN_S)
