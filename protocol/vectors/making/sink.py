"""Where cases go: the files of protocol/vectors/, and the one way to add a case."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[1]


FAMILIES: dict[str, list[dict[str, Any]]] = {}
SHARED: dict[bytes, str] = {}


def share(name: str, value: bytes) -> bytes:
    """Values of more than one case stand once, in keys.json."""
    SHARED.setdefault(value, name)
    return value


@dataclass(frozen=True)
class Parts:
    """Bytes that a file need not hold in full: parts, each so many times."""

    parts: tuple[tuple[bytes, int], ...]


def pieces(value: bytes) -> Parts:
    """The same bytes, with shared values of some size in them told by name."""
    found = sorted((value.index(one), one) for one in SHARED if len(one) > 64 and one != value and one in value)
    parts, at = list[tuple[bytes, int]](), 0
    for place, one in found:
        if place >= at:
            parts += [(value[at:place], 1), (one, 1)]
            at = place + len(one)
    return Parts((*(part for part in parts if part[0]), (value[at:], 1)))


def octets(value: bytes) -> dict[str, Any]:
    if value in SHARED:
        return {"$ref": SHARED[value]}
    return literal(value)


def literal(value: bytes) -> dict[str, Any]:
    if len(value) > 8 and value.isascii() and value.decode("ascii").replace("\n", " ").isprintable():
        return {"$text": value.decode("ascii")}
    return {"$hex": value.hex()} if len(value) <= 64 else {"$base64": base64.b64encode(value).decode()}


def written(value: Any) -> Any:
    if isinstance(value, bytes):
        return octets(value)
    if isinstance(value, Parts):
        return {"$join": [octets(part) | ({"$times": times} if times > 1 else {}) for part, times in value.parts]}
    if isinstance(value, list | tuple):
        return [written(item) for item in value]
    if isinstance(value, dict):
        return {key: written(item) for key, item in value.items()}
    return value


def case(
    name: str, kind: str, spec: str, reason: str = "", /, expect: Any = None, about: Any = "", **inputs: Any
) -> None:
    """The family is the part of the name before the colon. Without a reason the case is to be accepted."""
    family, _, short = name.partition(":")
    row: dict[str, Any] = {"name": f"{family}-{short}", "kind": kind, "ok": not reason, "reason": reason, "spec": spec}
    row |= {"about": about} if about else {}
    row |= {"input": written(inputs)} | ({"expect": written(expect)} if expect is not None else {})
    FAMILIES.setdefault(family, []).append(row)


def save() -> None:
    FOLDER.mkdir(exist_ok=True)
    text = json.dumps(FAMILIES)
    used = {value: name for value, name in SHARED.items() if name.endswith(".seed") or f'"$ref": "{name}"' in text}
    keys = {name: literal(value) for value, name in used.items()}
    warning = "Test values, known to everybody. Whatever is named .seed or .private is a private key of no station."
    write("keys", {"about": warning, "values": keys})
    for family, rows in FAMILIES.items():
        write(family, {"family": family, "cases": rows})


def write(name: str, value: dict[str, Any]) -> None:
    (FOLDER / f"{name}.json").write_text(json.dumps(value, indent=1, ensure_ascii=True) + "\n", encoding="ascii")
