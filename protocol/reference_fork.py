"""Verifies a fork file (SPEC section 9.1): proof that one log key signed two histories.

    python protocol/reference_fork.py FILE [--json]

It needs `reference.py` beside it, and nothing else of Hotline. What it says rests on the card in the file:
compare the root fingerprint with the one that you know.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import Any

try:
    from protocol import reference as ref
except ImportError:  # run as a file, whose folder is then where modules are looked for
    import reference as ref  # type: ignore[import-not-found, no-redef]  # the same module, found the other way

HEADER = "hotline-fork@v1"
MAX_FORK_BYTES = 131_072
MAX_HASHES = 64


def verify_consistency(first: int, second: int, prior: bytes, root: bytes, proof: Sequence[bytes]) -> None:
    """RFC 9162 section 2.1.4.2, for 0 < first <= second."""
    if first == second:
        ref.require(not proof and prior == root, "consistency", "6.6", "heads of one size, and the prior is another")
        return
    path = [prior, *proof] if first & (first - 1) == 0 else list(proof)
    ref.require(bool(path), "consistency", "6.6", "the proof is empty")
    node, last = first - 1, second - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = path[0]
    for left, sibling in ref.climb(node, last, path[1:]):
        old = ref.node_hash(sibling, old) if left else old
        new = ref.node_hash(sibling, new) if left else ref.node_hash(new, sibling)
    ref.require((old, new) == (prior, root), "consistency", "6.6", "the proof does not lead from prior to the second")


def read_fork(octets: bytes) -> tuple[ref.Card, bytes, list[bytes], list[bytes]]:
    """The card, prior root, proof, and the two notes."""
    ref.require(len(octets) <= MAX_FORK_BYTES, "fork-size", "12", "the file is too long")
    parts = octets.split(b"\n\n")
    ref.require(len(parts) == 6, "fork-parts", "9.1", f"{len(parts) - 1} empty lines instead of five")
    header, *lines = ref.utf8(parts[0], "fork-form", "9.1").split("\n")
    prior, proof = "".join(lines[:1]), lines[1:]
    ref.require(header == HEADER and prior.startswith("prior "), "fork-form", "9.1", "the first lines are others")
    ref.require(len(proof) <= MAX_HASHES, "fork-form", "12", "the proof is too long")
    hashes = [ref.strict_base64(text, "fork-form", "9.1") for text in (prior.removeprefix("prior "), *proof)]
    ref.require(all(len(each) == 32 for each in hashes), "fork-form", "9.1", "a hash has not 32 bytes")
    notes = [b"\n\n".join(parts[2:4]) + b"\n", b"\n\n".join(parts[4:6])]
    return ref.read_card(parts[1] + b"\n"), hashes[0], hashes[1:], notes


def verify_fork(octets: bytes) -> tuple[ref.Card, ref.Checkpoint, ref.Checkpoint]:
    """Section 9.1: who is convicted, and by which two heads; Fault if nobody is."""
    card, prior, proof, notes = read_fork(octets)
    read = [ref.read_note(note) for note in notes]
    ref.require(all(len(lines) == 2 for _, lines in read), "fork-form", "9.1", "a note has not two signature lines")
    origin = ref.read_checkpoint(read[0][0]).origin
    form = f"{re.escape(card.prefix)}/[0-9a-f]{{64}}/{card.fingerprint.hex()}/[1-9][0-9]*"
    ref.require(re.fullmatch(form, origin) is not None, "origin", "3.3", "the origin is not one of this card")
    first, second = (ref.verify_head(note, origin, card.log) for note in read)
    ref.require(first.size <= second.size, "fork-order", "6.6", "the second head is of a smaller size")
    ref.require(first.root != prior, "fork-evidence", "6.6", "both heads are of one history")
    verify_consistency(first.size, second.size, prior, second.root, proof)
    return card, first, second


def told(octets: bytes) -> dict[str, Any]:
    card, first, second = verify_fork(octets)
    heads = [{"size": head.size, "root": head.root.hex()} for head in (first, second)]
    checked = [
        f"3.2  the card of {card.name}; compare its root fingerprint: {card.fingerprint.hex()}",
        f"5.3  the log key of {card.name} signed a head of size {first.size} and one of size {second.size}, both keys",
        f"6.6  at size {first.size} the second history has another root than the first: both cannot be of one log",
        f"     {card.name} is convicted of broken custody of its log key; this says nothing of intent.",
    ]
    about = {"owner": card.name, "fingerprint": card.fingerprint.hex(), "origin": first.origin}
    return {"ok": True, "checked": checked, **about, "heads": heads}


def main(words: Sequence[str] | None = None) -> int:
    """0: it convicts. 1: it does not, or cannot be read."""
    parser = argparse.ArgumentParser(prog="reference_fork.py", description="Verifies a fork file (SPEC section 9.1).")
    parser.add_argument("file")
    parser.add_argument("--json", action="store_true", help="the same for programs")
    arguments = parser.parse_args(words)
    if isinstance(sys.stdout, TextIOWrapper):  # names may hold what this terminal cannot show
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        values = told(ref.read_file(arguments.file, MAX_FORK_BYTES))
    except ref.Fault as fault:
        values = {"ok": False, "reason": fault.reason, "spec": fault.section, "detail": fault.detail}
    except (OSError, ValueError) as error:  # ValueError: a path that no file can have
        values = {"ok": False, "reason": "unreadable", "spec": "", "detail": str(error)}
    failed = "FAILED, SPEC {spec}, {reason}: {detail}" if values.get("spec") else "FAILED, {reason}: {detail}"
    sentences = [*values["checked"], "OK"] if values["ok"] else [failed.format(**values)]
    print(json.dumps(values, indent=2) if arguments.json else "\n".join(sentences))
    return 0 if values["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
