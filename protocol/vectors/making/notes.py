"""Sections 5.2 to 5.4: notes, verifier keys, heads, proposals and receipts."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

from protocol.vectors.making.identity import NORTH, SOUTH, WEST, H, Hybrid, L, Station, origin_of
from protocol.vectors.making.sink import Parts, case, share

RECEIPT_S = 1_732_700_100


def key_id(name: str, kind: int, public: bytes) -> bytes:
    return H(name.encode(), b"\n", bytes([kind]), public)[:4]


def sig_line(name: str, kind: int, public: bytes, signature: bytes) -> str:
    return f"— {name} {base64.b64encode(key_id(name, kind, public) + signature).decode()}\n"


def note(text: str, *lines: str) -> bytes:
    return f"{text}\n{''.join(lines)}".encode()


def u8(value: int) -> bytes:
    return value.to_bytes(1, "big")


def u64(value: int) -> bytes:
    return value.to_bytes(8, "big")


def cosigned(name: str, timestamp: int, origin: str, size: int, root: bytes, start: int = 0) -> bytes:
    names = u8(len(name)) + name.encode() + u64(timestamp) + u8(len(origin)) + origin.encode()
    return b"subtree/v1\n\0" + names + u64(start) + u64(size) + root


@dataclass
class Head:
    """A checkpoint and its makers, with everything that a fault may want to change."""

    owner: Station
    holder: Station
    size: int
    root: bytes
    origin: str = ""
    text: str = field(init=False)

    def __post_init__(self) -> None:
        self.origin = self.origin or origin_of(self.owner)
        self.text = f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    def log_lines(self, key: Hybrid | None = None, name: str = "", timestamp: int = 0) -> list[str]:
        key, name = key or self.owner.log, name or self.origin
        signature = key.quantum.sign(cosigned(name, timestamp, self.origin, self.size, self.root))
        classic = sig_line(name, 1, key.classic.public, key.classic.sign(self.text.encode()))
        return [classic, sig_line(name, 6, key.mldsa_public, u64(timestamp) + signature)]

    def receipt_signature(self, timestamp: int = RECEIPT_S, key: Hybrid | None = None, name: str = "") -> bytes:
        key, name = key or self.holder.receipt, name or self.holder.receipt_name
        classic = key.classic.sign(f"cosignature/v1\ntime {timestamp}\n{self.text}".encode())
        return classic + key.quantum.sign(cosigned(name, timestamp, self.origin, self.size, self.root))

    def receipt_lines(
        self, timestamp: int = RECEIPT_S, second: int | None = None, key: Hybrid | None = None, name: str = ""
    ) -> list[str]:
        key, name = key or self.holder.receipt, name or self.holder.receipt_name
        second = timestamp if second is None else second
        classic = u64(timestamp) + self.receipt_signature(timestamp, key, name)[:64]
        quantum = u64(second) + self.receipt_signature(second, key, name)[64:]
        return [sig_line(name, 4, key.classic.public, classic), sig_line(name, 6, key.mldsa_public, quantum)]

    def note(self) -> bytes:
        return note(self.text, *self.log_lines(), *self.receipt_lines())


def note_cases() -> None:
    vkey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    signature = "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
    text, line = "This is an example message.\n", f"— example.com/foo {signature}\n"

    def noted(name: str, reason: str = "", octets_: bytes = b"", about: str = "") -> None:
        expect = None if reason else {"text": octets_.decode().rpartition("\n\n")[0] + "\n"}
        spec = "12" if name == "17-signatures" else "5.3"
        case(f"note:{name}", "note", spec, reason, note=octets_, vkey=vkey, expect=expect, about=about)

    noted("of-the-specification", octets_=note(text, line), about="The example of C2SP signed-note.")
    stranger = sig_line("example.com/bar", 1, WEST.link.public, bytes(64))
    noted("line-of-unknown-key", octets_=note(text, stranger, line))
    noted(
        "known-name-unknown-id", octets_=note(text, sig_line("example.com/foo", 1, WEST.link.public, bytes(64)), line)
    )
    noted("16-signatures", octets_=note(text, *[stranger] * 15, line))
    noted("17-signatures", "note-signatures", note(text, *[stranger] * 16, line))
    long = Parts(((b"x", 65_536), (note("\n" + text, line), 1)))
    case("note:too-long", "note", "12", "note-size", note=long, vkey=vkey)
    noted("text-changed", "ed25519-signature", note(text.replace("is", "was"), line))
    noted("unknown-key-only", "signature-missing", note(text, stranger))
    noted("no-signature", "note-end", note(text))
    noted("no-blank-line", "note-blank-line", (text + line).encode())
    noted("no-final-newline", "note-end", note(text, line)[:-1])
    noted("control-character", "note-control", note(text.replace(" is", "\tis"), line))
    noted("carriage-return", "note-control", note(text, line).replace(b"\n", b"\r\n"))
    noted("not-utf8", "note-utf8", b"\xff" + note(text, line))
    noted("hyphen-for-dash", "note-signature-line", note(text, line.replace("—", "-")))
    noted("name-missing", "note-key-name", note(text, line.replace("example.com/foo", "")))
    noted("name-with-plus", "note-key-name", note(text, stranger.replace("/bar", "+bar"), line))
    noted("base64-broken", "note-base64", note(text, line.replace("=", "")))
    noted("signature-cut", "signature-length", note(text, sig_cut(line)))
    vkey_cases(vkey)


def sig_cut(line: str) -> str:
    head, _, signature = line.strip().rpartition(" ")
    return f"{head} {base64.b64encode(base64.b64decode(signature)[:-1]).decode()}\n"


def vkey_cases(vkey: str) -> None:
    name, identity, encoded = vkey.split("+", 2)
    key = base64.b64decode(encoded)[1:]
    case("note:vkey", "vkey", "5.3", vkey=vkey, expect={"name": name, "type": 1, "public": key})
    origin, log = origin_of(NORTH), NORTH.log.mldsa_public
    quantum = f"{origin}+{key_id(origin, 6, log).hex()}+{base64.b64encode(bytes([6]) + log).decode()}"
    case("note:vkey-mldsa", "vkey", "5.3", vkey=quantum, expect={"name": origin, "type": 6, "public": log})
    case("note:vkey-other-id", "vkey", "5.3", "vkey-id", vkey=vkey.replace("530d903a", "530d903b"))
    case("note:vkey-two-parts", "vkey", "5.3", "vkey-form", vkey=f"{name}+{identity}")
    case("note:vkey-unknown-type", "vkey", "5.3", "vkey-type", vkey=made_vkey(name, 2, key))
    case("note:vkey-short", "vkey", "5.3", "vkey-length", vkey=made_vkey(name, 1, key[:31]))
    case("note:vkey-small-order", "vkey", "1", "small-order", vkey=made_vkey(name, 1, bytes(32)))


def made_vkey(name: str, kind: int, public: bytes) -> str:
    return f"{name}+{key_id(name, kind, public).hex()}+{base64.b64encode(bytes([kind]) + public).decode()}"


def checkpoint_cases() -> None:
    head = Head(NORTH, SOUTH, 7, H(b"a root"))
    classic, quantum = lines = head.log_lines()

    def checked(name: str, reason: str = "", octets_: bytes = b"", origin: str = head.origin, about: str = "") -> None:
        expect = None if reason else {"size": head.size, "root": head.root}
        case(
            f"checkpoint:{name}",
            "head",
            "5.3",
            reason,
            note=octets_,
            origin=origin,
            log_key=NORTH.log.public,
            expect=expect,
            about=about,
        )

    def texted(name: str, reason: str, changed: str) -> None:
        altered = Head(NORTH, SOUTH, 7, head.root)
        altered.text = changed
        checked(name, reason, note(changed, *altered.log_lines()))

    checked("head", octets_=note(head.text, *lines))
    checked(
        "head-with-witness", octets_=note(head.text, *lines, *head.receipt_lines(key=WEST.receipt, name="witness/w1"))
    )
    checked("line-order-is-free", octets_=note(head.text, quantum, classic))
    checked("ed25519-line-missing", "signature-missing", note(head.text, quantum))
    checked("mldsa-line-missing", "signature-missing", note(head.text, classic))
    checked("line-twice", "signature-repeated", note(head.text, classic, *lines))
    checked("mldsa-with-timestamp", "log-timestamp", note(head.text, classic, head.log_lines(timestamp=RECEIPT_S)[1]))
    other = Head(NORTH, SOUTH, 8, head.root).log_lines()
    checked("ed25519-of-other-size", "ed25519-signature", note(head.text, other[0], quantum))
    checked("mldsa-of-other-size", "mldsa-signature", note(head.text, classic, other[1]))
    checked("keys-of-another", "signature-missing", note(head.text, *head.log_lines(key=WEST.log)))
    checked("other-generation", "origin", note(head.text, *lines), origin=origin_of(NORTH, 2))
    texted("extension-line", "checkpoint-lines", head.text + "extension\n")
    texted("size-with-zero-ahead", "checkpoint-size", head.text.replace("\n7\n", "\n07\n"))
    texted("size-signed", "checkpoint-size", head.text.replace("\n7\n", "\n+7\n"))
    texted("size-over-2-53", "checkpoint-size", head.text.replace("\n7\n", f"\n{2**53}\n"))
    texted("root-31-bytes", "checkpoint-root", f"{head.origin}\n7\n{base64.b64encode(bytes(31)).decode()}\n")
    texted("root-spare-bits", "checkpoint-root", head.text[:-3] + chr(ord(head.text[-3]) + 1) + "=\n")
    empty = Head(NORTH, SOUTH, 0, H(b""))
    checked("size-zero", "checkpoint-size", note(empty.text, *empty.log_lines()))
    proposal_cases(head)


def proposal_cases(head: Head) -> None:
    origin = u8(len(head.origin)) + head.origin.encode()
    message = L("proposal") + origin + u64(head.size) + head.root
    signature = share("north.proposal", NORTH.log.sign(message))

    def proposed(name: str, reason: str = "", **changed: Any) -> None:
        good = {"log_key": NORTH.log.public, "origin": head.origin, "size": head.size, "root": head.root}
        values = good | {"signature": signature} | changed
        case(f"checkpoint:{name}", "proposal", "5.2", reason, **values)

    proposed("proposal")
    proposed("proposal-of-other-size", "ed25519-signature", size=8)
    proposed("proposal-of-other-root", "ed25519-signature", root=bytes(32))
    proposed("proposal-of-other-log", "ed25519-signature", origin=origin_of(NORTH, 2))
    unlabelled = message.removeprefix(L("proposal"))
    proposed("proposal-without-label", "ed25519-signature", signature=NORTH.log.sign(unlabelled))
    zeros = Parts(((signature[:64], 1), (b"\0", 2420)))
    proposed("proposal-with-ed25519-half-alone", "mldsa-signature", signature=zeros)
    proposed("proposal-by-link-key", "signature-length", signature=NORTH.link.sign(message))
    as_head = NORTH.log.sign(head.text.encode(), cosigned(head.origin, 0, head.origin, head.size, head.root))
    proposed("proposal-signed-as-head", "ed25519-signature", signature=as_head)


def cosignature_cases() -> None:
    head = Head(NORTH, SOUTH, 7, H(b"a root"))
    classic, quantum = lines = head.receipt_lines()
    log = head.log_lines()
    names = {"name": SOUTH.receipt_name, "receipt_key": SOUTH.receipt.public}

    def cosigned_(name: str, reason: str, *cosignatures: str, about: str = "") -> None:
        expect = None if reason else {"size": 7, "root": head.root, "timestamp_s": RECEIPT_S}
        given = {"note": note(head.text, *log, *cosignatures), "origin": head.origin, "log_key": NORTH.log.public}
        case(f"cosignature:{name}", "receipt", "5.4", reason, **given, **names, expect=expect, about=about)

    cosigned_("receipt", "", *lines)
    cosigned_("ed25519-missing", "signature-missing", quantum)
    cosigned_("mldsa-missing", "signature-missing", classic)
    cosigned_("timestamps-differ", "timestamps-differ", *head.receipt_lines(second=RECEIPT_S + 1))
    cosigned_("timestamp-zero", "timestamp-range", *head.receipt_lines(timestamp=0))
    forged = Head(NORTH, SOUTH, 8, head.root).receipt_lines()
    cosigned_("ed25519-of-other-size", "ed25519-signature", forged[0], quantum)
    cosigned_("mldsa-of-other-size", "mldsa-signature", classic, forged[1])
    cosigned_("by-a-stranger", "signature-missing", *head.receipt_lines(key=WEST.receipt))
    about = (
        "The lines of the receipt key, under the name of the log: C2SP identifies a key by name and key ID together."
    )
    cosigned_("under-another-name", "signature-missing", *head.receipt_lines(name=head.origin), about=about)
    message = {"origin": head.origin, "size": 7, "root": head.root, "timestamp_s": RECEIPT_S, **names}
    signature = head.receipt_signature()
    case("cosignature:message", "receipt-message", "6.6", **message, signature=signature)
    later = message | {"timestamp_s": RECEIPT_S + 1}
    case("cosignature:message-later", "receipt-message", "6.6", "ed25519-signature", **later, signature=signature)
    checkpoint = {"origin": head.origin, "size": 7, "root": head.root, "timestamp_s": RECEIPT_S}
    signed = {"ed25519": f"cosignature/v1\ntime {RECEIPT_S}\n{head.text}".encode()}
    signed["mldsa"] = cosigned(SOUTH.receipt_name, RECEIPT_S, head.origin, 7, head.root)
    case("cosignature:signed-bytes", "cosigned-bytes", "5.4", name=SOUTH.receipt_name, **checkpoint, expect=signed)
