"""Cards that were signed anew: the peers' come through their logs, ours goes out through ours (SPEC section 4.7)."""

from dataclasses import replace

from hotline.core import card as cards
from hotline.core import queue
from hotline.core.card import Card
from hotline.core.step import Enqueue, Now
from hotline.custody import files
from hotline.custody.suite import RealSuite
from hotline.errors import CardError
from hotline.home import Home, PeerLine
from hotline.station.port import Port
from hotline.store.store import Store

_SUITE = RealSuite()


def newest(peer: PeerLine, store: Store) -> PeerLine:
    """The enrolled peer with the newest of its cards: the file's, or the one that its log brought."""
    number, packed = store.desk.card(peer.id, mine=False)
    if number <= peer.card.body.number:
        return peer
    try:
        card = cards.unpack(_SUITE, packed, source="The card kept from the peer's log")
    except CardError:
        return peer  # damaged here; the file was compared by people
    return replace(peer, card=card) if card.carries_on(peer.card) else peer


def put_in_place(home: Home, port: Port) -> None:
    """Write the peer's card to its file, if it is another than that. After the commit that kept it."""
    path, _ = home.line_paths(port.identity.pair)
    files.replace(path, port.identity.peer.text().encode("ascii"))


def announce(store: Store, port: Port, mine: Card, now: Now) -> bool:
    """Tell the peer of our card once, if it is newer than what the peer was told; whether it was queued."""
    line = port.identity.id
    told, _ = store.desk.card(line, mine=True)
    if mine.body.number <= told:
        return False
    store.desk.keep_card(line, mine.body.number, mine.packed, mine=True)
    if told == 0 and mine.body.number == 1:
        return False  # the peer has enrolled this one; a later one may have been signed since
    row = queue.card_row(mine, _SUITE.random(32))
    store.apply(line, [Enqueue(row.key, row.rank, queue.payload(row.what), row.salt, row.body)], now.wall_ms)
    return True
