"""The types of notices' fields (protocol/NOTICES.md, section 3), and `about`, the words that go with a field.

A schema states a field once; its check on the wire, its reading from TOML and JSON, its line in the printed
form, its place in the template and its JSON Schema all come from that statement.
"""

import enum
from typing import Annotated

from msgspec import Meta

from hotline.notices import bounds


class Form(enum.Enum):
    """How a value reads in TOML and JSON, where its type on the wire does not say so."""

    FREE_TEXT = enum.auto()
    TIME = enum.auto()
    NAUTICAL_MILES = enum.auto()
    HEX = enum.auto()
    NOTICE_ID = enum.auto()
    YEAR = enum.auto()


# `(?![\s\S])` is the end of the text; `$` would let a newline follow, and `\Z` is unknown to JSON Schema.
_LINE_PATTERN = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]+(?![\s\S])"
_TEXT_PATTERN = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]+(?![\s\S])"


def _line(most: int) -> Meta:
    return Meta(min_length=1, max_length=most, pattern=_LINE_PATTERN)


def _text(most: int) -> Meta:
    return Meta(min_length=1, max_length=most, pattern=_TEXT_PATTERN)


Line = Annotated[str, _line(bounds.LINE_CHARS)]
Name = Annotated[str, _line(bounds.NAME_CHARS)]
Sentence = Annotated[str, _line(bounds.SENTENCE_CHARS)]
Remark = Annotated[str, _text(bounds.REMARK_CHARS), Form.FREE_TEXT]
Purpose = Annotated[str, _text(bounds.PURPOSE_CHARS), Form.FREE_TEXT]
Text = Annotated[str, _text(bounds.TEXT_CHARS), Form.FREE_TEXT]
Question = Annotated[str, _text(bounds.QUESTION_CHARS), Form.FREE_TEXT]
TestText = Annotated[str, _text(bounds.TEST_TEXT_CHARS), Form.FREE_TEXT]
Language = Annotated[
    str,
    Meta(min_length=2, max_length=bounds.LANGUAGE_CHARS, pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*(?![\s\S])"),
]
Time = Annotated[int, Meta(ge=bounds.TIME_LEAST_S, le=bounds.TIME_MOST_S), Form.TIME]
Year = Annotated[int, Meta(ge=bounds.YEAR_LEAST, le=bounds.YEAR_MOST), Form.YEAR]
Count = Annotated[int, Meta(ge=0, le=bounds.COUNT_MOST)]
Radius = Annotated[int, Meta(ge=1, le=bounds.RADIUS_MOST_MNM), Form.NAUTICAL_MILES]
Nonce = Annotated[bytes, Meta(min_length=bounds.NONCE_BYTES, max_length=bounds.NONCE_BYTES), Form.HEX]
Digest = Annotated[bytes, Meta(min_length=bounds.DIGEST_BYTES, max_length=bounds.DIGEST_BYTES), Form.HEX]
# Another notice of this line, of either side. In files also as officers call it, `NORTH 7`: the station looks it up.
NoticeId = Annotated[bytes, Meta(min_length=bounds.ID_BYTES, max_length=bounds.ID_BYTES), Form.NOTICE_ID]

Posts = Annotated[tuple[Line, ...], Meta(max_length=bounds.ADDRESSEES)]


def about(
    title: str, description: str = "", example: object = None, *, withholdable: bool = False, asked: bool = False
) -> Meta:
    """Return a field's words: `title` is for the printed form, `description` and `example` are for the template.

    The example is as TOML has it. `asked`: optional, yet blank in the template, since most notices have it.
    The words also go into the JSON Schema.
    """
    marks = {"withholdable": withholdable, "asked": asked}
    return Meta(title=title, description=description, examples=[example], extra=marks)


def at_most(items: int, *, least: int = 0) -> Meta:
    """Return the bound of a list: `least` to `items` items."""
    return Meta(min_length=least, max_length=items)
