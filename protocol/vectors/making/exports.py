"""Section 9: exported logs of a line."""

from __future__ import annotations

from typing import Any

from protocol.vectors.making.entries import Log, salt_and_body
from protocol.vectors.making.identity import NORTH, SOUTH, WEST, H
from protocol.vectors.making.notes import Head, note
from protocol.vectors.making.sink import case, pieces, share


def record_of(entry: bytes, salt: bytes, body: bytes) -> bytes:
    return b"".join(len(part).to_bytes(4, "big") + part for part in (entry, salt, body))


def export_of(north: Log, south: Log) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for log, other in ((north, south), (south, north)):
        stem, name = log.owner.fp[:16].hex(), log.owner.name.lower()
        records = b"".join(record_of(entry, *body) for entry, body in zip(log.entries, log.bodies, strict=True))
        checkpoint = Head(log.owner, other.owner, len(log.entries), log.root()).note()
        files[f"{stem}.card"] = log.owner.card
        files[f"{stem}.entries"] = share(f"{name}.entries", records)
        files[f"{stem}.checkpoint"] = share(f"{name}.checkpoint", checkpoint)
    return files


def export_cases(north: Log, south: Log) -> None:
    files = export_of(north, south)
    n, s = NORTH.fp[:16].hex(), SOUTH.fp[:16].hex()
    logs = {NORTH.fp.hex(): [4, 2, {"2": "type"}], SOUTH.fp.hex(): [4, 0, {}]}

    def expected(**changed: list[Any]) -> dict[str, Any]:
        rows = {fp: dict(zip(("size", "bodies", "invalid"), row, strict=True)) for fp, row in (logs | changed).items()}
        return {"logs": rows}

    def exported(name: str, reason: str, changed: dict[str, bytes | None], spec: str = "9", expect: Any = None) -> None:
        shown = {file: octets_ for file, octets_ in (files | changed).items() if octets_ is not None}
        case(f"export:{name}", "export", spec, reason, files=shown, expect=None if reason else expect or expected())

    exported("of-a-line", "", {})
    erased = b"".join(record_of(entry, b"", b"") for entry in north.entries)
    exported("bodies-erased", "", {f"{n}.entries": erased}, expect=expected(**{NORTH.fp.hex(): [4, 0, {"2": "type"}]}))
    exported("of-south-shown-as-north", "origin", {f"{n}.checkpoint": files[f"{s}.checkpoint"]})
    exported("card-missing", "two-cards", {f"{s}.card": None})
    exported("checkpoint-missing", "file-missing", {f"{s}.checkpoint": None})
    exported("card-under-other-name", "card-name", {f"{s}.card": None, f"{'0' * 32}.card": SOUTH.card})
    entries = files[f"{n}.entries"]
    exported("last-byte-missing", "entries-truncated", {f"{n}.entries": entries[:-1]})
    exported("length-over-bound", "record-size", {f"{n}.entries": b"\x00\x01\x00\x00" + entries[4:]})
    last = record_of(north.entries[3], *north.bodies[3])
    exported("entry-missing", "entries-missing", {f"{n}.entries": entries[: -len(last)]})
    flipped = entries.replace(north.entries[0], north.entries[0][:-1] + b"\x01")
    exported("entry-bit-flipped", "root", {f"{n}.entries": flipped})
    body = north.bodies[1][1]
    exported("body-changed", "commitment", {f"{n}.entries": entries.replace(body, body.replace(b"not", b"now"))}, "4.1")
    checkpoint = Head(NORTH, SOUTH, 4, north.root())
    exported(
        "not-receipted", "signature-missing", {f"{n}.checkpoint": note(checkpoint.text, *checkpoint.log_lines())}, "5.4"
    )
    export_forged(north, south)


def export_forged(north: Log, south: Log) -> None:
    """A release is forged, in an entry that is signed, receipted and stored: the export verifies, and names it."""
    forged = Log(NORTH, SOUTH, 1, north.entries[:2], north.bodies[:2])
    stranger = (NORTH.officer()[0], WEST.log)
    forged.entries.append(forged.notice(2, (0, H(b"")), by=[(0, 1)], officer=stranger))
    forged.bodies.append(salt_and_body(2))
    bare = Log(SOUTH, NORTH, 1, south.entries[:1], south.bodies[:1])
    rows = {NORTH.fp.hex(): {"size": 3, "bodies": 2, "invalid": {"2": "release"}}}
    rows[SOUTH.fp.hex()] = {"size": 1, "bodies": 0, "invalid": {}}
    shown = exported_line(forged, bare)
    about = "An INVALID entry belongs to the log: the export verifies, and names it."
    case("export:release-forged", "export", "9", files=shown, expect={"logs": rows}, about=about)


def exported_line(north: Log, south: Log) -> dict[str, Any]:
    """The files of two logs of any length."""
    shown: dict[str, Any] = {}
    for log, other in ((north, south), (south, north)):
        stem = log.owner.fp[:16].hex()
        records = (record_of(entry, *body) for entry, body in zip(log.entries, log.bodies, strict=True))
        shown |= {f"{stem}.card": log.owner.card, f"{stem}.entries": pieces(b"".join(records))}
        shown[f"{stem}.checkpoint"] = Head(log.owner, other.owner, len(log.entries), log.root()).note()
    return shown
