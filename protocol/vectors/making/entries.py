"""Section 4: entries, bodies, releases and answers, and the two logs that most cases use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgpack

from protocol.vectors.making.identity import LINE, NORTH, SOUTH, WEST, H, L, Station, line_of, origin_of, pack
from protocol.vectors.making.sink import case, share
from protocol.vectors.making.tree import leaf, mth

SPEAKS = "NORTH will fire missiles at sea, area as given; do not misread it."
TIME_MS = 1_732_700_000_000


def envelope(content: bytes, body_size: int = 0, commitment: bytes = bytes(32), first: bytes = b"\x01") -> bytes:
    return first + body_size.to_bytes(4, "big") + commitment + content


def uuid7(number: int) -> bytes:
    random = bytearray(TIME_MS.to_bytes(6, "big") + H(number.to_bytes(8, "big"))[:10])
    random[6], random[8] = 0x70 | random[6] & 0x0F, 0x80 | random[8] & 0x3F
    return bytes(random)


@dataclass
class Log:
    """One side's log, written entry by entry. What may be wrong in an entry is an argument."""

    owner: Station
    peer: Station
    generation: int = 1
    entries: list[bytes] = field(default_factory=list)
    bodies: list[tuple[bytes, bytes]] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return origin_of(self.owner, self.generation)

    def root(self, size: int | None = None) -> bytes:
        return mth(self.entries[:size])

    def add(self, entry: bytes, salt: bytes = b"", body: bytes = b"") -> bytes:
        name = f"{self.owner.name.lower()}.entry{len(self.entries)}"
        self.entries.append(share(name, entry))
        self.bodies.append((salt, body))
        return entry

    def common(self, kind: int, seen: tuple[int, bytes] | None, version: int = 1) -> list[Any]:
        return [kind, version, TIME_MS + len(self.entries), *(seen or (0, H(b""))), 0]

    def genesis(self, seen: tuple[int, bytes] | None = None, peer: bytes = b"", generation: int = 0) -> bytes:
        parties = [self.owner.fp, peer or self.peer.fp, generation or self.generation]
        common = self.common(1, seen)
        return envelope(pack([*common, H(b"random")[:16], *parties, self.owner.digest, bytes(32)]))

    def notice(self, serial: int, seen: tuple[int, bytes], by: Sequence[tuple[int, int]] = (), **odd: Any) -> bytes:
        salt, body = salt_and_body(serial)
        commitment, size = H(L("body"), salt, body), len(body)
        recipient, notice_id = odd.get("recipient", self.peer.fp), odd.get("notice_id", uuid7(serial))
        precedence, mode, expires = 2, odd.get("mode", 0), 0
        releases = []
        for officer, role in by:
            identity, key = odd.get("officer") or self.owner.officer(officer)
            line, stated_mode = odd.get("line", LINE), odd.get("released_mode", mode)
            stated = [role, identity, line, recipient, notice_id, 2, precedence, stated_mode, commitment, size, expires]
            releases.append([identity, role, key.sign(L("release") + pack(stated))])
        common = self.common(2, seen, odd.get("version", 1))
        content = pack([*common, recipient, notice_id, serial, precedence, mode, expires, releases])
        return envelope(content) if odd.get("bodiless") else envelope(content, size, commitment)

    def answer(
        self, kind: int, verdict: int, target: tuple[str, int, bytes], seen: tuple[int, bytes], **odd: Any
    ) -> bytes:
        text = odd.get("text", "")
        identity, key = odd.get("officer") or self.owner.officer()
        origin, index, hash_ = target
        said = [kind, LINE, origin, index, hash_, odd.get("signed_verdict", verdict), text, identity]
        signed = [identity, key.sign(L("answer") + pack(said))] if odd.get("by", True) else [b"", b""]
        random = H(f"{kind} {index} {len(self.entries)}".encode())[:16]
        content = pack([*self.common(kind, seen), random, index, hash_, verdict, text, *signed])
        return envelope(content, 5, H(L("body"), bytes(32), b"extra")) if odd.get("bodied") else envelope(content)


def salt_and_body(serial: int) -> tuple[bytes, bytes]:
    return H(f"salt {serial}".encode()), f"{SPEAKS} ({serial})".encode()


