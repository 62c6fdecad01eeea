"""The friendly form: a notice as TOML or JSON has it, with times and positions as text."""

from collections.abc import Mapping
from typing import cast

from hotline.errors import NoticeError
from hotline.notices import bounds
from hotline.notices.body import encode_body
from hotline.notices.dtg import format_iso
from hotline.notices.kind import Kind
from hotline.notices.notice import Notice
from hotline.notices.registry import kind_of
from hotline.notices.schema import RecordValue
from hotline.notices.values import refuse
from hotline.text import safe

_LANGUAGE = "en"
_PUBLICITY = "confidential"  # traffic on such lines is confidential unless agreed otherwise


def from_mapping(kind: str, data: Mapping[str, object], *, now_s: int | None = None) -> Notice:
    """Return the notice of `kind` that `data` states; it fits its schema and packs into a body.

    `now_s` (seconds since 1970 UTC) dates a notice that gives no `dtg`, to the minute; without it `dtg` is required.
    Raises NoticeError with the path of the field and a remedy.
    """
    if not isinstance(data, Mapping):
        refuse("notice", "a table", data)
    known = kind_of(kind)
    notice = cast(Notice, RecordValue(known.schema).read(complete(known, data, now_s=now_s), ""))
    notice.check()
    encode_body(notice)
    return notice


def complete(known: Kind, data: Mapping[str, object], *, now_s: int | None) -> dict[str, object]:
    """Return `data` with what a drafter need not write filled in: `now_s` as in `from_mapping`."""
    kind = known.name
    if data.get("kind") not in (None, kind):
        what = f"kind: the notice says {safe(str(data['kind']), limit=60)!r} where {kind} is asked for."
        raise NoticeError(what, "Correct one of the two.", field="kind")
    given: dict[str, object] = {"version": known.version, "language": _LANGUAGE, "publicity": _PUBLICITY}
    if now_s is not None:
        given["dtg"] = _date(now_s)
    given |= {k: v for k, v in data.items() if v is not None}
    return known.complete(given)


def _date(now_s: int) -> str:
    if not bounds.TIME_LEAST_S <= now_s <= bounds.TIME_MOST_S:
        what = "dtg: the clock of this machine shows a year outside 2000 to 2099."
        raise NoticeError(what, "Set the clock, or give dtg.", field="dtg")
    return format_iso(now_s - now_s % 60)


def to_mapping(notice: Notice) -> dict[str, object]:
    """Return the notice as JSON can hold it, such that `from_mapping(notice.kind, to_mapping(notice)) == notice`."""
    return RecordValue(type(notice)).show(notice)
