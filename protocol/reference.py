#!/usr/bin/env python3
"""An independent verifier of Hotline, protocol version 1, in one file.

    python protocol/reference.py card FILE
    python protocol/reference.py proof FILE --card NORTH.card --card SOUTH.card
    python protocol/reference.py export FOLDER

It was written from SPEC.md alone and imports nothing of Hotline, so that whoever trusts neither station can read and
run it, with Python 3.11 and the package `cryptography`, 50 or later. It never signs, and asks no clock and no network.
For exports of later generations it needs `reference_generation.py` beside it, which reads closing files. What does not
hold raises `Fault`: a reason, the section of SPEC.md, and what was seen.

Omissions: bodies are checked against their commitments and never read, but for cards, so of section 4.8 the reasons
`kind`, `notice` and `rule` are not judged. Exported logs do not show that a head named as seen had been cosigned by
then, nor the card with which a line began: section 9 says which is taken. With a proof of a later generation come no
closing files: its line id is taken as signed. Of sections 6 and 7, tests/vectors/stations.py reads what vectors need.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import lru_cache, reduce
from io import TextIOWrapper
from pathlib import Path
from runpy import run_path
from types import SimpleNamespace
from typing import Any, BinaryIO, NamedTuple

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ed25519, mldsa, x25519
except ImportError as missing:
    raise SystemExit(f"This verifier needs the Python package cryptography, 50 or later ({missing}).") from None

# Section 12. One place, so that a reader can compare it with the table line by line.
MAX_INTEGER, MAX_NESTING, MAX_CARD_BYTES, MAX_OFFICERS, MAX_ORIGIN_BYTES = 2**53 - 1, 12, 81_920, 32, 255
MIN_ENTRY_BYTES, MAX_ENTRY_BYTES, MAX_BODY_BYTES, MAX_RELEASES = 37, 16_384, 65_536, 4
MAX_NOTE_BYTES, MAX_NOTE_SIGNATURES, MAX_PROOF_BYTES, MAX_PROOF_HASHES = 65_536, 16, 262_144, 64

ED25519_KEY, ED25519_SIGNATURE, MLDSA_KEY, MLDSA_SIGNATURE = 32, 64, 1312, 2420  # section 1: a hybrid one is both
HYBRID_KEY, HYBRID_SIGNATURE, MLKEM_KEY, XWING_KEY = 1344, 2484, 1184, 1216

STATEMENT = "entries and bodies up to this head are durable here; not published"
TYPE_ED25519, TYPE_COSIGNATURE, TYPE_MLDSA = 0x01, 0x04, 0x06
GENESIS, NOTICE, OPENED, ACKNOWLEDGEMENT, REFUSAL, WATCH, CARD = range(1, 8)
TYPE_NAMES = dict(enumerate(["genesis", "notice", "opened", "acknowledgement", "refusal", "watch", "card"], 1))
EXPORTED = (".card", ".entries", ".checkpoint", ".closing")


class Fault(Exception):
    """Something does not hold: a reason in one word, the section of SPEC.md that asks for it, and what was seen."""

    def __init__(self, reason: str, section: str, detail: str) -> None:
        super().__init__(f"{reason} (SPEC {section}): {detail}")
        self.reason, self.section, self.detail = reason, section, detail


def require(holds: bool, reason: str, section: str, detail: str) -> None:
    if not holds:
        raise Fault(reason, section, detail)


# --- 1. Conventions ---------------------------------------------------------------------------------------------------
def label(name: str) -> bytes:
    return b"hotline/v1/" + name.encode("ascii") + b"\x00"


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


CURVE_P = 2**255 - 19
CURVE_D = -121665 * pow(121666, -1, CURVE_P) % CURVE_P


@lru_cache(maxsize=1024)
def check_ed25519_key(key: bytes) -> None:
    """Section 1: canonical, on the curve -x² + y² = 1 + dx²y², and not one of the eight torsion points, with which
    forgeries verify: those have x = 0, or y = 0, or double to y = 0, which is x² = -y², so that dy⁴ + 2y² = 1."""
    require(len(key) == ED25519_KEY, "key-length", "1", f"an Ed25519 key has 32 bytes, not {len(key)}")
    sign, y = key[31] >> 7, int.from_bytes(key, "little") & (2**255 - 1)
    canonical = y < CURVE_P and not (sign and y in (1, CURVE_P - 1))
    require(canonical, "not-canonical", "1", "an Ed25519 key with y not below p, or x = 0 and the sign bit set")
    square = pow((y * y - 1) * (CURVE_D * y * y + 1), (CURVE_P - 1) // 2, CURVE_P) in (0, 1)
    require(square, "not-on-curve", "1", "an Ed25519 key is no point of the curve")
    torsion = y in (0, 1, CURVE_P - 1) or (CURVE_D * y**4 + 2 * y * y - 1) % CURVE_P == 0
    require(not torsion, "small-order", "1", "an Ed25519 key is a point of small order")


def check_x25519_key(key: bytes) -> None:
    """Section 3.2. Clamped scalars are multiples of eight: any one takes a small order to zero, which is refused."""
    require(len(key) == 32, "key-length", "3.2", f"an X25519 key has 32 bytes, not {len(key)}")
    try:
        x25519.X25519PrivateKey.from_private_bytes(b"\x01" * 32).exchange(x25519.X25519PublicKey.from_public_bytes(key))
    except ValueError:
        raise Fault("small-order", "3.2", "an X25519 key is of small order") from None


def check_mlkem_key(key: bytes) -> None:
    """Section 3.2, FIPS 203 section 7.2: 768 coefficients of twelve bits, each below q, before the 32-byte seed."""
    packed = int.from_bytes(key[:1152], "little")
    valid = all(packed >> shift & 0xFFF < 3329 for shift in range(0, 9216, 12))
    require(valid, "mlkem-key", "3.2", "the ML-KEM-768 half is no valid encapsulation key")


def verify_ed25519(public: bytes, signature: bytes, message: bytes, section: str) -> None:
    check_ed25519_key(public)
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise Fault("ed25519-signature", section, "the Ed25519 signature does not verify") from None


def verify_mldsa(public: bytes, signature: bytes, message: bytes, section: str) -> None:
    try:  # section 1: the empty context is what the library takes if none is given
        mldsa.MLDSA44PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise Fault("mldsa-signature", section, "the ML-DSA-44 signature does not verify") from None


def verify_hybrid(public: bytes, signature: bytes, message: bytes, section: str) -> None:
    require(len(public) == HYBRID_KEY, "key-length", "1", "a hybrid public key has 1344 bytes")
    require(len(signature) == HYBRID_SIGNATURE, "signature-length", "1", "a hybrid signature has 2484 bytes")
    verify_ed25519(public[:ED25519_KEY], signature[:ED25519_SIGNATURE], message, section)
    verify_mldsa(public[ED25519_KEY:], signature[ED25519_SIGNATURE:], message, section)


def utf8(octets: bytes, reason: str, section: str) -> str:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        raise Fault(reason, section, "this is no UTF-8") from None


def strict_base64(text: str, reason: str, section: str) -> bytes:
    """RFC 4648 section 4, the one encoding only: the alphabet, the padding, and spare bits that are zero."""
    try:
        decoded = base64.b64decode(text.encode("ascii"), validate=True)
    except ValueError:
        raise Fault(reason, section, "this is no base64") from None
    require(base64.b64encode(decoded).decode() == text, reason, section, "this base64 has spare bits set")
    return decoded


def decimal(text: str, reason: str, section: str) -> int:
    plain = re.fullmatch(r"0|[1-9][0-9]{0,15}", text) is not None and int(text) <= MAX_INTEGER
    require(plain, reason, section, "this is no decimal number below 2^53 without leading zeroes")
    return int(text)


# --- 2. Encoding ------------------------------------------------------------------------------------------------------
FIXED = {"integer": (0x00, 0x80), "map": (0x80, 16), "array": (0x90, 16), "string": (0xA0, 32)}
WIDE = {  # tag, width of the number that follows
    "bytes": ((0xC4, 1), (0xC5, 2), (0xC6, 4)),
    "integer": ((0xCC, 1), (0xCD, 2), (0xCE, 4), (0xCF, 8)),
    "string": ((0xD9, 1), (0xDA, 2), (0xDB, 4)),
    "array": ((0xDC, 2), (0xDD, 4)),
    "map": ((0xDE, 2), (0xDF, 4)),
}
REFUSED = {0xC0: "nil", 0xC1: "unused-tag", 0xCA: "float", 0xCB: "float"}
REFUSED |= dict.fromkeys([0xC7, 0xC8, 0xC9, *range(0xD4, 0xD9)], "extension")
REFUSED |= dict.fromkeys([*range(0xD0, 0xD4), *range(0xE0, 0x100)], "signed-integer")


def header(kind: str, number: int) -> bytes:
    """The shortest one."""
    first, count = FIXED.get(kind, (0, 0))
    if number < count:
        return bytes([first + number])
    tag, width = next((tag, width) for tag, width in WIDE[kind] if number < 1 << (8 * width))
    return bytes([tag]) + number.to_bytes(width, "big")


def encode(value: Any) -> bytes:
    """What section 4 signs: arrays of integers, strings and bytes. Everything else is checked as it was received."""
    if isinstance(value, int):
        return header("integer", value)
    if isinstance(value, list):
        return header("array", len(value)) + b"".join(map(encode, value))
    kind, raw = ("bytes", value) if isinstance(value, bytes) else ("string", value.encode())
    return header(kind, len(raw)) + raw


class Decoder:
    """MessagePack in its shortest form. Every step advances or raises, so the input bounds the work."""

    def __init__(self, octets: bytes) -> None:
        self.octets, self.at = octets, 0

    def take(self, size: int) -> bytes:
        require(self.at + size <= len(self.octets), "truncated", "2", "the value goes on after the last byte")
        self.at += size
        return self.octets[self.at - size : self.at]

    def header(self) -> tuple[str, int]:
        start, tag = self.at, self.take(1)[0]
        if tag in (0xC2, 0xC3):
            return "boolean", tag & 1
        require(tag not in REFUSED, REFUSED.get(tag, ""), "2", f"0x{tag:02x} begins no value that the protocol knows")
        for kind, (first, count) in FIXED.items():
            if first <= tag < first + count:
                return kind, tag - first
        kind, width = next((kind, width) for kind, tags in WIDE.items() for wide, width in tags if wide == tag)
        number = int.from_bytes(self.take(width), "big")
        shortest = self.octets[start : self.at] == header(kind, number)
        require(shortest, "not-shortest", "2", f"the header of {number} is not the shortest")
        return kind, number

    def value(self, depth: int = 0) -> Any:
        kind, number = self.header()
        if kind == "integer":
            require(number <= MAX_INTEGER, "integer-range", "2", f"{number} is not in 0 … 2^53 - 1")
            return number
        if kind == "boolean":
            return number == 1
        if kind in ("bytes", "string"):
            return self.take(number) if kind == "bytes" else utf8(self.take(number), "not-utf8", "2")
        require(depth < MAX_NESTING, "nesting", "2", f"nested deeper than {MAX_NESTING}")
        if kind == "array":
            return [self.value(depth + 1) for _ in range(number)]
        pairs: dict[str, Any] = {}
        for _ in range(number):
            key = self.value(depth + 1)
            require(isinstance(key, str) and key not in pairs, "map-keys", "2", "a key is repeated or no string")
            pairs[key] = self.value(depth + 1)
        return pairs


def decode(octets: bytes) -> Any:
    decoder = Decoder(octets)
    value = decoder.value()
    require(decoder.at == len(octets), "trailing-bytes", "2", f"{len(octets) - decoder.at} bytes after the end")
    return value


Form = Callable[[Any], Any]  # section 2, "decode with types": takes a decoded value and returns it, or raises


def form(kind: type, low: int, high: int, holds: Callable[[Any], bool] = lambda _: True) -> Form:
    """Of one type and within bounds: those of the number itself, or of the count of bytes or items."""

    def check(value: Any) -> Any:
        measure = (lambda v: v) if kind in (int, bool) else (lambda v: len(v.encode() if kind is str else v))
        fits = type(value) is kind and low <= measure(value) <= high and holds(value)
        require(fits, "form", "2", f"not as stated: {kind.__name__}, {low} … {high}")
        return value

    return check


def octets(*sizes: int) -> Form:
    return form(bytes, min(sizes), max(sizes), lambda value: len(value) in sizes)


def array(item: Form, low: int, high: int) -> Form:
    return lambda value: [item(one) for one in form(list, low, high)(value)]


def record(names: str, *forms: Form) -> Form:
    """An array of exactly these fields. A fault within a field has the name of the field as its reason."""
    fields = list(zip(names.split(), forms, strict=True))

    def check(value: Any) -> dict[str, Any]:
        fits = isinstance(value, list) and len(value) == len(fields)
        require(fits, "array-length", "2", f"not an array of {len(fields)}")
        return {name: within(name, "", form_, item) for (name, form_), item in zip(fields, value, strict=True)}

    return check


def within(reason: str, section: str, check: Form, value: Any) -> Any:
    """One reason for whatever is wrong with a value."""
    try:
        return check(value)
    except Fault as fault:
        raise Fault(reason, section or fault.section, f"{reason}: {fault.detail}") from None


def displayable(text: str) -> bool:
    """Section 3.2: control and format characters could make one name look like another."""
    return all(unicodedata.category(character) not in ("Cc", "Cf") for character in text)


INTEGER, POSITIVE = form(int, 0, MAX_INTEGER), form(int, 1, MAX_INTEGER)
B16, HASH, ED25519, HYBRID, SIGNATURE = map(octets, (16, 32, ED25519_KEY, HYBRID_KEY, HYBRID_SIGNATURE))


# --- 3. Identity ------------------------------------------------------------------------------------------------------
class Card(SimpleNamespace):
    """An accepted card: the fields of CARD_BODY, fingerprint and digest. Whether it is the right one, people tell."""

    def officer_keys(self) -> dict[bytes, bytes]:
        return {key_hash("officer", officer["key"]): officer["key"] for officer in self.officers}

    def carries_on(self, held: Card) -> bool:
        """Section 4.7: a higher number, nobody missing, all else the same but for the names and the telephone."""
        settled = all(vars(self)[name] == vars(held)[name] for name in SETTLED)
        return settled and self.number > held.number and self.officer_keys().keys() >= held.officer_keys().keys()


SETTLED = ("prefix", "root", "log", "receipt", "prekey_signer", "link", "seal", "address")
CARD_BEGIN, CARD_END = b"-----BEGIN HOTLINE CARD-----", b"-----END HOTLINE CARD-----"
PREFIX = re.compile(r"(?!/)[a-z0-9.\-/]+(?<!/)")
NAME, PHONE = form(str, 1, 64, displayable), form(str, 0, 64, displayable)
CARD_BODY = record(
    "version number suite name phone prefix root log receipt prekey_signer link seal address officers statement",
    *(form(int, 1, 1), POSITIVE, form(str, 9, 9, "hotline-1".__eq__), NAME, PHONE),
    *(form(str, 1, 64, lambda prefix: PREFIX.fullmatch(prefix) is not None), HYBRID, HYBRID, HYBRID, HYBRID),
    *(ED25519, octets(XWING_KEY), octets(32), array(record("name key", NAME, HYBRID), 0, MAX_OFFICERS)),
    form(str, 0, 99, STATEMENT.__eq__),
)


def key_hash(role: str, key: bytes) -> bytes:
    """Section 3.1: the root fingerprint, with the role `root`; an officer id, with `officer`."""
    return sha256(label(role), key)


def unarmour(text: bytes) -> bytes:
    """Section 3.2: the lines, and nothing around them."""
    require(len(text) <= MAX_CARD_BYTES, "card-size", "3.2", f"a card of more than {MAX_CARD_BYTES} bytes")
    lines = text.split(b"\n")
    framed = len(lines) >= 4 and lines[0] == CARD_BEGIN and lines[-2:] == [CARD_END, b""]
    require(framed, "card-lines", "3.2", "the text does not begin, end or break its lines as a card does")
    inner = lines[1:-2]
    full = all(len(line) == 64 for line in inner[:-1]) and 1 <= len(inner[-1]) <= 64
    require(full, "card-line-length", "3.2", "a line of base64 is not of 64 characters")
    return strict_base64(b"".join(inner).decode("latin-1"), "card-base64", "3.2")


def read_card(text: bytes) -> Card:
    """Section 3.2: accepts a card, or says which rule of its last paragraph is broken, in that order."""
    return read_signed_card(unarmour(text))


def read_signed_card(signed: bytes) -> Card:
    """Card body and root signature, as the armour holds them, or as the body of a card entry (4.7)."""
    require(len(signed) > HYBRID_SIGNATURE, "card-size", "3.2", "too short to hold a body and its signature")
    body, signature = signed[:-HYBRID_SIGNATURE], signed[-HYBRID_SIGNATURE:]
    fields = CARD_BODY(decode(body))
    for constant in ("version", "suite", "statement"):
        del fields[constant]
    card = Card(**fields, fingerprint=key_hash("root", fields["root"]), digest=sha256(label("card-digest"), body))
    check_card_keys(card)
    verify_hybrid(card.root, signature, label("card") + body, "3.2")
    return card


def check_card_keys(card: Card) -> None:
    hybrids = [card.root, card.log, card.receipt, card.prekey_signer, *(officer["key"] for officer in card.officers)]
    classic, sealing = [*(hybrid[:ED25519_KEY] for hybrid in hybrids), card.link], [card.seal[MLKEM_KEY:], card.address]
    for key in classic:
        check_ed25519_key(key)
    for key in sealing:
        check_x25519_key(key)
    check_mlkem_key(card.seal[:MLKEM_KEY])
    halves = [*classic, *sealing, card.seal[:MLKEM_KEY], *(hybrid[ED25519_KEY:] for hybrid in hybrids)]
    require(len(set(halves)) == len(halves), "keys-not-distinct", "3.2", "one key stands in two places")


def line_id(first: bytes, second: bytes) -> bytes:
    require(first != second, "same-root", "3.3", "both ends of the line have one root")
    return sha256(label("line"), min(first, second), max(first, second))


def origin_of(prefix: str, line: bytes, owner: bytes, generation: int) -> str:
    origin = f"{prefix}/{line.hex()}/{owner.hex()}/{generation}"
    require(generation >= 1, "generation", "3.3", "generations are counted from 1")
    require(len(origin) <= MAX_ORIGIN_BYTES, "origin-length", "3.3", f"an origin of {len(origin)} bytes")
    return origin


# --- 5.1 Tree: RFC 9162 section 2.1 -----------------------------------------------------------------------------------
EMPTY_ROOT = sha256()


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\x00", entry)


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01", left, right)


class Tree:
    """Grows by one leaf at a time; keeps the roots of its perfect subtrees, larger first, with their heights."""

    def __init__(self, leaves: Sequence[bytes] = ()) -> None:
        self.subtrees: list[tuple[int, bytes]] = []
        for leaf in leaves:
            self.append(leaf)

    def append(self, node: bytes) -> None:
        height = 0
        while self.subtrees and self.subtrees[-1][0] == height:
            node = node_hash(self.subtrees.pop()[1], node)
            height += 1
        self.subtrees.append((height, node))

    @property
    def root(self) -> bytes:
        nodes = [node for _, node in reversed(self.subtrees)] or [EMPTY_ROOT]
        return reduce(lambda right, left: node_hash(left, right), nodes)


def climb(node: int, last: int, proof: Sequence[bytes]) -> Iterator[tuple[bool, bytes]]:
    """Sections 2.1.3.2 and 2.1.4.2 walk alike from a node and the last one of its level: is each sibling left?"""
    for sibling in proof:
        require(last > 0, "proof-length", "5.1", "the proof has too many hashes")
        left = bool(node & 1) or node == last
        while left and node and not node & 1:
            node, last = node >> 1, last >> 1
        yield left, sibling
        node, last = node >> 1, last >> 1
    require(last == 0, "proof-length", "5.1", "the proof has too few hashes")


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Section 2.1.3.2."""
    require(index < size, "index-range", "5.1", f"index {index} in a tree of {size}")
    for left, sibling in climb(index, size - 1, proof):
        leaf = node_hash(sibling, leaf) if left else node_hash(leaf, sibling)
    require(leaf == root, "inclusion", "5.1", "the inclusion proof does not lead to the root")


