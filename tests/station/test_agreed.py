"""The agreed rules of a line: kept, loaded, compared; and what waits while the two sides hold different ones."""

import pytest

from hotline import rules
from hotline.api.types import LineStatus, Release, RulesSet, Submit
from hotline.client import Client
from hotline.errors import CallerError, ConfigError, UsageError
from hotline.home import Home
from hotline.station import agreed
from tests.station.matters import amended, hazard, looked, taken
from tests.station.pair import Stage, consultation, line_is, line_of, until
from tests.station.test_desk import at, exercise, notice

OTHERS = 'title = "Other rules"\n'
HELD = "HELD: the two sides hold different rules"


def statement(stage: Stage, **more: object) -> Submit:
    return notice("statement", {"text": "Both confirm.", "release": at(stage, 86400), "consent_sought": False}, **more)


async def differ(n: Client, s: Client) -> None:
    """SOUTH takes other rules, and NORTH sees it."""
    await line_is(n, "attended")
    await s.set_rules(OTHERS)
    await until(lambda: line_of(n), lambda line: not line.rules_agree, what="the difference seen")


async def only_rules_differ(client: Client) -> LineStatus:
    """The line once this alarm stands alone: a path that was down is told as up within a second."""
    return await until(
        lambda: line_of(client), lambda line: [a.kind for a in line.alarms] == ["rules-differ"], what="only this alarm"
    )


async def test_rules_are_on_disk_when_they_are_taken_and_hold_at_the_next_start(
    stage: Stage, north: Home, south: Home
) -> None:
    (peer,) = north.lines()
    path = agreed.path_of(north, peer.file_stem)
    async with stage.running(north) as n:
        view = await n.set_rules(OTHERS)
        assert (view.title, view.peer_digest, view.agree) == ("Other rules", "", True)
        assert path.read_text() == OTHERS
        with pytest.raises(ConfigError, match="titel"):
            await n.set_rules('titel = "Other"\n')
        assert path.read_text() == OTHERS
    async with stage.running(north) as n, stage.running(south) as s:
        assert (await n.rules()).digest == rules.digest_of(agreed.load(north, peer)).hex() == view.digest
        await line_is(n, "attended")
        assert not (await until(n.rules, lambda x: x.peer_digest, what="the peer's rules")).agree
        await s.set_rules(OTHERS)
        assert (await until(n.rules, lambda x: x.agree, what="agreement")).peer_digest == view.digest
        await n.set_rules("")
        assert not path.exists()
        assert (await n.rules()).title == rules.BUILT_IN.title


@pytest.mark.parametrize("text", ["titel = 1\n", "[kinds.consultation]\nallowed = false\n", "\x00", "= =\n"])
async def test_a_broken_file_stops_the_start_and_is_named(stage: Stage, north: Home, text: str) -> None:
    (peer,) = north.lines()
    path = agreed.path_of(north, peer.file_stem)
    path.write_text(text)
    with pytest.raises(ConfigError) as stopped:
        await stage.daemon(north).run()
    assert path.name in str(stopped.value)
    path.unlink()
    async with stage.running(north) as n:
        assert (await n.rules()).title == rules.BUILT_IN.title


async def test_without_a_file_the_built_in_rules_hold(north: Home) -> None:
    (peer,) = north.lines()
    assert agreed.load(north, peer) == rules.BUILT_IN
    agreed.keep(north, peer.file_stem, rules.BUILT_IN, "")
    assert not agreed.path_of(north, peer.file_stem).exists()


async def test_while_rules_differ_only_what_always_passes_and_flash_go_out_also_of_what_was_queued_before(
    stage: Stage, north: Home, south: Home
) -> None:
    incident = {"facts": "A missile left its course.", "intent": "accident"}
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "attended")
        stage.broker.stop()
        early = await n.submit(statement(stage))
        await s.set_rules(OTHERS)
        stage.broker.start()
        await until(lambda: line_of(n), lambda line: not line.rules_agree, within_s=60, what="the difference seen")
        for submit in (consultation("passes"), notice("incident", incident), statement(stage, precedence="FLASH")):
            got = await taken(n, s, submit)
            assert (got.invalid, got.kind) == ("", submit.kind)
        held = await n.submit(notice("hazard", hazard(stage)))
        line = await only_rules_differ(n)
        await only_rules_differ(s)
        # The first went out with the peer's first word of its rules, or is held.
        left = [key for key in (early.id, held.id) if (await n.show(key)).remarks == [HELD]]
        assert held.id in left
        assert line.held == len(left)


