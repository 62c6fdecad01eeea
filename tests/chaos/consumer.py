"""A named consumer of an inbox, as a process that is killed between handling and confirming.

`python -m tests.chaos.consumer HOME FILE SEED` writes a line `seq id` to FILE for each notice that it handles, and
confirms a page once all of it is written. Now and then, by SEED, it kills itself in between, as a crash would.
"""

import asyncio
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

from hotline.client import Client
from hotline.errors import DaemonError, NotFoundError, StoreError
from hotline.home import Home
from tests.brokers import ROOT

NAME = "gateway"
PAGE = 20  # what is handled again after a crash at most
CRASHES_EVERY = 120  # notices, on average
AGAIN_S = 0.05


async def consume(home: Home, file: Path, moments: random.Random) -> None:
    """Handle and confirm until killed."""
    written = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    async with Client(home) as client:
        while True:
            try:
                if await _page(client, written, moments):
                    continue
            except (DaemonError, StoreError, NotFoundError):
                pass  # killed or not there yet, refused by its disk, or older than what is confirmed: asked again
            await asyncio.sleep(AGAIN_S)


async def _page(client: Client, written: int, moments: random.Random) -> bool:
    page = await client.inbox(consumer=NAME, limit=moments.randint(1, PAGE))
    for notice in page.notices:
        # What write(2) has taken survives SIGKILL: for this consumer it is durable.
        os.write(written, f"{notice.seq} {notice.id}\n".encode())
        if moments.randrange(CRASHES_EVERY) == 0:
            os.kill(os.getpid(), signal.SIGKILL)
    if page.notices:
        await client.confirm(NAME, page.notices[-1].seq)
    return bool(page.notices)


class Consumer:
    """The consumer of one station: started again whenever it was killed."""

    def __init__(self, home: Home, file: Path, seed: str) -> None:
        self._home, self._file, self._seed = home, file, seed
        self._read_bytes = 0
        self._handled: list[tuple[int, str]] = []
        self.deaths = 0

    async def run(self) -> None:
        """Keep it running until cancelled, then kill it. AssertionError if it ends by anything but SIGKILL."""
        while True:
            code = await self._run_once()
            assert code == -signal.SIGKILL, f"the consumer of {self._home.path.name} ended with {code}"
            self.deaths += 1

    def handled(self) -> list[tuple[int, str]]:
        """(seq, notice id) in the order in which it handled them, repeats included."""
        if self._file.exists():
            with self._file.open("rb") as file:
                file.seek(self._read_bytes)
                whole = file.read().rpartition(b"\n")[0]
            self._read_bytes += len(whole) + 1 if whole else 0
            self._handled += [(int(seq), key) for seq, key in (line.split(" ") for line in whole.decode().splitlines())]
        return self._handled

    async def _run_once(self) -> int:
        words = [str(self._home.path), str(self._file), f"{self._seed}/{self.deaths}"]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.chaos.consumer", *words, cwd=ROOT, stdin=subprocess.DEVNULL
        )
        try:
            return await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


if __name__ == "__main__":
    asyncio.run(consume(Home(Path(sys.argv[1])), Path(sys.argv[2]), random.Random(sys.argv[3])))
