"""Exercise: warning of a military exercise, so that it is not misread (NOTICES.md, section 5)."""

from typing import Annotated, Literal, cast

from msgspec import Struct

from hotline.errors import NoticeError
from hotline.notices import bounds
from hotline.notices.area import Area
from hotline.notices.dtg import format_time
from hotline.notices.fields import Count, Line, Name, Purpose, Remark, Sentence, Time, about, at_most
from hotline.notices.kind import Kind, ReadBack
from hotline.notices.notice import Notice, check_order
from hotline.notices.readback import first_position, time_value

_EXAMPLE_BOX = {
    "name": "Main area",
    "shape": "polygon",
    "points": ["34-30.00N 033-12.00E", "34-30.00N 034-00.00E", "34-00.00N 034-00.00E", "34-00.00N 033-12.00E"],
}
_EXAMPLE_CIRCLE = {"name": "Impact area", "centre": "34-15.00N 033-36.00E", "radius_nm": 12.5}
_BOUND_WORDS = {"exact": "", "about": "about ", "at-least": "at least ", "at-most": "at most "}


class Strength(Struct, frozen=True, forbid_unknown_fields=True):
    """Personnel of one state; `bound` says how exact the number is."""

    state: Annotated[Name, about("State")]
    people: Annotated[Count, about("People")]
    bound: Annotated[Literal["exact", "about", "at-least", "at-most"], about("Bound")]

    def lines(self) -> list[str]:
        """Return one line of the printed form."""
        return [f"{self.state}: {_BOUND_WORDS[self.bound]}{self.people:,}"]