async def test_a_held_notice_is_let_go_by_an_officer_who_says_so_and_by_nobody_else(
    stage: Stage, north: Home, south: Home
) -> None:
    async with stage.running(north) as n, stage.running(south) as s:
        await differ(n, s)
        held = await n.submit(statement(stage))
        with pytest.raises(UsageError, match="despite-rules"):
            await n.release(Release(ref=held.id))
        with pytest.raises(UsageError, match="one of the two"):
            await n.release(Release())
        passing = await taken(n, s, consultation("passes"))
        with pytest.raises(CallerError, match="not held"):
            await n.release(Release(ref=passing.id, despite_rules=True))
        assert (await n.show(held.id)).state == "QUEUED"
        assert (await n.release(Release(ref=held.id, despite_rules=True))).state == "QUEUED"
        await n.wait_for(held.id, state="STORED", timeout_s=20)
        at_once = await n.submit(Submit(kind="statement", notice=statement(stage).notice, despite_rules=True))
        await n.wait_for(at_once.id, state="STORED", timeout_s=20)
        overrides = [e async for e in n.events(after=0, follow=False) if e.kind == "override"]
        assert [e.text.startswith("Duty officer lets notice") for e in overrides] == [True, True]


async def test_a_held_amendment_that_is_let_go_takes_the_held_notice_along_that_it_amends(
    stage: Stage, north: Home, south: Home
) -> None:
    async with stage.running(north) as n, stage.running(south) as s:
        await differ(n, s)
        first = await n.submit(notice("exercise", exercise(stage)))
        urgent = await n.submit(amended(stage, first.id, precedence="IMMEDIATE"))
        assert (await line_of(n)).held == 2
        await n.release(Release(ref=urgent.id, despite_rules=True))
        await n.wait_for(urgent.id, state="STORED", timeout_s=20)
        page = await until(s.inbox, lambda p: len(p.notices) == 2, what="both")
        assert [(x.kind, x.invalid) for x in page.notices] == [("exercise", ""), ("amendment", "")]


async def test_a_flash_amendment_passes_and_what_it_amends_goes_before_it(
    stage: Stage, north: Home, south: Home
) -> None:
    async with stage.running(north) as n, stage.running(south) as s:
        await differ(n, s)
        first = await n.submit(notice("exercise", exercise(stage)))
        await n.submit(amended(stage, first.id, precedence="FLASH"))
        page = await until(s.inbox, lambda p: len(p.notices) == 2, what="both")
        assert [(x.kind, x.invalid) for x in page.notices] == [("exercise", ""), ("amendment", "")]


async def test_what_is_held_and_what_was_let_go_stay_so_over_a_restart_until_the_rules_agree_again(
    stage: Stage, north: Home, south: Home
) -> None:
    async with stage.running(north) as n:
        async with stage.running(south) as s:
            await differ(n, s)
            held = await n.submit(statement(stage))
            freed = await n.submit(statement(stage))
        await n.release(Release(ref=freed.id, despite_rules=True))
    async with stage.running(north) as n:
        assert [(await n.show(x.id)).remarks[-1] for x in (held, freed)] == [HELD, "Let go although the rules differ"]
        assert (await line_of(n)).held == 1
        async with stage.running(south) as s:
            await n.wait_for(freed.id, state="STORED", timeout_s=60)
            await looked(stage, north)
            assert (await n.show(held.id)).state == "QUEUED"
            await s.set_rules("")
            await n.wait_for(held.id, state="STORED", timeout_s=60)
            assert (await line_of(n)).held == 0


async def test_rules_of_a_line_that_is_not_here_are_refused_by_its_name(stage: Stage, north: Home) -> None:
    async with stage.running(north) as n:
        with pytest.raises(CallerError, match="EAST"):
            await n.set_rules(OTHERS, line="EAST")
        assert RulesSet(text=OTHERS).line == ""
