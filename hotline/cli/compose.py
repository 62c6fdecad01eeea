"""From the words of `hotline send` to a notice that can be submitted, checked before the daemon is asked."""

import secrets
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hotline import limits
from hotline.cli.files import STANDARD, shown
from hotline.errors import NoticeError, UsageError
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.api.types import Submit
    from hotline.notices import Draft

LATE = "late_reason"
_OF_THE_STATION = ("dtg", "publicity")


@dataclass(frozen=True, slots=True)
class Words:
    """What was typed. An empty value leaves to the file, or to the kind, what the envelope says.

    `kind` may be empty where a file says it. `data` is a notice as a file would hold it, in place of one.
    """

    kind: str
    text: str | None = None
    file: Path | None = None
    subject: str = ""
    to: str = ""
    precedence: str = ""
    mode: str = ""
    expires: str = ""
    id: str = ""
    officer: str = ""
    late: str = ""  # why notice is given later than agreed
    despite_rules: bool = False
    data: Mapping[str, object] | None = None


def compose(words: Words, *, test_serial: int = 1) -> "Submit":
    """Return the notice to submit. NoticeError names the file and field at fault; nothing has been sent then.

    `test_serial` numbers a line test that gives no number of its own. What only the station can fill in, such as
    the id of `NORTH 7`, goes to it as it was typed.
    """
    import msgspec

    from hotline.api.types import Submit
    from hotline.notices import check_envelope, parse_mode, parse_precedence

    draft, notice = _checked(words, test_serial)
    precedence = parse_precedence(words.precedence, "--precedence") if words.precedence else draft.precedence
    mode = parse_mode(words.mode, "--mode") if words.mode else draft.mode
    check_envelope(draft.notice, precedence, mode)
    fields = {
        "kind": draft.notice.kind,
        "notice": notice,
        "to": words.to or draft.to or "",
        "id": _id(words.id),
        "precedence": precedence.name,
        "mode": mode.name,
        "expires_s": _expires_s(words.expires, draft),
        "officer": words.officer,
        "despite_rules": words.despite_rules,
    }
    try:
        return msgspec.convert(fields, Submit)
    except msgspec.ValidationError as e:
        raise UsageError(f"The notice cannot be sent like this: {safe(str(e), limit=200)}.", "Correct it.") from None


def _expires_s(given: str, draft: "Draft") -> int:
    """0 is never. `never` on the command line takes away what the file says."""
    from hotline.notices.dtg import parse_time

    if given.lower() == "never":
        return 0
    return parse_time(given, "--expires") if given else draft.expires_s or 0


def _checked(words: Words, test_serial: int) -> "tuple[Draft, dict[str, object]]":
    """The draft as far as it can be checked here, and the notice as the station is to have it."""
    from hotline import notices

    if words.kind:
        notices.kind_of(words.kind)  # before a file is looked for: --from without KIND takes the place of a wrong one
    with _placed(words):
        given = _given(words)
        kind = notices.kind_of(words.kind or _kind_in(given)).name
        given = numbered(kind, given, test_serial)
        if words.late:
            given = _with_late(kind, given, words.late)
        made_up = notices.placeholders(kind, given)
        draft = notices.draft(kind, made_up, now_s=int(time.time()))
    whole = _without_defaults(notices.to_mapping(draft.notice), given)
    names = {k: v for k, v in given.items() if k in whole and v is not None and made_up[k] != v}
    return draft, {k: v for k, v in whole.items() if given.get(k) is not None or k not in made_up} | names


def _without_defaults(whole: Mapping[str, object], given: Mapping[str, object]) -> dict[str, object]:
    """Leave to the station the time of a notice that gives none, and the publicity that its rules agree."""
    kept = {k: v for k, v in whole.items() if k not in _OF_THE_STATION or given.get(k) is not None}
    inner, typed = kept.get("replacement"), given.get("replacement")
    if isinstance(inner, Mapping) and isinstance(typed, Mapping):
        kept["replacement"] = _without_defaults(inner, typed)
    return kept


