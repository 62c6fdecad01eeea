"""A line of which one log is forked goes on in a new generation: with real processes and a real relay."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hotline.api.types import Answer
from tests.brokers import ROOT, embedded
from tests.generation.hands import close, hotline, open_both
from tests.integration.pair import Pair, inbox, pair
from tests.station.forked import forked
from tests.station.pair import consultation, copy_home, line_is, line_of, make_homes, stored, until

pytestmark = pytest.mark.integration


async def frozen_homes(folder: Path) -> Path:
    """A folder with `north`, whose log key has signed two histories, and `south`, which holds the other."""
    make_homes(folder / "made")
    for home, name in zip(await forked(folder / "made", folder), ("north", "south"), strict=True):
        copy_home(home, folder / "forked" / name)
    return folder / "forked"


async def test_after_a_fork_both_close_and_open_and_what_waited_arrives_once(tmp_path: Path) -> None:
    made = await frozen_homes(tmp_path)
    async with embedded(tmp_path) as relay, pair(made, tmp_path / "both", relay) as two:
        north, south = two.north.home, two.south.home
        await two.start()
        async with two.clients() as (n, s):
            for client in (n, s):
                await line_is(client, "frozen")
            waiting = [(await n.submit(consultation(text))).id for text in ("waits", "waits too")]
            assert [(await n.show(each)).state for each in waiting] == ["QUEUED", "QUEUED"]
        hotline(north, "generation", "close", "SOUTH", "--because", "x", "--yes", code=4)  # the daemon runs
        await two.stop()
        files = tmp_path / "north.closing", tmp_path / "south.closing"
        assert close(north, "SOUTH", files[0])["statement"]["reason"] == "a log is forked"
        await closed_and_silent(two)
        close(south, "NORTH", files[1])
        open_both(north, south, *files)
        await goes_on(two, waiting)
    proven(two, tmp_path)


async def closed_and_silent(two: Pair) -> None:
    """One side has closed, the other not yet: both run, and nothing passes."""
    await two.start()
    async with two.clients() as (n, s):
        await line_is(n, "closed")
        before = (await line_of(s)).mirror.size
        await s.submit(consultation("said too early"))
        assert (await line_of(n)).state == "closed"
        assert (await line_of(s)).mirror.size == before
    await two.stop()


async def goes_on(two: Pair, waiting: list[str]) -> None:
    """What waited arrives, once; new notices and answers pass both ways; the numbers go on."""
    await two.start()
    async with two.clients() as (n, s):
        for client in (n, s):
            await line_is(client, "attended")
        for each in waiting:
            await n.wait_for(each, state="STORED", timeout_s=30)
        new = await stored(n, consultation("said in the new generation"))
        assert new.serial == 5, "two before the fork, two that waited"
        await stored(s, consultation("and back"))
        await s.answer(Answer(ref=new.id, verdict="acknowledged", text="roger"))
        await n.wait_for(new.id, state="ACKNOWLEDGED", timeout_s=30)
        for client, subjects in (
            (s, ["before", "one history", "waits", "waits too", "said in the new generation"]),
            (n, ["said too early", "and back"]),
        ):
            found = await until(lambda c=client: inbox(c), lambda page, w=subjects: len(page) >= len(w), what="all")  # type: ignore[misc]  # bound now
            assert [notice.subject for notice in found] == subjects
            assert [notice.invalid for notice in found if notice.invalid] == []
    await two.stop()


def proven(two: Pair, folder: Path) -> None:
    """Both generations verify at both ends, and a third party verifies the exports with nothing of ours."""
    shutil.copytree(ROOT / "protocol", folder / "protocol", ignore=shutil.ignore_patterns("vectors"))
    for station, peer in ((two.north, "SOUTH"), (two.south, "NORTH")):
        assert hotline(station.home, "verify")["ok"]
        for number in ("1", "2"):
            out = folder / f"{station.name}-{number}"
            hotline(station.home, "export", "--line", peer, "--generation", number, "--out", str(out))
            checked = subprocess.run(
                [sys.executable, folder / "protocol/reference.py", "export", out],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert checked.returncode == 0, checked.stdout + checked.stderr
