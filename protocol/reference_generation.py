"""Verifies closing files, and tells the generations of a line that they begin (SPEC sections 3.3 and 7.13).

    python protocol/reference_generation.py FILE FILE … [--json]

Give the closing files of both sides for every generation that has ended, from the first on, in any order. It needs
`reference.py` beside it, and nothing else of Hotline. What it says rests on the cards in the files: compare the root
fingerprints with those that you know.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from io import TextIOWrapper
from types import SimpleNamespace
from typing import Any, BinaryIO, NamedTuple

try:
    from protocol import reference as ref
except ImportError:  # run as a file, whose folder is then where modules are looked for
    import reference as ref  # type: ignore[import-not-found, no-redef]  # the same module, found the other way

MAX_CLOSING_BYTES, MAX_CLOSING_FILE_BYTES, MAX_FIRST_SERIAL = 4_096, 90_112, 2**52
BEGIN, END = b"-----BEGIN HOTLINE CLOSING-----\n", b"\n-----END HOTLINE CLOSING-----\n"
KEYS_LOST = 3
NOTHING = {"size": 0, "root": ref.EMPTY_ROOT, "signed": 0, "serial": 0}
HELD = ref.record("size root signed serial", ref.INTEGER, ref.HASH, ref.INTEGER, ref.INTEGER)
CLOSING = ref.record(
    "version line generation author card own mirror reason time_ms text officer signature",
    *(ref.form(int, 1, 1), ref.HASH, ref.form(int, 1, ref.MAX_INTEGER - 1), ref.HASH, ref.HASH, HELD, HELD),
    *(ref.form(int, 0, 4), ref.INTEGER, ref.form(str, 0, 256), ref.HASH, ref.SIGNATURE),
)


class Closing(SimpleNamespace):
    """An accepted closing file: the fields of the statement, its digest, and its author's card as `signer`."""


class Generation(NamedTuple):
    """One generation of a line: `serials` are those before the first notice of each log, by its owner's fingerprint."""

    number: int
    line: bytes
    serials: dict[bytes, int]


def read_closing(text: bytes) -> Closing:
    """Section 7.13: accepts a closing file by the card in it. Whose card that is, and of which line, is not judged."""
    ref.require(len(text) <= MAX_CLOSING_FILE_BYTES, "closing-size", "12", "a closing file of more than 90,112 bytes")
    head, found, card = text.partition(END)
    ref.require(head.startswith(BEGIN) and bool(found), "closing-lines", "7.13", "no closing statement is at its start")
    lines = head.removeprefix(BEGIN).split(b"\n")
    full = all(len(line) == 64 for line in lines[:-1]) and 1 <= len(lines[-1]) <= 64
    ref.require(full, "closing-lines", "7.13", "a line of base64 is not of 64 characters")
    statement = ref.strict_base64(b"".join(lines).decode("latin-1"), "closing-base64", "7.13")
    ref.require(len(statement) <= MAX_CLOSING_BYTES, "closing-size", "12", "a statement of more than 4,096 bytes")
    return check_statement(statement, ref.read_card(card))


def check_statement(statement: bytes, card: ref.Card) -> Closing:
    """The form, the card that it names, what may be said of a log, and the officer's signature, in this order."""
    fields = CLOSING(ref.decode(statement))
    named = (fields["author"], fields["card"]) == (card.fingerprint, card.digest)
    ref.require(named, "closing-card", "7.13", "the card in the file is not the one that the statement names")
    for held in (fields["own"], fields["mirror"]):
        possible = held["signed"] <= held["size"] and (held["size"] == 0) == (held["root"] == ref.EMPTY_ROOT)
        ref.require(possible, "closing-held", "7.13", "what it says of a log cannot be")
    lost = fields["reason"] == KEYS_LOST
    empty = fields["own"] == fields["mirror"] == NOTHING
    ref.require(empty or not lost, "closing-held", "7.13", "who has lost the keys holds nothing of the logs")
    officers = card.officer_keys()
    ref.require(fields["officer"] in officers, "officer", "7.13", "no officer of this card has signed")
    message = ref.label("closing") + statement_without_signature(statement)
    ref.verify_hybrid(officers[fields["officer"]], fields["signature"], message, "7.13")
    return Closing(**fields, digest=ref.sha256(ref.label("closing-digest"), statement), signer=card)


def statement_without_signature(statement: bytes) -> bytes:
    """Fields 0 to 10 as an array of 11: the signature is the last field, after a header of three bytes."""
    return b"\x9b" + statement[1 : -3 - ref.HYBRID_SIGNATURE]


def line_of(before: bytes, generation: int, first: Closing, second: Closing) -> bytes:
    """Section 3.3: the line id of `generation`; `before` is that of the one that both statements close."""
    lower, higher = sorted((first, second), key=lambda closing: closing.author)
    number = generation.to_bytes(8, "big")
    return ref.sha256(ref.label("generation"), number, before, lower.digest, higher.digest)


