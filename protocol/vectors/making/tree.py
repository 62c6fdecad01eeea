"""Section 5.1: the recursion of RFC 9162 section 2.1, word for word."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from protocol.vectors.making.identity import H
from protocol.vectors.making.sink import case


def leaf(entry: bytes) -> bytes:
    return H(b"\x00", entry)


def k_of(n: int) -> int:
    return int(2 ** math.floor(math.log2(n - 1)))


def mth(entries: Sequence[bytes]) -> bytes:
    if not entries:
        return H(b"")
    if len(entries) == 1:
        return leaf(entries[0])
    k = k_of(len(entries))
    return H(b"\x01", mth(entries[:k]), mth(entries[k:]))


def path(m: int, entries: Sequence[bytes]) -> list[bytes]:
    if len(entries) == 1:
        return []
    k = k_of(len(entries))
    if m < k:
        return [*path(m, entries[:k]), mth(entries[k:])]
    return [*path(m - k, entries[k:]), mth(entries[:k])]


def subproof(m: int, entries: Sequence[bytes], b: bool) -> list[bytes]:
    if m == len(entries):
        return [] if b else [mth(entries)]
    k = k_of(len(entries))
    if m <= k:
        return [*subproof(m, entries[:k], b), mth(entries[k:])]
    return [*subproof(m - k, entries[k:], False), mth(entries[:k])]


def tree_cases() -> None:
    entries = [bytes([at]) * at for at in range(13)]
    case("tree:leaf-hash", "leaf-hash", "4.1", entry=b"\x01entry", expect={"value": leaf(b"\x01entry")})
    for size in (0, 1, 2, 3, 7, 8, 13):
        case(f"tree:root-{size}", "root", "5.1", entries=entries[:size], expect={"value": mth(entries[:size])})
    for index, size in ((0, 1), (0, 8), (7, 8), (12, 13), (4, 7)):
        proof = path(index, entries[:size])
        made = {"entries": entries[:size], "index": index}
        case(f"tree:prove-{index}-in-{size}", "inclusion-proof", "5.1", **made, expect={"proof": proof})
    for first, second in ((1, 8), (3, 7), (4, 8), (6, 13), (8, 8)):
        proof = subproof(first, entries[:second], True)
        made = {"entries": entries[:second], "first": first}
        case(f"tree:prove-{first}-to-{second}", "consistency-proof", "5.1", **made, expect={"proof": proof})
    inclusion_faults(entries)
    consistency_faults(entries)


def inclusion_faults(entries: list[bytes]) -> None:
    proof, root = path(4, entries[:7]), mth(entries[:7])

    def inclusion(name: str, reason: str = "", **changed: Any) -> None:
        good = {"leaf_hash": leaf(entries[4]), "index": 4, "size": 7, "proof": proof, "root": root}
        case(f"tree:{name}", "inclusion", "5.1", reason, **(good | changed))

    inclusion("inclusion")
    inclusion("inclusion-other-leaf", "inclusion", leaf_hash=leaf(entries[5]))
    inclusion("inclusion-other-index", "inclusion", index=5)
    inclusion("inclusion-other-root", "inclusion", root=mth(entries[:8]))
    inclusion("inclusion-index-is-size", "index-range", index=7)
    inclusion("inclusion-hash-missing", "proof-length", proof=proof[:-1])
    inclusion("inclusion-hash-added", "proof-length", proof=[*proof, bytes(32)])
    inclusion("inclusion-hashes-swapped", "inclusion", proof=[proof[1], proof[0], *proof[2:]])
    node = H(b"\x01", leaf(entries[4]), leaf(entries[5]))
    about = "A node is shown as if it were a leaf. Its hash leads to the root, but from another level."
    shown = {"leaf_hash": node, "index": 2, "size": 7, "proof": proof[1:]}
    inclusion("inclusion-node-for-leaf", "proof-length", **shown, about=about)


def consistency_faults(entries: list[bytes]) -> None:
    proof, roots = subproof(3, entries[:7], True), {"first_root": mth(entries[:3]), "second_root": mth(entries[:7])}

    def consistency(name: str, reason: str = "", **changed: Any) -> None:
        good = {"first": 3, "second": 7, "proof": proof, **roots}
        case(f"tree:{name}", "consistency", "5.1", reason, **(good | changed))

    consistency("consistency")
    consistency("consistency-first-root-differs", "consistency", first_root=mth(entries[:4]))
    consistency("consistency-second-root-differs", "consistency", second_root=mth(entries[:8]))
    consistency("consistency-backwards", "size-order", first=7, second=3)
    consistency("consistency-empty-proof", "proof-length", proof=[])
    consistency("consistency-hash-missing", "proof-length", proof=proof[:-1])
    consistency("consistency-hash-added", "proof-length", proof=[*proof, bytes(32)])
    same = {"first": 7, "second": 7, "proof": [], "first_root": mth(entries[:6])}
    consistency("consistency-two-roots-at-one-size", "consistency", **same)
