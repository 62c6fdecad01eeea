"""Calendar: what a side plans for a year (NOTICES.md, section 8)."""

from datetime import UTC, datetime
from typing import Annotated, cast

from msgspec import Struct

from hotline.errors import NoticeError
from hotline.notices import bounds
from hotline.notices.area import Area, check_areas
from hotline.notices.dtg import format_time
from hotline.notices.fields import Count, Line, Name, Remark, Sentence, Time, Year, about, at_most
from hotline.notices.kind import Kind, ReadBack
from hotline.notices.notice import Notice, check_order
from hotline.notices.readback import first_position, time_value

_EXAMPLE_ENTRY = {
    "designation": "ILLUSTRATION 25",
    "start": "010500Z JUN 25",
    "end": "101700Z JUN 25",
    "place": "Eastern Mediterranean",
    "notifiable": True,
}


class Entry(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One activity planned; `notifiable` says that a notice of its own is due. Times in seconds since 1970 UTC."""

    designation: Annotated[Line, about("Designation")]
    start_s: Annotated[Time, about("Start")]
    end_s: Annotated[Time, about("End")]
    place: Annotated[Sentence, about("Place")]
    notifiable: Annotated[bool, about("Notifiable")]
    purpose: Annotated[Sentence, about("Purpose")] | None = None
    states: Annotated[tuple[Name, ...], at_most(bounds.STATES), about("States")] = ()
    people: Annotated[Count, about("People")] | None = None
    areas: Annotated[tuple[Area, ...], at_most(bounds.PHASE_AREAS), about("Areas")] = ()

    def check(self, field: str, year: int) -> None:
        """Raise NoticeError naming `field` for times out of order or outside `year`, or an area that is none."""
        check_order(f"{field}.start", self.start_s, f"{field}.end", self.end_s)
        first_s, last_s = span_of_year(year)
        if self.end_s < first_s or self.start_s > last_s:
            what = f"{field}.start: the activity has no day in {year}."
            raise NoticeError(what, "Correct its times or the year.", field=f"{field}.start")
        check_areas(f"{field}.areas", self.areas)

    def lines(self) -> list[str]:
        """Return the activity as lines of the printed form."""
        due = "notice due" if self.notifiable else "no notice due"
        details = [f"purpose: {self.purpose}"] if self.purpose else []
        details += [f"states: {', '.join(self.states)}"] if self.states else []
        details += [f"people: about {self.people:,}"] if self.people is not None else []
        areas = (line for area in self.areas for line in area.lines())
        return [
            f"{self.designation} ({due})",
            f"  {format_time(self.start_s)} to {format_time(self.end_s)}: {self.place}",
            *(f"  {line}" for line in (*details, *areas)),
        ]


class Calendar(Notice, frozen=True, kw_only=True, tag="calendar"):
    """The year's activities, or `nil`: saying that nothing is planned differs from saying nothing."""

    year: Annotated[Year, about("Year", "year that is planned for", 2025)]
    as_of_s: Annotated[Time, about("As of", "state of planning that it gives", "150000Z NOV 24")]
    nil: Annotated[bool, about("Nil", "nothing notifiable is planned; then no entries", True)] = False
    entries: Annotated[
        tuple[Entry, ...],
        at_most(bounds.CALENDAR_ENTRIES),
        about("Entries", "what is planned; none with nil = true", [_EXAMPLE_ENTRY], asked=True),
    ] = ()
    remarks: Annotated[Remark, about("Remarks", "anything further", "Dates of autumn follow.")] | None = None
    late_reason: Annotated[Remark, about("LATE", "why it comes later than agreed", "Planning was revised.")] | None = (
        None
    )

    def check(self) -> None:
        """Raise NoticeError, naming the field, for what the types of the fields cannot say."""
        super().check()
        if self.nil == bool(self.entries):
            wrong = "entries are given and nil is true" if self.nil else "neither entries nor nil are given"
            raise NoticeError(f"entries: {wrong}.", "Give entries, or nil = true.", field="entries")
        for i, entry in enumerate(self.entries):
            entry.check(f"entries[{i}]", self.year)

    def headline(self) -> str:
        """Return the year, how much is planned, and the state of planning."""
        count = len(self.entries)
        planned = "nil" if self.nil else f"{count} activit{'y' if count == 1 else 'ies'}"
        return f"{self.year}: {planned}, as of {format_time(self.as_of_s)}"


def span_of_year(year: int) -> tuple[int, int]:
    """Return the first and the last second of a year, UTC, in seconds since 1970."""
    first, following = (int(datetime(y, 1, 1, tzinfo=UTC).timestamp()) for y in (year, year + 1))
    return first, following - 1


def _window(notice: Notice) -> tuple[int, int]:
    return span_of_year(cast(Calendar, notice).year)


def _read_back(notice: Notice) -> tuple[ReadBack, ...]:
    calendar = cast(Calendar, notice)
    values = [ReadBack("year", "Year", str(calendar.year))]
    for entry in calendar.entries[:1]:
        values.append(time_value("entries[0].start", "Start of the first activity", entry.start_s))
        values += [first_position("entries[0].areas[0]", "Its area", area) for area in entry.areas[:1]]
    return tuple(values)


CALENDAR = Kind(
    schema=Calendar,
    title="Annual calendar",
    window=_window,
    read_back=_read_back,
    title_of=lambda notice: f"Calendar {cast(Calendar, notice).year}",
    amendable=True,
)