def scenario() -> tuple[Log, Log]:
    """North gives notice; South opens and acknowledges it, and refuses what it cannot read; North goes on."""
    north, south = Log(NORTH, SOUTH), Log(SOUTH, NORTH)
    nothing = (0, H(b""))
    north.add(north.genesis())
    north.add(north.notice(1, nothing, by=[(0, 1), (1, 2)]), *salt_and_body(1))
    south.add(south.genesis((2, north.root())))
    target = (north.origin, 1, leaf(north.entries[1]))
    south.add(south.answer(3, 0, target, (2, north.root())))
    south.add(south.answer(4, 1, target, (2, north.root()), text="Read back: as given."))
    north.add(envelope(pack([9, 1, TIME_MS, 0, H(b""), 0, "of a later version"])))
    refused = (north.origin, 2, leaf(north.entries[2]))
    south.add(south.answer(5, 1, refused, (3, north.root()), by=False))
    north.add(north.notice(2, (4, south.root())), *salt_and_body(2))
    return north, south


def entry_cases(north: Log) -> None:
    notice = north.entries[1]
    fields: dict[str, Any] = {"body_size": len(salt_and_body(1)[1]), "commitment": notice[5:37], "type": 2, "serial": 1}
    case("entry:notice", "entry", "4.4", entry=notice, expect=fields)
    case("entry:genesis", "entry", "4.3", entry=north.entries[0], expect={"body_size": 0, "type": 1, "generation": 1})

    def bad(name: str, spec: str, reason: str, entry: bytes) -> None:
        case(f"entry:{name}", "entry", spec, reason, entry=entry)

    content = notice[37:]
    bad("empty", "4.1", "envelope", b"")
    bad("36-bytes", "4.1", "envelope", notice[:36])
    bad("first-byte-2", "4.1", "envelope", b"\x02" + notice[1:])
    bad("body-over-bound", "4.1", "envelope", envelope(content, 65_537, notice[5:37]))
    bad("no-body-with-commitment", "4.1", "envelope", envelope(content, 0, notice[5:37]))
    bad("no-content", "4.2", "content", notice[:37])
    bad("content-trailing-byte", "4.2", "content", notice + b"\0")
    bad("content-not-shortest", "4.2", "content", envelope(b"\x9c\xcc\x01" + north.entries[0][39:]))
    bad("content-map", "4.2", "content", envelope(pack({"type": 2})))
    genesis = msgpack.unpackb(north.entries[0][37:], raw=False)
    bad("field-missing", "4.3", "content", envelope(pack(genesis[:-1])))
    bad("field-added", "4.3", "content", envelope(pack([*genesis, 0])))
    bad("seen-root-31-bytes", "4.2", "content", envelope(pack([*genesis[:4], bytes(31), *genesis[5:]])))
    stated = msgpack.unpackb(content, raw=False)
    size, commitment = len(salt_and_body(1)[1]), notice[5:37]
    bad("precedence-4", "4.4", "content", envelope(pack([*stated[:9], 4, *stated[10:11], 0, []]), size, commitment))
    bad("serial-zero", "4.4", "content", envelope(pack([*stated[:8], 0, *stated[9:12], []]), size, commitment))
    five = [[bytes([at]) * 32, 1, bytes(2484)] for at in range(5)]
    bad("five-releases", "4.4", "content", envelope(pack([*stated[:12], five]), size, commitment))
    reserved = envelope(pack([8, 1, TIME_MS, 0, H(b""), 0]))
    bad("type-reserved", "4.2", "type", reserved)
    bad("type-unknown", "4.2", "type", north.entries[2])
    bad("version-2", "4.2", "version", envelope(pack([1, 2, *genesis[2:]])))
    answer = [*stated[:6], bytes(16), 1, bytes(32)]
    bad("opened-unsigned", "4.5", "content", envelope(pack([3, *answer[1:], 0, "", b"", b""])))
    bad("refusal-by-officer-unsigned", "4.5", "content", envelope(pack([5, *answer[1:], 4, "", b"", b""])))
    bad("officer-without-signature", "4.5", "content", envelope(pack([5, *answer[1:], 1, "", bytes(32), b""])))
    bad("acknowledgement-verdict-0", "4.5", "content", envelope(pack([4, *answer[1:], 0, "", bytes(32), bytes(2484)])))
    bad("text-257-bytes", "4.5", "content", envelope(pack([5, *answer[1:], 1, "x" * 257, b"", b""])))


