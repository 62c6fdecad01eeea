"""A line inside the engine: loaded from the store, and signed for with the right keys."""

import pytest

from hotline.core import checkpoint, tree
from hotline.core.checkpoint import Checkpoint
from hotline.core.step import SignHead, SignReceipt
from hotline.custody.keyring import Keyring
from hotline.custody.suite import RealSuite
from hotline.home import Home
from hotline.station.bodies import read_body
from hotline.station.port import Port, open_port
from hotline.store.lockfile import LockFile
from hotline.store.store import Store
from tests.station.pair import Stage, TestClock, consultation, no_passphrase, stored

SUITE = RealSuite()


@pytest.fixture
def opened(north: Home) -> Port:
    return load(north)


def load(home: Home) -> Port:
    store = Store(home.database_path, read_body)
    (peer,) = home.lines()
    keys = Keyring.load(home, no_passphrase)
    port = open_port(SUITE, peer, keys, store, LockFile(home.heads_lock_path), TestClock().now())
    store.commit()
    return port


def test_a_head_is_signed_with_the_log_key_of_the_card(opened: Port) -> None:
    cp = Checkpoint(opened.view.own.origin, 1, tree.leaf_hash(b"entry"))
    step = opened.sign(SignHead(cp))
    (kept,) = [write for write in step.writes if hasattr(write, "signature")]
    assert checkpoint.verify_head(SUITE, opened.identity.mine.body.log, cp, kept.signature)


def test_a_receipt_is_signed_with_the_receipt_key_and_its_time(opened: Port) -> None:
    cp = Checkpoint(opened.view.mirror.origin, 1, tree.leaf_hash(b"entry"))
    step = opened.sign(SignReceipt(cp, 1_700_000_000))
    (kept,) = step.writes
    mine = opened.identity.mine
    signature = kept.signature  # type: ignore[union-attr]  # a receipt's only write
    assert checkpoint.verify_receipt(SUITE, mine.body.receipt, mine.receipt_name, cp, 1_700_000_000, signature)


def test_the_two_directions_have_topics_of_their_own_that_fit_the_peers(north: Home, south: Home) -> None:
    at_north, at_south = load(north), load(south)
    assert at_north.outgoing_topic == at_south.incoming_topic != at_north.incoming_topic == at_south.outgoing_topic


async def test_a_missing_lock_file_is_trusted_only_beside_a_store_without_heads(
    stage: Stage, north: Home, south: Home
) -> None:
    assert load(north).machine.own.lock.readable, "a station that never signed anything misses nothing"
    async with stage.running(north) as sender, stage.running(south):
        await stored(sender, consultation("now there is a head"))
    north.heads_lock_path.unlink()
    assert not load(north).machine.own.lock.readable
