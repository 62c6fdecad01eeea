"""How one value of a notice reads from TOML or JSON, shows in JSON, and prints: one class a type of value.

Each has `read` (outside value and the field's path to value; NoticeError with a remedy), `show` (value to JSON
value, so that `read(show(v)) == v`), `lines` (value to printed lines, not yet safe to show), and `hint` (words
for the template).
"""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import NoReturn, Protocol, cast

from hotline.errors import NoticeError
from hotline.notices.dtg import format_iso, format_time, parse_time
from hotline.notices.position import Position, parse_position
from hotline.text import safe


class Value(Protocol):
    """One type of value; the classes below and the structures in `schema` are its kinds."""

    def read(self, given: object, field: str) -> object: ...

    def show(self, value: object) -> object: ...

    def lines(self, value: object) -> list[str]: ...

    @property
    def hint(self) -> str: ...


def refuse(field: str, wanted: str, given: object) -> NoReturn:
    """Raise the NoticeError for a value of the wrong type."""
    raise NoticeError(f"{field}: this is {_type_words(given)}, not {wanted}.", f"Give {wanted}.", field=field)


def _type_words(given: object) -> str:
    # bool before int: in Python a flag is also a number.
    for kind, words in (
        (bool, "true or false"),
        (int | float | Decimal, "a number"),
        (str, "a text"),
        (dict, "a table"),
    ):
        if isinstance(given, kind):
            return words
    if given is None:
        return "nothing"
    return "a list" if isinstance(given, list | tuple) else "another type"


@dataclass(frozen=True)
class TextValue:
    """A string with a length and a pattern; `free` marks the free texts that precedence keeps short."""

    most: int
    pattern: str
    free: bool

    def read(self, given: object, field: str) -> str:
        if not isinstance(given, str):
            refuse(field, "a text", given)
        text = given.replace("\r\n", "\n")
        if not text:
            raise NoticeError(f"{field}: the text is empty.", "Write something, or leave the field out.", field=field)
        if len(text) > self.most:
            raise NoticeError(
                f"{field}: the text has {len(text)} characters; {self.most} is the most.", "Shorten it.", field=field
            )
        if not self._takes(text):
            raise self._malformed(text, field)
        return text

    def _takes(self, text: str) -> bool:
        return bool(re.search(self.pattern, text)) and not _has_surrogate(text)

    def _malformed(self, text: str, field: str) -> NoticeError:
        at = next((i for i, c in enumerate(text) if not c.isprintable() and not self._takes(c)), None)
        if at is None:
            what = f"{field}: {safe(text, limit=40)!r} does not have the form of this field."
            return NoticeError(what, "Write a language as its tag: en, ru, zh-Hant.", field=field)
        line_end = text[at] in "\n\u2028\u2029"
        what = "half a character" if _has_surrogate(text[at]) else "a control character"
        named = "the end of a line" if line_end else f"{what}, {safe(text[at])}"
        what = f"{field}: character {at + 1} is {named}, which this field cannot hold."
        remedy = "Take it out; only longer texts may have several lines." if line_end else "Take it out."
        return NoticeError(what, remedy, field=field)

    def show(self, value: object) -> object:
        return value

    def lines(self, value: object) -> list[str]:
        return str(value).split("\n")

    @property
    def hint(self) -> str:
        return f"at most {self.most:,} characters"


def _has_surrogate(text: str) -> bool:
    """Whether half a UTF-16 pair stands alone, as JSON's escapes allow; it has no UTF-8 form."""
    return not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text)


@dataclass(frozen=True)
class NumberValue:
    """An integer between two bounds; its digits stand in groups of three, except in a year."""

    least: int
    most: int
    grouped: bool = True

    def read(self, given: object, field: str) -> int:
        if isinstance(given, bool) or not isinstance(given, int):
            refuse(field, "a whole number", given)
        if not self.least <= given <= self.most:
            what = f"{field}: the number is outside {self.hint}."
            raise NoticeError(what, "Give one within.", field=field)
        return given

    def show(self, value: object) -> object:
        return value

    def lines(self, value: object) -> list[str]:
        return [f"{value:,}" if self.grouped else str(value)]

    @property
    def hint(self) -> str:
        return f"{self.least:,} to {self.most:,}" if self.grouped else f"{self.least} to {self.most}"


@dataclass(frozen=True)
class FlagValue:
    """True or false."""

    hint: str = "true or false"

    def read(self, given: object, field: str) -> bool:
        if not isinstance(given, bool):
            refuse(field, "true or false", given)
        return given

    def show(self, value: object) -> object:
        return value

    def lines(self, value: object) -> list[str]:
        return ["YES" if value else "NO"]


