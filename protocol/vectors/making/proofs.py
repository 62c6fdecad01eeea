"""Section 5.5: evidence about one entry."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from protocol.vectors.making.entries import Log
from protocol.vectors.making.identity import NORTH, SOUTH, WEST, Station, origin_of, pack
from protocol.vectors.making.notes import RECEIPT_S, Head, note
from protocol.vectors.making.sink import case
from protocol.vectors.making.tree import path


def proof_text(extra: bytes, index: int, hashes_: Sequence[bytes], checkpoint: bytes) -> bytes:
    lines = ["c2sp.org/tlog-proof@v1", f"extra {base64.b64encode(extra).decode()}", f"index {index}"]
    lines += [base64.b64encode(one).decode() for one in hashes_]
    return "\n".join(lines).encode() + b"\n\n" + checkpoint


def proof_cases(north: Log, south: Log) -> None:
    head = Head(NORTH, SOUTH, 4, north.root(4))
    checkpoint = head.note()
    entry, (salt, body) = north.entries[3], north.bodies[3]
    shown, hashes_ = pack([entry, salt, body]), path(3, north.entries)
    good = proof_text(shown, 3, hashes_, checkpoint)
    expect: dict[str, Any] = {"origin": head.origin, "index": 3, "size": 4, "root": head.root, "timestamp_s": RECEIPT_S}
    expect |= {"entry": entry, "body_shown": True}

    def proven(
        name: str, reason: str, proof: bytes, spec: str = "5.5", cards: Sequence[Station] = (NORTH, SOUTH)
    ) -> None:
        about = None if reason else expect
        case(f"proof:{name}", "proof", spec, reason, proof=proof, cards=[card.card for card in cards], expect=about)

    def with_lines(*lines: str) -> bytes:
        return proof_text(shown, 3, hashes_, note(head.text, *lines))

    proven("of-a-notice", "", good)
    proven("cards-swapped", "", good, cards=(SOUTH, NORTH))
    expect["body_shown"] = False
    proven("body-not-shown", "", proof_text(pack([entry, b"", b""]), 3, hashes_, checkpoint))
    log, receipt = head.log_lines(), head.receipt_lines()
    proven("unreceipted", "signature-missing", with_lines(*log), "5.4")
    proven("unsigned", "signature-missing", with_lines(*receipt), "5.3")
    proven("receipt-by-owner", "signature-missing", with_lines(*log, *head.receipt_lines(key=NORTH.receipt)), "5.4")
    proven("cards-of-another-line", "origin", good, "3.3", cards=(NORTH, WEST))
    proven("truncated", "note-end", good[:-1], "5.3")
    proven("header-of-v2", "proof-header", good.replace(b"proof@v1", b"proof@v2"))
    extra_line = good.split(b"\n")[1] + b"\n"
    proven("extra-missing", "proof-extra", good.replace(extra_line, b""))
    proven("index-with-zero-ahead", "proof-index", good.replace(b"index 3", b"index 03"))
    proven("hash-of-31-bytes", "proof-hash", proof_text(shown, 3, [hashes_[0][:31], *hashes_[1:]], checkpoint))
    proven("65-hashes", "proof-hashes", proof_text(shown, 3, [bytes(32)] * 65, checkpoint), "12")
    proven("other-index", "inclusion", proof_text(shown, 2, hashes_, checkpoint), "5.1")
    other = pack([north.entries[2], b"", b""])
    proven("other-entry", "inclusion", proof_text(other, 3, hashes_, checkpoint), "5.1")
    changed = pack([entry, salt, body.replace(b"not", b"now")])
    proven("body-changed", "commitment", proof_text(changed, 3, hashes_, checkpoint), "4.1")
    proven("extra-trailing-byte", "proof-extra", proof_text(shown + b"\0", 3, hashes_, checkpoint))
    proven("no-blank-line", "proof-hash", good.replace(b"\n\n", b"\n", 1))
    mine = Head(NORTH, SOUTH, 4, north.root(4), origin=origin_of(NORTH, 2)).note()
    expect |= {"origin": origin_of(NORTH, 2), "body_shown": True}
    proven("of-second-generation", "", proof_text(shown, 3, hashes_, mine))
    del south
