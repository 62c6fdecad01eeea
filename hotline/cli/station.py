"""A command's way to the running station: the client, for the length of one question."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from hotline.client import Client

_T = TypeVar("_T")


def ask(home: Path | None, question: Callable[["Client"], Awaitable[_T]]) -> _T:
    """Run `question` with a client of the daemon of `home` and return its answer. DaemonError if none runs."""
    from hotline.cli import loop
    from hotline.client import Client
    from hotline.home import Home

    async def run() -> _T:
        async with Client(Home.find(home).require()) as client:
            return await question(client)

    return loop.run(run)