@dataclass(frozen=True)
class ChoiceValue:
    """One of several words, or the one number of a version."""

    words: tuple[str | int, ...]

    def read(self, given: object, field: str) -> str | int:
        if isinstance(given, str | int) and not isinstance(given, bool) and given in self.words:
            return given
        raise NoticeError(f"{field}: this is none of the values known.", f"Use {self.hint}.", field=field)

    def show(self, value: object) -> object:
        return value

    def lines(self, value: object) -> list[str]:
        return [str(value)]

    @property
    def hint(self) -> str:
        return " or ".join(map(str, self.words))


@dataclass(frozen=True)
class TimeValue:
    """Seconds since 1970 UTC."""

    hint: str = "date-time group or ISO 8601 with zone"

    def read(self, given: object, field: str) -> int:
        return parse_time(given, field)

    def show(self, value: object) -> object:
        return format_iso(cast(int, value))

    def lines(self, value: object) -> list[str]:
        return [format_time(cast(int, value))]


@dataclass(frozen=True)
class PositionValue:
    """A point of WGS 84."""

    hint: str = "such as 34-30.00N 033-12.00E"

    def read(self, given: object, field: str) -> Position:
        return parse_position(given, field)

    def show(self, value: object) -> object:
        return str(value)

    def lines(self, value: object) -> list[str]:
        return [str(value)]


@dataclass(frozen=True)
class MilesValue:
    """Nautical miles, kept in thousandths."""

    most: int

    def read(self, given: object, field: str) -> int:
        if isinstance(given, bool) or not isinstance(given, int | float | Decimal):
            refuse(field, "a number of nautical miles", given)
        thousandths = self._thousandths(given)
        if thousandths is None or not 1 <= thousandths <= self.most:
            raise NoticeError(f"{field}: this is outside {self.hint}.", "Give a number such as 12.5.", field=field)
        return thousandths

    def _thousandths(self, given: float | Decimal) -> int | None:
        # Through text, so that 12.345 is 12345 thousandths and not 12344.999…; a huge integer has no text.
        try:
            exact = Decimal(given) if isinstance(given, int) else Decimal(str(given))
            scaled = exact * 1000
            return int(scaled) if exact.is_finite() and abs(scaled) <= self.most and scaled == int(scaled) else None
        except InvalidOperation:
            return None

    def show(self, value: object) -> object:
        thousandths = cast(int, value)
        return thousandths // 1000 if thousandths % 1000 == 0 else thousandths / 1000

    def lines(self, value: object) -> list[str]:
        return [f"{self.show(value)} NM"]

    @property
    def hint(self) -> str:
        return f"0.001 to {self.most // 1000:,} nautical miles, in steps of 0.001"


@dataclass(frozen=True)
class HexValue:
    """Bytes of a fixed length."""

    size: int

    def read(self, given: object, field: str) -> bytes:
        if isinstance(given, str) and re.fullmatch(r"[0-9a-fA-F]*", given) and len(given) == 2 * self.size:
            return bytes.fromhex(given)
        raise NoticeError(f"{field}: this is not {self.hint}.", f"Give {self.hint}.", field=field)

    def show(self, value: object) -> object:
        return cast(bytes, value).hex()

    def lines(self, value: object) -> list[str]:
        return [str(self.show(value))]

    @property
    def hint(self) -> str:
        return f"{2 * self.size} hexadecimal digits"


def notice_id(given: object) -> bytes | None:
    """Return the id that `given` is, or None for anything else, such as the name `NORTH 7`."""
    plain = given.replace("-", "") if isinstance(given, str) else ""
    return bytes.fromhex(plain) if re.fullmatch(r"[0-9a-fA-F]{32}", plain, re.ASCII) else None


@dataclass(frozen=True)
class NoticeIdValue:
    """The id of another notice; hyphens and capitals, as people copy them, are taken."""

    hint: str = "the notice's name such as NORTH 7, or its id of 32 hexadecimal digits"

    def read(self, given: object, field: str) -> bytes:
        held = notice_id(given)
        if held is None:
            raise NoticeError(f"{field}: this names no notice.", f"Give {self.hint}.", field=field)
        return held

    def show(self, value: object) -> object:
        return cast(bytes, value).hex()

    def lines(self, value: object) -> list[str]:
        return [str(self.show(value))]
