"""A station with a long history: two stations tell each other notices of mixed kinds, as many as are asked for."""

import asyncio
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from hotline.api.types import Submit, Submitted
from hotline.client import Client
from hotline.home import Home
from tests.notices.full import full_mapping
from tests.station.pair import Stage, line_of, make_homes

DAY_S = 86_400
# The kinds of a round. Of an amendment the target is the exercise of its round.
ROUND = (
    "exercise",
    "amendment",
    "hazard",
    "launch",
    "inquiry",
    "statement",
    "consultation",
    "consultation",
    "consultation",
    "consultation",
)
_TIMES = {
    "exercise": ("start", "end"),
    "hazard": ("start", "end", "cancel"),
    "launch": ("window_start", "window_end"),
    "statement": ("release",),
}
# What the examples of the schema say of another time, of notices that are not here, and a replacement may not say.
_LEFT_OUT = {
    *("dtg", "acknowledge_by", "reply_by", "references", "about", "answers", "phases", "observed"),
    *("originator", "action", "info", "drafter", "releaser"),
}
SECONDS_MOST = 3600


def mixed(count: int, side: int, now_s: int) -> Iterator[Submit]:
    """Notices of all kinds of a round in turn; `side` tells the ids of one station from those of the other."""
    made = {kind: _example(kind) for kind in set(ROUND) - {"amendment"}}
    for number in range(count):
        turn, place = divmod(number, len(ROUND))
        kind = ROUND[place]
        exercise = made["exercise"] | {"designation": f"ILLUSTRATION {turn}"} | _times("exercise", turn, now_s)
        if kind == "amendment":
            whole = {"kind": "exercise", **exercise, "purpose": f"Practice, as changed in turn {turn}."}
            # Given in full: a station completes only amendments of what it holds, and this may come in the same batch.
            fields = {
                "target": _id(side, number - place),
                "revision": 2,
                "changed": ["purpose"],
                "reason": "More ships.",
            }
            fields["replacement"] = whole
        else:
            fields = exercise if kind == "exercise" else made[kind] | _times(kind, turn, now_s)
        yield Submit(kind=kind, notice=fields, id=_id(side, number))


def _example(kind: str) -> dict[str, Any]:
    return {name: held for name, held in full_mapping(kind).items() if name not in _LEFT_OUT}


def _times(kind: str, turn: int, now_s: int) -> dict[str, str]:
    first_s = now_s + (60 + turn % 600) * DAY_S
    names = _TIMES.get(kind, ())
    return {name: datetime.fromtimestamp(first_s + at * DAY_S, UTC).isoformat() for at, name in enumerate(names)}


def _id(side: int, number: int) -> str:
    return f"{side:016x}{number:016x}"


async def filled(folder: Path, notices: int, say: Callable[[str], None]) -> Home:
    """Make two homes in `folder`, and return NORTH's once its store holds `notices` in all, half of them sent."""
    make_homes(folder)
    stage = Stage()
    north, south = Home(folder / "north"), Home(folder / "south")
    async with stage.running(north) as ours, stage.running(south) as theirs:
        await asyncio.gather(_send(ours, notices // 2, 1, say), _send(theirs, notices - notices // 2, 2, say))
        for client in (ours, theirs):
            await _all_stored(client, say)
    return north


async def _send(client: Client, count: int, side: int, say: Callable[[str], None]) -> None:
    begun, done = time.monotonic(), 0
    async for outcome in client.submit_many(mixed(count, side, int(time.time()))):
        if not isinstance(outcome, Submitted):
            raise outcome
        done += 1
        if done % 10_000 == 0:
            say(f"{done} of {count} submitted by one side, {done / (time.monotonic() - begun):.0f}/s")


async def _all_stored(client: Client, say: Callable[[str], None]) -> None:
    end = time.monotonic() + SECONDS_MOST
    ask = partial(line_of, client)
    while (line := await ask()).not_stored or line.mirror.size != line.mirror.signed:
        assert time.monotonic() < end, f"the notices were not stored within {SECONDS_MOST} s: {line}"
        say(f"{line.not_stored} not stored at {line.name} yet")
        await asyncio.sleep(2)
