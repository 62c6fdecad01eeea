"""SOUTH loses everything but its root key and an old card: the line goes on under it, and NORTH's old logs verify."""

import shutil
from pathlib import Path

import pytest

from hotline import config
from hotline.custody import safety
from hotline.custody.ceremony import Plan, renew_station
from hotline.custody.enrol import enrol
from hotline.errors import CallerError
from hotline.home import Home
from tests.brokers import embedded
from tests.generation.hands import close, hotline, open_both
from tests.integration.pair import inbox, pair
from tests.station.pair import Stage, consultation, converse, line_is, line_of, make_homes, no_passphrase, stored, until

pytestmark = pytest.mark.integration


async def test_a_station_made_anew_says_nothing_on_a_line_until_its_generation_has_begun(tmp_path: Path) -> None:
    make_homes(tmp_path)
    north, south, anew = (Home(tmp_path / name) for name in ("north", "south", "anew"))
    renew_station(anew, Plan("SOUTH"), lambda: None, south.root_key_path, no_passphrase, 2)
    enrol(anew, north.card_path, confirm=lambda *_: True)
    stage = Stage()
    async with stage.running(north) as n, stage.running(anew) as s:
        line = await line_is(s, "closed")
        assert line.name == "NORTH"
        with pytest.raises(CallerError, match="is closed"):
            await s.submit(consultation("too early"))
        assert (await line_of(n)).state == "peer silent"


async def test_a_side_with_nothing_but_its_root_key_goes_on_and_the_old_logs_still_verify(tmp_path: Path) -> None:
    make_homes(tmp_path / "made")
    async with embedded(tmp_path) as relay, pair(tmp_path / "made", tmp_path / "both", relay) as two:
        north, south = two.north.home, two.south.home
        number = safety.number(north.card(), south.card())
        await two.start()
        async with two.clients() as (n, s):
            await converse(n, s)
        await two.south.stop()
        stick = tmp_path / "stick"
        stick.mkdir(mode=0o700)
        shutil.copy2(south.root_key_path, stick / "root.key")
        shutil.copy2(south.card_path, stick / "old.card")
        shutil.rmtree(south.path)
        async with two.clients() as (n, _):
            waiting = (await n.submit(consultation("said when nobody was there"))).id
        await two.north.stop()
        files = tmp_path / "north.closing", tmp_path / "south.closing"
        close(north, "SOUTH", files[0])
        words = ["--from-root", str(stick / "root.key"), "--card", str(stick / "old.card"), "--no-passphrase"]
        assert hotline(south, "init", *words)["number"] == 2
        config.add_relay(south.config_path, relay.config("relay-0"))
        hotline(south, "pair", str(north.card_path), "--safety-number", number)
        close(south, "NORTH", files[1], str(files[0]))
        open_both(north, south, *files)
        await two.start()
        async with two.clients() as (n, s):
            for client in (n, s):
                await line_is(client, "attended")
            await n.wait_for(waiting, state="STORED", timeout_s=30)
            back = await stored(s, consultation("here again"))
            assert back.serial == 2, "SOUTH's numbers go on from what NORTH holds"
            assert (await stored(n, consultation("good"))).serial >= 5
            found = await until(lambda: inbox(s), lambda page: len(page) >= 2, what="the inbox of SOUTH")
            assert "said when nobody was there" in [notice.subject for notice in found]
            assert len({notice.id for notice in found}) == len(found)
            came = await until(lambda: inbox(n), lambda page: len(page) >= 2, what="the inbox of NORTH")
            assert [notice.subject for notice in came] == ["and from the south", "here again"]
        await two.stop()
    report = hotline(north, "verify")
    assert report["ok"]
    assert len(report["report"]["lines"]) == 2, "both generations were checked"
    assert hotline(south, "verify")["ok"]
