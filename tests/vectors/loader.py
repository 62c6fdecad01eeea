"""Reads protocol/vectors/. One API for every implementation that is held to them: `cases(family)` and `FAMILIES`.

    for case in cases("card"):
        case.kind, case.input["card"], case.ok, case.reason, case.expect

Bytes stand in the files as {"$hex": …}, {"$base64": …}, {"$text": …}, {"$ref": a name in keys.json} or {"$join": a list
of these, each with "$times" if it is repeated}; here they are `bytes`. Everything else is as JSON has it.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

VECTORS = Path(__file__).resolve().parents[2] / "protocol" / "vectors"
FAMILIES = tuple(sorted(path.stem for path in VECTORS.glob("*.json") if path.stem != "keys"))
BYTES = ("$hex", "$base64", "$text", "$ref", "$join")


@dataclass(frozen=True)
class Case:
    """One vector. *reason* is empty where *ok*; README.md says of each kind what *input* and *expect* hold."""

    family: str
    name: str
    kind: str
    ok: bool
    reason: str
    spec: str
    about: str
    input: dict[str, Any]
    expect: dict[str, Any]

    def __str__(self) -> str:
        return self.name


@cache
def keys() -> dict[str, bytes]:
    """The values that more than one case uses."""
    return {name: value(raw) for name, raw in read("keys")["values"].items()}


@cache
def cases(family: str) -> list[Case]:
    return [make_case(family, row) for row in read(family)["cases"]]


def all_cases() -> list[Case]:
    return [case for family in FAMILIES for case in cases(family)]


def read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((VECTORS / f"{name}.json").read_text(encoding="ascii"))
    return content


def make_case(family: str, row: dict[str, Any]) -> Case:
    plain = {key: row.get(key, "") for key in ("name", "kind", "ok", "reason", "spec", "about")}
    return Case(family=family, input=value(row["input"]), expect=value(row.get("expect", {})), **plain)


def value(raw: Any) -> Any:
    if isinstance(raw, list):
        return [value(item) for item in raw]
    if not isinstance(raw, dict):
        return raw
    for form in BYTES:
        if form in raw and set(raw) <= {form, "$times"}:
            return octets(form, raw[form]) * int(raw.get("$times", 1))
    return {key: value(item) for key, item in raw.items()}


def octets(form: str, raw: Any) -> bytes:
    if form == "$ref":
        return keys()[raw]
    if form == "$join":
        return b"".join(value(part) for part in raw)
    if form == "$text":
        return str(raw).encode("ascii")
    return bytes.fromhex(raw) if form == "$hex" else base64.b64decode(raw, validate=True)
