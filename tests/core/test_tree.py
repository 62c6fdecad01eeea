"""The tree against RFC 9162's own definitions, which recurse over slices and are too slow for a log."""

import hashlib
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline import limits
from hotline.core import tree
from hotline.core.tree import Frontier
from hotline.errors import NotFoundError

SIZES = 64  # every pair of sizes up to this is tried: all shapes of six levels


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def largest_power_below(n: int) -> int:
    k = 1
    while 2 * k < n:
        k *= 2
    return k


def oracle_root(entries: list[bytes]) -> bytes:
    """MTH of RFC 9162 section 2.1.1."""
    if not entries:
        return sha256(b"")
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0])
    k = largest_power_below(len(entries))
    return sha256(b"\x01" + oracle_root(entries[:k]) + oracle_root(entries[k:]))


def oracle_path(index: int, entries: list[bytes]) -> list[bytes]:
    """PATH of RFC 9162 section 2.1.3.1."""
    if len(entries) == 1:
        return []
    k = largest_power_below(len(entries))
    if index < k:
        return [*oracle_path(index, entries[:k]), oracle_root(entries[k:])]
    return [*oracle_path(index - k, entries[k:]), oracle_root(entries[:k])]


def oracle_proof(first: int, entries: list[bytes], complete: bool = True) -> list[bytes]:
    """PROOF and SUBPROOF of RFC 9162 section 2.1.4.1."""
    if first == len(entries):
        return [] if complete else [oracle_root(entries)]
    k = largest_power_below(len(entries))
    if first <= k:
        return [*oracle_proof(first, entries[:k], complete), oracle_root(entries[k:])]
    return [*oracle_proof(first - k, entries[k:], False), oracle_root(entries[:k])]


ENTRIES = [b"entry %d" % i for i in range(SIZES)]
LEAVES = [tree.leaf_hash(entry) for entry in ENTRIES]
ROOTS = [oracle_root(ENTRIES[:n]) for n in range(SIZES + 1)]


def flip(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def spoiled(proof: list[bytes]) -> Iterator[list[bytes]]:
    """Every proof that differs from this one by one hash left out, doubled, swapped, cut, added or changed in a bit."""
    for i, node in enumerate(proof):
        yield proof[:i] + proof[i + 1 :]
        yield [*proof[:i], node, *proof[i:]]
        yield [*proof[:i], node[:-1], *proof[i + 1 :]]
        yield [*proof[:i], node + b"\0", *proof[i + 1 :]]
        yield [*proof[:i], flip(node, i % 256), *proof[i + 1 :]]
    for i, (left, right) in enumerate(pairwise(proof)):
        yield [*proof[:i], right, left, *proof[i + 2 :]]
    yield [*proof, bytes(32)]
    yield [bytes(32), *proof]


# --- roots ------------------------------------------------------------------------------


def test_the_empty_tree_has_the_hash_of_nothing_as_its_root() -> None:
    assert tree.EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert tree.root([]) == Frontier().root() == tree.EMPTY_ROOT


def test_a_leaf_can_never_be_read_as_a_node() -> None:
    left, right = LEAVES[:2]
    assert tree.leaf_hash(left + right) != tree.node_hash(left, right)
    assert tree.leaf_hash(b"") == sha256(b"\x00")
    assert tree.node_hash(left, right) == sha256(b"\x01" + left + right)


def test_the_roots_are_those_of_the_certificate_transparency_test_tree() -> None:
    """The eight leaves and roots that every CT implementation is tested with (certificate-transparency, merkle)."""
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]
    frontier = Frontier()
    for entry, root in zip(inputs, roots, strict=True):
        frontier.push(tree.leaf_hash(bytes.fromhex(entry)))
        assert frontier.root().hex() == root


@pytest.mark.parametrize("size", range(SIZES + 1))
def test_the_root_is_that_of_the_recursive_definition(size: int) -> None:
    assert tree.root(LEAVES[:size]) == ROOTS[size]
    assert Frontier.of(iter(LEAVES[:size])).root() == ROOTS[size]


@given(st.lists(st.binary(max_size=40), max_size=40))
def test_any_entries_have_the_root_of_the_recursive_definition(entries: list[bytes]) -> None:
    assert tree.root([tree.leaf_hash(entry) for entry in entries]) == oracle_root(entries)


@given(st.integers(0, SIZES), st.integers(0, SIZES))
def test_a_frontier_grows_to_the_same_root_wherever_it_was_stopped_and_copied(a: int, b: int) -> None:
    stop, end = sorted((a, b))
    early = Frontier.of(LEAVES[:stop])
    late = early.copy()
    for leaf in LEAVES[stop:end]:
        late.push(leaf)
    assert (late.size, late.root()) == (end, ROOTS[end])
    assert (early.size, early.root()) == (stop, ROOTS[stop])


def test_a_frontier_keeps_one_hash_for_each_bit_of_its_size_and_no_more() -> None:
    frontier = Frontier()
    for size in range(1, 5000):
        frontier.push(LEAVES[0])
        assert len(frontier._peaks) == size.bit_count()


