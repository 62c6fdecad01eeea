"""Inquiry: asks about an activity that causes concern, in numbered questions (NOTICES.md, section 17)."""

from typing import Annotated, cast

from hotline.notices import bounds
from hotline.notices.area import Area, check_areas
from hotline.notices.envelope import Precedence
from hotline.notices.evidence import EXAMPLE, Evidence
from hotline.notices.fields import Line, NoticeId, Purpose, Question, Sentence, Time, at_most

# Under another name: the field `about`, once it has its default, would hide it within the class.
from hotline.notices.fields import about as words
from hotline.notices.kind import Kind, ReadBack
from hotline.notices.notice import Notice
from hotline.notices.readback import first_position, time_value

_EXAMPLE_CIRCLE = {"name": "Area of the activity", "centre": "34-40.00N 034-30.00E", "radius_nm": 20}


class Inquiry(Notice, frozen=True, kw_only=True, tag="inquiry"):
    """Concerns and questions, numbered from 1 by their place; `about` is the notice asked about, if there is one."""

    concerns: Annotated[
        Purpose, words("Concerns", "causes of concern", "Missile launches were seen outside the area notified.")
    ]
    activity: Annotated[Line, words("Activity", "type of activity", "Missile launches at sea")]
    place: Annotated[Sentence, words("Place", "where, in words", "Eastern Mediterranean, south of the exercise area")]
    areas: Annotated[tuple[Area, ...], at_most(bounds.AREAS), words("Areas", "where", [_EXAMPLE_CIRCLE])] = ()
    observed_s: Annotated[Time, words("Observed", "when it was observed", "021140Z DEC 24")] | None = None
    questions: Annotated[
        tuple[Question, ...],
        at_most(bounds.QUESTIONS, least=1),
        words("Questions", "numbered from 1 by their place", ["Did these launches belong to the exercise notified?"]),
    ]
    evidence: Annotated[
        tuple[Evidence, ...], at_most(bounds.RECORDINGS), words("Evidence", "what is kept of it", [EXAMPLE])
    ] = ()
    about: Annotated[NoticeId, words("About", "the notice that is asked about", "SOUTH 12")] | None = None

    def check(self) -> None:
        """Raise NoticeError, naming the field, for what the types of the fields cannot say."""
        super().check()
        check_areas("areas", self.areas)

    def headline(self) -> str:
        """Return how much is asked, and about what."""
        count = len(self.questions)
        return f"{count} question{'s' if count > 1 else ''}: {self.activity}, {self.place}"


def _read_back(notice: Notice) -> tuple[ReadBack, ...]:
    inquiry = cast(Inquiry, notice)
    times = () if inquiry.observed_s is None else (time_value("observed", "Observed", inquiry.observed_s),)
    return (*times, *(first_position("areas[0]", "Area", area) for area in inquiry.areas[:1]))


INQUIRY = Kind(
    schema=Inquiry,
    title="Inquiry",
    precedence=Precedence.PRIORITY,
    read_back=_read_back,
    title_of=lambda notice: cast(Inquiry, notice).activity,
)
