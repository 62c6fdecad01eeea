"""Launch: warning of a missile or space launch, so that its trace is not misread (NOTICES.md, section 13)."""

from typing import Annotated, Literal, cast

from msgspec import Meta

from hotline.notices import bounds
from hotline.notices.area import Area, check_areas
from hotline.notices.dtg import format_time
from hotline.notices.envelope import Precedence
from hotline.notices.fields import Line, Remark, Time, about, at_most
from hotline.notices.kind import Kind, ReadBack
from hotline.notices.notice import Notice, check_order
from hotline.notices.readback import first_position, time_value

LaunchClass = Literal["icbm", "slbm", "irbm", "mrbm", "srbm", "slv", "sounding-rocket", "missile-test", "other"]

_CLASS_WORDS = {
    "slv": "space launch",
    "sounding-rocket": "sounding rocket launch",
    "missile-test": "missile test launch",
    "other": "launch",
}
_EXAMPLE_SITE = {"name": "Launch area", "centre": "35-00.00N 035-00.00E", "radius_nm": 5}
_EXAMPLE_IMPACT = {"name": "Impact area", "centre": "34-15.00N 033-36.00E", "radius_nm": 20}


class Launch(Notice, frozen=True, kw_only=True, tag="launch"):
    """One launch, or several of a kind, within a window; times in seconds since 1970 UTC."""

    launch_class: Annotated[LaunchClass, about("Class", "class of missile or vehicle", "slbm")]
    window_start_s: Annotated[Time, about("Window opens", "earliest launch", "020500Z DEC 24")]
    window_end_s: Annotated[Time, about("Window closes", "latest launch", "021700Z DEC 24")]
    launch_area: Annotated[Area, about("Launch area", "where it is launched from", _EXAMPLE_SITE)]
    impact_areas: Annotated[
        tuple[Area, ...],
        at_most(bounds.IMPACT_AREAS, least=1),
        about("Impact areas", "where stages and payload come down", [_EXAMPLE_IMPACT]),
    ]
    azimuth_deg: Annotated[
        int, Meta(ge=0, le=359), about("Azimuth, degrees", "direction of launch, from true north", 235)
    ]
    count: (
        Annotated[
            int,
            Meta(ge=1, le=bounds.LAUNCHES_MOST),
            about("Count", "launches within the window", 2, withholdable=True),
        ]
        | None
    ) = None
    vehicle: (
        Annotated[Line, about("Vehicle", "type of missile or vehicle", "Cruise missile", withholdable=True)] | None
    ) = None
    apogee_km: (
        Annotated[
            int,
            Meta(ge=1, le=bounds.APOGEE_MOST_KM),
            about("Apogee, km", "greatest height", 100, withholdable=True),
        ]
        | None
    ) = None
    warnings: Annotated[
        tuple[Line, ...],
        at_most(bounds.WARNINGS),
        about("Warnings", "to ships and aircraft, by series and number", ["NAVAREA III 123/24"]),
    ] = ()
    remarks: Annotated[Remark, about("Remarks", "anything further", "The window may be extended once.")] | None = None
    late_reason: (
        Annotated[Remark, about("LATE", "why notice is later than agreed", "Decided at short notice.")] | None
    ) = None

    def check(self) -> None:
        """Raise NoticeError, naming the field, for what the types of the fields cannot say."""
        super().check()
        check_order("window_start", self.window_start_s, "window_end", self.window_end_s)
        self.launch_area.check("launch_area")
        check_areas("impact_areas", self.impact_areas)

    def headline(self) -> str:
        """Return the window, the direction and the class."""
        window = f"{format_time(self.window_start_s)} to {format_time(self.window_end_s)}"
        return f"{window}, azimuth {self.azimuth_deg:03d}: {self.title()}"

    def title(self) -> str:
        """Return what is launched, such as `SLBM launch` or `space launch: Vehicle`."""
        what = _CLASS_WORDS.get(self.launch_class) or f"{self.launch_class.upper()} launch"
        return f"{what}: {self.vehicle}" if self.vehicle else what


def _window(notice: Notice) -> tuple[int, int]:
    launch = cast(Launch, notice)
    return launch.window_start_s, launch.window_end_s


def _read_back(notice: Notice) -> tuple[ReadBack, ...]:
    launch = cast(Launch, notice)
    return (
        time_value("window_start", "Window opens", launch.window_start_s),
        time_value("window_end", "Window closes", launch.window_end_s),
        first_position("launch_area", "Launch area", launch.launch_area),
        first_position("impact_areas[0]", "Impact area", launch.impact_areas[0]),
    )


LAUNCH = Kind(
    schema=Launch,
    title="Notice of launch",
    precedence=Precedence.PRIORITY,
    window=_window,
    read_back=_read_back,
    title_of=lambda notice: cast(Launch, notice).title(),
    amendable=True,
)
