"""Templates: a commented TOML file for a kind, made from its schema."""

import json
from collections.abc import Mapping
from typing import cast

from hotline.notices.amendment import NEVER_CHANGED
from hotline.notices.kind import Kind
from hotline.notices.registry import kind_of
from hotline.notices.schema import Field, fields_of, holds_notice, may_be_left_out

_ADVICE = "Fill in the fields without # before them; the rest may stay as they are."


def template(kind: str) -> str:
    """Return a TOML file with every field of `kind`: required ones blank, the others commented out.

    Blank, not filled with the example: a template sent unedited is refused and never taken for a notice. That of a
    line test alone has nothing to fill in.
    """
    known = kind_of(kind)
    fields = [f for f in fields_of(known.schema) if f.name != "version"]
    # In TOML what stands after a table's heading belongs to that table.
    tables = [f for f in fields if holds_notice(f.value)]
    lines = [
        f"# {known.title}. {known.advice or _ADVICE}",
        "# Times are date-time groups (271230Z NOV 24) or ISO 8601 with a zone; positions 34-30.00N 033-12.00E.",
        f'kind = "{known.name}"',
        *(line for field in fields if field not in tables for line in field_lines(field, known)),
        *(line for table in tables for line in _table_lines(table)),
        *envelope_lines(known),
    ]
    return "\n".join(lines) + "\n"


def field_lines(field: Field, kind: Kind) -> list[str]:
    """Return the lines of one field: its words and an example; blank to be filled in, or commented out."""
    optional = not field.asked or filled_in(field)
    words = f"{field.description} ({field.value.hint}{'; can be withheld' if field.withholdable else ''})"
    example = field.example
    if field.name == "withheld":
        names = [f.shown for f in fields_of(kind.schema) if f.withholdable]
        if not names:
            return []
        example = [{"field": names[-1], "reason": "Not released."}]
    line = f"# {field.shown} = {_toml(example)}"
    return ["", f"# {words}", line] if optional else ["", f"# {words}, such as", line, f'{field.shown} = ""']


def _table_lines(table: Field) -> list[str]:
    """Return the fields of a notice within the notice, of the kind that its example names."""
    inner = kind_of(cast(Mapping[str, object], table.example)["kind"])
    fields = (f for f in fields_of(inner.schema) if f.name not in NEVER_CHANGED)
    return [
        "",
        f"# {table.description}.",
        f"# These are the fields of kind {inner.name}; for another, write those of `hotline new KIND`.",
        f"[{table.shown}]",
        f'kind = "{inner.name}"',
        *(line for field in fields for line in field_lines(field, inner)),
    ]


def filled_in(field: Field) -> bool:
    """Return whether the field is required on the wire but need not be written: its description says what is taken."""
    return field.required and may_be_left_out(field)


def envelope_lines(kind: Kind) -> list[str]:
    """Return the table that says how the notice goes, all of it commented out."""
    return [
        "",
        "# How it goes. All of it may stay as it is.",
        "[envelope]",
        f'# precedence = "{kind.precedence.name}"  # ROUTINE, PRIORITY, IMMEDIATE or FLASH',
        f'# mode = "{kind.mode.name}"  # {" or ".join(m.name for m in sorted(kind.modes))}',
        '# expires = "311200Z DEC 24"',
        '# to = "SOUTH"  # left out: the only line',
    ]


def _toml(value: object) -> str:
    """Return `value` on one line of TOML."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{k} = {_toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    # JSON's texts, numbers and flags are TOML's, as long as characters stay themselves.
    return json.dumps(value, ensure_ascii=False)
