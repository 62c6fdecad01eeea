"""A listener that reacts to FLASH: it shows the notice at once, runs a command if one is given, and forgets nothing.

    HOTLINE_HOME=… python examples/flash_listener.py                      # shows, and rings the terminal's bell
    HOTLINE_HOME=… python examples/flash_listener.py -- aplay siren.wav   # and runs this for each

It is a named consumer: each notice comes to it once and in order, also after it, or the station, was restarted. What
it has not confirmed comes again. It opens nothing: that an officer has read the notice, only that officer can say.
"""

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Sequence

from hotline.api.types import Notice
from hotline.client import Client
from hotline.errors import HotlineError
from hotline.home import Home
from hotline.text import safe

CONSUMER = "flash-listener"


async def listen(station: Client, command: Sequence[str], *, until: int | None = None) -> int:
    """Handle what comes, for ever or until so many FLASH notices were handled; return how many were."""
    handled = 0
    cursor = (await station.status()).last_event  # before the first look: what comes meanwhile wakes us
    async with contextlib.aclosing(station.events(after=cursor)) as events:
        while True:
            handled += await catch_up(station, command)
            if until is not None and handled >= until:
                return handled
            await anext(events)


async def catch_up(station: Client, command: Sequence[str]) -> int:
    """Handle everything that this consumer has not confirmed; return how many of it were FLASH."""
    flashes = 0
    while True:
        page = await station.inbox(consumer=CONSUMER)
        for notice in page.notices:
            if notice.precedence == "FLASH" and not notice.invalid:
                await react(station, notice, command)
                flashes += 1
            await station.confirm(CONSUMER, notice.seq)  # after it was handled, not before
        if not page.next:
            return flashes


async def react(station: Client, notice: Notice, command: Sequence[str]) -> None:
    """Show the whole text, then run the command; its failure is told, and is no reason to stop listening."""
    whole = await station.show(notice.id)
    mark = f"{notice.mode} " if notice.mode != "OPERATION" else ""
    print(f"\a{mark}FLASH from {safe(notice.line)}: {safe(notice.ref)}\n{whole.text}", flush=True)
    if command:
        done = await asyncio.to_thread(subprocess.run, command, input=whole.text, text=True, check=False)
        if done.returncode:
            print(f"The command ended with code {done.returncode}.", file=sys.stderr)


def main() -> int:
    """Run until Ctrl-C."""
    command = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else []

    async def run() -> None:
        async with Client(Home.find(), patience_s=None) as station:
            await listen(station, command)

    try:
        asyncio.run(run())
    except KeyboardInterrupt:
        return 0
    except HotlineError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