# --- 5.3, 5.4 Heads and receipts: C2SP signed-note, tlog-checkpoint, tlog-cosignature ---------------------------------
Note = tuple[str, list[tuple[str, bytes, bytes]]]  # its text, and of each signature line key name, key ID, signature


class Checkpoint(NamedTuple):
    origin: str
    size: int
    root: bytes


def note_key_id(name: str, kind: int, public: bytes) -> bytes:
    return sha256(name.encode(), b"\n", bytes([kind]), public)[:4]


def read_note(note: bytes) -> Note:
    """signed-note, with the bounds of section 12."""
    require(len(note) <= MAX_NOTE_BYTES, "note-size", "12", f"a note of more than {MAX_NOTE_BYTES} bytes")
    decoded = utf8(note, "note-utf8", "5.3")
    plain = all(character >= " " or character == "\n" for character in decoded)
    require(plain, "note-control", "5.3", "the note holds a control character")
    text, blank, tail = decoded.rpartition("\n\n")
    require(bool(blank), "note-blank-line", "5.3", "no blank line before the signatures")
    require(tail.endswith("\n"), "note-end", "5.3", "no signature line that ends in a newline")
    lines = tail[:-1].split("\n")
    require(len(lines) <= MAX_NOTE_SIGNATURES, "note-signatures", "12", f"a note of {len(lines)} signatures")
    return text + "\n", [read_signature_line(line) for line in lines]


