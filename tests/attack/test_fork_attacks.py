"""Nobody is convicted by honest heads, and no verified head lets a holder cosign beside it."""

import random
from itertools import product

from hotline.core import tree
from hotline.core.checkpoint import Checkpoint
from hotline.core.forks import convicts
from hotline.core.messages import Fork, SignedHead
from tests.simulation.keys import Keys
from tests.simulation.liar import Liar
from tests.simulation.station import Station
from tests.simulation.suite import Crypto
from tests.simulation.world import World

SIZES = 17


def test_no_pair_of_honest_heads_convicts_with_any_node_as_prior_root_or_any_true_or_cut_proof() -> None:
    rng, crypto = random.Random(1), Crypto()
    keys, suite = Keys.make(crypto, "A", rng), crypto.suite(rng)
    leaves = [tree.leaf_hash(bytes([i])) for i in range(SIZES)]
    roots = [tree.root(leaves[:n]) for n in range(SIZES + 1)]
    heads = [SignedHead(n, roots[n], keys.sign_head(Checkpoint("o", n, roots[n]))) for n in range(1, SIZES + 1)]
    for first, second in product(heads, heads):
        proofs: list[tuple[bytes, ...]] = [()]
        for a in range(1, second.size + 1):
            proof = tuple(tree.consistency_proof(leaves, a, second.size))
            proofs += [proof, proof[:-1], proof[1:], proof[::-1], (*proof, roots[1])]
        for proof, prior in product(set(proofs), [*roots[1:], *leaves[:4], b"r" * 32]):
            assert not convicts(suite, keys.card.body.log, Fork("o", first, second, prior, proof))


def test_a_fork_needs_both_heads_of_the_named_log() -> None:
    rng, crypto = random.Random(2), Crypto()
    keys, other, suite = Keys.make(crypto, "A", rng), Keys.make(crypto, "B", rng), crypto.suite(rng)

    def head(signer: Keys, origin: str, root: bytes) -> SignedHead:
        return SignedHead(1, root, signer.sign_head(Checkpoint(origin, 1, root)))

    a, b = b"a" * 32, b"b" * 32
    assert convicts(suite, keys.card.body.log, Fork("o", head(keys, "o", a), head(keys, "o", b), b, ()))
    for first, second in (
        (head(keys, "o", a), head(keys, "other-line", b)),
        (head(keys, "o", a), head(other, "o", b)),
        (head(keys, "o", a), head(keys, "o", a)),
    ):
        assert not convicts(suite, keys.card.body.log, Fork("o", first, second, second.root, ()))


class _Heads:
    """What every process of one log key has signed."""

    def __init__(self) -> None:
        self.signed: dict[str, dict[int, set[bytes]]] = {}

    def head_signed(self, station: Station, cp: Checkpoint) -> None:
        self.signed.setdefault(cp.origin, {}).setdefault(cp.size, set()).add(cp.root)
        chain = tree.Frontier.of(station.view().own.leaves(0, cp.size)).root()
        assert chain == cp.root

    def receipt_signing(self, station: Station, cp: Checkpoint, timestamp_s: int) -> None: ...
    def committed(self, station: Station, events: list[object]) -> None: ...


def test_a_holder_with_an_old_database_does_not_cosign_a_clones_words_after_the_owners_head_outranked_them() -> None:
    """Its lock file kept it from doing so; giving up the tail (SPEC 7.6) must not make it forget that."""
    world, heads = World(5), _Heads()
    world.check = lambda: None  # type: ignore[method-assign]
    owner, holder = world.parties
    owner._watcher = holder._watcher = heads  # type: ignore[assignment]
    world.advance(5)
    for _ in range(4):
        world.submit(0)
        world.advance(2)
    clone_of, backup = owner.snapshot(), holder.snapshot()
    for _ in range(5):
        world.submit(0)
        world.advance(2)
    holder.restore(backup, lock=True)
    clone = world._station(0, "'")
    clone._watcher = heads  # type: ignore[assignment]
    clone.restore(clone_of, lock=False)
    clone.start(world.now_s)
    world.parties[0] = clone
    holder.start(world.now_s)
    world.advance(6)
    clone.submit(clone.notice(b"c" * 16, 0, b"known: the clone's", False), world.now_s)
    world.advance(3)
    world.parties[0] = owner
    world.clones.append((0, clone))
    render = owner.line.render
    owner.line.render = lambda send: [] if send.kind == "entries" else render(send)  # type: ignore[method-assign]  # its NEEDs stay unanswered for a time
    world.advance(40)
    owner.line.render = render  # type: ignore[method-assign]
    world.advance(40)
    assert all(len(roots) == 1 for sizes in heads.signed.values() for roots in sizes.values())
    own = heads.signed[owner.identity.my_origin()]
    leaves = owner.view().own.leaves(0, owner.line.own.ledger.size)
    assert all({tree.root(leaves[:size])} == roots for size, roots in own.items())


def test_a_mirror_emptied_by_a_head_cosigns_no_empty_log() -> None:
    liar = Liar()
    liar.wait(0.5)
    liar.greet()
    liar.say(liar.receipt(1))
    liar.genesis()
    liar.notice()
    tail = liar.entries(0, 2)
    liar.log, liar.bodies = [], []
    liar.genesis()
    liar.victim.receive([liar.sealed(tail), liar.sealed(liar.head(1))], liar.now_s)
    assert liar.victim.line.mirror.ledger.size == 0
    assert all(size >= 1 for (size,) in liar.victim.db._db.execute("SELECT size FROM receipt"))
    assert liar.victim.line.mirror.intent is None
