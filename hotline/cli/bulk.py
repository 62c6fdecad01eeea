"""`hotline send --bulk`: many notices in one streamed request, an outcome for each, in order."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from hotline import limits
from hotline.cli import failure
from hotline.cli.files import STANDARD, shown
from hotline.cli.output import Output
from hotline.cli.station import ask
from hotline.errors import CheckFailed, HotlineError, NotFoundError, NoticeError, UsageError
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.api.types import Submit, Submitted
    from hotline.client import Client


def send(out: Output, home: Path | None, path: Path) -> None:
    """Send every line of a file; each says what became of it. CheckFailed at the end if any was refused."""

    async def question(client: "Client") -> tuple[int, int]:
        queued = refused = 0
        with _opened(path) as file:
            async for outcome in client.submit_many(notices(file, path)):
                refused += isinstance(outcome, HotlineError)
                queued += not isinstance(outcome, HotlineError)
                _tell(out, outcome, queued + refused)
        return queued, refused

    queued, refused = ask(home, question)
    out.say(f"{queued} queued, NOT at the peer yet; {refused} refused.")
    if refused:
        out.fail(
            CheckFailed(
                f"{refused} of {queued + refused} notices were refused.", "Correct those lines; send them again."
            )
        )


def _opened(path: Path) -> BinaryIO:
    if path == STANDARD:
        return open(sys.stdin.fileno(), "rb", closefd=False)
    try:
        return open(path, "rb")
    except FileNotFoundError:
        raise NotFoundError(f"There is no file {shown(path)}.", "Check the path.") from None
    except (OSError, ValueError) as e:
        why = e.strerror if isinstance(e, OSError) else "it is no path"
        raise UsageError(f"{shown(path)} cannot be read: {why}.", "Check its path and owner.") from None


def notices(file: BinaryIO, path: Path) -> Iterator["Submit"]:
    """Yield the notices of a file of JSON lines, read as they are sent. NoticeError names the line at fault."""
    import msgspec

    from hotline.api.types import Submit, Submitted

    decoder = msgspec.json.Decoder(Submit)
    number = 0
    while line := file.readline(limits.API_REQUEST_BYTES + 1):
        number += 1
        where = f"{shown(path)}, line {number}"
        if len(line) > limits.API_REQUEST_BYTES:
            raise NoticeError(f"{where} is longer than {limits.API_REQUEST_BYTES} bytes.", "Split the text.")
        if not line.strip():
            continue
        try:
            yield decoder.decode(line)
        except (msgspec.DecodeError, RecursionError) as e:
            raise NoticeError(
                f"{where} is no notice: {safe(str(e), limit=200)}.",
                "The lines before it were sent. Correct it, and send again from there.",
            ) from None


def _tell(out: Output, outcome: "Submitted | HotlineError", number: int) -> None:
    if isinstance(outcome, HotlineError):
        if not out.document(failure.as_document(outcome) | {"number": number}):
            out.say(f"{number}  REFUSED  {safe(str(outcome))}", style="red")
    elif not out.document(outcome):
        out.say(f"{number}  {outcome.id}  {outcome.state.lower()}{', sent before' if outcome.repeated else ''}")
