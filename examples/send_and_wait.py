"""The smallest client: send a consultation, wait until the peer's station has it on disk, say so.

    HOTLINE_HOME=… python examples/send_and_wait.py "Text of the consultation"

The station must be running (`hotline run`).
"""

import asyncio
import sys

from hotline.api.types import Submit
from hotline.client import Client
from hotline.errors import HotlineError
from hotline.home import Home


async def send(text: str) -> str:
    """Return the reference under which officers will speak of it, such as `NORTH 7`."""
    async with Client(Home.find()) as station:
        queued = await station.submit(Submit(kind="consultation", notice={"text": text}))
        stored = await station.wait_for(queued.id, state="STORED", timeout_s=60)
        return stored.ref


def main() -> int:
    """Exit 0 once stored; with the error's own code, and its remedy, if not."""
    try:
        print(f"STORED at the peer as {asyncio.run(send(' '.join(sys.argv[1:]) or 'Hello.'))}.")
    except HotlineError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
