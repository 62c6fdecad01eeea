"""Who stands the watch: signed by all whom it names, and shown at the peer as its log says."""

import pytest

from hotline.api.types import Duty
from hotline.core import entry
from hotline.core.queue import QueuedWatch
from hotline.core.step import Now
from hotline.core.suite import verify_hybrid
from hotline.custody.suite import RealSuite
from hotline.errors import KeyError_, UsageError
from hotline.home import Home
from hotline.station import watch
from hotline.station.watch import Change
from tests.station.pair import Stage, line_is, line_of, until
from tests.station.people import SECOND, WORDS, add_second
from tests.station.test_port import load

FIRST = "Duty officer"
NOW = Now(1_700_000_000_000, 1.0)


async def test_a_handover_is_signed_by_both_and_shown_at_the_peer(stage: Stage, north: Home, south: Home) -> None:
    add_second(north)
    async with stage.running(north, attended=False) as n, stage.running(south) as s:
        await n.duty(Duty(on=True, officer=FIRST))
        await line_is(s, "attended")
        on = await n.duty(Duty(on=True, officer=SECOND, passphrase=WORDS, relieve=FIRST, text="Ships at anchor."))
        assert on.on_duty == [SECOND]
        line = await until(
            lambda: line_of(s), lambda x: x.watch is not None and x.watch.officer == SECOND, what="the handover"
        )
        assert line.watch is not None
        assert (line.watch.on, line.watch.relieved, line.watch.text) == (True, FIRST, "Ships at anchor.")
        assert line.on_watch == [SECOND]
        assert line.state == "attended"
        everything = (await s.inbox(everything=True)).notices
        assert [x.invalid for x in everything if x.kind == "watch"] == ["", ""]
        await n.duty(Duty(on=False))
        line = await until(lambda: line_of(s), lambda x: x.watch is not None and not x.watch.on, what="off duty")
        assert line.watch is not None
        assert (line.watch.officer, line.watch.relieved) == (SECOND, "")


async def test_of_two_on_duty_one_goes_off_and_the_peer_sees_that_the_other_stands_the_watch(
    stage: Stage, north: Home, south: Home
) -> None:
    add_second(north)
    async with stage.running(north, attended=False) as n, stage.running(south) as s:
        await n.duty(Duty(on=True, officer=FIRST))
        await n.duty(Duty(on=True, officer=SECOND, passphrase=WORDS))
        await until(lambda: line_of(s), lambda x: x.on_watch == [FIRST, SECOND], what="both on the watch")
        await n.duty(Duty(on=False, officer=SECOND))
        line = await until(lambda: line_of(s), lambda x: x.on_watch == [FIRST], what="one on the watch")
        assert line.watch is not None
        assert (line.watch.officer, line.watch.on) == (SECOND, False)


async def test_who_is_not_on_duty_cannot_hand_over_and_nobody_relieves_himself(stage: Stage, north: Home) -> None:
    add_second(north)
    async with stage.running(north, attended=False) as n:
        with pytest.raises(KeyError_, match="cannot hand over"):
            await n.duty(Duty(on=True, officer=SECOND, passphrase=WORDS, relieve=FIRST))
        await n.duty(Duty(on=True, officer=FIRST))
        with pytest.raises(UsageError, match="relieves himself"):
            await n.duty(Duty(on=True, officer=FIRST, relieve=FIRST))
        with pytest.raises(KeyError_, match="passphrase"):
            await n.duty(Duty(on=True, officer=SECOND, relieve=FIRST))
        with pytest.raises(KeyError_):
            await n.duty(Duty(on=True, officer=SECOND, passphrase="wrong", relieve=FIRST))
        with pytest.raises(KeyError_, match="not on duty"):
            await n.duty(Duty(on=False, officer=SECOND))
        with pytest.raises(UsageError, match="256 bytes"):
            await n.duty(Duty(on=True, officer=FIRST, text="\u00e9" * 200))
        assert (await n.on_duty()).on_duty == [FIRST]
        assert (await line_of(n)).queued <= 3  # the genesis, one watch, one manned test: nothing of what was refused


def test_a_watch_names_and_binds_all_whom_it_names(north: Home) -> None:
    add_second(north)
    port = load(north)
    keys = port.keys.officers
    first, second = (FIRST, keys.unlock(FIRST, None)), (FIRST, keys.unlock(FIRST, None))
    what = watch.row(port, Change(True, first, second, "quiet"), NOW).what
    assert isinstance(what, QueuedWatch)
    officer = port.identity.mine.officer(what.officer)
    assert officer is not None
    assert officer.name == FIRST
    message = entry.watch_message(
        port.identity.id, port.identity.me, what.random, 1, what.officer, what.relieved, NOW.wall_ms, "quiet"
    )
    for signature in (what.signature, what.relieved_signature):
        assert verify_hybrid(RealSuite(), officer.public, message, signature)
    off = watch.row(port, Change(False, first, None, ""), NOW).what
    assert isinstance(off, QueuedWatch)
    assert (off.state, off.relieved, off.relieved_signature) == (0, b"", b"")
