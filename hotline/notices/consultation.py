"""Consultation: something said or asked in free words (NOTICES.md, section 6)."""

from collections.abc import Mapping
from typing import Annotated

from hotline.notices.fields import Line, NoticeId, Text, about
from hotline.notices.kind import Kind
from hotline.notices.notice import Notice

_SUBJECT_CHARS = 60


class Consultation(Notice, frozen=True, kw_only=True, tag="consultation"):
    """A subject and a text; an answer is asked by the header's `reply_by`."""

    subject: Annotated[Line, about("Subject", "left out: how the text begins", "Passage of ships")]
    text: Annotated[Text, about("Text", "what is said or asked", "Request your intentions.")]
    answers: Annotated[NoticeId, about("Answers", "the other side's notice that this answers", "SOUTH 8")] | None = None

    def headline(self) -> str:
        """Return the subject."""
        return self.subject


def _complete(given: Mapping[str, object]) -> dict[str, object]:
    if given.get("subject") is not None:
        return dict(given)
    text = given.get("text")
    # Without a text it is the text that is asked for, not a subject too.
    return {**given, "subject": _beginning(text) if isinstance(text, str) else "-"}


def _beginning(text: str) -> str:
    """Return the first words of the text as one line; a text without a printable character gets a dash."""
    words = "".join(c if c.isprintable() else " " for c in text[: 4 * _SUBJECT_CHARS]).split()
    line = " ".join(words) or "-"
    return line if len(line) <= _SUBJECT_CHARS else line[:_SUBJECT_CHARS].rsplit(" ", 1)[0] + "…"


CONSULTATION = Kind(schema=Consultation, title="Consultation", complete=_complete)