def read_signature_line(line: str) -> tuple[str, bytes, bytes]:
    dash, _, rest = line.partition(" ")
    name, space, encoded = rest.partition(" ")
    require(dash == "—" and space == " ", "note-signature-line", "5.3", "this is no signature line")
    valid = bool(name) and "+" not in name and not any(map(str.isspace, name))
    require(valid, "note-key-name", "5.3", "a key name is empty or holds a space or a plus sign")
    signature = strict_base64(encoded, "note-base64", "5.3")
    require(len(signature) > 4, "note-signature-length", "5.3", "a signature line with no room for a signature")
    return name, signature[:4], signature[4:]


def the_signature(note: Note, name: str, kind: int, public: bytes, size: int, section: str) -> bytes:
    """The one line of this key. Lines of unknown keys are ignored, as signed-note asks."""
    found = [line[2] for line in note[1] if line[:2] == (name, note_key_id(name, kind, public))]
    require(bool(found), "signature-missing", section, f"no signature line of type 0x{kind:02x} by {name!a}")
    require(len(found) == 1, "signature-repeated", section, f"two lines of type 0x{kind:02x} by {name!a}")
    require(len(found[0]) == size, "signature-length", section, f"a signature of {len(found[0])} bytes, not {size}")
    return found[0]


def read_checkpoint(text: str) -> Checkpoint:
    """tlog-checkpoint; section 5.3 allows no extension lines, which ML-DSA signatures would not cover."""
    lines = text.removesuffix("\n").split("\n")
    require(len(lines) == 3, "checkpoint-lines", "5.3", f"a head has three lines, not {len(lines)}")
    require(1 <= len(lines[0].encode()) <= MAX_ORIGIN_BYTES, "checkpoint-origin", "5.3", "no origin, or one too long")
    size = decimal(lines[1], "checkpoint-size", "5.3")
    root = strict_base64(lines[2], "checkpoint-root", "5.3")
    require(len(root) == 32, "checkpoint-root", "5.3", "a root hash has 32 bytes")
    return Checkpoint(lines[0], size, root)