class Phase(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part of the exercise; without areas of its own it uses all of them. Times in seconds since 1970 UTC."""

    start_s: Annotated[Time, about("Start")]
    end_s: Annotated[Time, about("End")]
    purpose: Annotated[Sentence, about("Purpose")]
    areas: Annotated[tuple[Area, ...], at_most(bounds.PHASE_AREAS), about("Areas")] = ()

    def lines(self) -> list[str]:
        """Return the phase as lines of the printed form."""
        times = f"{format_time(self.start_s)} to {format_time(self.end_s)}: {self.purpose}"
        return [times, *(f"  {line}" for area in self.areas for line in area.lines())]


class Exercise(Notice, frozen=True, kw_only=True, tag="exercise"):
    """An exercise; times in seconds since 1970 UTC. A field neither given nor withheld is not stated."""

    designation: Annotated[Line, about("Designation", "name of the exercise", "ILLUSTRATION 24")]
    purpose: Annotated[Purpose, about("Purpose", "general purpose", "Practice of naval forces in joint tasks.")]
    states: Annotated[
        tuple[Name, ...],
        at_most(bounds.STATES, least=1),
        about("States taking part", "every state whose forces take part", ["North"]),
    ]
    command_level: Annotated[
        Line, about("Level of command", "level that conducts the exercise", "Navy, operational command")
    ]
    start_s: Annotated[Time, about("Start", "when it starts", "010500Z DEC 24")]
    end_s: Annotated[Time, about("End", "when it ends", "031700Z DEC 24")]
    areas: Annotated[
        tuple[Area, ...], at_most(bounds.AREAS, least=1), about("Areas", "where it takes place", [_EXAMPLE_BOX])
    ]
    live_fire: Annotated[bool, about("Live fire", "whether weapons are fired; then hazard_areas too", False)]
    hazard_areas: Annotated[
        tuple[Area, ...],
        at_most(bounds.AREAS),
        about("Hazard areas", "areas to keep clear of; required with live fire", [_EXAMPLE_CIRCLE]),
    ] = ()
    contact_point: Annotated[
        Sentence,
        about(
            "Contact point", "post and means to ask, round the clock", "Duty officer, NORTH, by this line or telephone"
        ),
    ]
    troops: Annotated[
        tuple[Strength, ...],
        at_most(bounds.STATES),
        about(
            "Troops",
            "personnel of each state; bound is exact, about, at-least or at-most",
            [{"state": "North", "people": 1000, "bound": "at-least"}],
            withholdable=True,
        ),
    ] = ()
    formations: Annotated[
        tuple[Line, ...],
        at_most(bounds.STATES),
        about("Formations", "formations and units", ["Naval task group"], withholdable=True),
    ] = ()
    tanks: Annotated[Count, about("Tanks", "battle tanks", 0, withholdable=True)] | None = None
    acvs: Annotated[Count, about("ACVs", "armoured combat vehicles", 0, withholdable=True)] | None = None
    artillery: Annotated[Count, about("Artillery", "artillery pieces", 0, withholdable=True)] | None = None
    helicopters: Annotated[Count, about("Helicopters", "helicopters", 6, withholdable=True)] | None = None
    aircraft: Annotated[Count, about("Aircraft", "aircraft", 24, withholdable=True)] | None = None
    sorties: Annotated[Count, about("Sorties", "planned sorties", 40, withholdable=True)] | None = None
    ships: Annotated[Count, about("Ships", "ships and submarines", 10, withholdable=True)] | None = None
    phases: Annotated[
        tuple[Phase, ...],
        at_most(bounds.PHASES),
        about(
            "Phases",
            "dates, purpose and areas of each phase, within start and end; areas left out: all",
            [{"start": "020500Z DEC 24", "end": "021700Z DEC 24", "purpose": "Practice firing"}],
            withholdable=True,
        ),
    ] = ()
    weapon_class: (
        Annotated[
            Sentence, about("Weapon class", "class of the weapons fired", "Anti-ship missiles", withholdable=True)
        ]
        | None
    ) = None
    calendar_deviation: (
        Annotated[
            Remark, about("Calendar deviation", "how it differs from the annual calendar", "Not in the calendar.")
        ]
        | None
    ) = None
    late_reason: (
        Annotated[Remark, about("LATE", "why notice is later than agreed", "Decided at short notice.")] | None
    ) = None
    environment: (
        Annotated[
            Literal["land", "sea", "air", "joint"],
            about("Environment", "where its forces act, which decides the agreed lead time; left out: land's", "sea"),
        ]
        | None
    ) = None

    def check(self) -> None:
        """Raise NoticeError, naming the field, for what the types of the fields cannot say."""
        super().check()
        check_order("start", self.start_s, "end", self.end_s)
        if self.live_fire and not self.hazard_areas:
            what = "hazard_areas: with live_fire = true at least one hazard area is required."
            raise NoticeError(what, "Add the areas to keep clear of.", field="hazard_areas")
        _check_areas("areas", self.areas)
        _check_areas("hazard_areas", self.hazard_areas)
        for i, phase in enumerate(self.phases):
            path = f"phases[{i}]"
            check_order(f"{path}.start", phase.start_s, f"{path}.end", phase.end_s)
            check_order("start", self.start_s, f"{path}.start", phase.start_s, same_allowed=True)
            check_order(f"{path}.end", phase.end_s, "end", self.end_s, same_allowed=True)
            _check_areas(f"{path}.areas", phase.areas)

    def headline(self) -> str:
        """Return the days, whether weapons are fired, and the designation: what matters before what may be cut."""
        fire = "live fire" if self.live_fire else "no live fire"
        return f"{format_time(self.start_s)} to {format_time(self.end_s)}, {fire}: {self.designation}"


def _check_areas(field: str, areas: tuple[Area, ...]) -> None:
    for i, area in enumerate(areas):
        area.check(f"{field}[{i}]")


def _window(notice: Notice) -> tuple[int, int]:
    exercise = cast(Exercise, notice)
    return exercise.start_s, exercise.end_s


def _read_back(notice: Notice) -> tuple[ReadBack, ...]:
    exercise = cast(Exercise, notice)
    if exercise.hazard_areas:
        place = first_position("hazard_areas[0]", "Hazard area", exercise.hazard_areas[0])
    else:
        place = first_position("areas[0]", "Area", exercise.areas[0])
    return time_value("start", "Start", exercise.start_s), time_value("end", "End", exercise.end_s), place


def _title(notice: Notice) -> str:
    return cast(Exercise, notice).designation


EXERCISE = Kind(
    schema=Exercise,
    title="Notice of exercise",
    window=_window,
    read_back=_read_back,
    title_of=_title,
    amendable=True,
)
