"""Every vector is run against the core: the same cases as `protocol/reference.py`, read by other code."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from hotline.audit.exported import judge_log, verify_files
from hotline.audit.held import HeldLine, HeldLog
from hotline.core import (
    card,
    checkpoint,
    encoding,
    entry,
    frame,
    generation,
    identity,
    messages,
    note,
    point,
    proof,
    tree,
)
from hotline.core.checkpoint import Checkpoint
from hotline.core.generation import Agreed
from hotline.core.judge import Judge
from hotline.core.ledger import Ledger
from hotline.core.ownlog import proposal_message
from hotline.core.prekeys import prekey_message
from hotline.core.step import BodyFacts, Stored
from hotline.core.suite import digest, verify_hybrid
from hotline.custody.suite import AddressKey, RealSuite, SealKey
from hotline.errors import HotlineError, MalformedError, SignatureError
from tests.vectors.loader import Case, all_cases

Given = dict[str, Any]
Outcome = dict[str, Any]
SUITE = RealSuite()


class Pair(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    first: entry.Uint
    second: entry.Uint


class Ab(msgspec.Struct, forbid_unknown_fields=True):
    a: entry.Uint
    b: entry.Uint


SHAPES: dict[str, Any] = {
    "integer": entry.Uint,
    "string": str,
    "bytes": bytes,
    "boolean": bool,
    "integers": list[entry.Uint],
    "pair": Pair,
    "map a b": Ab,
    "nested": list[Any],
}


def refuse_unless(held: bool) -> Outcome:
    if not held:
        raise SignatureError("It does not verify.")
    return {}


def decode(given: Given) -> Outcome:
    shape = SHAPES[given["shape"]]
    value = encoding.decode(given["data"], shape, what="the vector", limit_bytes=1 << 20)
    return {
        "value": msgspec.to_builtins(value, builtin_types=(bytes,))
        if not isinstance(value, Ab)
        else msgspec.structs.asdict(value)
    }


def stored(entries: list[bytes], bodies: dict[str, bytes]) -> list[Stored]:
    """Salts are not looked at by who judges."""
    return [Stored(e, tree.leaf_hash(e), b"", bodies.get(str(i), b"")) for i, e in enumerate(entries)]


def unread(_body: bytes, _context: object) -> BodyFacts:
    return BodyFacts("", "", "")


def leaves(given: Given) -> list[bytes]:
    return [tree.leaf_hash(e) for e in given["entries"]]


def vkey(given: Given) -> Outcome:
    key = note.parse_vkey(given["vkey"])
    return {"name": key.name, "type": key.sig_type, "public": key.public}


def check_note(given: Given) -> Outcome:
    key, shown = note.parse_vkey(given["vkey"]), note.Note.parse(given["note"])
    wanted = note.key_id(key.name, key.sig_type, key.public)
    lines = [s for s in shown.signatures if (s.name, s.key_id) == (key.name, wanted)]
    text = shown.text.encode()
    refuse_unless(bool(lines) and all(SUITE.verify_ed25519(key.public, text, s.signature) for s in lines))
    return {"text": shown.text}


def head(given: Given) -> Outcome:
    cp, _ = checkpoint.parse_head_note(SUITE, note.Note.parse(given["note"]), given["log_key"])
    refuse_unless(cp.origin == given["origin"])
    return {"size": cp.size, "root": cp.root}


def receipt(given: Given) -> Outcome:
    found = head(given)
    timestamp_s, _ = checkpoint.parse_receipt(
        SUITE, note.Note.parse(given["note"]), given["receipt_key"], given["name"]
    )
    return {**found, "timestamp_s": timestamp_s}


def receipt_message(given: Given) -> Outcome:
    cp = Checkpoint(given["origin"], given["size"], given["root"])
    name, at, signature = given["name"], given["timestamp_s"], given["signature"]
    return refuse_unless(checkpoint.verify_receipt(SUITE, given["receipt_key"], name, cp, at, signature))


def cosigned_bytes(given: Given) -> Outcome:
    cp = Checkpoint(given["origin"], given["size"], given["root"])
    ed25519, mldsa = checkpoint.receipt_messages(cp, given["name"], given["timestamp_s"])
    return {"ed25519": ed25519, "mldsa": mldsa}


def proposal(given: Given) -> Outcome:
    message = proposal_message(given["origin"], given["size"], given["root"])
    return refuse_unless(verify_hybrid(SUITE, given["log_key"], message, given["signature"]))


def check_card(given: Given) -> Outcome:
    found = card.parse(SUITE, given["card"])
    SUITE.seal(found.body.seal, b"", b"")  # refuses an ML-KEM half that is no encapsulation key
    return {
        "name": found.body.name,
        "number": found.body.number,
        "fingerprint": found.fingerprint,
        "digest": found.digest,
    }


def check_entry(given: Given) -> Outcome:
    parts = entry.envelope(given["entry"])
    if not parts.sound:
        raise MalformedError("The envelope is not sound.", reason="envelope")
    content = entry.decode_content(parts.content)
    fields = {f: getattr(content, f) for f in content.__struct_fields__}
    return {"body_size": parts.body_bytes, "commitment": parts.commitment, "type": entry.type_of(content), **fields}


def release(given: Given) -> Outcome:
    facts = entry.ReleaseFacts(
        given["recipient"], given["notice_id"], given["precedence"], given["mode"], given["commitment"],
        given["body_size"], given["expires_s"],
    )  # fmt: skip
    officer = digest("officer", given["officer_key"])
    message = entry.release_message(given["line"], facts, officer, given["role"])
    return refuse_unless(verify_hybrid(SUITE, given["officer_key"], message, given["signature"]))


def answer(given: Given) -> Outcome:
    message = entry.answer_message(
        given["type"], given["line"], given["target_origin"], given["target_index"], given["target_leaf_hash"],
        given["verdict"], given["text"], digest("officer", given["officer_key"]),
    )  # fmt: skip
    return refuse_unless(verify_hybrid(SUITE, given["officer_key"], message, given["signature"]))


def judge(given: Given) -> Outcome:
    author, holder = (card.parse(SUITE, given[k]) for k in ("author_card", "holder_card"))
    agreed = Agreed(1, identity.pair_id(author.fingerprint, holder.fingerprint), 0, 0)
    assert given["generation"] == given["other_generation"] == 1
    entries = stored(given["entries"], given["bodies"])
    invalid = judge_log(author, holder, agreed, entries, stored(given["other_entries"], {}), unread)
    return {"reasons": [invalid.get(index, "") for index in range(len(entries))]}


def judge_as_holder(given: Given) -> Outcome:
    """As the holder does while the log grows, who began with *held_card* and ends with the last."""
    author, holder = (card.parse(SUITE, given[k]) for k in ("held_card", "holder_card"))
    line = identity.pair_id(author.fingerprint, holder.fingerprint)
    nothing = identity.Direction(b"", "")
    entries = stored(given["entries"], given["bodies"])
    view = HeldLine(HeldLog(stored(given["other_entries"], {})), HeldLog(entries))
    own = Ledger(identity.origin(holder, line, 1), view.own)
    mirror = Ledger(identity.origin(author, line, 1), view.mirror)
    judged = Judge(SUITE, identity.Line(holder, author, line, nothing, nothing, line), own, mirror, view, unread)
    judged.begin()
    found = [judged.judge(i, s, False, certain=True) for i, s in enumerate(entries)]
    return {"reasons": [j.surface.reason for j in found if j is not None]}


def check_proof(given: Given) -> Outcome:
    shown = proof.Proof.parse(given["proof"])
    cards = [card.parse(SUITE, c) for c in given["cards"]]
    line = identity.pair_id(*(c.fingerprint for c in cards))
    named = shown.note.text.split("\n")[0]
    generation = int(named.rpartition("/")[2])
    for owner, holder in (cards, cards[::-1]):
        if named != identity.origin(owner, line, generation):
            continue
        found = proof.verify(
            SUITE, shown, origin=named, log_public=owner.body.log,
            receipt_public=holder.body.receipt, receipt_name=holder.receipt_name,
        )  # fmt: skip
        return {
            "origin": found.checkpoint.origin, "index": found.index, "size": found.checkpoint.size,
            "root": found.checkpoint.root, "timestamp_s": found.timestamp_s, "entry": found.entry,
            "body_shown": bool(found.body),
        }  # fmt: skip
    raise SignatureError("The origin is of neither card.")


class OneKey:
    """A card body and line as far as a frame needs them."""

    def __init__(self, given: Given) -> None:
        self.link = given["link"]


def open_frame(given: Given) -> Outcome:
    peer: Any = type("Peer", (), {"body": OneKey(given), "fingerprint": given["sender"]})()
    mine: Any = type("Mine", (), {"fingerprint": given["receiver"]})()
    incoming = identity.Direction(given["mac_key"], "")
    line = identity.Line(mine, peer, given["line"], incoming, incoming, given["line"])
    key = SealKey(given["mlkem_seed"] + given["x25519_private"])
    kid = frame.check_outside(SUITE, line, given["frame"])
    if kid != frame.key_id(key.public):
        raise MalformedError("Another key.", reason="frame-key")
    opened = frame.open_frame(SUITE, line, given["frame"], key, for_hello=not given["is_prekey"])
    messages.unpack(opened.type, opened.payload)
    return {"type": opened.type, "payload": opened.payload}


def prekey(given: Given) -> Outcome:
    SUITE.seal(given["key"], b"", b"")
    message = prekey_message(given["fingerprint"], given["line"], given["created_ms"], given["key"])
    return refuse_unless(verify_hybrid(SUITE, given["signer"], message, given["signature"]))


def export(given: Given) -> Outcome:
    logs = verify_files(given["files"], unread)
    return {
        "logs": {
            log.owner.fingerprint.hex(): {
                "size": log.head.size,
                "bodies": log.bodies,
                "invalid": {str(i): reason for i, reason in log.invalid.items()},
            }
            for log in logs
        }
    }


def direction(given: Given) -> identity.Direction:
    try:
        secret = AddressKey(given["private"]).exchange(given["public"])
    except ValueError as e:
        raise SignatureError(str(e)) from None
    return identity.direction(SUITE, secret, given["line"], given["sender"], given["receiver"])


def origin(given: Given) -> Outcome:
    owner: Any = type(
        "Owner", (), {"body": type("B", (), {"prefix": given["prefix"]}), "fingerprint": given["fingerprint"]}
    )
    return {"value": identity.origin(owner, given["line"], given["generation"])}


def line_id(given: Given) -> Outcome:
    refuse_unless(given["first"] != given["second"])
    return {"value": identity.pair_id(given["first"], given["second"])}


def closing(given: Given) -> Outcome:
    found = generation.parse(SUITE, given["file"]).closing
    return msgspec.structs.asdict(found) | {"digest": found.digest}


def next_generation(given: Given) -> Outcome:
    first, second = (generation.parse(SUITE, file).closing for file in given["closings"])
    agreed = generation.agree(first, second)
    return {
        "generation": agreed.generation,
        "line": agreed.line,
        "agreement": identity.safety_number(agreed.line).split(),
        "serials": {first.author.hex(): agreed.my_serial, second.author.hex(): agreed.peer_serial},
    }


def receipt_name(given: Given) -> Outcome:
    return {"value": f"{given['prefix']}/{given['fingerprint'].hex()}/receipt"}


CHECKS: dict[str, Callable[[Given], Outcome]] = {
    "decode": decode,
    "root-fingerprint": lambda g: {"value": digest("root", g["root"])},
    "officer-id": lambda g: {"value": digest("officer", g["officer"])},
    "sealing-key-id": lambda g: {"value": frame.key_id(g["key"])},
    "line-id": line_id,
    "origin": origin,
    "receipt-name": receipt_name,
    "safety-number": lambda g: {"groups": identity.safety_number(g["line"]).split()},
    "mac-key": lambda g: {"value": direction(g).mac_key},
    "topic-id": lambda g: {"value": bytes.fromhex(direction(g).topic_id)},
    "ed25519-key": lambda g: refuse_unless(point.acceptable(g["key"])),
    "x25519-key": lambda g: refuse_unless(not point.small_order_x25519(g["key"])),
    "card": check_card,
    "closing": closing,
    "next-generation": next_generation,
    "leaf-hash": lambda g: {"value": tree.leaf_hash(g["entry"])},
    "root": lambda g: {"value": tree.root(leaves(g))},
    "inclusion-proof": lambda g: {"proof": tree.inclusion_proof(leaves(g), g["index"])},
    "consistency-proof": lambda g: {"proof": tree.consistency_proof(leaves(g), g["first"], len(g["entries"]))},
    "inclusion": lambda g: refuse_unless(
        tree.verify_inclusion(g["leaf_hash"], g["index"], g["size"], g["proof"], g["root"])
    ),
    "consistency": lambda g: refuse_unless(
        tree.verify_consistency(g["first"], g["second"], g["first_root"], g["second_root"], g["proof"])
    ),
    "vkey": vkey,
    "note": check_note,
    "head": head,
    "receipt": receipt,
    "receipt-message": receipt_message,
    "cosigned-bytes": cosigned_bytes,
    "proposal": proposal,
    "entry": check_entry,
    "commitment": lambda g: {"value": entry.commitment(g["salt"], g["body"])},
    "body": lambda g: refuse_unless(entry.body_fits(g["entry"], g["salt"], g["body"])),
    "release": release,
    "answer": answer,
    "judge": judge,
    "proof": check_proof,
    "frame": open_frame,
    "prekey": prekey,
    "export": export,
}


@pytest.mark.parametrize("case", [c for c in all_cases() if c.ok], ids=str)
def test_the_core_accepts_what_is_in_order_and_finds_the_same(case: Case) -> None:
    found = CHECKS[case.kind](case.input)
    assert {name: found[name] for name in case.expect} == case.expect


@pytest.mark.parametrize("case", [c for c in all_cases() if not c.ok], ids=str)
def test_the_core_refuses_each_fault(case: Case) -> None:
    if case.kind == "judge":
        assert judge(case.input)["reasons"] == case.expect["reasons"]
        return
    with pytest.raises(HotlineError) as refused:
        CHECKS[case.kind](case.input)
    if case.kind == "entry":
        assert refused.value.reason == case.reason


@pytest.mark.parametrize("case", [c for c in all_cases() if c.kind == "judge"], ids=str)
def test_the_holder_judges_while_the_log_grows_as_the_exported_log_is_judged(case: Case) -> None:
    assert judge_as_holder(case.input)["reasons"] == case.expect["reasons"]


def test_every_kind_of_vector_is_checked() -> None:
    assert {c.kind for c in all_cases()} == set(CHECKS)
