"""One notice of each kind with every field that may go together given, and the way to each of its values."""

import copy
import re
from collections.abc import Iterator
from typing import Any

from hotline.notices import KINDS, Notice, from_mapping, placeholders
from hotline.notices.schema import Field, ListValue, RecordValue, UnionValue, fields_of, holds_notice, join
from hotline.notices.values import Value
from tests.notices.samples import NOW_S, exercise

# Where the examples of two fields do not go together, or an example is a part only.
_TOGETHER: dict[str, dict[str, Any]] = {
    "calendar": {"nil": None},
    "incident": {"unknown": None},
    "start": {"as_notified": False},
    "completion": {"as_notified": False, "residual_hazards": True},
    "amendment": {"replacement": {"kind": "exercise"} | exercise()},
}


def full_mapping(kind: str) -> dict[str, Any]:
    """Return a notice of the kind in its friendly form: the schema's own examples, nothing left out or withheld."""
    fields = [f for f in fields_of(KINDS[kind].schema) if f.name not in ("version", "withheld")]
    given = {f.shown: f.example for f in fields} | _TOGETHER.get(kind, {})
    return placeholders(kind, {k: v for k, v in given.items() if v is not None})


def full(kind: str) -> Notice:
    """Return the notice of `full_mapping`."""
    return from_mapping(kind, full_mapping(kind), now_s=NOW_S)


def places(value: Value, held: Any, path: str = "", *, wire: bool = False) -> Iterator[tuple[str, Value, Any]]:
    """Yield path, type and what is held of every value inside `held`, friendly or as on the wire.

    Also of the fields of its tables that are left out (held: None); not those inside a notice within the notice.
    """
    if path:
        yield path, value, held
    if held is None or (holds_notice(value) and path):
        return
    if isinstance(value, ListValue):
        yield from places(value.item, held[0], f"{path}[0]", wire=wire)
    if isinstance(value, UnionValue):
        (value,) = (
            arm for arm in value.arms if {_name(f, wire) for f in fields_of(arm.struct) if f.required} <= set(held)
        )
    if isinstance(value, RecordValue):
        for field in fields_of(value.struct):
            if field.name != "version":
                name = _name(field, wire)
                yield from places(field.value, held.get(name), join(path, name), wire=wire)


def changed_at(whole: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """Return a copy of `whole` with another value at the path, such as `areas[0].name`."""
    changed = copy.deepcopy(whole)
    *way, last = [int(step) if step.isdigit() else step for step in re.findall(r"\w+", path)]
    inner: Any = changed
    for step in way:
        inner = inner[step]
    inner[last] = value
    return changed


def _name(field: Field, wire: bool) -> str:
    return field.name if wire else field.shown
