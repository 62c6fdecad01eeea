"""Two homes of which NORTH's log key has really signed two histories: both stores were rolled back at once."""

from pathlib import Path

from hotline.home import Home
from tests.station.pair import Stage, consultation, copy_home, line_is, make_homes, stored


async def forked(made: Path, folder: Path) -> tuple[Home, Home]:
    """Return NORTH after the second history, and SOUTH after the first. They have not met since.

    SPEC section 11 says that this can happen: whole homes, lock files too, restored on both sides. Everything is
    signed by the stations themselves.
    """
    stage = Stage()
    north, south = (copy_home(Home(made / name), folder / f"{name}-0") for name in ("north", "south"))
    async with stage.running(north) as n, stage.running(south):
        await stored(n, consultation("before"))
    first = [copy_home(home, folder / f"{home.path.name}-1") for home in (north, south)]
    second = [copy_home(home, folder / f"{home.path.name}-2") for home in (north, south)]
    for homes, text in ((first, "one history"), (second, "another history")):
        async with stage.running(homes[0]) as n, stage.running(homes[1]):
            await stored(n, consultation(text))
    return second[0], first[1]


async def forked_and_met(folder: Path) -> None:
    """Leave the homes `north`, convicted, and `south`, who caught it, in `folder`."""
    make_homes(folder / "made")
    stage = Stage()
    north, south = await forked(folder / "made", folder)
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "frozen")
        await line_is(s, "frozen")
    copy_home(north, folder / "north")
    copy_home(south, folder / "south")
