"""What the API server needs of a running station. `hotline.station` implements it; only HotlineError is raised."""

from typing import Protocol

from hotline.api.types import (
    Answer,
    Calendar,
    CalendarQuery,
    Confirm,
    Discard,
    Draft,
    DraftNew,
    Drafts,
    Duty,
    Emergencies,
    Emergency,
    EmergencyNew,
    Event,
    Journal,
    JournalQuery,
    LineTestNew,
    Notice,
    OnDuty,
    Page,
    Relays,
    Release,
    RulesSet,
    RulesView,
    Status,
    Step,
    Submit,
    Submitted,
    Thread,
)
from hotline.errors import HotlineError


class Service(Protocol):
    """All methods are coroutines of the daemon's loop; those that write return once it is on disk."""

    async def status(self) -> Status:
        """The state of everything, now."""
        ...

    async def submit(self, notices: list[Submit]) -> list[Submitted | HotlineError]:
        """Queue notices, in order, in as few commits as possible; one that is wrong does not stop the others."""
        ...

    async def answer(self, answer: Answer) -> Step:
        """Queue an officer's answer to a notice of the peer."""
        ...

    async def confirm(self, confirm: Confirm) -> None:
        """Move a consumer's cursor; it never moves back."""
        ...

    async def inbox(self, *, after: int | None, consumer: str, limit: int, notices_only: bool) -> Page:
        """The peer's entries after a seq, or after the consumer's cursor; with neither the latest, in order."""
        ...

    async def outbox(self, *, limit: int, newest_first: bool, before: int) -> Page:
        """My notices, newest first by default; `before` is a row position to page on, 0 for the start."""
        ...

    async def show(self, ref: str) -> Notice:
        """One notice by `NORTH 7`, or by its id. NotFoundError if there is none."""
        ...

    async def events(self, *, after: int, limit: int) -> list[Event]:
        """Kept events after a seq."""
        ...

    async def journal(self, query: JournalQuery) -> Journal:
        """Entries of the station's own journal."""
        ...

    async def wait_event(self, after: int, timeout_s: float) -> bool:
        """Return True as soon as an event after this seq exists, False at the time-out."""
        ...

    async def draft(self, new: DraftNew) -> Draft:
        """Keep a notice until somebody releases it."""
        ...

    async def drafts(self) -> Drafts:
        """The drafts that wait, oldest first."""
        ...

    async def discard(self, discard: Discard) -> None:
        """Take a draft away. NotFoundError if there is none."""
        ...

    async def release(self, release: Release) -> Submitted:
        """Sign a draft and queue it, or let go what is held. KeyError_ where the rules ask for another person."""
        ...

    async def duty(self, duty: Duty) -> OnDuty:
        """An officer comes on or goes off."""
        ...

    async def on_duty(self) -> OnDuty:
        """Who is on duty."""
        ...

    async def reload_card(self) -> OnDuty:
        """Take the card that the home now holds."""
        ...

    async def reload_relays(self) -> Relays:
        """Use the relays that the configuration now names."""
        ...

    async def calendar(self, query: CalendarQuery) -> Calendar:
        """Activities of both sides."""
        ...

    async def thread(self, ref: str) -> Thread:
        """The thread of a notice."""
        ...

    async def rules(self, line: str) -> RulesView:
        """The rules of a line."""
        ...

    async def set_rules(self, rules: RulesSet) -> RulesView:
        """Take other rules."""
        ...

    async def line_test(self, new: LineTestNew) -> Submitted:
        """Queue a line test."""
        ...

    async def emergency(self, new: EmergencyNew) -> Emergency:
        """Sign and send an emergency text. BusyError if too many wait to be seen."""
        ...

    async def emergencies(self) -> Emergencies:
        """Those of both directions, oldest first."""
        ...
