"""Officers' words that were taken back from the peer name their officers as before."""

from hotline.api.types import Duty
from hotline.home import Home
from hotline.recovery.recover import examine, prepare
from hotline.store.queries import Reader
from tests.station.matters import acknowledged, taken
from tests.station.pair import Stage, consultation, line_is, line_of, until


async def test_answers_and_watches_of_ours_bear_their_officers_after_a_lost_store(
    stage: Stage, north: Home, south: Home
) -> None:
    async with stage.running(south) as s:
        async with stage.running(north) as n:
            await line_is(n, "attended")
            await taken(s, n, consultation("to be acknowledged"))
            await acknowledged(n, "SOUTH 1")
            await n.duty(Duty(on=False, officer="Duty officer", text="good night"))
            await until(lambda: line_of(n), lambda at: at.own.signed == at.own.size == 4, what="all signed")
            before = (await n.show("SOUTH 1")).ladder
        line, watch = watch_of(north)
        for path in north.path.glob("station.db*"):
            path.unlink()
        prepare(north, examine(north), stage.clock.now().wall_ms)
        async with stage.running(north) as n:
            await until(lambda: line_of(n), lambda at: at.rebuild is None, what="the rebuilt line")
            after = (await n.show("SOUTH 1")).ladder
        assert [(x.state, x.officer) for x in after] == [(x.state, x.officer) for x in before]
        assert any(x.officer == "Duty officer" for x in after)
        assert watch_of(north) == (line, watch)
        assert watch.endswith("good night")


def watch_of(home: Home) -> tuple[bytes, str]:
    (line,) = home.lines()
    with Reader.open(home.database_path) as reader:
        watch = reader.matters.watch(line.id, mine=True)
        assert watch is not None
        return line.id, f"{watch.officer} {watch.state} {watch.text}"