def ed25519_message(head: Checkpoint, timestamp_s: int) -> bytes:
    text = f"{head.origin}\n{head.size}\n{base64.b64encode(head.root).decode()}\n"
    return f"cosignature/v1\ntime {timestamp_s}\n{text}".encode()


def mldsa_message(name: str, head: Checkpoint, timestamp_s: int) -> bytes:
    cosigner, origin = name.encode(), head.origin.encode()
    require(len(cosigner) <= 255, "cosigner-name", "5.4", "a cosigner's name of more than 255 bytes")
    named = bytes([len(cosigner)]) + cosigner + timestamp_s.to_bytes(8, "big") + bytes([len(origin)]) + origin
    return b"subtree/v1\n\x00" + named + bytes(8) + head.size.to_bytes(8, "big") + head.root


def verify_head(note: Note, origin: str, log_key: bytes) -> Checkpoint:
    """Section 5.3: both lines, under the name of the origin; that of ML-DSA-44 with timestamp 0."""
    head = read_checkpoint(note[0])
    require(head.origin == origin, "origin", "5.3", "the checkpoint is of another log")
    require(head.size >= 1, "checkpoint-size", "5.3", "a head is of size 1 or more")
    classic, quantum = log_key[:ED25519_KEY], log_key[ED25519_KEY:]
    plain = the_signature(note, origin, TYPE_ED25519, classic, ED25519_SIGNATURE, "5.3")
    verify_ed25519(classic, plain, note[0].encode(), "5.3")
    signature = the_signature(note, origin, TYPE_MLDSA, quantum, 8 + MLDSA_SIGNATURE, "5.3")
    require(signature[:8] == bytes(8), "log-timestamp", "5.3", "the log's ML-DSA-44 line has a timestamp")
    verify_mldsa(quantum, signature[8:], mldsa_message(origin, head, 0), "5.3")
    return head


def verify_receipt(note: Note, head: Checkpoint, name: str, key: bytes) -> int:
    """Section 5.4: both lines and their one timestamp, which is returned."""
    first = the_signature(note, name, TYPE_COSIGNATURE, key[:ED25519_KEY], 8 + ED25519_SIGNATURE, "5.4")
    second = the_signature(note, name, TYPE_MLDSA, key[ED25519_KEY:], 8 + MLDSA_SIGNATURE, "5.4")
    require(first[:8] == second[:8], "timestamps-differ", "5.4", "the two lines of a receipt have two timestamps")
    timestamp_s = int.from_bytes(first[:8], "big")
    verify_receipt_signature(head, name, key, timestamp_s, first[8:] + second[8:])
    return timestamp_s


