"""Notices submitted at one station all the time, and what is known of each."""

import asyncio
import random
from dataclasses import dataclass, field

from hotline.api.types import Submit
from hotline.client import Client
from hotline.errors import DaemonError
from tests.station.pair import consultation

PACE_S = 0.08
AGAIN_S = 0.03
FLASH_EVERY = 10
REPEATED_EVERY = 8
ABANDONED_EVERY = 5


@dataclass
class Sent:
    """What one station was given. All ids, in the order of submission; those of `accepted` are durable there."""

    attempted: list[str] = field(default_factory=list)
    accepted: set[str] = field(default_factory=set)
    flash: set[str] = field(default_factory=set)
    repeats: int = 0  # submissions answered with: this id is here already


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
            except DaemonError:
                if self._one_in(ABANDONED_EVERY):
                    return  # it may be queued or not; if it is, it comes once
                await asyncio.sleep(AGAIN_S)
            else:
                self.sent.repeats += taken.repeated
                self.sent.accepted.add(notice.id)
                return

    async def _repeat(self, notice: Submit) -> None:
        """What was accepted stays accepted, whatever happened since."""
        try:
            again = await self._client.submit(notice)
        except DaemonError:
            return
        self.sent.repeats += 1
        assert again.repeated, f"{self._name} took {notice.id} as new although it had accepted it"

    def _one_in(self, count: int) -> bool:
        return self._random.randrange(count) == 0