@contextmanager
def _placed(words: Words) -> Iterator[None]:
    """An error names the file, where there is one."""
    name = "standard input" if words.file == STANDARD else shown(words.file) if words.file else ""
    try:
        yield
    except NoticeError as e:
        if not name or e.what.lower().startswith(name):
            raise
        raise NoticeError(f"{name}: {e.what}", e.remedy, field=e.field, reason=e.reason) from None


def _given(words: Words) -> Mapping[str, object]:
    """The notice as it was typed or written, unchecked."""
    from hotline.notices.draft import read_file

    if words.data is not None:
        return words.data
    if words.file is None:
        return _typed(words)
    if words.text is not None or words.subject:
        raise UsageError("A text is given, and a file too.", "Give the text, or --from FILE, not both.")
    return _piped() if words.file == STANDARD else read_file(words.file)


def _kind_in(given: Mapping[str, object]) -> object:
    kind = given.get("kind")
    if kind is None:
        raise NoticeError(
            "kind: the notice does not say its kind.",
            'Add kind = "exercise", or name it: hotline send exercise --from FILE.',
            field="kind",
        )
    return kind


def numbered(kind: str, given: Mapping[str, object], test_serial: int) -> Mapping[str, object]:
    """Return a line test with the number and the nonce that people need not write; other notices as they are."""
    if kind != "line-test":
        return given
    made = {"serial": test_serial, "nonce": secrets.token_hex(16)}
    return made | {name: value for name, value in given.items() if value is not None}


def _with_late(kind: str, given: Mapping[str, object], reason: str) -> dict[str, object]:
    """Put the reason where the kind has it: of an amendment, in its replacement."""
    if _takes(kind, LATE):
        return {**given, LATE: reason}
    inner = given.get("replacement")
    if isinstance(inner, Mapping) and _takes(str(inner.get("kind")), LATE):
        return {**given, "replacement": {**inner, LATE: reason}}
    raise UsageError(f"The {safe(kind)} has no reason for being late.", "Leave out --reason-late.")


def _takes(kind: str, field: str) -> bool:
    from hotline.notices import KINDS

    return kind in KINDS and field in KINDS[kind].schema.__struct_fields__


def _typed(words: Words) -> Mapping[str, object]:
    fields: dict[str, object] = {}
    if words.kind != "line-test":
        _require_text(words)
    if words.text is not None:
        fields["text"] = words.text
    if words.subject:
        fields["subject"] = words.subject
    return fields


def _require_text(words: Words) -> None:
    if not takes_text(words.kind):
        raise UsageError(
            f"The {safe(words.kind)} is a formatted notice: a text alone does not make it.", _other_ways(words.kind)
        )
    if words.text is None:
        raise UsageError(f"The {safe(words.kind)} has no text.", f"Add it in quotes. Or: {_other_ways(words.kind)}")


def _other_ways(kind: str) -> str:
    return (
        f"Answer its questions with `hotline form {kind}`, or begin a file with "
        f"`hotline new {kind} --out notice.toml`, and send it with `hotline send {kind} --from notice.toml`."
    )


def takes_text(kind: str) -> bool:
    """Return whether a text alone makes a notice of this kind, so that one can be typed."""
    from hotline import notices
    from hotline.notices.schema import fields_of
    from hotline.notices.template import filled_in

    fields = fields_of(notices.kind_of(kind).schema)
    return {f.name for f in fields if f.required and not filled_in(f)} == {"version", "text"}


def _piped() -> Mapping[str, object]:
    """Read a notice from standard input: JSON if it begins with a brace, TOML otherwise."""
    from hotline.notices.draft import parse_file

    data = sys.stdin.buffer.read(limits.NOTICE_FILE_BYTES + 1)
    if len(data) > limits.NOTICE_FILE_BYTES:
        raise NoticeError(
            f"Standard input has more than {limits.NOTICE_FILE_BYTES} bytes, the most for a notice.", "Shorten it."
        )
    return parse_file(".json" if data.lstrip().startswith(b"{") else ".toml", data)


def _id(given: str) -> str:
    """An id as people copy it: with hyphens and capitals, or without."""
    plain = given.replace("-", "").lower()
    if given and (len(plain) != 32 or set(plain) - set("0123456789abcdef")):
        raise UsageError(f"{safe(given, limit=60)!r} is no notice id.", "An id has 32 hex digits, as a UUID does.")
    return plain
