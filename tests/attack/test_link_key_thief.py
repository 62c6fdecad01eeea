"""Who has a station's link key writes frames in its name, and no word: neither side takes a tail of the thief's."""

from collections.abc import Callable

import pytest

from hotline.core import messages, queue, tree
from hotline.core.messages import Entries, Item, MirrorState
from hotline.core.ownlog import proposal_message
from hotline.core.step import Send
from hotline.core.suite import ED25519_SIGNATURE, MLDSA44_SIGNATURE
from tests.simulation.keys import Keys
from tests.simulation.liar import Liar
from tests.simulation.suite import Crypto
from tests.simulation.world import World

WORDS = b"words that nobody said"


@pytest.fixture
def liar() -> Liar:
    """Real keys: the thief is told from the owner by what it can compute."""
    return Liar(World(1, real=True)).meet(0)


def forged(keys: Keys, start: int, leaves: list[bytes], origin: str, recipient: bytes) -> Entries:
    """One notice after these leaves. Of the proposal the thief has the link key's half alone."""
    what = queue.QueuedNotice(recipient, b"F" * 16, 3, 0, 0, ())
    row = queue.notice_row(what, b"s" * 32, WORDS)
    raw = queue.to_entry(row, serial=1, time_ms=0, seen_size=0, seen_root=tree.EMPTY_ROOT)
    root = tree.root([*leaves, tree.leaf_hash(raw)])
    half = keys.link.sign(proposal_message(origin, start + 1, root))
    return Entries(origin, start, (Item(raw, row.salt, WORDS),), root, half + bytes(MLDSA44_SIGNATURE), b"")


def as_it_was(liar: Liar, word: Entries) -> Entries:
    """The proposal of 64 bytes that the link key made before: the frame is refused for its form."""
    return _with(word, word.proposal[:ED25519_SIGNATURE])


def with_true_half(liar: Liar, word: Entries) -> Entries:
    """As if Ed25519 were broken altogether, the log key's half too: ML-DSA-44 still stands."""
    keys = liar.victim.keys if word.origin == liar.victim.identity.my_origin() else liar.keys
    return _with(word, keys.sign_proposal(word.origin, word.size, word.root)[:ED25519_SIGNATURE] + bytes(2420))


def with_other_half(liar: Liar, word: Entries) -> Entries:
    """The true ML-DSA-44 half and no Ed25519 one."""
    keys = liar.victim.keys if word.origin == liar.victim.identity.my_origin() else liar.keys
    return _with(word, bytes(64) + keys.sign_proposal(word.origin, word.size, word.root)[ED25519_SIGNATURE:])


def by_the_peers_log_key(liar: Liar, word: Entries) -> Entries:
    """The other side's log key signs no words of this log."""
    keys = liar.keys if word.origin == liar.victim.identity.my_origin() else liar.victim.keys
    return _with(word, keys.sign_proposal(word.origin, word.size, word.root))


def unchanged(liar: Liar, word: Entries) -> Entries:
    return word


def _with(word: Entries, proposal: bytes) -> Entries:
    return Entries(word.origin, word.start, word.items, word.root, proposal, word.echo)


Forgery = Callable[[Liar, Entries], Entries]
FORGERIES: list[Forgery] = [unchanged, as_it_was, with_true_half, with_other_half, by_the_peers_log_key]


@pytest.mark.parametrize("forgery", FORGERIES)
def test_the_owner_adopts_no_tail_of_a_link_key_thief(liar: Liar, forgery: Forgery) -> None:
    """The peer has the victim's link key, shows a tail of its own making, hands it over and receipts it."""
    victim, own = liar.victim, liar.victim.line.own
    true = forged(victim.keys, 1, victim.view().own.leaves(0, 1), own.ledger.origin, victim.identity.them)
    liar.mirror = MirrorState(1, true.size, true.root, true.size, 1)
    liar.wait(40)
    liar.say(liar.hello(echo=liar.theirs))
    word = forgery(liar, true)
    before = liar.tables()
    liar.say(Entries(word.origin, word.start, word.items, word.root, word.proposal, liar.theirs))
    liar.say(liar.receipt(2, true.root))
    assert (own.signed, own.ledger.size) == (1, 1)
    assert liar.tables() == before
    assert victim.alarms["restored"] == 0
    assert victim.rejected["adopt-proposal"] == (forgery is not as_it_was)


