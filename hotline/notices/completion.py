"""Completion: what was announced has ended (NOTICES.md, section 12)."""

from typing import Annotated, cast

from hotline.errors import NoticeError
from hotline.notices import bounds
from hotline.notices.area import Area
from hotline.notices.dtg import format_time
from hotline.notices.fields import NoticeId, Remark, Time, about, at_most
from hotline.notices.kind import Kind, ReadBack
from hotline.notices.notice import Notice
from hotline.notices.readback import first_position, time_value
from hotline.notices.start import check_deviations, how


class Completion(Notice, frozen=True, kw_only=True, tag="completion"):
    """Says that an activity ended at `actual_s` (seconds since 1970 UTC), and what it leaves behind."""

    target: Annotated[NoticeId, about("Completes", "the first notice of what has ended", "NORTH 7")]
    actual_s: Annotated[Time, about("Actual time", "when it ended", "031640Z DEC 24")]
    as_notified: Annotated[bool, about("As notified", "whether it went as announced", True)]
    deviations: (
        Annotated[Remark, about("Deviations", "how it differed; with as_notified = false", "One firing less.")] | None
    ) = None
    residual_hazards: Annotated[
        bool, about("Residual hazards", "whether any are left behind; then residual_text too", False)
    ]
    residual_text: (
        Annotated[
            Remark, about("Hazards left", "which; without any, how that was made sure", "A practice target is adrift.")
        ]
        | None
    ) = None
    residual_areas: Annotated[
        tuple[Area, ...],
        at_most(bounds.AREAS),
        about(
            "Areas of hazards left",
            "where; with residual_hazards = true",
            [{"name": "Target adrift", "centre": "34-15.00N 033-36.00E", "radius_nm": 5}],
        ),
    ] = ()
    not_started_reason: (
        Annotated[Remark, about("Why no start", "why no start was reported", "The line was out of service.")] | None
    ) = None

    def check(self) -> None:
        """Raise NoticeError, naming the field, for what the types of the fields cannot say."""
        super().check()
        check_deviations(as_notified=self.as_notified, deviations=self.deviations)
        if self.residual_hazards and self.residual_text is None:
            what = "residual_text: with residual_hazards = true it is required."
            raise NoticeError(what, "Say which hazards are left.", field="residual_text")
        if self.residual_areas and not self.residual_hazards:
            what = "residual_areas: areas are given, with residual_hazards = false."
            raise NoticeError(what, "Correct one of the two.", field="residual_areas")
        for i, area in enumerate(self.residual_areas):
            area.check(f"residual_areas[{i}]")

    def headline(self) -> str:
        """Return when, whether as notified, and whether hazards are left."""
        left = "hazards LEFT" if self.residual_hazards else "no hazards left"
        return f"Completed {format_time(self.actual_s)}, {how(as_notified=self.as_notified)}, {left}"


def _read_back(notice: Notice) -> tuple[ReadBack, ...]:
    completion = cast(Completion, notice)
    left = completion.residual_areas[:1]
    places = (first_position("residual_areas[0]", "Hazards left", area) for area in left)
    return time_value("actual", "Actual time", completion.actual_s), *places


COMPLETION = Kind(schema=Completion, title="Completion", read_back=_read_back)
