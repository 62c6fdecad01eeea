"""A relay that records everything and plays it again, elsewhere, or backwards: nothing that counts changes."""

import random

import pytest

from hotline.core import frame
from hotline.core.messages import Hello
from hotline.errors import PeerError
from tests.simulation.keys import Keys
from tests.simulation.liar import Liar
from tests.simulation.station import Station
from tests.simulation.suite import Crypto
from tests.simulation.world import World

KEPT = ("entry", "head", "receipt", "intent", "proposal", "displaced", "queue", "inbox", "answer")


class Tape:
    """Every frame that a relay has carried, by receiver."""

    def __init__(self, world: World) -> None:
        self.frames: dict[int, list[bytes]] = {0: [], 1: []}
        self._send = world.net.send
        world.net.send = self._record  # type: ignore[method-assign]

    def _record(self, to: int, frame: bytes, now_s: float) -> None:
        self.frames[to].append(frame)
        self._send(to, frame, now_s)


def kept(station: Station) -> list[list[tuple[object, ...]]]:
    return [list(station.db._db.execute(f"SELECT * FROM {t} ORDER BY 1, 2")) for t in KEPT]  # noqa: S608  # fixed names


def lived() -> tuple[World, Tape]:
    """A line with a past in both directions."""
    world = World(21)
    tape = Tape(world)
    world.advance(3.0)
    for n in range(12):
        world.submit(n % 2, n % 4)
        world.advance(1.0)
        world.acknowledge(n % 2)
    world.advance(40.0)
    return world, tape


def test_a_frame_sent_back_to_its_writer_does_not_pass_the_mac() -> None:
    world, tape = lived()
    for data in tape.frames[1][:50]:
        with pytest.raises(PeerError) as refused:
            frame.check_outside(world.parties[0].keys.crypto.suite(world.rng), world.parties[0].identity, data)
        assert refused.value.reason == "frame-mac"


def test_a_frame_for_a_third_station_means_nothing_on_another_line() -> None:
    rng, crypto = random.Random(8), Crypto()
    a, b, c = (Keys.make(crypto, name, rng) for name in "ABC")
    suite = crypto.suite(rng)
    to_c, to_b = a.identity(suite, c), b.identity(suite, a)
    sealed = frame.seal(suite, to_c, a.link, to_b.mine.body.seal, frame.HELLO, b"payload")
    with pytest.raises(PeerError) as refused:
        frame.check_outside(suite, to_b, sealed)
    assert refused.value.reason == "frame-mac"
    # Even with the right MAC, as a peer of both lines could write it, seal and context are another line's.
    sealed_to_b = frame.seal(suite, a.identity(suite, b), a.link, to_b.mine.body.seal, frame.HELLO, b"payload")
    inner = sealed[frame.HEADER_BYTES :]
    head = sealed_to_b[: 1 + frame.KEY_ID_BYTES]
    mac = frame._mac(suite, to_b.incoming.mac_key, head, inner)
    with pytest.raises(PeerError) as refused:
        frame.open_frame(suite, to_b, head + mac + inner, b.seal, for_hello=True)
    assert refused.value.reason == "frame-seal"


@pytest.mark.parametrize("backwards", [False, True])
def test_the_whole_past_played_again_to_running_stations_changes_no_row(backwards: bool) -> None:
    world, tape = lived()
    past = {to: list(frames) for to, frames in tape.frames.items()}
    before = [kept(s) for s in world.parties]
    for to, station in enumerate(world.parties):
        for data in past[to][:: -1 if backwards else 1]:
            station.receive([data], world.now_s)
    assert [kept(s) for s in world.parties] == before


def test_the_whole_past_played_to_restarted_stations_signs_nothing_and_puts_nobody_in_step() -> None:
    world, tape = lived()
    past = {to: list(frames) for to, frames in tape.frames.items()}
    for party in (0, 1):
        world.crash(party)
        world.start(party)
    heads, receipts = world.oracle.checked["heads signed"], world.oracle.checked["receipts"]
    before = [kept(s) for s in world.parties]
    for to, station in enumerate(world.parties):
        for data in past[to]:
            station.receive([data], world.now_s)
        assert not station.line.own.in_step
        assert station.line.peer_seen_s is None
    assert [kept(s) for s in world.parties] == before
    assert (world.oracle.checked["heads signed"], world.oracle.checked["receipts"]) == (heads, receipts)


def test_an_old_hello_of_the_peer_never_counts_as_fresh_after_a_restart() -> None:
    liar = Liar().meet(2)
    old = liar.sealed(liar.hello(ask=True))
    liar.restart()
    liar.victim.receive([old], liar.now_s)
    assert all(isinstance(m, Hello) for m in liar.heard())
    assert not liar.victim.line.own.in_step
    assert liar.victim.line.prekeys.peers is None