def verify_receipt_signature(head: Checkpoint, name: str, key: bytes, timestamp_s: int, signature: bytes) -> None:
    """Section 5.4, in the hybrid layout that the message RECEIPT (6.6) carries."""
    require(1 <= timestamp_s < 2**63, "timestamp-range", "5.4", "the timestamp is zero or beyond 2^63 - 1")
    require(len(signature) == HYBRID_SIGNATURE, "signature-length", "5.4", "a hybrid signature has 2484 bytes")
    verify_ed25519(key[:ED25519_KEY], signature[:ED25519_SIGNATURE], ed25519_message(head, timestamp_s), "5.4")
    verify_mldsa(key[ED25519_KEY:], signature[ED25519_SIGNATURE:], mldsa_message(name, head, timestamp_s), "5.4")


# --- 4. Entries and bodies --------------------------------------------------------------------------------------------
class Envelope(NamedTuple):
    body_size: int
    commitment: bytes
    content: bytes


# 4.2. The version is any number here, since 4.8 tells `version` from `content`; `keys` awaits key changes.
COMMON_NAMES = "type version time_ms seen_size seen_root keys "
COMMON = (INTEGER, INTEGER, INTEGER, INTEGER, HASH, INTEGER)
COMMON_FIELDS = record(COMMON_NAMES, *COMMON)


def content(names: str, *forms: Form) -> Form:
    return record(COMMON_NAMES + names, *COMMON, *forms)


RELEASE = record("officer role signature", HASH, form(int, 1, 2), SIGNATURE)
ANSWER_NAMES = "random target_index target_leaf_hash verdict text officer signature"
ANSWERED = (B16, INTEGER, HASH)
SIGNED = (form(str, 0, 256), octets(0, 32), octets(0, HYBRID_SIGNATURE))
CONTENTS: dict[int, Form] = {
    GENESIS: content("random owner peer generation card_digest rules_digest", B16, HASH, HASH, POSITIVE, HASH, HASH),
    NOTICE: content(
        "recipient notice_id serial precedence mode expires_s releases",
        *(HASH, B16, POSITIVE, form(int, 0, 3), form(int, 0, 2), INTEGER, array(RELEASE, 0, MAX_RELEASES)),
    ),
    OPENED: content(ANSWER_NAMES, *ANSWERED, form(int, 0, 0), *SIGNED),
    ACKNOWLEDGEMENT: content(ANSWER_NAMES, *ANSWERED, form(int, 1, 1), *SIGNED),
    REFUSAL: content(ANSWER_NAMES, *ANSWERED, form(int, 1, 4), *SIGNED),
    WATCH: content(
        "random state officer relieved signed_ms text signature relieved_signature",
        *(B16, form(int, 0, 1), HASH, octets(0, 32), INTEGER, SIGNED[0], SIGNATURE, SIGNED[2]),
    ),
    CARD: content("number card_digest", POSITIVE, HASH),
}
ANSWERS, BODIED = (OPENED, ACKNOWLEDGEMENT, REFUSAL), (NOTICE, CARD)
UNANSWERABLE = re.compile(rb"\x01.{36}[\x90-\x9f][\x01\x03-\x07]", re.DOTALL)  # 4.8: by how an entry begins


def read_envelope(entry: bytes) -> Envelope:
    """Section 4.1. A fault here means: the entry has no body. It is stored all the same."""
    begins = MIN_ENTRY_BYTES <= len(entry) <= MAX_ENTRY_BYTES and entry[0] == 1
    require(begins, "envelope", "4.1", f"{len(entry)} bytes, of which the first has to be 0x01")
    envelope = Envelope(int.from_bytes(entry[1:5], "big"), entry[5:37], entry[37:])
    sound = envelope.body_size <= MAX_BODY_BYTES and (envelope.body_size > 0 or envelope.commitment == bytes(32))
    require(sound, "envelope", "4.1", f"a body of {envelope.body_size} bytes, or none and yet a commitment")
    return envelope


def read_content(content: bytes) -> dict[str, Any]:
    """Sections 4.2 to 4.7, and of 4.8 the reasons `content`, `type` and `version`, in that order."""
    fields: dict[str, Any] = within("content", "4.2", lambda value: fit_content(decode(value)), content)
    require(fields["type"] in CONTENTS, "type", "4.2", f"an entry of type {fields['type']}, reserved or unknown")
    require(fields["version"] == 1, "version", "4.2", f"an entry of version {fields['version']}")
    return fields


def fit_content(value: Any) -> Any:
    kind = value[0] if isinstance(value, list) and value and type(value[0]) is int else 0
    if kind not in CONTENTS:  # what a type unknown here has after the common fields is its own affair
        return COMMON_FIELDS(value[: len(COMMON)] if isinstance(value, list) else value)
    fields = CONTENTS[kind](value)
    if kind in ANSWERS:  # 4.5: officer and signature, or neither, which only a machine's refusal may have
        both, neither = fields["officer"] and fields["signature"], not (fields["officer"] or fields["signature"])
        by_machine = kind == REFUSAL and fields["verdict"] <= 3
        require(bool(neither if by_machine else both), "officer", "4.5", "officer or signature is missing")
    if kind == WATCH:
        paired = bool(fields["relieved"]) == bool(fields["relieved_signature"])
        others = not fields["relieved"] or (fields["state"] == 1 and fields["relieved"] != fields["officer"])
        require(paired and others, "relieved", "4.6", "who is relieved, and by what signature, do not fit together")
    return fields


def read_entry(entry: bytes) -> tuple[Envelope, dict[str, Any]]:
    envelope = read_envelope(entry)
    return envelope, read_content(envelope.content)


def check_body(entry: bytes, salt: bytes, body: bytes) -> bool:
    """Section 4.1: whether a body is shown, once what is shown has been found to fit the entry."""
    try:
        size, commitment, _ = read_envelope(entry)
    except Fault:
        size, commitment = 0, b""
    if not salt and not body:
        return False
    require(size > 0, "body-unexpected", "4.1", "a body beside an entry that has none")
    require(len(salt) == 32, "salt-length", "4.1", f"a salt of {len(salt)} bytes")
    require(len(body) == size, "body-size", "4.1", f"a body of {len(body)} bytes where the entry states {size}")
    fits = sha256(label("body"), salt, body) == commitment
    require(fits, "commitment", "4.1", "the body does not fit its commitment")
    return True


def release_message(pair: bytes, envelope: Envelope, fields: Mapping[str, Any], officer: bytes, role: int) -> bytes:
    """Section 4.4."""
    stated = [fields["recipient"], fields["notice_id"], NOTICE, fields["precedence"], fields["mode"]]
    sized = [envelope.commitment, envelope.body_size, fields["expires_s"]]
    return label("release") + encode([role, officer, pair, *stated, *sized])


def answer_message(line: bytes, target_origin: str, fields: Mapping[str, Any]) -> bytes:
    """Section 4.5."""
    said = [fields[name] for name in ("target_index", "target_leaf_hash", "verdict", "text", "officer")]
    return label("answer") + encode([fields["type"], line, target_origin, *said])


