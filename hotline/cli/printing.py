"""Printing on arrival: each notice that comes is handed, as a page, to a command such as `lp`."""

import asyncio
import shlex
from contextlib import aclosing
from typing import TYPE_CHECKING

from hotline.cli import show
from hotline.cli.items import whole
from hotline.cli.output import Output
from hotline.errors import HostError, UsageError
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.api.types import Notice
    from hotline.client import Client


def words_of(command: str) -> list[str]:
    """Return a command's words as a shell would read them; UsageError if there are none."""
    try:
        words = shlex.split(command)
    except ValueError:
        words = []
    if not words or "\0" in command:
        raise UsageError("--print names no command.", 'Such as: --print "lp -d duty"')
    return words


async def print_arrivals(out: Output, client: "Client", words: list[str], consumer: str) -> None:
    """Hand each notice that arrives to the command, in order, until interrupted.

    A `consumer` goes on after what it had printed and confirmed, so nothing that came meanwhile is missed, and after a
    crash the last page may come twice. Without one, what is to come is printed. HostError if the command fails: the
    page in hand is not confirmed.
    """
    # Before looking for what is here already: what comes between the two is then looked for again.
    begin = (await client.status()).last_event
    after = None if consumer else max((n.seq for n in (await client.inbox(limit=1)).notices), default=0)
    after = await _print_new(out, client, words, consumer, after)
    async with aclosing(client.events(after=begin)) as events:
        async for event in events:
            if event.kind == "received":
                after = await _print_new(out, client, words, consumer, after)
            elif event.kind == "emergency":
                await _run(words, "An EMERGENCY text", f"{safe(event.line)}: {safe(event.text)}\n")
                out.say("An EMERGENCY text printed.", flush=True)


async def _print_new(out: Output, client: "Client", words: list[str], consumer: str, after: int | None) -> int | None:
    while True:
        page = await client.inbox(consumer=consumer, after=after)
        for notice in page.notices:
            await _hand_over(words, await whole(client, notice))
            if consumer:
                await client.confirm(consumer, notice.seq)
            else:
                after = notice.seq
            out.say(f"{safe(notice.ref) or safe(notice.id)} printed.", flush=True)
        if not page.next:
            return after


async def _hand_over(words: list[str], notice: "Notice") -> None:
    await _run(words, safe(notice.ref) or safe(notice.id), "\n".join(show.page(notice)) + "\n")


async def _run(words: list[str], name: str, text: str) -> None:
    try:
        process = await asyncio.create_subprocess_exec(*words, stdin=asyncio.subprocess.PIPE)
    except OSError as e:
        raise HostError(f"{safe(words[0])} cannot be run: {e.strerror}.", f"{name} was not printed.") from None
    await process.communicate(text.encode())
    if process.returncode:
        raise HostError(
            f"{safe(words[0])} ended with code {process.returncode}: {name} was not printed.",
            "See to the printer, and start this again.",
        )
