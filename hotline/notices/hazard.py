"""Hazard: a navigational warning, in the parts that the joint IMO/IHO/WMO manual gives it (NOTICES.md, section 15)."""

import re
from typing import Annotated, Literal, cast

from msgspec import Struct

from hotline.errors import NoticeError
from hotline.notices import bounds
from hotline.notices.area import Area, check_areas
from hotline.notices.dtg import format_time
from hotline.notices.envelope import Precedence
from hotline.notices.fields import Line, Name, Purpose, Remark, Time, about, at_most
from hotline.notices.kind import Kind, ReadBack
from hotline.notices.notice import Notice, check_order
from hotline.notices.position import Position
from hotline.notices.readback import first_position, time_value

_EXAMPLE_CIRCLE = {"name": "Area A", "centre": "34-15.00N 033-36.00E", "radius_nm": 12.5}
_EXAMPLE_NOTAM = {"fir": "NICOSIA", "lower": "SFC", "upper": "FL660", "number": "A1234/24", "q_code": "QWMLW"}


class Notam(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The same hazard in the air: flight information region, limits of height, and the notice to airmen."""

    fir: Annotated[Name, about("FIR")]
    lower: Annotated[Name, about("Lower limit")]
    upper: Annotated[Name, about("Upper limit")]
    number: Annotated[Name, about("NOTAM")] | None = None
    q_code: Annotated[Name, about("Q-code")] | None = None

    def lines(self) -> list[str]:
        """Return the notice to airmen as lines of the printed form."""
        named = [f"NOTAM {self.number}"] if self.number else []
        coded = [f"Q-code {self.q_code}"] if self.q_code else []
        return [", ".join([*named, f"FIR {self.fir}", *coded]), f"  {self.lower} to {self.upper}"]


class Hazard(Notice, frozen=True, kw_only=True, tag="hazard"):
    """A hazard to ships, and where `notam` says so to aircraft; times in seconds since 1970 UTC."""

    series: Annotated[Name, about("Series", "series and number", "NAVAREA III 123/24")]
    general_area: Annotated[Line, about("General area", "sea or region", "EASTERN MEDITERRANEAN")]
    locality: Annotated[Line, about("Locality", "place within it", "LEVANT BASIN")]
    charts: Annotated[
        tuple[Name, ...], at_most(bounds.CHARTS), about("Charts", "charts that show it", ["INT 308"])
    ] = ()
    subject: Annotated[Line, about("Subject", "kind of hazard", "MISSILE FIRING")]
    start_s: Annotated[Time, about("Start", "when the hazard begins", "010500Z DEC 24")]
    end_s: Annotated[Time, about("End", "when it ends", "031700Z DEC 24")]
    cancel_s: Annotated[
        Time, about("Cancel", "when the warning itself lapses: usually an hour after the end", "031800Z DEC 24")
    ]
    positions: Annotated[
        tuple[Position, ...],
        at_most(bounds.POINTS_MOST),
        about("Positions", "single points; at least one of positions and areas", ["34-30.00N 033-12.00E"]),
    ] = ()
    areas: Annotated[
        tuple[Area, ...],
        at_most(bounds.AREAS),
        about("Areas", "areas to keep clear of; at least one of positions and areas", [_EXAMPLE_CIRCLE], asked=True),
    ] = ()
    amplification: Annotated[
        Purpose,
        about("Amplification", "what it is, and what ships are asked to do", "Ships are requested to keep clear."),
    ]
    notam: Annotated[Notam, about("NOTAM", "the same in the air", _EXAMPLE_NOTAM)] | None = None
    environment: (
        Annotated[Literal["sea", "air"], about("Environment", "which lead time applies; none given: sea", "sea")] | None
    ) = None
    late_reason: (
        Annotated[Remark, about("LATE", "why notice is later than agreed", "Decided at short notice.")] | None
    ) = None

    def check(self) -> None:
        """Raise NoticeError, naming the field, for what the types of the fields cannot say."""
        super().check()
        check_order("start", self.start_s, "end", self.end_s)
        check_order("end", self.end_s, "cancel", self.cancel_s, same_allowed=True)
        if not self.positions and not self.areas:
            what = "areas: neither positions nor areas are given."
            raise NoticeError(what, "Add where the hazard is.", field="areas")
        check_areas("areas", self.areas)
        code = self.notam.q_code if self.notam else None
        if code is not None and not re.fullmatch("Q[A-Z]{4}", code):
            what = "notam.q_code: a Q-code is Q and four capital letters."
            raise NoticeError(what, "Write it as QWMLW, or leave it out.", field="notam.q_code")

    def headline(self) -> str:
        """Return the times, and what is where."""
        times = f"{format_time(self.start_s)} to {format_time(self.end_s)}"
        return f"{times}: {self.subject}, {self.general_area}, {self.locality} ({self.series})"


def _window(notice: Notice) -> tuple[int, int]:
    hazard = cast(Hazard, notice)
    return hazard.start_s, hazard.end_s


def _read_back(notice: Notice) -> tuple[ReadBack, ...]:
    hazard = cast(Hazard, notice)
    areas = (first_position("areas[0]", "Area", area) for area in hazard.areas[:1])
    points = (ReadBack("positions[0]", "First position", str(point)) for point in hazard.positions[:1])
    times = time_value("start", "Start", hazard.start_s), time_value("end", "End", hazard.end_s)
    return (*times, *areas, *points)


def _title(notice: Notice) -> str:
    hazard = cast(Hazard, notice)
    return f"{hazard.series}: {hazard.subject}"


HAZARD = Kind(
    schema=Hazard,
    title="Warning of hazard",
    precedence=Precedence.PRIORITY,
    window=_window,
    read_back=_read_back,
    title_of=_title,
    amendable=True,
)