def begin(first: Closing, second: Closing) -> Generation:
    """Section 7.13: the generation that two statements begin."""
    ref.require(first.author != second.author, "same-author", "7.13", "both statements are by one side")
    same = (first.line, first.generation) == (second.line, second.generation)
    ref.require(same, "other-generation", "7.13", "the statements do not close one generation")
    lost = first.reason == second.reason == KEYS_LOST
    ref.require(not lost, "both-keys-lost", "7.13", "both sides say that they have lost their keys")
    pairs = ((first, second), (second, first))
    serials = {owner.author: max(owner.own["serial"], other.mirror["serial"]) for owner, other in pairs}
    ref.require(max(serials.values()) <= MAX_FIRST_SERIAL, "first-serial", "7.13", "a serial above 2^52")
    number = first.generation + 1
    return Generation(number, line_of(first.line, number, first, second), serials)


def chain(closings: Iterable[Closing]) -> list[Generation]:
    """Every generation of a line from the first, each bound to the one before by both sides' statements."""
    by_number: dict[int, list[Closing]] = {}
    for closing in closings:
        by_number.setdefault(closing.generation, []).append(closing)
    authors = sorted({closing.author for found in by_number.values() for closing in found})
    ref.require(len(authors) == 2, "closing-authors", "7.13", f"{len(authors)} authors, where a line has two")
    known = [Generation(1, ref.line_id(*authors), dict.fromkeys(authors, 0))]
    for number in sorted(by_number):
        two = by_number[number]
        ref.require(len(two) == 2, "closing-missing", "9", f"{len(two)} statements for generation {number}")
        expected = (known[-1].number, known[-1].line)
        ref.require((number, two[0].line) == expected, "closing-chain", "7.13", "a statement closes another line")
        known.append(begin(*two))
    return known


def agreement_number(line: bytes) -> list[str]:
    """Section 3.3: twelve groups of five digits, which both sides compare by voice."""
    digest = hashlib.sha512(ref.label("safety") + line).digest()
    return [f"{int.from_bytes(digest[at : at + 5], 'big') % 100_000:05d}" for at in range(0, 60, 5)]


# --- 9. Exported logs of a later generation ---------------------------------------------------------------------------
def verify_export(files: Mapping[str, BinaryIO]) -> list[tuple[ref.HeldLog, dict[int, str]]]:
    """Section 9, as reference.py does, which runs this: with line id and first serials from the closing files."""
    cards = ref.read_cards(files)
    closings = []
    for name in sorted(name for name in files if name.endswith(".closing")):
        closing = read_closing(files[name].read(MAX_CLOSING_FILE_BYTES + 1))
        named = name == f"{closing.generation}.{closing.author[:16].hex()}.closing"
        ref.require(named, "closing-name", "9", "a closing file has not the name of its generation and author")
        closings.append(closing)
    now = chain(closings)[-1]
    owners = now.serials.keys() == {card.fingerprint for card in cards}
    ref.require(owners, "closing-authors", "9", "the closing files are not by the owners of the two cards")
    logs = [ref.read_log(files, owner, cards) for owner in cards]
    for log in logs:
        origin = ref.origin_of(log.owner.prefix, now.line, log.owner.fingerprint, now.number)
        ref.require(log.head.origin == origin, "origin", "9", "a log is not of the generation that was begun")
    others = zip(logs, logs[::-1], strict=True)
    judges = [ref.Judge(log, other, now.line, now.serials[log.owner.fingerprint]) for log, other in others]
    return [(judge.log, dict(judge.invalid())) for judge in judges]


# --- The command line -------------------------------------------------------------------------------------------------
def told(texts: Sequence[bytes]) -> dict[str, Any]:
    closings = [read_closing(text) for text in texts]
    names = {closing.author: closing.signer.name for closing in closings}
    checked = [f"3.2  the card of {name}; compare its root fingerprint: {fp.hex()}" for fp, name in names.items()]
    for closing in sorted(closings, key=lambda closing: (closing.generation, closing.author)):
        officer = next(
            o["name"] for o in closing.signer.officers if ref.key_hash("officer", o["key"]) == closing.officer
        )
        sizes = f"{closing.own['size']} entries of its own, {closing.mirror['size']} of the other side's"
        checked.append(f"7.13 {officer} of {closing.signer.name} closed generation {closing.generation}: {sizes}")
    abouts = []
    for generation in chain(closings)[1:]:
        groups = " ".join(agreement_number(generation.line))
        firsts = {names[owner]: serial for owner, serial in generation.serials.items()}
        checked.append(
            f"3.3  generation {generation.number} is line {generation.line.hex()}, agreement number {groups}"
        )
        about = {"generation": generation.number, "line": generation.line.hex(), "agreement_number": groups}
        abouts.append({**about, "first_serials": firsts})
    return {"ok": True, "checked": checked, "generations": abouts}


def main(words: Sequence[str] | None = None) -> int:
    """0: they begin these generations. 1: they do not, or cannot be read."""
    parser = argparse.ArgumentParser(prog="reference_generation.py", description="Verifies closing files (SPEC 7.13).")
    parser.add_argument("file", nargs="+")
    parser.add_argument("--json", action="store_true", help="the same for programs")
    arguments = parser.parse_args(words)
    if isinstance(sys.stdout, TextIOWrapper):  # names may hold what this terminal cannot show
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        values = told([ref.read_file(path, MAX_CLOSING_FILE_BYTES) for path in arguments.file])
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
