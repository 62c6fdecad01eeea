"""The journal of real processes: what a kill leaves behind is told at the next start, and everything still verifies."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from hotline.audit import verify_home
from hotline.home import Home
from tests.brokers import ROOT, Broker
from tests.integration.pair import pair
from tests.station.pair import line_is, until


def command(home: Home, *words: str) -> Any:
    run = subprocess.run(
        [sys.executable, "-m", "hotline", *words, "--json", "--home", str(home.path)],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


async def test_a_station_that_was_killed_says_so_at_its_next_start_and_its_journal_holds(
    made: Path, tmp_path: Path, relay: Broker
) -> None:
    async with pair(made, tmp_path / "pair", relay) as two:
        await two.start()
        async with two.clients() as (north, south):
            for client in (north, south):
                await line_is(client, "attended")
            await until(north.journal, lambda page: page.signed > 0, what="a first head")
            await two.north.kill()
            killed = verify_home(two.north.home)
            assert killed.all_problems() == []
            await two.north.start()
            await line_is(north, "attended")
            told = command(two.north.home, "journal", "--limit", "500")
            kinds = [entry["kind"] for entry in told["entries"]]
            assert kinds.count("unclean-end") == 1
            assert kinds[kinds.index("unclean-end") :][:3] == ["unclean-end", "start", "key"]
            assert "stop" not in kinds
        await two.stop()
        report = command(two.north.home, "verify")["report"]["journal"]
        assert report["problems"] == []
        assert report["signed"] == report["entries"] > len(kinds)
        two.verify()