def commitment_cases(north: Log) -> None:
    salt, body = salt_and_body(1)
    entry, bodiless = north.entries[1], north.entries[0]
    case("commitment:of-a-body", "commitment", "4.1", salt=salt, body=body, expect={"value": entry[5:37]})

    def fits(name: str, reason: str = "", **changed: bytes) -> None:
        case(f"commitment:{name}", "body", "4.1", reason, **({"entry": entry, "salt": salt, "body": body} | changed))

    fits("body-fits")
    fits("no-body", entry=bodiless, salt=b"", body=b"")
    fits("body-changed", "commitment", body=body.replace(b"not", b"now"))
    fits("salt-changed", "commitment", salt=bytes(32))
    fits("salt-31-bytes", "salt-length", salt=salt[:31])
    fits("salt-missing", "salt-length", salt=b"")
    fits("body-longer", "body-size", body=body + b" ")
    fits("body-where-none-belongs", "body-unexpected", entry=bodiless)
    other = envelope(entry[37:], len(body), H(salt, body))
    fits("commitment-without-label", "commitment", entry=other)
    longer = envelope(entry[37:], len(body) + 1, entry[5:37])
    fits("size-stated-differs", "body-size", entry=longer)
    malformed = envelope(entry[37:], len(body), entry[5:37], first=b"\x02")
    fits("body-beside-a-bad-envelope", "body-unexpected", entry=malformed)


def signature_cases(north: Log, south: Log) -> None:
    identity, key = NORTH.officer()
    _, _, _, _, _, _, recipient, notice_id, serial, precedence, mode, expires, _ = unpacked(north.entries[1])
    release = {"role": 1, "officer_key": key.public, "line": LINE, "recipient": recipient, "notice_id": notice_id}
    release |= {"precedence": precedence, "mode": mode, "commitment": north.entries[1][5:37]}
    release |= {"body_size": len(salt_and_body(serial)[1]), "expires_s": expires}
    sizes = [release[name] for name in ("precedence", "mode", "commitment", "body_size", "expires_s")]
    good = key.sign(L("release") + pack([1, identity, LINE, recipient, notice_id, 2, *sizes]))

    def released(name: str, reason: str = "", **changed: Any) -> None:
        case(f"release-answer:{name}", "release", "4.4", reason, **({"signature": good} | release | changed))

    released("release")
    released("release-as-drafter", "ed25519-signature", role=2)
    released("release-by-another", "ed25519-signature", officer_key=NORTH.officer(1)[1].public)
    released("release-on-another-line", "ed25519-signature", line=line_of(NORTH, WEST))
    released("release-drill-as-operation", "ed25519-signature", mode=1)
    released("release-other-precedence", "ed25519-signature", precedence=3)
    released("release-other-body", "ed25519-signature", commitment=bytes(32))
    released("release-other-expiry", "ed25519-signature", expires_s=1)
    message = L("release") + pack([1, identity, LINE, recipient, notice_id, 2, *sizes])
    released("release-half", "mldsa-signature", signature=key.sign(message, other=b"something else"))
    answer_cases(north, south)


def unpacked(entry: bytes) -> list[Any]:
    fields: list[Any] = msgpack.unpackb(entry[37:], raw=False)
    return fields


def answer_cases(north: Log, south: Log) -> None:
    fields = unpacked(south.entries[2])
    answer = {"type": 4, "officer_key": SOUTH.officer()[1].public, "line": LINE, "target_origin": north.origin}
    answer |= {"target_index": fields[7], "target_leaf_hash": fields[8], "verdict": fields[9], "text": fields[10]}

    def answered(name: str, reason: str = "", **changed: Any) -> None:
        case(f"release-answer:{name}", "answer", "4.5", reason, **({"signature": fields[12]} | answer | changed))

    answered("acknowledgement")
    answered("opened-as-acknowledgement", "ed25519-signature", type=3, verdict=0)
    answered("answer-to-another-entry", "ed25519-signature", target_index=2)
    answered("answer-to-another-leaf", "ed25519-signature", target_leaf_hash=bytes(32))
    answered("answer-to-another-generation", "ed25519-signature", target_origin=origin_of(NORTH, 2))
    answered("answer-text-changed", "ed25519-signature", text="")
