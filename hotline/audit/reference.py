"""Finding a notice by what officers call it: `NORTH 7`, or its id."""

import re
from dataclasses import dataclass

from hotline.errors import NotFoundError, UsageError
from hotline.text import safe

_ID = re.compile(r"[0-9a-f]{32}")
_SERIAL = re.compile(r"(.+?)\s+([1-9][0-9]{0,15})")


@dataclass(frozen=True, slots=True)
class Ref:
    """Either a station's name and serial, or a notice id."""

    name: str = ""
    serial: int = 0
    id: bytes = b""


def parse_ref(text: str) -> Ref:
    """Return the reference, or raise UsageError with both forms."""
    text = text.strip()
    plain = text.replace("-", "").lower()
    if _ID.fullmatch(plain):
        return Ref(id=bytes.fromhex(plain))
    found = _SERIAL.fullmatch(text)
    if found:
        return Ref(found[1], int(found[2]))
    raise UsageError(
        f"{safe(text, limit=60)!r} is no reference.", 'Write "NORTH 7", or the notice\'s id of 32 hex digits.'
    )


def not_found(text: str) -> NotFoundError:
    """The one error for a reference that leads nowhere."""
    return NotFoundError(
        f"There is no notice {safe(text, limit=60)!r} here.", "`hotline inbox` and `hotline outbox` list them."
    )
