"""Bodies at the bounds: the largest, and one of a kind that the other side does not know."""

from pathlib import Path

import pytest

from hotline import limits
from hotline.core import encoding, entry, queue
from hotline.core.step import BodyFacts
from hotline.custody.keyring import Keyring
from hotline.custody.suite import RealSuite
from hotline.home import Home
from hotline.station.bodies import read_body
from hotline.store.store import Store
from tests.brokers import Broker
from tests.integration.pair import WITHIN_S, pair
from tests.station.pair import Stage, consultation, copy_home, line_of, no_passphrase, stored, until

WIDE = "\N{MUSICAL SYMBOL G CLEF}"  # four bytes in UTF-8


def body_of(kind: str, size: int) -> bytes:
    """A body of any kind, filled to exactly `size` bytes."""
    body, fill = b"", size
    while len(body) != size:
        fill += size - len(body) if body else 0
        body = encoding.encode({"kind": kind, "version": 1, "data": b"x" * fill})
    return body


def queue_raw(home: Home, body: bytes) -> bytes:
    """Put a notice with this body into the queue of a station that does not run, as a later version would."""
    (peer,) = home.lines()
    line = Keyring.load(home, no_passphrase).line(peer.card)
    notice_id, salt = RealSuite().random(16), RealSuite().random(32)
    what = queue.QueuedNotice(line.them, notice_id, 0, 0, 0, ())
    store = Store(home.database_path, read_body)
    try:
        store.line(line.id, line.my_origin(), line.peer_origin())
        store.submit(line.id, line.my_origin(), queue.notice_row(what, salt, body), BodyFacts("weather", "", ""), 1)
        store.commit()
    finally:
        store.close()
    return notice_id


async def test_the_largest_body_arrives_whole(made: Path, tmp_path: Path, broker: Broker) -> None:
    body = body_of("weather", limits.BODY_BYTES)
    assert len(body) == limits.BODY_BYTES
    async with pair(made, tmp_path / "pair", broker) as two:
        notice_id = queue_raw(two.north.home, body)
        await two.start()
        async with two.clients() as (north, south):
            await north.wait_for(notice_id.hex(), state="STORED", timeout_s=WITHIN_S)
            got = await until(south.inbox, lambda page: page.notices, what="the notice")
            assert bytes.fromhex((await south.show(got.notices[0].id)).raw) == body
            for number in range(8):  # as many as fill the window several times
                wide = await stored(north, consultation(f"{number} " + WIDE * 15_900), within_s=WITHIN_S)
                assert wide.state == "STORED"
        await two.stop()
        two.verify()


async def test_a_kind_that_the_peer_does_not_know_is_stored_shown_raw_and_answered_cannot_process(
    made: Path, tmp_path: Path
) -> None:
    north_home, south_home = (copy_home(Home(made / name), tmp_path / name) for name in ("north", "south"))
    body = body_of("weather", 300)
    notice_id = queue_raw(north_home, body)
    stage = Stage()
    async with stage.running(north_home) as north, stage.running(south_home) as south:
        notice = await north.wait_for(notice_id.hex(), state="REFUSED", timeout_s=WITHIN_S)
        assert [step.state for step in notice.ladder] == ["QUEUED", "STORED", "REFUSED"]
        assert (notice.ladder[-1].officer, notice.ladder[-1].text) == ("", "kind")
        got = await south.show(notice_id.hex())
        assert (got.invalid, got.kind, got.notice) == ("kind", "weather", None)
        assert bytes.fromhex(got.raw) == body
        assert "weather" in got.text
        line = await until(lambda: line_of(south), lambda at: at.mirror.signed == 2, what="the head of the notice")
        assert line.mirror.size == 2
        assert [alarm.kind for alarm in line.alarms] == ["invalid"]
        after = await stored(north, consultation("and the line goes on"))
        assert after.ref == "NORTH 2"


@pytest.mark.parametrize("size", [limits.BODY_BYTES, 100])
def test_a_raw_body_of_any_size_is_well_formed(size: int) -> None:
    facts = read_body(body_of("weather", size))
    assert (facts.kind, facts.reason) == ("weather", "kind")
    assert entry.body_fits(
        entry.seal_envelope(b"", size, entry.commitment(bytes(32), body_of("weather", size))),
        bytes(32),
        body_of("weather", size),
    )
