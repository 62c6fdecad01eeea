"""Sections 3.3 and 7.13: closing files, and the generations that two of them begin."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from protocol.vectors.making.identity import LINE, NORTH, SOUTH, WEST, H, L, Station, pack
from protocol.vectors.making.sink import Parts, case, pieces, share

BEGIN, END = b"-----BEGIN HOTLINE CLOSING-----\n", b"-----END HOTLINE CLOSING-----\n"
EMPTY = [0, H(), 0, 0]
KEYS_LOST = 3


def held(size: int, serial: int, signed: int | None = None) -> list[Any]:
    return [size, H(b"a log of", bytes([size])), size if signed is None else signed, serial]


def statement(author: Station, line: bytes = LINE, generation: int = 1, **changes: Any) -> list[Any]:
    """Unsigned, in the order of the table."""
    officer, _ = author.officer()
    proper = {
        "version": 1, "line": line, "generation": generation, "author": author.fp, "card": author.digest,
        "own": held(9, 4, 7), "mirror": held(5, 3), "reason": 0, "time_ms": 1_700_000_000_000,
        "text": "The log is forked.", "officer": officer,
    }  # fmt: skip
    return list((proper | changes).values())


def signed(author: Station, fields: list[Any], signature: bytes = b"") -> bytes:
    return pack([*fields, signature or author.officer()[1].sign(L("closing") + pack(fields))])


def armoured(packed: bytes, width: int = 64) -> bytes:
    """All but the last line, so that this part stands once in the files."""
    text = base64.b64encode(packed)
    return BEGIN + b"".join(text[at : at + width] + b"\n" for at in range(0, len(text), width))


def digest(packed: bytes) -> bytes:
    return H(L("closing-digest"), packed)


def line_after(before: bytes, generation: int, north: bytes, south: bytes) -> bytes:
    two = [digest(packed) for _, packed in sorted([(NORTH.fp, north), (SOUTH.fp, south)])]
    return H(L("generation"), generation.to_bytes(8, "big"), before, *two)


def groups(line: bytes) -> list[str]:
    number = hashlib.sha512(L("safety") + line).digest()
    return [f"{int.from_bytes(number[at : at + 5], 'big') % 100_000:05d}" for at in range(0, 60, 5)]


NORTH_1 = signed(NORTH, statement(NORTH))
SOUTH_1 = signed(SOUTH, statement(SOUTH, reason=4, text="", own=held(6, 5, 5), mirror=held(8, 2)))
LINE_2 = line_after(LINE, 2, NORTH_1, SOUTH_1)
NORTH_2 = signed(NORTH, statement(NORTH, LINE_2, 2, reason=1, own=[*EMPTY[:3], 4], mirror=held(1, 5)))
SOUTH_2 = signed(SOUTH, statement(SOUTH, LINE_2, 2, reason=1, own=held(1, 5), mirror=[*EMPTY[:3], 4]))
LINE_3 = line_after(LINE_2, 3, NORTH_2, SOUTH_2)
LOST = signed(NORTH, statement(NORTH, reason=KEYS_LOST, own=EMPTY, mirror=EMPTY))
SOUTH_LOST = signed(SOUTH, statement(SOUTH, reason=KEYS_LOST, own=EMPTY, mirror=EMPTY))
FILES = {
    name: share(f"closing.{name}", armoured(packed)) + END + author.card
    for name, author, packed in (
        ("north-1", NORTH, NORTH_1),
        ("south-1", SOUTH, SOUTH_1),
        ("north-2", NORTH, NORTH_2),
        ("south-2", SOUTH, SOUTH_2),
        ("north-lost", NORTH, LOST),
        ("south-lost", SOUTH, SOUTH_LOST),
    )
}


def file_case(name: str, file: bytes, reason: str = "", spec: str = "7.13", **more: Any) -> None:
    case(f"closing:{name}", "closing", spec, reason, file=pieces(file), **more)


def fault(name: str, why: str, spec: str = "7.13", /, **changes: Any) -> None:
    file_case(name, armoured(signed(NORTH, statement(NORTH, **changes))) + END + NORTH.card, why, spec)


def next_case(name: str, first: str, second: str, reason: str = "", **more: Any) -> None:
    case(
        f"closing:{name}",
        "next-generation",
        "7.13",
        reason,
        closings=[pieces(FILES[f]) for f in (first, second)],
        **more,
    )


def begun(generation: int, line: bytes, north: int, south: int) -> dict[str, Any]:
    serials = {NORTH.fp.hex(): north, SOUTH.fp.hex(): south}
    return {"generation": generation, "line": line, "agreement": groups(line), "serials": serials}


def closing_cases() -> None:
    for name, author, packed, generation, line in (
        ("north-1", NORTH, NORTH_1, 1, LINE), ("south-2", SOUTH, SOUTH_2, 2, LINE_2),
        ("north-lost", NORTH, LOST, 1, LINE),
    ):  # fmt: skip
        expect = {"author": author.fp, "generation": generation, "line": line, "digest": digest(packed)}
        file_case(name, FILES[name], expect=expect)
    armour_cases()
    statement_cases()
    generation_cases()


def armour_cases() -> None:
    body = armoured(NORTH_1)
    file_case("words-before-the-last-line", body[:-1] + b" " + END + NORTH.card, "closing-lines")
    file_case("base64-before-the-last-line", body + b"AAAA" + END + NORTH.card, "closing-lines")
    file_case("line-between-statement-and-card", body + END + b"\n" + NORTH.card, "card-lines", "3.2")
    file_case("text-before", b"From NORTH:\n" + body + END + NORTH.card, "closing-lines")
    file_case("text-after", body + END + NORTH.card + b"\n", "card-lines", "3.2")
    file_case("without-card", body + END, "card-lines", "3.2")
    file_case("without-last-line", body + NORTH.card, "closing-lines")
    file_case("lines-of-60", armoured(NORTH_1, 60) + END + NORTH.card, "closing-lines")
    whole = body + END + NORTH.card
    long = Parts((*pieces(whole).parts, (b"\n", 90_113 - len(whole))))
    case("closing:too-long", "closing", "12", "closing-size", file=long)


def statement_cases() -> None:
    file_case("card-of-the-other-side", armoured(NORTH_1) + END + SOUTH.card, "closing-card")
    fault("card-of-another-time", "closing-card", card=H(b"another card"))
    fault("version-2", "version", "2", version=2)
    fault("generation-0", "generation", "2", generation=0)
    fault("reason-5", "reason", "2", reason=5)
    fault("text-of-257-bytes", "text", "2", text="é" * 128 + "e")
    fault("empty-log-with-a-root", "closing-held", own=[0, H(b"r"), 0, 0])
    fault("more-signed-than-held", "closing-held", own=held(5, 3, 6))
    fault("keys-lost-and-something-held", "closing-held", reason=KEYS_LOST, own=EMPTY)
    fault("officer-unknown", "officer", officer=H(b"nobody"))
    fields = statement(NORTH)
    by_station = NORTH.log.sign(L("closing") + pack(fields))
    file_case(
        "signed-by-the-log-key", armoured(signed(NORTH, fields, by_station)) + END + NORTH.card, "ed25519-signature"
    )
    second = NORTH.officer()[1].sign(L("closing") + pack(fields), L("close") + pack(fields))
    file_case(
        "second-half-of-other-words", armoured(signed(NORTH, fields, second)) + END + NORTH.card, "mldsa-signature"
    )
    short = pack([*fields[:-1], NORTH.officer()[1].sign(L("closing") + pack(fields[:-1]))])
    file_case("without-officer", armoured(short) + END + NORTH.card, "array-length", "2")


def generation_cases() -> None:
    next_case("generation-2", "north-1", "south-1", expect=begun(2, LINE_2, 4, 5))
    next_case("generation-2-swapped", "south-1", "north-1", expect=begun(2, LINE_2, 4, 5))
    about = "Neither log has a notice: the serials of before go on."
    next_case("generation-3", "north-2", "south-2", expect=begun(3, LINE_3, 4, 5), about=about)
    after_loss = line_after(LINE, 2, LOST, SOUTH_1)
    next_case("generation-2-keys-lost", "north-lost", "south-1", expect=begun(2, after_loss, 2, 5))
    next_case("one-side-twice", "north-1", "north-lost", "same-author")
    next_case("of-two-generations", "north-1", "south-2", "other-generation")
    next_case("both-keys-lost", "north-lost", "south-lost", "both-keys-lost")
    most = signed(SOUTH, statement(SOUTH, mirror=held(5, 2**52 + 1)))
    FILES["south-most"] = armoured(most) + END + SOUTH.card
    next_case("serial-above-2-to-the-52", "north-1", "south-most", "first-serial")
    elsewhere = signed(WEST, [*statement_of_west()], NORTH.officer()[1].sign(L("closing") + pack(statement_of_west())))
    file_case("author-without-officers", armoured(elsewhere) + END + WEST.card, "officer")


def statement_of_west() -> list[Any]:
    """WEST has no officer: one of NORTH signs for it."""
    return [*statement(NORTH)[:3], WEST.fp, WEST.digest, *statement(NORTH)[5:]]
