"""The Merkle tree of a log: roots and proofs as pure functions (SPEC section 5.1, RFC 9162 section 2.1).

A tree is never held. What is kept is the `Frontier`: the roots of the complete subtrees that
a tree of n leaves is made of, at most 53 hashes, which is enough to append, to know the root,
and to prove that a longer tree extends this one. Proofs about older leaves read the leaf
hashes again: one pass over them, a tenth of a second for 100,000.

The verifiers take what a stranger sent: they answer False to anything that is not a proof,
a hash of the wrong length among it, and raise nothing.
"""

import hashlib
from collections.abc import Iterable, Sequence
from itertools import islice

from hotline import limits
from hotline.errors import NotFoundError

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

_sha256 = hashlib.sha256  # looked up once: `push` is the inner loop of every start


def leaf_hash(entry: bytes) -> bytes:
    """Return `H(0x00 ‖ entry)`, 32 bytes (SPEC section 4.1)."""
    return _sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return `H(0x01 ‖ left ‖ right)`, 32 bytes; both children are hashes of 32 bytes."""
    return _sha256(b"\x01" + left + right).digest()


class Frontier:
    """The right edge of a growing tree: O(log n) memory, one hash a push on average.

    `_peaks` holds the roots of the complete subtrees from left to right; their sizes are the
    one bits of `size`, the highest first. It owns nothing on disk: after a restart it is made
    again from the stored leaf hashes.
    """

    __slots__ = ("_peaks", "_size")

    def __init__(self) -> None:
        self._size = 0
        self._peaks: list[bytes] = []

    @classmethod
    def of(cls, leaves: Iterable[bytes]) -> "Frontier":
        """Return the frontier over these leaf hashes (32 bytes each), in order."""
        frontier = cls()
        for leaf in leaves:
            frontier.push(leaf)
        return frontier

    @property
    def size(self) -> int:
        """The number of leaves."""
        return self._size

    def push(self, leaf: bytes) -> None:
        """Append one leaf hash of 32 bytes."""
        carry = self._size
        while carry & 1:  # as in binary addition: a subtree of equal size on the left is completed
            leaf = _sha256(b"\x01" + self._peaks.pop() + leaf).digest()
            carry >>= 1
        self._peaks.append(leaf)
        self._size += 1

    def root(self) -> bytes:
        """Return the root hash of all leaves so far; of no leaves, `EMPTY_ROOT`."""
        if not self._peaks:
            return EMPTY_ROOT
        root = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            root = node_hash(peak, root)
        return root

    def copy(self) -> "Frontier":
        """Return an independent frontier: pushing onto one leaves the other as it was."""
        other = Frontier()
        other._size, other._peaks = self._size, self._peaks.copy()
        return other

    def prove_extension(self, new: Sequence[bytes]) -> list[bytes]:
        """Return the consistency proof from this tree to the one with the leaf hashes `new` appended.

        This is PROOF(size, size + len(new)) of RFC 9162 section 2.1.4.1, which needs no older
        leaf: everything left of the edge is one of the peaks. Empty if this tree is empty or
        nothing is new. O(len(new)) hashes, so a station that keeps the frontier of its last
        signed head proves the next head without reading its log.
        """
        if not self._size or not new:
            return []
        low, high, proof, peaks = 0, self._size + len(new), [], iter(self._peaks)
        while high != self._size:
            middle = low + _split(high - low)
            if self._size <= middle:
                proof.append(_range_root(new, middle - self._size, high - self._size))
                high = middle
            else:
                proof.append(next(peaks))
                low = middle
        if low:  # where the old tree is one complete subtree, the verifier has that node: it is the old root
            proof.append(self._peaks[-1])
        proof.reverse()
        return proof


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the root over these leaf hashes (32 bytes each); `EMPTY_ROOT` for none."""
    return Frontier.of(leaves).root()


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return PATH(index, leaves) of RFC 9162 section 2.1.3.1: siblings from the leaf up, 32 bytes each.

    Raises NotFoundError if there is no leaf `index`. One pass over the leaves.
    """
    if not 0 <= index < len(leaves):
        raise NotFoundError(f"There is no entry {index}: the log has {len(leaves)}, counted from 0.")
    low, high, proof = 0, len(leaves), []
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            proof.append(_range_root(leaves, middle, high))
            high = middle
        else:
            proof.append(_range_root(leaves, low, middle))
            low = middle
    proof.reverse()
    return proof


def consistency_proof(leaves: Sequence[bytes], first: int, second: int) -> list[bytes]:
    """Return PROOF(first, leaves[:second]) of RFC 9162 section 2.1.4.1, hashes of 32 bytes.

    Empty if `first` is 0 or equals `second`. Raises NotFoundError unless
    0 ≤ first ≤ second ≤ len(leaves). One pass over the leaves.
    """
    if not 0 <= first <= second <= len(leaves):
        raise NotFoundError(f"There is no proof from size {first} to {second}: the log has {len(leaves)} entries.")
    return Frontier.of(islice(leaves, first)).prove_extension(leaves[first:second])


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Return whether `proof` leads from `leaf` at `index` to `root` of `size` leaves (RFC 9162 section 2.1.3.2)."""
    if not 0 <= index < size or not _all_hashes([leaf, root, *proof]):
        return False
    fn, sn, r = index, size - 1, leaf
    for p in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            fn, sn = _skip_right_edge(fn, sn)
        else:
            r = node_hash(r, p)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and r == root


def verify_consistency(first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]) -> bool:
    """Return whether `proof` shows the tree of `first` leaves to be a prefix of that of `second` (RFC 9162 2.1.4.2).

    RFC 9162 leaves two cases to its caller. Equal sizes: equal roots and no proof. The empty
    tree is a prefix of every tree: no proof, and `first_root` is `EMPTY_ROOT`, for no other
    root of an empty tree exists.
    """
    if not 0 <= first <= second or not _all_hashes([first_root, second_root, *proof]):
        return False
    if first == second:
        return not proof and first_root == second_root and (first > 0 or first_root == EMPTY_ROOT)
    if first == 0:
        return not proof and first_root == EMPTY_ROOT
    if not proof:
        return False
    # Step 2: where the first tree is one complete subtree, its root is the node that the path starts at.
    path = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    return _consistent(first, second, path) == (first_root, second_root)


def _consistent(first: int, second: int, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """Return both roots that `path` leads to, or None if its length is wrong: steps 3 to 7 of RFC 9162 2.1.4.2."""
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return None
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            fn, sn = _skip_right_edge(fn, sn)
        else:
            sr = node_hash(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return (fr, sr) if sn == 0 else None


def _skip_right_edge(fn: int, sn: int) -> tuple[int, int]:
    """Shift past the levels where a node on the right edge has no sibling and is carried up unchanged."""
    while fn and not fn & 1:
        fn, sn = fn >> 1, sn >> 1
    return fn, sn


def _all_hashes(values: Sequence[bytes]) -> bool:
    """Whether these are few enough and of 32 bytes: a shorter "hash" would let its neighbour's bytes slide."""
    return len(values) <= limits.PROOF_HASHES + 2 and all(len(v) == HASH_BYTES for v in values)


def _split(size: int) -> int:
    """Return the largest power of two smaller than `size` (≥ 2): where RFC 9162 divides a tree."""
    return 1 << ((size - 1).bit_length() - 1)


def _range_root(leaves: Sequence[bytes], low: int, high: int) -> bytes:
    # By index and not by slice: a range can be half of the log, and a store may answer item by item.
    return Frontier.of(leaves[i] for i in range(low, high)).root()