# --- inclusion --------------------------------------------------------------------------


@pytest.mark.parametrize("size", range(1, SIZES + 1))
def test_every_leaf_of_every_size_has_the_path_of_the_rfc_and_it_verifies_in_its_place_alone(size: int) -> None:
    leaves, root = LEAVES[:size], ROOTS[size]
    for index in range(size):
        proof = tree.inclusion_proof(leaves, index)
        assert proof == oracle_path(index, ENTRIES[:size])
        assert tree.verify_inclusion(LEAVES[index], index, size, proof, root)
        elsewhere = [i for i in range(-1, size + 1) if tree.verify_inclusion(LEAVES[index], i, size, proof, root)]
        assert elsewhere == [index]


@pytest.mark.parametrize("size", range(1, SIZES + 1))
def test_an_inclusion_proof_changed_anywhere_is_refused(size: int) -> None:
    for index in range(size):
        proof = tree.inclusion_proof(LEAVES[:size], index)
        for other in spoiled(proof):
            assert not tree.verify_inclusion(LEAVES[index], index, size, other, ROOTS[size])


def test_an_inclusion_proof_with_any_single_bit_flipped_is_refused() -> None:
    size, index = 13, 6
    leaf, root, proof = LEAVES[index], ROOTS[size], tree.inclusion_proof(LEAVES[:size], index)
    for bit in range(256):
        assert not tree.verify_inclusion(flip(leaf, bit), index, size, proof, root)
        assert not tree.verify_inclusion(leaf, index, size, proof, flip(root, bit))
        for i, node in enumerate(proof):
            other = [*proof[:i], flip(node, bit), *proof[i + 1 :]]
            assert not tree.verify_inclusion(leaf, index, size, other, root)


def test_an_inclusion_proof_binds_the_shape_of_its_path_and_leaves_the_size_to_the_signed_head() -> None:
    def sizes(index: int) -> list[int]:
        proof = tree.inclusion_proof(LEAVES[:5], index)
        return [n for n in range(SIZES) if tree.verify_inclusion(LEAVES[index], index, n, proof, ROOTS[5])]

    assert sizes(4) == [5]  # on the right edge the path tells where the tree ends
    assert sizes(0) == [5, 6, 7, 8]  # on the left it does not: that is why size and root are signed together


def test_a_node_cannot_be_passed_off_as_a_leaf_of_a_smaller_tree_of_the_same_size() -> None:
    inner = tree.node_hash(LEAVES[0], LEAVES[1])
    proof = tree.inclusion_proof(LEAVES[:4], 0)
    assert not tree.verify_inclusion(inner, 0, 4, proof[1:], ROOTS[4])


@pytest.mark.parametrize("index", [-1, 5, 2**64])
def test_asking_for_an_entry_that_is_not_there_names_it(index: int) -> None:
    with pytest.raises(NotFoundError, match=str(index)):
        tree.inclusion_proof(LEAVES[:5], index)


# --- consistency ------------------------------------------------------------------------


def pairs(check: Callable[[int, int, list[bytes]], None], second: int) -> None:
    for first in range(1, second):
        check(first, second, tree.consistency_proof(LEAVES, first, second))


@pytest.mark.parametrize("second", range(1, SIZES + 1))
def test_every_size_has_the_proof_of_the_rfc_to_every_later_one_and_it_verifies(second: int) -> None:
    def check(first: int, second: int, proof: list[bytes]) -> None:
        assert proof == oracle_proof(first, ENTRIES[:second])
        assert Frontier.of(LEAVES[:first]).prove_extension(LEAVES[first:second]) == proof
        assert tree.verify_consistency(first, second, ROOTS[first], ROOTS[second], proof)

    pairs(check, second)


@pytest.mark.parametrize("second", range(1, SIZES + 1))
def test_a_consistency_proof_changed_anywhere_is_refused(second: int) -> None:
    def check(first: int, second: int, proof: list[bytes]) -> None:
        for other in spoiled(proof):
            assert not tree.verify_consistency(first, second, ROOTS[first], ROOTS[second], other)

    pairs(check, second)


@pytest.mark.parametrize(("first", "second"), [(1, 2), (4, 8), (6, 7), (6, 13), (8, 13), (12, 13)])
def test_a_consistency_proof_with_any_single_bit_flipped_is_refused(first: int, second: int) -> None:
    proof, old, new = tree.consistency_proof(LEAVES, first, second), ROOTS[first], ROOTS[second]
    for bit in range(256):
        assert not tree.verify_consistency(first, second, flip(old, bit), new, proof)
        assert not tree.verify_consistency(first, second, old, flip(new, bit), proof)
        for i, node in enumerate(proof):
            other = [*proof[:i], flip(node, bit), *proof[i + 1 :]]
            assert not tree.verify_consistency(first, second, old, new, other)


