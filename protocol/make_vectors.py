#!/usr/bin/env python3
"""Makes protocol/vectors/ from SPEC.md, with code of its own: it imports neither hotline nor reference.py.

    python -m protocol.make_vectors

Run it from the root of the repository. Keys come from fixed seeds. ML-DSA signing and sealing are randomized, so a
second run writes other signatures, as valid: the files are committed, and made anew only when SPEC.md changes. Where it
can, it goes another way than the verifier: `msgpack` encodes, the tree is RFC 9162's recursion, HPKE is written out.
"""

from __future__ import annotations

from protocol.vectors.making.cards import card_cases
from protocol.vectors.making.closings import closing_cases
from protocol.vectors.making.encoding import encoding_cases
from protocol.vectors.making.entries import commitment_cases, entry_cases, scenario, signature_cases
from protocol.vectors.making.exports import export_cases
from protocol.vectors.making.frames import frame_cases
from protocol.vectors.making.identity import identity_cases
from protocol.vectors.making.judging import judge_cases
from protocol.vectors.making.notes import checkpoint_cases, cosignature_cases, note_cases
from protocol.vectors.making.proofs import proof_cases
from protocol.vectors.making.sink import FAMILIES, FOLDER, save
from protocol.vectors.making.tree import tree_cases
from protocol.vectors.making.watches import watch_and_card_cases


def main() -> None:
    north, south = scenario()
    identity_cases()
    encoding_cases()
    tree_cases()
    note_cases()
    checkpoint_cases()
    cosignature_cases()
    card_cases()
    entry_cases(north)
    commitment_cases(north)
    signature_cases(north, south)
    judge_cases(north, south)
    proof_cases(north, south)
    frame_cases(north)
    export_cases(north, south)
    watch_and_card_cases(north, south)
    closing_cases()
    save()
    rows = [row for rows in FAMILIES.values() for row in rows]
    print(f"{len(rows)} cases, {sum(not row['ok'] for row in rows)} of them faults, in {FOLDER}")


if __name__ == "__main__":
    main()