def watch_message(line: bytes, owner: bytes, fields: Mapping[str, Any]) -> bytes:
    """Section 4.6."""
    said = [fields[name] for name in ("random", "state", "officer", "relieved", "signed_ms", "text")]
    return label("watch") + encode([line, owner, *said])


def describe_entry(entry: bytes) -> str:
    try:
        return TYPE_NAMES[read_entry(entry)[1]["type"]]
    except Fault as fault:
        return f"INVALID ({fault.reason})"


# --- 4.8 Judging ------------------------------------------------------------------------------------------------------
@dataclass
class HeldLog:
    """One log as somebody holds it: its owner's card, its generation, its entries, and what follows from them."""

    owner: Card
    generation: int
    head: Checkpoint  # the largest that is shown to be signed and receipted, and the timestamp of its receipt
    timestamp_s: int
    bodies: int = 0
    cards: dict[int, bytes] = field(default_factory=dict)  # the bodies of card entries that are shown, by index
    entries: list[bytes] = field(default_factory=list)
    roots: list[bytes] = field(default_factory=lambda: [EMPTY_ROOT])
    tree: Tree = field(default_factory=Tree)

    def append(self, entry: bytes, body: bytes = b"") -> None:
        require(len(entry) <= MAX_ENTRY_BYTES, "entry-size", "4.1", f"an entry of {len(entry)} bytes")
        if body and entry[38] == CARD:  # 4.2: the type stands second, after the header of an array of less than 16
            self.cards[len(self.entries)] = body
        self.entries.append(entry)
        self.tree.append(leaf_hash(entry))
        self.roots.append(self.tree.root)


class Judge:
    """Section 4.8: judges one log's entries in order, against the other side's. Without `line`, of generation 1."""

    def __init__(self, log: HeldLog, other: HeldLog, line: bytes = b"", first_serial: int = 0) -> None:
        self.log, self.other = log, other
        self.owner, self.peer = log.owner.fingerprint, other.owner.fingerprint
        self.pair = line_id(self.owner, self.peer)
        self.officers: dict[bytes, bytes] = {}
        self.line, self.serial, self.seen_size = line or self.pair, first_serial, 0
        self.notice_ids: set[bytes] = set()
        self.fitting = self.fitting_cards()

    def fitting_cards(self) -> dict[int, Card]:
        """Section 9: by index, the cards that lead to the exported one, each carrying on from the one before."""
        fitting: dict[int, Card] = {}
        for index in self.log.cards:
            with suppress(Fault):
                card = self.announced(index)
                leads = card.digest == self.log.owner.digest or self.log.owner.carries_on(card)
                if leads and all(map(card.carries_on, fitting.values())):
                    fitting[index] = card
        return fitting

    def announced(self, index: int) -> Card:
        """The card of a card entry, if it is one of this owner, and the one that the entry states."""
        card: Card = within("card", "4.7", read_signed_card, self.log.cards[index])
        stated = read_entry(self.log.entries[index])[1]
        same = (self.owner, stated["number"], stated["card_digest"]) == (card.fingerprint, card.number, card.digest)
        require(same, "card", "4.7", "the card has another root, number or digest than its entry states")
        return card

    def held_card(self, index: int) -> Card:
        """Section 9: the fitting one before it; before the first, that one; if there is none, the exported one."""
        at = max((before for before in self.fitting if before < index), default=min(self.fitting, default=-1))
        return self.fitting.get(at, self.log.owner)

    def invalid(self) -> Iterator[tuple[int, str]]:
        """Which entries are INVALID, and why."""
        for index, entry in enumerate(self.log.entries):
            try:
                self.check(index, *read_entry(entry))
            except Fault as fault:
                yield index, fault.reason

    def check(self, index: int, envelope: Envelope, fields: dict[str, Any]) -> None:
        last = index > max(self.fitting, default=-1)  # section 9: from then on the exported card, which may be newer
        self.officers = (self.log.owner if last else self.held_card(index)).officer_keys()
        kind, serial, repeated = fields["type"], self.serial, fields.get("notice_id") in self.notice_ids
        if kind == NOTICE:  # counted though it may be INVALID: the author numbers the next one after it
            self.serial = max(self.serial, fields["serial"])
            self.notice_ids.add(fields["notice_id"])
        seen, seen_before = fields["seen_size"], self.seen_size
        had = self.other.roots[seen : seen + 1] == [fields["seen_root"]]
        if had:  # it binds what follows, INVALID or not
            self.seen_size = max(seen, seen_before)
        require((kind == GENESIS) == (index == 0), "position", "4.3", "a genesis not at 0, or something else at 0")
        if kind == GENESIS:
            stated, known = (fields["owner"], fields["peer"], fields["generation"]), (self.owner, self.peer)
            require(stated == (*known, self.log.generation), "genesis", "4.3", "wrong fingerprints or generation")
        bodied = (kind in BODIED) == (envelope.body_size > 0)
        require(bodied, "body", "4.8", "a body where the type has none, or none where it has one")
        require(had and seen >= seen_before, "seen", "4.8", f"names a head of size {seen}: never had, or earlier")
        if kind == NOTICE:
            require(fields["recipient"] == self.peer, "recipient", "4.4", "the recipient is not the peer")
            require(fields["serial"] == serial + 1, "serial", "4.4", f"serial {fields['serial']} after {serial}")
            require(not repeated, "duplicate-id", "4.8", "the notice id stands in an earlier entry")
            self.check_releases(envelope, fields)
        if kind in (*ANSWERS, WATCH):
            (self.check_watch if kind == WATCH else self.check_answer)(fields)
        if index in self.log.cards:  # without its body, which may be erased, a card is not judged
            card, held = self.announced(index), self.held_card(index)
            same = index in self.fitting or card.digest == held.digest
            require(same or card.number < held.number, "card", "4.7", "the card does not carry on from the one before")

    def check_releases(self, envelope: Envelope, fields: Mapping[str, Any]) -> None:
        signers = [(release["officer"], release["role"]) for release in fields["releases"]]
        require(len(set(signers)) == len(signers), "release", "4.4", "one officer released twice in one role")
        for release in fields["releases"]:
            officer = release["officer"]
            require(officer in self.officers, "release", "4.4", "released by an officer who is not in the card")
            message = release_message(self.pair, envelope, fields, officer, release["role"])
            self.signed("release", officer, release["signature"], message)

    def check_watch(self, fields: Mapping[str, Any]) -> None:
        signers = {fields["officer"]: fields["signature"], fields["relieved"]: fields["relieved_signature"]}
        signers.pop(b"", None)
        require(signers.keys() <= self.officers.keys(), "officer", "4.6", "a watch of somebody who is not in the card")
        for officer, signature in signers.items():
            self.signed("signature", officer, signature, watch_message(self.line, self.owner, fields))

    def check_answer(self, fields: Mapping[str, Any]) -> None:
        index = fields["target_index"]
        same = [leaf_hash(entry) for entry in self.other.entries[index : index + 1]] == [fields["target_leaf_hash"]]
        require(same, "target", "4.5", f"answers entry {index}, which is not there or has another leaf hash")
        answerable = UNANSWERABLE.match(self.other.entries[index]) is None
        require(answerable, "target", "4.8", f"answers entry {index}, which is neither a notice nor unknown")
        if officer := fields["officer"]:
            require(officer in self.officers, "officer", "4.5", "answered by an officer who is not in the card")
            origin = origin_of(self.other.owner.prefix, self.line, self.peer, self.other.generation)
            self.signed("signature", officer, fields["signature"], answer_message(self.line, origin, fields))

    def signed(self, reason: str, officer: bytes, signature: bytes, message: bytes) -> None:
        within(reason, "4.8", lambda key: verify_hybrid(key, signature, message, "4.8"), self.officers[officer])


