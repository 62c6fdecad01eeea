"""A card that was signed anew: told through the log once, and held by the peer whatever happens in between."""

import asyncio

from hotline.api.types import Duty
from hotline.client import Client
from hotline.home import Home
from hotline.station.port import Port
from tests.station.matters import taken
from tests.station.pair import Stage, consultation, line_is, until
from tests.station.people import SECOND, WORDS, add_second


async def certify(home: Home, client: Client) -> None:
    """A second officer, certified while the station runs, and on duty."""
    add_second(home)
    assert (await client.reload_card()).card_number == 2
    await client.duty(Duty(on=True, officer=SECOND, passphrase=WORDS))


def card_number(home: Home) -> int:
    """Of the peer's card, as the file has it."""
    (peer,) = home.lines()
    return peer.card.body.number


async def cards_told(client: Client) -> int:
    """How many cards the peer's log has brought."""
    page = await client.inbox(everything=True)
    return [notice.kind for notice in page.notices].count("card")


async def test_a_new_officers_notice_is_accepted_by_a_peer_that_learnt_of_the_officer_through_the_log(
    stage: Stage, north: Home, south: Home
) -> None:
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "attended")
        await certify(north, n)
        got = await taken(n, s, consultation("from the second", officer=SECOND))
        assert (got.invalid, got.officers) == ("", [SECOND])
        await until(lambda: asyncio.to_thread(card_number, south), lambda number: number == 2, what="the card's file")
        await n.reload_card()
        await taken(n, s, consultation("and again", officer=SECOND))
        assert await cards_told(s) == 1


async def test_a_peer_that_was_down_meanwhile_learns_of_the_card_before_what_the_new_officer_signed(
    stage: Stage, north: Home, south: Home
) -> None:
    async with stage.running(north) as n:
        async with stage.running(south):
            await line_is(n, "attended")
        key = (await n.submit(consultation("said before", precedence="FLASH"))).id
        await certify(north, n)
        later = (await n.submit(consultation("from the second", officer=SECOND, precedence="FLASH"))).id
        async with stage.running(south) as s:
            for ref in (key, later):
                await n.wait_for(ref, state="STORED", timeout_s=60)
            shown = await until(s.inbox, lambda page: len(page.notices) >= 2, what="both")
            assert {notice.invalid for notice in shown.notices} == {""}
            got = await until(lambda: s.show(later), lambda _: True, what="the later one")
            assert got.officers == [SECOND]
            await until(lambda: cards_told(s), lambda told: told == 1, what="the card")
            await until(
                lambda: asyncio.to_thread(card_number, south), lambda number: number == 2, what="the card's file"
            )


async def test_a_card_whose_file_was_not_written_in_time_holds_all_the_same_at_the_next_start(
    stage: Stage, north: Home, south: Home
) -> None:
    def killed(_: Port) -> None:
        """The process ended after the commit, before the file."""

    async with stage.running(north) as n:
        async with stage.running(south) as s:
            stage.engine(south).on_card = killed
            await line_is(n, "attended")
            await certify(north, n)
            await until(lambda: cards_told(s), lambda told: told == 1, what="the card")
        assert card_number(south) == 1
        async with stage.running(south) as s:
            got = await taken(n, s, consultation("from the second", officer=SECOND))
            assert (got.invalid, got.officers) == ("", [SECOND])


async def test_a_station_that_starts_with_a_new_card_announces_it_once(stage: Stage, north: Home, south: Home) -> None:
    async with stage.running(south) as s:
        async with stage.running(north) as n:
            await line_is(n, "attended")
        add_second(north)
        for serial in (1, 2):
            async with stage.running(north) as n:
                await n.duty(Duty(on=True, officer=SECOND, passphrase=WORDS))
                got = await taken(n, s, consultation(f"notice {serial}", officer=SECOND))
                assert (got.invalid, got.officers) == ("", [SECOND])
                assert await cards_told(s) == 1


async def test_an_officer_certified_after_the_pairing_and_before_the_first_start_is_announced_too(
    stage: Stage, north: Home, south: Home
) -> None:
    add_second(north)
    async with stage.running(north) as n, stage.running(south) as s:
        await n.duty(Duty(on=True, officer=SECOND, passphrase=WORDS))
        got = await taken(n, s, consultation("from the second", officer=SECOND))
        assert (got.invalid, got.officers) == ("", [SECOND])
        assert await cards_told(s) == 1
