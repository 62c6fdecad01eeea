"""From the words of `hotline send` to a notice that can be submitted, checked before the daemon is asked."""

import secrets
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hotline import limits
from hotline.cli.files import STANDARD
from hotline.errors import NoticeError, UsageError
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.api.types import Submit
    from hotline.notices import Draft


@dataclass(frozen=True, slots=True)
class Words:
    """What was typed. An empty value leaves to the file, or to the kind, what the envelope says."""

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


def compose(words: Words, *, test_serial: int = 1) -> "Submit":
    """Return the notice to submit. NoticeError names the file and field at fault; nothing has been sent then.

    `test_serial` numbers a line test that gives no number of its own.
    """
    import msgspec

    from hotline.api.types import Submit
    from hotline.notices import check_envelope, parse_mode, parse_precedence, to_mapping

    draft = _draft(words, test_serial)
    precedence = parse_precedence(words.precedence, "--precedence") if words.precedence else draft.precedence
    mode = parse_mode(words.mode, "--mode") if words.mode else draft.mode
    check_envelope(draft.notice, precedence, mode)
    fields = {
        "kind": draft.notice.kind,
        "notice": to_mapping(draft.notice),
        "to": words.to or draft.to or "",
        "id": _id(words.id),
        "precedence": precedence.name,
        "mode": mode.name,
        "expires_s": _expires_s(words.expires, draft),
        "officer": words.officer,
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


def _draft(words: Words, test_serial: int) -> "Draft":
    from hotline import notices

    known = notices.kind_of(words.kind)
    now_s = int(time.time())
    if words.file is None:
        return notices.draft(known.name, _typed(words, test_serial), now_s=now_s)
    if words.text is not None or words.subject:
        raise UsageError("A text is given, and a file too.", "Give the text, or --from FILE, not both.")
    if words.file == STANDARD:
        return _piped(known.name, now_s)
    return notices.from_file(words.file, known.name, now_s=now_s)


def _typed(words: Words, test_serial: int) -> Mapping[str, object]:
    fields: dict[str, object] = {}
    if words.kind == "line-test":
        fields |= {"serial": test_serial, "nonce": secrets.token_hex(16)}
    elif words.text is None:
        raise UsageError(
            f"The {safe(words.kind)} has no text.",
            f"Add it in quotes; or begin a file with `hotline send {words.kind} --template > notice.toml`, and send it "
            f"with `hotline send {words.kind} --from notice.toml`.",
        )
    elif not takes_text(words.kind):
        raise UsageError(
            f"The {safe(words.kind)} is a formatted notice: a text alone does not make it.",
            f"Begin a file with `hotline send {words.kind} --template > notice.toml`, and send it with "
            f"`hotline send {words.kind} --from notice.toml`.",
        )
    if words.text is not None:
        fields["text"] = words.text
    if words.subject:
        fields["subject"] = words.subject
    return fields


def takes_text(kind: str) -> bool:
    """Return whether notices of this kind have a text, so that one can be typed."""
    from hotline import notices

    return "text" in notices.kind_of(kind).schema.__struct_fields__


def _piped(kind: str, now_s: int) -> "Draft":
    """Read a notice from standard input: JSON if it begins with a brace, TOML otherwise."""
    from hotline import notices
    from hotline.notices.draft import parse_file

    data = sys.stdin.buffer.read(limits.NOTICE_FILE_BYTES + 1)
    if len(data) > limits.NOTICE_FILE_BYTES:
        raise NoticeError(
            f"Standard input has more than {limits.NOTICE_FILE_BYTES} bytes, the most for a notice.", "Shorten it."
        )
    suffix = ".json" if data.lstrip().startswith(b"{") else ".toml"
    try:
        return notices.draft(kind, parse_file(suffix, data), now_s=now_s)
    except NoticeError as e:
        raise NoticeError(f"standard input: {e.what}", e.remedy, field=e.field, reason=e.reason) from None


def _id(given: str) -> str:
    """An id as people copy it: with hyphens and capitals, or without."""
    plain = given.replace("-", "").lower()
    if given and (len(plain) != 32 or set(plain) - set("0123456789abcdef")):
        raise UsageError(f"{safe(given, limit=60)!r} is no notice id.", "An id has 32 hex digits, as a UUID does.")
    return plain
