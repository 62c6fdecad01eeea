"""The items of a notice's printed form: each field of the kind under its number and title.

Every text from outside passes `hotline.text.safe`, and every line of it is indented or follows a label, so that
no text can imitate a numbered item.
"""

import re
from collections.abc import Mapping, Sequence

from msgspec import Struct

from hotline.notices.columns import columns, wrap
from hotline.notices.schema import Field
from hotline.text import safe

CHARS_MOST = 1_000_000  # no cut: a body's bound is far below, also with every character escaped
_INDENT = 4
_MARK = re.compile(r" {0,8}(?:\(\d{1,3}\) )?")  # what a continued line hangs under


def item_lines(notice: Struct, own: Sequence[Field], instead: Mapping[str, str], width: int) -> list[str]:
    """Return the fields `own` of `notice` within `width` columns; `instead` has the words for a field without a value.

    The numbers stay when fields are left out: officers speak of "item 20".
    """
    lines: list[str] = []
    not_stated: list[str] = []
    for number, field in enumerate(own, 1):
        held = getattr(notice, field.name)
        if held in (None, ()) and field.name not in instead:
            not_stated.append(f"{number} ({field.title})")
            continue
        values = [instead[field.name]] if field.name in instead else field.value.lines(held)
        lines += titled(f"{number:2d}. {field.title.upper()}:", values, width)
    if not_stated:
        lines += wrap(f"Not stated: {'items' if len(not_stated) > 1 else 'item'} {', '.join(not_stated)}.", width)
    return lines


def titled(head: str, values: Sequence[str], width: int) -> list[str]:
    """Return the lines `values` (not yet safe) behind `head` where they fit on its line, else indented below it."""
    first = safe(values[0], limit=CHARS_MOST)
    if len(values) == 1 and len(head) + 1 + columns(first) <= width:
        return [f"{head} {first}"]
    return [head, *(line for value in values for line in indented(value, _INDENT, width))]


def indented(value: str, indent: int, width: int) -> list[str]:
    """Return `value` (one line, not yet safe) as safe lines of at most `width` columns, `indent` of them blank."""
    shown = safe(value, limit=CHARS_MOST)
    mark = _MARK.match(shown)
    hang = len(mark[0]) if mark else 0
    first, *rest = wrap(shown, width - indent - hang)
    # The first line may be as wide as the others and the hanging together; losing those few columns keeps it simple.
    return [(" " * indent + first).rstrip(), *((" " * (indent + hang) + line).rstrip() for line in rest)]
