"""Drafts: a notice with what its envelope shall be, read from a TOML or JSON file."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import NoReturn

from hotline import limits
from hotline.errors import NotFoundError, NoticeError
from hotline.notices.dtg import parse_time
from hotline.notices.envelope import Mode, Precedence, parse_mode, parse_precedence
from hotline.notices.mapping import from_mapping
from hotline.notices.notice import Notice, check_order
from hotline.notices.registry import kind_of
from hotline.notices.values import refuse
from hotline.text import safe

_ENVELOPE = ("precedence", "mode", "expires", "to")


@dataclass(frozen=True)
class Draft:
    """A notice ready to be queued; `to` is a peer's display name, None where the file leaves it open."""

    notice: Notice
    precedence: Precedence
    mode: Mode
    expires_s: int | None = None
    to: str | None = None


def from_file(path: Path, kind: str | None = None, *, now_s: int | None = None) -> Draft:
    """Return the draft in a `.toml` or `.json` file; `kind` may come from the file, `now_s` as in from_mapping.

    Raises NotFoundError for no such file, NoticeError naming the file and field for anything else.
    The rules between notice and envelope are left to `check_envelope`, after the caller's own options.
    """
    name = safe(str(path), limit=200)
    try:
        return draft(kind, read_file(path), now_s=now_s)
    except NoticeError as e:
        raise NoticeError(f"{name}: {e.what}", e.remedy, field=e.field, reason=e.reason) from None


def read_file(path: Path) -> dict[str, object]:
    """Return the table in a `.toml` or `.json` file, unchecked. NotFoundError, or NoticeError that names no file."""
    return parse_file(path.suffix.lower(), _read(path, safe(str(path), limit=200)))


def draft(kind: str | None, data: Mapping[str, object], *, now_s: int | None = None) -> Draft:
    """Return the draft that `data` states: the fields of a notice, and a table `envelope`, all of it optional."""
    if not isinstance(data, Mapping):
        refuse("notice", "a table", data)
    fields = {k: v for k, v in data.items() if k != "envelope"}
    if kind is None and fields.get("kind") is None:
        raise NoticeError("kind: the notice does not say its kind.", 'Add kind = "exercise".', field="kind")
    known = kind_of(kind if kind is not None else fields["kind"])
    envelope = _envelope(data.get("envelope"))
    notice = from_mapping(known.name, fields, now_s=now_s)
    expires_s = parse_time(envelope["expires"], "envelope.expires") if "expires" in envelope else None
    if expires_s is not None:
        check_order("dtg", notice.dtg_s, "envelope.expires", expires_s)
    return Draft(
        notice=notice,
        precedence=parse_precedence(envelope.get("precedence", known.precedence.name), "envelope.precedence"),
        mode=parse_mode(envelope.get("mode", known.mode.name), "envelope.mode"),
        expires_s=expires_s,
        to=_addressee(envelope.get("to")),
    )


def _envelope(given: object) -> dict[str, object]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        refuse("envelope", "a table", given)
    for key in given:
        if key not in _ENVELOPE:
            field = f"envelope.{safe(str(key), limit=60)}"
            remedy = f"Known fields: {', '.join(_ENVELOPE)}."
            raise NoticeError(f"{field}: there is no such field here.", remedy, field=field)
    return {k: v for k, v in given.items() if v is not None}


def _addressee(given: object) -> str | None:
    if given is not None and not (isinstance(given, str) and 1 <= len(given) <= limits.NAME_BYTES):
        refuse("envelope.to", "the name of a peer", given)
    return given


def _read(path: Path, name: str) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(limits.NOTICE_FILE_BYTES + 1)
    except FileNotFoundError:
        raise NotFoundError(f"There is no file {name}.", "Check the path.") from None
    except (OSError, ValueError) as e:
        why = e.strerror if isinstance(e, OSError) else "it is no path"
        raise NoticeError(f"The file cannot be read: {why}.", "Check the path.") from None
    if len(data) > limits.NOTICE_FILE_BYTES:
        raise NoticeError(
            f"The file has more than {limits.NOTICE_FILE_BYTES} bytes, the most for a notice.",
            "Shorten it.",
            reason="too-large",
        )
    return data


def parse_file(suffix: str, data: bytes) -> dict[str, object]:
    """Return the table in the TOML or JSON text `data` of a file whose name ends in `suffix`."""
    if suffix not in (".toml", ".json"):
        raise NoticeError("The name of a notice's file ends in .toml or .json.", "Rename the file.")
    try:
        # utf-8-sig: some editors begin a file with a byte order mark, which neither format allows.
        text = data.decode("utf-8-sig")
        if suffix == ".toml":
            return tomllib.loads(text.replace("\r\n", "\n"), parse_float=_decimal)
        parsed = json.loads(text, parse_float=_decimal, parse_constant=_no_constant, object_pairs_hook=_no_repeats)
    except UnicodeDecodeError:
        raise NoticeError("The file is not UTF-8 text.", "Save it as UTF-8.") from None
    except RecursionError:
        raise NoticeError("The file is nested too deeply.", "Start from the template.") from None
    except ValueError as e:
        what = f"The file is not {suffix[1:].upper()}: {safe(str(e), limit=200)}."
        raise NoticeError(what, "Correct it at that place.") from None
    if not isinstance(parsed, dict):
        refuse("notice", "a table", parsed)
    return parsed


def _decimal(text: str) -> Decimal | str:
    """Return a fraction exactly as written; what Decimal cannot hold stays text and is refused as such."""
    try:
        return Decimal(text)
    except ArithmeticError:
        return text


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


def _no_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("a field is given twice in one table")
    return table
