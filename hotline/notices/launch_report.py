"""Launch report: what became of a launch that was notified (NOTICES.md, section 14)."""

from typing import Annotated, Literal, cast

from hotline.errors import NoticeError
from hotline.notices import bounds
from hotline.notices.area import Area, check_areas
from hotline.notices.dtg import format_time
from hotline.notices.fields import NoticeId, Remark, Time, about, at_most
from hotline.notices.kind import Kind, ReadBack
from hotline.notices.notice import Notice
from hotline.notices.readback import first_position, time_value

_EXAMPLE_IMPACT = {"name": "Impact", "centre": "34-15.20N 033-36.40E", "radius_nm": 2}


class LaunchReport(Notice, frozen=True, kw_only=True, tag="launch-report"):
    """The result of a launch; `time_s` is that of the launch, or of the decision where nothing was launched."""

    target: Annotated[NoticeId, about("Launch", "the launch notice", "NORTH 7")]
    result: Annotated[
        Literal["launched", "not-launched", "aborted"],
        about("Result", "aborted: after ignition or in flight", "launched"),
    ]
    time_s: Annotated[Time, about("Time", "of the launch, or of the decision not to", "020610Z DEC 24")]
    actual_areas: Annotated[
        tuple[Area, ...],
        at_most(bounds.IMPACT_AREAS),
        about("Actual areas", "where it came down", [_EXAMPLE_IMPACT]),
    ] = ()
    anomaly: (
        Annotated[Remark, about("Anomaly", "what went otherwise than notified", "The second launch was not made.")]
        | None
    ) = None

    def check(self) -> None:
        """Raise NoticeError, naming the field, for what the types of the fields cannot say."""
        super().check()
        if self.result == "not-launched" and self.actual_areas:
            what = "actual_areas: with result not-launched nothing came down."
            raise NoticeError(what, "Leave the areas out, or correct result.", field="actual_areas")
        check_areas("actual_areas", self.actual_areas)

    def headline(self) -> str:
        """Return the result, its time, and whether something went otherwise than notified."""
        anomaly = f", anomaly: {' '.join(self.anomaly.split())}" if self.anomaly else ""
        return f"{self.result.upper()} {format_time(self.time_s)}{anomaly}"


def _read_back(notice: Notice) -> tuple[ReadBack, ...]:
    report = cast(LaunchReport, notice)
    areas = (first_position("actual_areas[0]", "Actual area", area) for area in report.actual_areas[:1])
    return (time_value("time", "Time", report.time_s), *areas)


LAUNCH_REPORT = Kind(schema=LaunchReport, title="Report of launch", read_back=_read_back)