@pytest.mark.parametrize("second", range(2, 33))
def test_a_log_that_changed_one_old_entry_has_no_proof_from_the_root_shown_before(second: int) -> None:
    for first in range(1, second):
        for changed in range(first):
            rewritten = [*LEAVES[:changed], tree.leaf_hash(b"rewritten"), *LEAVES[changed + 1 : second]]
            proof = tree.consistency_proof(rewritten, first, second)
            new = tree.root(rewritten)
            assert not tree.verify_consistency(first, second, ROOTS[first], new, proof)


def test_equal_sizes_need_equal_roots_and_no_proof() -> None:
    for size in range(1, SIZES + 1):
        assert tree.consistency_proof(LEAVES, size, size) == []
        assert tree.verify_consistency(size, size, ROOTS[size], ROOTS[size], [])
        assert not tree.verify_consistency(size, size, ROOTS[size], flip(ROOTS[size], 0), [])
        assert not tree.verify_consistency(size, size, ROOTS[size], ROOTS[size], [ROOTS[size]])


def test_the_empty_tree_is_a_prefix_of_every_tree_without_proof_and_has_one_root() -> None:
    for size in range(SIZES + 1):
        assert tree.consistency_proof(LEAVES, 0, size) == []
        assert tree.verify_consistency(0, size, tree.EMPTY_ROOT, ROOTS[size], [])
        assert not tree.verify_consistency(0, size, tree.EMPTY_ROOT, ROOTS[size], [ROOTS[size]])
        assert not tree.verify_consistency(0, size, ROOTS[1], ROOTS[size], [])
    assert not tree.verify_consistency(0, 0, ROOTS[1], ROOTS[1], [])


def test_a_smaller_tree_is_never_consistent_with_a_larger_one_before_it() -> None:
    proof = tree.consistency_proof(LEAVES, 6, 13)
    assert not tree.verify_consistency(13, 6, ROOTS[13], ROOTS[6], proof)
    assert not tree.verify_consistency(-1, 6, ROOTS[13], ROOTS[6], proof)
    assert not tree.verify_consistency(6, 13, ROOTS[6], ROOTS[13], [])


@pytest.mark.parametrize(("first", "second"), [(-1, 3), (4, 3), (0, SIZES + 1)])
def test_asking_for_a_proof_between_sizes_that_are_not_there_is_refused(first: int, second: int) -> None:
    with pytest.raises(NotFoundError, match=str(second)):
        tree.consistency_proof(LEAVES, first, second)


# --- hostile input ----------------------------------------------------------------------

anything = st.one_of(st.binary(max_size=40), st.sampled_from([*LEAVES[:8], *ROOTS[:9]]))
whole_numbers = st.integers(-2, 2**64)


@given(anything, whole_numbers, whole_numbers, st.lists(anything, max_size=70), anything)
def test_verifying_the_inclusion_of_anything_answers_and_never_raises(
    leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes
) -> None:
    answer = tree.verify_inclusion(leaf, index, size, proof, root)
    assert not answer or (size == 1 and not proof and leaf == root) or proof


@given(whole_numbers, whole_numbers, anything, anything, st.lists(anything, max_size=70))
def test_verifying_the_consistency_of_anything_answers_and_never_raises(
    first: int, second: int, first_root: bytes, second_root: bytes, proof: list[bytes]
) -> None:
    answer = tree.verify_consistency(first, second, first_root, second_root, proof)
    assert not answer or 0 <= first <= second


def test_a_proof_longer_than_any_tree_is_deep_is_refused_before_it_is_hashed() -> None:
    proof = [bytes(32)] * (limits.PROOF_HASHES + 1)
    root = LEAVES[0]
    for node in proof:
        root = tree.node_hash(root, node)
    assert not tree.verify_inclusion(LEAVES[0], 0, 2 ** len(proof), proof, root)


# --- size -------------------------------------------------------------------------------


class Counted(list[bytes]):
    """Leaves that count how often one of them is read."""

    reads = 0

    def __getitem__(self, key: object) -> bytes:  # type: ignore[override]
        self.reads += 1
        return super().__getitem__(key)  # type: ignore[no-any-return,call-overload]


def test_a_proof_over_a_hundred_thousand_leaves_reads_each_of_them_once_at_most() -> None:
    size, index = 100_000, 77_777
    leaves = Counted(tree.leaf_hash(b"%d" % i) for i in range(size))
    proof = tree.inclusion_proof(leaves, index)
    assert leaves.reads == size - 1  # all but the leaf itself
    assert len(proof) <= 17
    assert tree.verify_inclusion(list(leaves)[index], index, size, proof, tree.root(leaves))


def test_a_frontier_proves_the_next_entries_of_a_long_log_without_its_older_ones() -> None:
    size = 100_000
    leaves = [tree.leaf_hash(b"%d" % i) for i in range(size)]
    before = Frontier.of(leaves[: size - 3])
    proof = before.prove_extension(leaves[size - 3 :])
    assert tree.verify_consistency(size - 3, size, before.root(), tree.root(leaves), proof)
