"""Notices submitted at one station all the time, and what is known of each."""

import asyncio
import random
from collections.abc import Set
from dataclasses import dataclass, field

from hotline.api.types import Submit
from hotline.client import Client
from hotline.errors import DaemonError, StoreError
from tests.station.pair import consultation

PACE_S = 0.25  # each trial verifies all that was sent, so it is kept small
AGAIN_S = 0.03
FLASH_EVERY = 10
REPEATED_EVERY = 8
ABANDONED_EVERY = 5
UNKNOWN = (DaemonError, StoreError)  # whether it was taken: killed before it answered, or its disk refused a write


@dataclass
class Sent:
    """What one station was given. All ids, in the order of submission; those of `accepted` are durable there."""

    attempted: list[str] = field(default_factory=list)
    accepted: set[str] = field(default_factory=set)
    flash: set[str] = field(default_factory=set)
    repeats: int = 0  # submissions answered with: this id is here already
    # After an old home was put back (docs/guarantees.md, what is not promised):
    unsure: set[str] = field(default_factory=set)  # had not reached the peer, and the backup does not know them
    forgotten: set[str] = field(default_factory=set)  # submitted again, they may be taken as new
    unordered: set[str] = field(default_factory=set)  # may have gone out in another order than they were submitted in

    @property
    def due(self) -> set[str]:
        """What must be at the other side."""
        return self.accepted - self.unsure

    def forget(self, *, known: Set[str], stored: Set[str], in_order: Set[str]) -> None:
        """A backup that knows only these was put back, when `stored` were at the peer."""
        attempted = set(self.attempted)
        self.unsure |= attempted - known - stored
        self.forgotten |= attempted - known
        self.unordered |= attempted - in_order


class Sender:
    """One after another, each until it is taken: a notice that nobody knows of is submitted again, or given up."""

    def __init__(self, client: Client, name: str, seed: str) -> None:
        self.sent = Sent()
        self._client, self._name = client, name
        self._random = random.Random(seed)
        self._stopped = False

    async def run(self) -> None:
        """Submit until `stop`."""
        while not self._stopped:
            notice = self._next()
            await self._until_taken(notice)
            if notice.id in self.sent.accepted and self._one_in(REPEATED_EVERY):
                await self._repeat(notice)
            await asyncio.sleep(PACE_S)

    def stop(self) -> None:
        """The notice at hand is the last."""
        self._stopped = True

    def _next(self) -> Submit:
        sent = self.sent
        key = self._random.randbytes(16).hex()
        is_flash = self._one_in(FLASH_EVERY)
        sent.attempted.append(key)
        if is_flash:
            sent.flash.add(key)
        text = f"{self._name} {len(sent.attempted)}"
        return consultation(text, id=key, precedence="FLASH" if is_flash else "ROUTINE")

    async def _until_taken(self, notice: Submit) -> None:
        while True:
            try:
                taken = await self._client.submit(notice)
            except UNKNOWN:
                if self._one_in(ABANDONED_EVERY):
                    return  # it may be queued or not; if it is, it comes once
                await asyncio.sleep(AGAIN_S)
            else:
                self.sent.repeats += taken.repeated
                self.sent.accepted.add(notice.id)
                return

    async def _repeat(self, notice: Submit) -> None:
        """What was accepted stays accepted, whatever happened since, unless an older home was put back."""
        try:
            again = await self._client.submit(notice)
        except UNKNOWN:
            return
        self.sent.repeats += again.repeated
        known = again.repeated or notice.id in self.sent.forgotten
        assert known, f"{self._name} took {notice.id} as new although it had accepted it"

    def _one_in(self, count: int) -> bool:
        return self._random.randrange(count) == 0
