"""Every vector is run against the independent verifier: it accepts it, or refuses it for the reason it is made for."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

from protocol import reference, reference_generation
from protocol.reference import Checkpoint, Envelope, Fault, HeldLog, Judge
from tests.vectors import stations
from tests.vectors.loader import Case, all_cases

Given = dict[str, Any]
Outcome = dict[str, Any]

INTEGERS = reference.array(reference.INTEGER, 0, 100)
SHAPES: dict[str, reference.Form] = {
    "integer": reference.INTEGER,
    "string": reference.form(str, 0, 65_536),
    "bytes": reference.form(bytes, 0, 65_536),
    "boolean": stations.BOOLEAN,
    "integers": INTEGERS,
    "pair": reference.record("first second", reference.INTEGER, reference.INTEGER),
    "map a b": reference.form(dict, 2, 2, lambda value: list(value) == ["a", "b"]),
    "nested": reference.form(list, 1, 1),
}


def checkpoint(given: Given) -> Checkpoint:
    return Checkpoint(given["origin"], given["size"], given["root"])


def decode(given: Given) -> Outcome:
    return {"value": SHAPES[given["shape"]](reference.decode(given["data"]))}


def root(given: Given) -> Outcome:
    return {"value": reference.Tree([reference.leaf_hash(entry) for entry in given["entries"]]).root}


def inclusion_proof(given: Given) -> Outcome:
    leaves = [reference.leaf_hash(entry) for entry in given["entries"]]
    proof = stations.inclusion_proof(leaves, given["index"])
    tree = reference.Tree(leaves)
    reference.verify_inclusion(leaves[given["index"]], given["index"], len(leaves), proof, tree.root)
    return {"proof": proof}


def consistency_proof(given: Given) -> Outcome:
    leaves, first = [reference.leaf_hash(entry) for entry in given["entries"]], given["first"]
    proof = stations.consistency_proof(leaves, first)
    roots = reference.Tree(leaves[:first]).root, reference.Tree(leaves).root
    stations.verify_consistency(first, len(leaves), proof, *roots)
    return {"proof": proof}


def inclusion(given: Given) -> Outcome:
    reference.verify_inclusion(*(given[name] for name in ("leaf_hash", "index", "size", "proof", "root")))
    return {}


def consistency(given: Given) -> Outcome:
    stations.verify_consistency(*(given[name] for name in ("first", "second", "proof", "first_root", "second_root")))
    return {}


def note(given: Given) -> Outcome:
    parsed, key = reference.read_note(given["note"]), stations.read_vkey(given["vkey"])
    stations.verify_note(parsed, key.name, key.public)
    return {"text": parsed[0]}


def head(given: Given) -> Outcome:
    found = reference.verify_head(reference.read_note(given["note"]), given["origin"], given["log_key"])
    return {"size": found.size, "root": found.root}


def receipt(given: Given) -> Outcome:
    parsed = reference.read_note(given["note"])
    found = reference.verify_head(parsed, given["origin"], given["log_key"])
    timestamp_s = reference.verify_receipt(parsed, found, given["name"], given["receipt_key"])
    return {"size": found.size, "root": found.root, "timestamp_s": timestamp_s}


def receipt_message(given: Given) -> Outcome:
    stated = given["timestamp_s"], given["signature"]
    reference.verify_receipt_signature(checkpoint(given), given["name"], given["receipt_key"], *stated)
    return {}


def cosigned_bytes(given: Given) -> Outcome:
    signed, timestamp_s = checkpoint(given), given["timestamp_s"]
    quantum = reference.mldsa_message(given["name"], signed, timestamp_s)
    return {"ed25519": reference.ed25519_message(signed, timestamp_s), "mldsa": quantum}


def proposal(given: Given) -> Outcome:
    stations.verify_proposal(given["log_key"], checkpoint(given), given["signature"])
    return {}


def prekey(given: Given) -> Outcome:
    stations.verify_prekey(given, given["signer"], given["fingerprint"], given["line"])
    return {}


def card(given: Given) -> Outcome:
    found = reference.read_card(given["card"])
    about = {"name": found.name, "number": found.number}
    return about | {"fingerprint": found.fingerprint, "digest": found.digest}


def entry(given: Given) -> Outcome:
    envelope, fields = reference.read_entry(given["entry"])
    return fields | {"body_size": envelope.body_size, "commitment": envelope.commitment}


def commitment(given: Given) -> Outcome:
    return {"value": reference.sha256(reference.label("body"), given["salt"], given["body"])}


def body(given: Given) -> Outcome:
    reference.check_body(given["entry"], given["salt"], given["body"])
    return {}


def release(given: Given) -> Outcome:
    officer = reference.key_hash("officer", given["officer_key"])
    envelope = Envelope(given["body_size"], given["commitment"], b"")
    message = reference.release_message(given["line"], envelope, given, officer, given["role"])
    reference.verify_hybrid(given["officer_key"], given["signature"], message, "4.4")
    return {}


def answer(given: Given) -> Outcome:
    fields = given | {"officer": reference.key_hash("officer", given["officer_key"])}
    message = reference.answer_message(given["line"], given["target_origin"], fields)
    reference.verify_hybrid(given["officer_key"], given["signature"], message, "4.5")
    return {}


def judge(given: Given) -> Outcome:
    """A fault is in the last entry of the log; its reason is raised, so that it is compared as any other."""
    head_ = Checkpoint("", 0, reference.EMPTY_ROOT)
    log = HeldLog(reference.read_card(given["author_card"]), given["generation"], head_, 0)
    other = HeldLog(reference.read_card(given["holder_card"]), given["other_generation"], head_, 0)
    for index, one in enumerate(given["entries"]):
        log.append(one, given["bodies"].get(str(index), b""))
    for one in given["other_entries"]:
        other.append(one)
    invalid = dict(Judge(log, other).invalid())
    return {"reasons": [invalid.get(index, "") for index in range(len(log.entries))]}


def proof(given: Given) -> Outcome:
    cards = [reference.read_card(text) for text in given["cards"]]
    log, index, entry_, shown = reference.verify_proof(given["proof"], cards)
    about = {"origin": log.head.origin, "size": log.head.size, "root": log.head.root, "timestamp_s": log.timestamp_s}
    return about | {"index": index, "entry": entry_, "body_shown": shown}


def frame(given: Given) -> Outcome:
    context = {name: item for name, item in given.items() if name != "frame"}
    kind, payload = stations.open_frame(given["frame"], stations.FrameContext(**context))
    return {"type": kind, "payload": payload}


def export(given: Given) -> Outcome:
    logs = reference.verify_export({name: BytesIO(octets) for name, octets in given["files"].items()})
    return {"logs": {log.owner.fingerprint.hex(): about_log(log, invalid) for log, invalid in logs}}


def about_log(log: HeldLog, invalid: dict[int, str]) -> Outcome:
    named = {str(index): reason for index, reason in invalid.items()}
    return {"size": len(log.entries), "bodies": log.bodies, "invalid": named}


def closing(given: Given) -> Outcome:
    return vars(reference_generation.read_closing(given["file"]))


def next_generation(given: Given) -> Outcome:
    begun = reference_generation.begin(*map(reference_generation.read_closing, given["closings"]))
    serials = {owner.hex(): serial for owner, serial in begun.serials.items()}
    agreement = reference_generation.agreement_number(begun.line)
    return {"generation": begun.number, "line": begun.line, "serials": serials, "agreement": agreement}


def origin(given: Given) -> Outcome:
    stated = given["prefix"], given["line"], given["fingerprint"], given["generation"]
    return {"value": reference.origin_of(*stated)}


def pairwise(name: str) -> Callable[[Given], Outcome]:
    order = ("private", "public", "line", "sender", "receiver")

    def derive(given: Given) -> Outcome:
        private, public, line, sender, receiver = (given[field] for field in order)
        return {"value": stations.pairwise(private, public, line, name, sender, receiver)}

    return derive


def accepts(check: Callable[[bytes], None]) -> Callable[[Given], Outcome]:
    def run(given: Given) -> Outcome:
        check(given["key"])
        return {}

    return run


RUN: dict[str, Callable[[Given], Outcome]] = {
    "answer": answer,
    "body": body,
    "card": card,
    "closing": closing,
    "commitment": commitment,
    "consistency": consistency,
    "consistency-proof": consistency_proof,
    "cosigned-bytes": cosigned_bytes,
    "decode": decode,
    "ed25519-key": accepts(reference.check_ed25519_key),
    "entry": entry,
    "export": export,
    "frame": frame,
    "head": head,
    "inclusion": inclusion,
    "inclusion-proof": inclusion_proof,
    "judge": judge,
    "leaf-hash": lambda given: {"value": reference.leaf_hash(given["entry"])},
    "line-id": lambda given: {"value": reference.line_id(given["first"], given["second"])},
    "mac-key": pairwise("mac"),
    "next-generation": next_generation,
    "note": note,
    "officer-id": lambda given: {"value": reference.key_hash("officer", given["officer"])},
    "origin": origin,
    "prekey": prekey,
    "proof": proof,
    "proposal": proposal,
    "receipt": receipt,
    "receipt-message": receipt_message,
    "receipt-name": lambda given: {"value": f"{given['prefix']}/{given['fingerprint'].hex()}/receipt"},
    "release": release,
    "root": root,
    "root-fingerprint": lambda given: {"value": reference.key_hash("root", given["root"])},
    "safety-number": lambda given: {"groups": stations.safety_number(given["line"])},
    "sealing-key-id": lambda given: {"value": stations.sealing_key_id(given["key"])},
    "topic-id": pairwise("topic"),
    "vkey": lambda given: stations.read_vkey(given["vkey"])._asdict(),
    "x25519-key": accepts(reference.check_x25519_key),
}


@pytest.mark.parametrize("case", all_cases(), ids=str)
def test_the_reference_finds_what_the_vector_says(case: Case) -> None:
    if case.ok or case.kind == "judge":
        found = RUN[case.kind](case.input)
        assert {name: found[name] for name in case.expect} == case.expect
        return
    with pytest.raises(Fault) as raised:
        RUN[case.kind](case.input)
    assert raised.value.reason == case.reason


def test_every_kind_of_vector_is_run() -> None:
    assert {case.kind for case in all_cases()} == set(RUN)
