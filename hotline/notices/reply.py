"""Reply: answers an inquiry question by question (NOTICES.md, section 18)."""

from collections import Counter
from typing import Annotated

from msgspec import Meta, Struct

from hotline.errors import NoticeError
from hotline.notices import bounds
from hotline.notices.dtg import format_time
from hotline.notices.envelope import Precedence
from hotline.notices.fields import NoticeId, Purpose, Sentence, Time, about, at_most
from hotline.notices.kind import Kind
from hotline.notices.notice import Notice, check_order


class Answer(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """To one question: a text, or a refusal with its reason, or the time by which the answer will follow."""

    number: Annotated[int, Meta(ge=1, le=bounds.QUESTIONS), about("Number")]
    text: Annotated[Purpose, about("Answer")] | None = None
    refusal: Annotated[Sentence, about("Refusal")] | None = None
    later_by_s: Annotated[Time, about("Later by")] | None = None

    @property
    def how(self) -> str:
        """Whether the question is `answered`, `refused` or to be answered `later`."""
        return "answered" if self.text is not None else "refused" if self.refusal is not None else "later"

    def check(self, field: str, dtg_s: int) -> None:
        """Raise NoticeError naming `field` unless exactly one of the three is given."""
        given = [v for v in (self.text, self.refusal, self.later_by_s) if v is not None]
        if len(given) != 1:
            what = f"{field}: an answer has exactly one of text, refusal and later_by; this one has {len(given)}."
            raise NoticeError(what, "Give one of the three.", field=field)
        if self.later_by_s is not None:
            check_order("dtg", dtg_s, f"{field}.later_by", self.later_by_s, same_allowed=True)

    def lines(self) -> list[str]:
        """Return the answer as lines of the printed form, under the number of its question."""
        if self.text is not None:
            return [f"Question {self.number}: answered", *(f"  {line}" for line in self.text.split("\n"))]
        if self.refusal is not None:
            return [f"Question {self.number}: REFUSED: {self.refusal}"]
        later = format_time(self.later_by_s) if self.later_by_s is not None else ""
        return [f"Question {self.number}: LATER, by {later}"]


class Reply(Notice, frozen=True, kw_only=True, tag="reply"):
    """One answer to each question of the inquiry."""

    inquiry: Annotated[NoticeId, about("Inquiry", "the inquiry", "SOUTH 12")]
    answers: Annotated[
        tuple[Answer, ...],
        at_most(bounds.QUESTIONS, least=1),
        about(
            "Answers",
            "to each question by its number: text, refusal (why) or later_by (time)",
            [{"number": 1, "text": "Yes, they did."}, {"number": 2, "refusal": "Types are not disclosed."}],
        ),
    ]

    def check(self) -> None:
        """Raise NoticeError, naming the field, for what the types of the fields cannot say."""
        super().check()
        for i, answer in enumerate(self.answers):
            answer.check(f"answers[{i}]", self.dtg_s)
            if i and answer.number <= self.answers[i - 1].number:
                field = f"answers[{i}].number"
                what = f"{field}: {answer.number} follows {self.answers[i - 1].number}."
                raise NoticeError(what, "Answer each question once, by rising number.", field=field)

    def headline(self) -> str:
        """Return how many questions are answered, refused, and to be answered later."""
        counted = Counter(answer.how for answer in self.answers)
        return ", ".join(f"{counted[how]} {how}" for how in ("refused", "later", "answered") if counted[how])


REPLY = Kind(schema=Reply, title="Reply to inquiry", precedence=Precedence.PRIORITY)