@pytest.mark.parametrize("forgery", FORGERIES)
def test_the_mirror_takes_no_tail_of_a_link_key_thief(liar: Liar, forgery: Forgery) -> None:
    """The thief writes a frame to the holder in the owner's name."""
    mirror = liar.victim.line.mirror
    word = forgery(liar, forged(liar.keys, 1, liar.leaves(1), liar.identity.my_origin(), liar.identity.them))
    before = liar.tables()
    liar.say(word)
    assert (mirror.ledger.size, mirror.cosigned[0]) == (1, 1)
    assert liar.tables() == before
    assert liar.victim.rejected["proposal-signature"] == (forgery is not as_it_was)


def test_the_owners_own_proposal_is_taken_by_both(liar: Liar) -> None:
    """What the forgeries lack, and nothing else, is the log key."""
    victim, origin = liar.victim, liar.identity.my_origin()
    word = forged(liar.keys, 1, liar.leaves(1), origin, liar.identity.them)
    liar.say(_with(word, liar.keys.sign_proposal(origin, word.size, word.root)))
    assert victim.line.mirror.ledger.size == 2
    own = victim.line.own.ledger
    mine = forged(victim.keys, 1, victim.view().own.leaves(0, 1), own.origin, victim.identity.them)
    liar.mirror = MirrorState(1, 2, mine.root, 2, 1)
    liar.wait(40)
    liar.say(liar.hello(echo=liar.theirs))
    proposal = victim.keys.sign_proposal(own.origin, 2, mine.root)
    liar.say(Entries(own.origin, 1, mine.items, mine.root, proposal, liar.theirs))
    assert own.size == 2


def test_a_proposal_is_no_head_and_a_head_no_proposal() -> None:
    """One key signs both: the label, and the form of a C2SP text, keep them apart."""
    liar = Liar(World(2, real=True)).meet(1)
    liar.notice()
    head = liar.head(3)
    proposal = liar.entries(2, 3).proposal
    liar.say(_with(liar.entries(2, 3), head.signature))
    liar.say(liar.entries(2, 3))
    liar.say(messages.Head(head.origin, head.size, head.root, proposal, 0, b"", ()))
    assert liar.victim.rejected["proposal-signature"] == liar.victim.rejected["head-signature"] == 1
    assert liar.victim.line.mirror.head_size == 2


def test_what_is_sent_again_is_not_signed_again(liar: Liar, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks with NEED, or answers nothing, must not cost a signature each time; the cache has a bound."""
    monkeypatch.setattr("hotline.limits.PROPOSALS_HELD", 3)
    line, renderer = liar.victim.line, liar.victim.line._renderer
    liar.submit(3)
    signed: list[bytes] = []
    counted = Keys.make(Crypto(), "counted", liar.rng).log

    class Counting:
        public = counted.public

        def sign(self, ed25519_message: bytes, mldsa44_message: bytes) -> bytes:
            signed.append(ed25519_message)
            return counted.sign(ed25519_message, mldsa44_message)

    monkeypatch.setattr(renderer, "_log", Counting())
    renderer._proposals.clear()
    for _ in range(5):
        for size in (2, 3, 4):
            line.render(Send("entries", line.own.ledger.origin, 1, size))
    assert len(signed) == 3
    line.render(Send("entries", line.own.ledger.origin, 0, 1))
    assert len(signed) == 4
    assert len(renderer._proposals) == 3
