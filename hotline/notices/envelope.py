"""What travels with a body in its log entry, and the rules that bind the two (NOTICES.md, section 25)."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from hotline.errors import NoticeError


class Precedence(enum.IntEnum):
    """How fast a notice goes and is handled, in the order of ACP 121; not how important it is."""

    ROUTINE = 0
    PRIORITY = 1
    IMMEDIATE = 2
    FLASH = 3


class Mode(enum.IntEnum):
    """Whether a notice is meant. A real notice *about* an exercise is OPERATION."""

    OPERATION = 0
    DRILL = 1
    TEST = 2


@dataclass(frozen=True)
class Envelope:
    """What a printed notice takes from its log entry; names are display names of the two stations."""

    sender: str
    recipient: str
    precedence: Precedence
    mode: Mode
    serial: int | None = None  # None: still in the queue
    notice_id: str = ""
    expires_s: int | None = None
    released_by: tuple[str, ...] = ()  # officers whose release signatures were verified
    names: Mapping[bytes, str] = field(default_factory=dict)  # by id, what officers call the notices it refers to

    @property
    def name(self) -> str:
        """What officers call the notice: `NORTH 42`, or `NORTH (no serial yet)`."""
        return f"{self.sender} {self.serial}" if self.serial is not None else f"{self.sender} (no serial yet)"


def parse_precedence(given: object, field: str = "precedence") -> Precedence:
    """Return the precedence that the word `given` names, in either case; raise NoticeError naming `field`."""
    return Precedence[_word(given, list(Precedence.__members__), field)]


def parse_mode(given: object, field: str = "mode") -> Mode:
    """Return the mode that the word `given` names, in either case; raise NoticeError naming `field`."""
    return Mode[_word(given, list(Mode.__members__), field)]


def _word(given: object, words: list[str], field: str) -> str:
    word = given.strip().upper() if isinstance(given, str) else ""
    if word not in words:
        raise NoticeError(f"{field}: this is none of the words known.", f"Use one of {', '.join(words)}.", field=field)
    return word
