"""What the API server needs of a running station. `hotline.station` implements it; only HotlineError is raised."""

from typing import Protocol

from hotline.api.types import Answer, Confirm, Event, Notice, Page, Status, Step, Submit, Submitted
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

    async def wait_event(self, after: int, timeout_s: float) -> bool:
        """Return True as soon as an event after this seq exists, False at the time-out."""
        ...