# --- 5.5 Evidence: C2SP tlog-proof ------------------------------------------------------------------------------------
ITEM = record("entry salt body", form(bytes, 0, MAX_ENTRY_BYTES), octets(0, 32), form(bytes, 0, MAX_BODY_BYTES))


def read_proof(text: bytes) -> tuple[bytes, int, list[bytes], bytes]:
    """tlog-proof: extra, index, hashes and the checkpoint's note."""
    require(len(text) <= MAX_PROOF_BYTES, "proof-size", "12", f"a proof of more than {MAX_PROOF_BYTES} bytes")
    before, blank, checkpoint = text.partition(b"\n\n")
    require(bool(blank), "proof-lines", "5.5", "no blank line before the checkpoint")
    first, extra, index, *lines = [*before.decode("latin-1").split("\n"), "", ""]
    require(first == "c2sp.org/tlog-proof@v1", "proof-header", "5.5", "the first line is not that of a tlog-proof")
    require(extra.startswith("extra "), "proof-extra", "5.5", "no extra line, which holds the entry")
    require(index.startswith("index "), "proof-index", "5.5", "no index line")
    require(len(lines) - 2 <= MAX_PROOF_HASHES, "proof-hashes", "12", f"a proof of {len(lines) - 2} hashes")
    path = [strict_base64(line, "proof-hash", "5.5") for line in lines[:-2]]
    require(all(len(one) == 32 for one in path), "proof-hash", "5.5", "a hash has 32 bytes")
    opaque = strict_base64(extra.removeprefix("extra "), "proof-extra", "5.5")
    return opaque, decimal(index.removeprefix("index "), "proof-index", "5.5"), path, checkpoint


def parties(origin: str, cards: Sequence[Card]) -> tuple[Card, Card, int]:
    """Section 3.3: whose log of this line an origin names; owner, holder, generation. Above 1 any line id is taken."""
    require(len(cards) == 2, "two-cards", "5.5", "a line has two cards")
    generation = decimal(origin.rpartition("/")[2], "origin", "3.3")
    later = re.search(r"/([0-9a-f]{64})/[0-9a-f]{64}/[0-9]+\Z", origin) if generation > 1 else None
    line = bytes.fromhex(later[1]) if later else line_id(cards[0].fingerprint, cards[1].fingerprint)
    for owner, holder in (cards, cards[::-1]):
        if generation and origin == origin_of(owner.prefix, line, owner.fingerprint, generation):
            return owner, holder, generation
    raise Fault("origin", "3.3", "the checkpoint is of no log of the line between these two cards")


def verify_four_lines(note: Note, owner: Card, holder: Card) -> tuple[Checkpoint, int]:
    """Sections 5.3 and 5.4: the head, and the timestamp of the receipt."""
    head = verify_head(note, read_checkpoint(note[0]).origin, owner.log)
    return head, verify_receipt(note, head, f"{holder.prefix}/{holder.fingerprint.hex()}/receipt", holder.receipt)


def verify_proof(text: bytes, cards: Sequence[Card]) -> tuple[HeldLog, int, bytes, bool]:
    """The log, of which nothing but a head is held; the index; the entry; whether its body is shown."""
    opaque, index, path, checkpoint = read_proof(text)
    note = read_note(checkpoint)
    owner, holder, generation = parties(read_checkpoint(note[0]).origin, cards)
    extra = within("proof-extra", "5.5", lambda value: ITEM(decode(value)), opaque)
    shown = check_body(extra["entry"], extra["salt"], extra["body"])
    head, timestamp_s = verify_four_lines(note, owner, holder)
    verify_inclusion(leaf_hash(extra["entry"]), index, head.size, path, head.root)
    return HeldLog(owner, generation, head, timestamp_s), index, extra["entry"], shown


# --- 9. Exported logs -------------------------------------------------------------------------------------------------
def records(stream: BinaryIO) -> Iterator[list[bytes]]:
    """Entry, salt and body in turn, each read only once its stated size is within its bound."""
    bounds, parts = (MAX_ENTRY_BYTES, 32, MAX_BODY_BYTES), list[bytes]()
    while head := stream.read(4):
        size = int.from_bytes(head, "big")
        bounded = len(head) == 4 and size <= bounds[len(parts)]
        require(bounded, "record-size", "9", "the size of an entry, salt or body is cut off or over its bound")
        parts.append(stream.read(size))
        require(len(parts[-1]) == size, "entries-truncated", "9", "the file ends within a record")
        if len(parts) == 3:
            yield parts
            parts = []
    require(not parts, "entries-truncated", "9", "the file ends within a record")


def the_file(files: Mapping[str, BinaryIO], card: Card, suffix: str) -> BinaryIO:
    """Section 9: named `<hex fp[:16]>`, the first sixteen bytes in hex."""
    name = f"{card.fingerprint[:16].hex()}.{suffix}"
    require(name in files, "file-missing", "9", f"there is no {name}")
    return files[name]


def read_cards(files: Mapping[str, BinaryIO]) -> list[Card]:
    names = sorted(name for name in files if name.endswith(".card"))
    require(len(names) == 2, "two-cards", "9", f"{len(names)} cards, where a line has two")
    cards = [read_card(files[name].read(MAX_CARD_BYTES + 1)) for name in names]
    named = [f"{card.fingerprint[:16].hex()}.card" for card in cards]
    require(named == names, "card-name", "9", "a card is not in the file that its fingerprint names")
    return cards


