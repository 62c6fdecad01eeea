"""Printing on arrival: each notice of the peer goes to the command of `print_command`, once and in order.

A named consumer of the inbox like any other: what was not printed is tried again, also after a restart.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence

import structlog

from hotline.api.types import Confirm, Emergency, Notice
from hotline.errors import HotlineError
from hotline.station.service import StationService
from hotline.text import safe

log = structlog.get_logger(__name__)

CONSUMER = "printer"
COMMAND_S = 60.0  # for a spooler to take a page
AGAIN_S = 60.0  # after a failure: out of paper is seen to by people
_PAGE = 100


def words(e: Emergency) -> str:
    """The page of an emergency text."""
    bar = "*" * 72
    head = f"EMERGENCY from {safe(e.line)}, officer {safe(e.officer)}"
    foot = "Signed by this officer's key. It is no notice, and stands in no log."
    return "\n".join([bar, head, "", safe(e.text), "", foot, bar, ""])


class Printer:
    """Runs while it is entered. `alarm` is told once for each row of failures."""

    def __init__(self, command: Sequence[str], service: StationService, alarm: Callable[[str], None]) -> None:
        self._command = tuple(command)
        self._service = service
        self._alarm = alarm
        self._failing = False
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Printer":
        if self._command:
            self._task = asyncio.create_task(self._run(), name="printer")
        return self

    async def __aexit__(self, *_exc: object) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        begun, after = False, 0
        while True:
            try:
                after = (await self._service.status()).last_event
                if not begun:
                    await self._begin()
                    begun = True
                done = await self._print_all()
            except HotlineError as e:  # told like a command that fails: a task that ended would print nothing more
                done = False
                self._told("Nothing was printed", safe(e.what))
            if done:
                await self._service.wait_event(after, AGAIN_S)
            else:
                await asyncio.sleep(AGAIN_S)

    async def _begin(self) -> None:
        """Of a station that never printed, only what comes from now on: nobody wants its whole past on paper."""
        if await self._service.cursor(CONSUMER):
            return
        latest = await self._service.inbox(after=None, consumer="", limit=1, notices_only=True)
        if latest.notices:
            await self._service.confirm(Confirm(consumer=CONSUMER, seq=latest.notices[-1].seq))

    async def _print_all(self) -> bool:
        """Print what is not confirmed; False where the command failed."""
        for e in await self._service.emergencies_to_print():
            why = await self._pipe(f"{words(e)}\f".encode())
            self._told("An EMERGENCY text was not printed", why)
            if why:
                return False
            await self._service.emergency_printed(e.seq)
        while True:
            page = await self._service.inbox(after=None, consumer=CONSUMER, limit=_PAGE, notices_only=True)
            for notice in page.notices:
                if not await self._print(notice):
                    return False
                await self._service.confirm(Confirm(consumer=CONSUMER, seq=notice.seq))
            if not page.next:
                return True

    async def _print(self, notice: Notice) -> bool:
        shown = await self._service.received(notice.seq) if notice.serial and not notice.invalid else notice
        heading = "".join(f"{safe(remark)}\n" for remark in shown.remarks)
        text = f"{heading}{shown.text or f'{safe(shown.ref)} INVALID: {safe(shown.invalid)}'}\f"
        why = await self._pipe(text.encode("utf-8"))
        self._told(f"{safe(shown.ref)} was not printed", why)
        return not why

    def _told(self, what: str, why: str) -> None:
        if why and not self._failing:
            log.warning("not-printed", what=what, reason=why)
            self._alarm(f"{what}: {why}.")
        self._failing = bool(why)

    async def _pipe(self, data: bytes) -> str:
        """Give the text to the command; return what went wrong, or nothing."""
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
            )  # fmt: skip
        except OSError as e:
            return f"the command cannot be run ({e.strerror})"
        try:
            async with asyncio.timeout(COMMAND_S):
                await process.communicate(data)
        except TimeoutError:
            return f"the command did not end within {COMMAND_S:.0f} s"
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return f"the command ended with code {process.returncode}" if process.returncode else ""
