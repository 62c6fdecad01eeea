"""What `status` says while something is missing: path down, peer silent, peer unattended, and attended again.

Silence lasts 75 s by the clock, so these stations run in the test's process, with a clock that can be moved.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from hotline import limits
from hotline.client import Client
from hotline.home import Home
from tests.brokers import ROOT, Broker
from tests.integration.pair import pair
from tests.station.pair import Stage, consultation, copy_home, line_is, line_of, stored, until

SILENT_S = limits.PEER_SILENT_S + limits.RETRANSMIT_MOST_S


@pytest.fixture
def homes(made: Path, tmp_path: Path) -> tuple[Home, Home]:
    north, south = (copy_home(Home(made / name), tmp_path / name) for name in ("north", "south"))
    return north, south


async def test_a_stopped_relay_is_a_path_down_at_both_ends_and_attended_when_it_returns(
    homes: tuple[Home, Home],
) -> None:
    stage = Stage()
    async with stage.running(homes[0]) as north, stage.running(homes[1]) as south:
        for client in (north, south):
            await line_is(client, "attended")
        stage.broker.stop()
        for client in (north, south):
            line = await line_is(client, "path down")
            assert line.phone == "+7 000"
        queued = await north.submit(consultation("kept until the path is back"))
        assert (await north.show(queued.id)).state == "QUEUED"
        assert (await line_is(north, "path down")).not_stored == 1
        stage.broker.start()
        for client in (north, south):
            await line_is(client, "attended")
        await north.wait_for(queued.id, state="STORED", timeout_s=20)


async def test_a_stopped_peer_is_silent_after_its_bound_and_alarmed_and_attended_when_it_returns(
    homes: tuple[Home, Home],
) -> None:
    stage = Stage()
    async with stage.running(homes[0]) as north:
        async with stage.running(homes[1]):
            await line_is(north, "attended")
        line = await line_is(north, "peer unattended")
        assert line.peer_heard_s is not None, "a clean stop says so at once; whether it comes back is not known yet"
        stage.clock.ahead_s += SILENT_S
        await line_is(north, "peer silent")
        await alarmed(north, "peer-silent")
        async with stage.running(homes[1]) as south:
            await line_is(north, "attended")
            await line_is(south, "attended")
            await alarmed(north)  # that it is silent is shown for as long as it is


async def alarmed(client: Client, *kinds: str) -> None:
    """Wait until these are the alarms that stand: states are looked at once a second."""
    await until(
        lambda: line_of(client), lambda line: tuple(a.kind for a in line.alarms) == kinds, what=f"alarms {kinds}"
    )


async def test_what_was_sent_to_a_silent_peer_is_stored_soon_after_it_returns(homes: tuple[Home, Home]) -> None:
    """Not only at the end of a pause that has grown to half a minute."""
    stage = Stage()
    async with stage.running(homes[0]) as north:
        async with stage.running(homes[1]):
            await stored(north, consultation("before"))
        queued = await north.submit(consultation("while it was away"))
        for _ in range(8):  # so that the pause between attempts grows as it does in two minutes
            stage.clock.ahead_s += limits.RETRANSMIT_MOST_S
            await north.submit(consultation("more"))
        async with stage.running(homes[1]):
            await north.wait_for(queued.id, state="STORED", timeout_s=20)


async def test_a_peer_whose_officers_are_away_is_unattended_and_stores_all_the_same(
    homes: tuple[Home, Home],
) -> None:
    stage = Stage()
    async with stage.running(homes[0]) as north, stage.running(homes[1], attended=False) as south:
        line = await line_is(north, "peer unattended")
        assert not line.peer_attended
        assert (await line_is(south, "attended")).peer_attended
        status = await south.status()
        assert (status.attended, status.officers) == (False, [])
        await stored(north, consultation("for whoever comes back"))


def status_of(home: Home) -> dict[str, object]:
    """Ask as a person does: `hotline status --json`."""
    run = subprocess.run(
        [sys.executable, "-m", "hotline", "status", "--json", "--home", str(home.path)],
        cwd=ROOT, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    status = json.loads(run.stdout)
    return {"path": status["paths"][0]["state"], "line": status["lines"][0]["state"]}


async def test_the_command_shows_the_same_states_at_both_ends_of_a_real_line(
    made: Path, tmp_path: Path, relay: Broker
) -> None:
    async with pair(made, tmp_path / "pair", relay) as two:
        await two.start()
        async with two.clients() as clients:
            for client in clients:
                await line_is(client, "attended")
            await relay.kill()
            for client in clients:
                await line_is(client, "path down")
            assert [status_of(s.home) for s in two.both] == 2 * [{"path": "down", "line": "path down"}]
            await relay.start()
            for client in clients:
                await line_is(client, "attended")
            assert [status_of(s.home) for s in two.both] == 2 * [{"path": "up", "line": "attended"}]