def read_log(files: Mapping[str, BinaryIO], owner: Card, cards: Sequence[Card]) -> HeldLog:
    """Section 9, for one log: the four lines, every leaf and body, the root."""
    note = read_note(the_file(files, owner, "checkpoint").read(MAX_NOTE_BYTES + 1))
    named, holder, generation = parties(read_checkpoint(note[0]).origin, cards)
    require(named == owner, "origin", "9", "the checkpoint is of the other log")
    log = HeldLog(owner, generation, *verify_four_lines(note, owner, holder))
    for entry, salt, body in records(the_file(files, owner, "entries")):
        log.bodies += check_body(entry, salt, body)
        log.append(entry, body)
    held, size = len(log.entries), log.head.size
    require(held >= size, "entries-missing", "9", f"{held} entries under a head of {size}")
    require(log.roots[size] == log.head.root, "root", "9", "the entries do not hash to the root of the head")
    return log


def verify_export(files: Mapping[str, BinaryIO]) -> list[tuple[HeldLog, dict[int, str]]]:
    """Section 9, with the INVALID entries of each log. They are no fault: the other side has stored them so."""
    if any(name.endswith(".closing") for name in files):
        # What that imports is this module, under whichever name this was started.
        sys.modules.update(dict.fromkeys(("reference", "protocol.reference"), sys.modules[__name__]))
        beside = run_path(str(Path(__file__).with_name("reference_generation.py")))
        return list(beside["verify_export"](files))
    cards = read_cards(files)
    first, second = (read_log(files, owner, cards) for owner in cards)
    require(first.generation == second.generation == 1, "closing-files", "9", "the closing files of before are missing")
    judges = Judge(first, second), Judge(second, first)
    return [(judge.log, dict(judge.invalid())) for judge in judges]


# --- The command line -------------------------------------------------------------------------------------------------
def command_card(arguments: argparse.Namespace) -> dict[str, Any]:
    card = read_card(read_file(arguments.file, MAX_CARD_BYTES))
    names = ", ".join(officer["name"] for officer in card.officers) or "none"
    checked = [
        f"3.2  the card of {card.name}, number {card.number}: its form, its keys and the root's signature",
        f"3.1  root fingerprint {card.fingerprint.hex()}; officers: {names}",
        "     Whether it is the right card, only comparing the safety number with its owner tells.",
    ]
    about = {name: getattr(card, name) for name in ("name", "number", "phone", "prefix")}
    return {"checked": checked, **about, "fingerprint": card.fingerprint.hex(), "digest": card.digest.hex()}


def command_proof(arguments: argparse.Namespace) -> dict[str, Any]:
    cards = [read_card(read_file(path, MAX_CARD_BYTES)) for path in arguments.card]
    log, index, entry, shown = verify_proof(read_file(arguments.file, MAX_PROOF_BYTES), cards)
    owner, holder = sorted((card.name for card in cards), key=log.owner.name.__ne__)
    checked = [
        "3.2  both cards",
        f"4.2  the entry, by its form: {describe_entry(entry)}",
        "4.1  the body shown fits its commitment" if shown else "4.1  no body is shown",
        f"5.1  it is entry {index} of {owner}'s log of generation {log.generation}, a tree of {log.head.size} entries",
        *describe_head(owner, holder, log),
    ]
    return {"checked": checked, **about_head(log), "index": index, "entry": describe_entry(entry), "body_shown": shown}


def command_export(arguments: argparse.Namespace) -> dict[str, Any]:
    with ExitStack() as stack:
        paths = [path for path in Path(arguments.folder).iterdir() if path.suffix in EXPORTED]
        logs = verify_export({path.name: stack.enter_context(path.open("rb")) for path in paths})
    checked, abouts = ["3.2  both cards"], []
    for (log, invalid), (other, _) in zip(logs, logs[::-1], strict=True):
        name, held, bodies = log.owner.name, len(log.entries), log.bodies
        checked += [
            f"9    {name}'s log of generation {log.generation}: {held} entries hash to its root, {bodies} bodies fit",
            *describe_head(name, other.owner.name, log),
            f"4.8  {held - len(invalid)} entries are valid, their releases and signatures too",
            *(f"4.8  entry {index} is INVALID ({reason})" for index, reason in invalid.items()),
            *([f"9    before the first of {len(log.cards)} cards in the log, its officers count"] * bool(log.cards)),
            *([f"9    {held - log.head.size} entries after the head are under no signature"] * (held > log.head.size)),
        ]
        kinds = [describe_entry(entry) for entry in log.entries]
        counted = {"watches": kinds.count("watch"), "cards": kinds.count("card")}
        abouts.append({**about_head(log), "entries": held, "bodies": bodies, **counted, "invalid": invalid})
    return {"checked": checked, "logs": abouts}


def describe_head(owner: str, holder: str, log: HeldLog) -> list[str]:
    return [
        f"5.3  {owner} signed the head of size {log.head.size}, with both keys",
        f"5.4  {holder} stated at {log.timestamp_s} s after 1970, with both keys: {STATEMENT}",
    ]


def about_head(log: HeldLog) -> dict[str, Any]:
    head = {"origin": log.head.origin, "size": log.head.size, "root": log.head.root.hex()}
    return {"owner": log.owner.name, **head, "receipt_timestamp_s": log.timestamp_s}


def read_file(path: str, bound: int) -> bytes:
    with Path(path).open("rb") as stream:
        content = stream.read(bound + 1)
    require(len(content) <= bound, "file-size", "12", f"{path} is larger than {bound} bytes")
    return content


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="reference.py", description="Verifies what a Hotline station shows to others.")
    commands = top.add_subparsers(required=True, metavar="card | proof | export")
    card = commands.add_parser("card", help="a contact card")
    proof = commands.add_parser("proof", help="evidence about one entry (.tlog-proof)")
    export = commands.add_parser("export", help="a folder with both logs of a line")
    proof.add_argument("--card", action="append", required=True, help="a contact card; give both")
    commanded = ((card, "file", command_card), (proof, "file", command_proof), (export, "folder", command_export))
    for command, path, run in commanded:
        command.add_argument(path)
        command.add_argument("--json", action="store_true", help="the same for programs")
        command.set_defaults(run=run)
    return top


def main(words: Sequence[str] | None = None) -> int:
    """0: all of it holds. 1: something does not, or cannot be read. 2: the command itself is wrong."""
    arguments = parser().parse_args(words)
    if isinstance(sys.stdout, TextIOWrapper):  # names may hold what this terminal cannot show
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        values = {"ok": True} | arguments.run(arguments)
    except Fault as fault:
        values = {"ok": False, "reason": fault.reason, "spec": fault.section, "detail": fault.detail}
    except (OSError, ValueError) as error:  # ValueError: a path that no file can have
        values = {"ok": False, "reason": "unreadable", "spec": "", "detail": str(error)}
    failed = "FAILED, SPEC {spec}, {reason}: {detail}" if values.get("spec") else "FAILED, {reason}: {detail}"
    sentences = [*values["checked"], "OK"] if values["ok"] else [failed.format(**values)]
    print(json.dumps(values, indent=2) if arguments.json else "\n".join(sentences))
    return 0 if values["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
