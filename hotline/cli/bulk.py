"""`hotline send --bulk`: many notices in one streamed request, an outcome for each line, in order."""

import sys
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

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

    async def question(client: "Client") -> Ledger:
        with _opened(path) as file:
            ledger = Ledger(out, file)
            try:
                async for outcome in client.submit_many(ledger.notices()):
                    ledger.outcome(outcome)
            except HotlineError:
                out.say(f"{ledger.summary()} Of the other lines nobody knows: look with hotline outbox.")
                out.say("A line with an id of its own can be sent again; it is not queued twice.")
                raise
            ledger.rest()
        return ledger

    ledger = ask(home, question)
    out.say(ledger.summary())
    if ledger.refused:
        total = ledger.queued + ledger.repeated + ledger.refused
        out.fail(
            CheckFailed(f"{ledger.refused} of {total} notices were refused.", "Correct those lines; send them again.")
        )


def _opened(path: Path) -> AbstractContextManager[BinaryIO]:
    if path == STANDARD:
        return nullcontext(sys.stdin.buffer)
    try:
        return open(path, "rb")
    except FileNotFoundError:
        raise NotFoundError(f"There is no file {shown(path)}.", "Check the path.") from None
    except (OSError, ValueError) as e:
        why = e.strerror if isinstance(e, OSError) else "it is no path"
        raise UsageError(f"{shown(path)} cannot be read: {why}.", "Check its path and owner.") from None


class Ledger:
    """Brings lines and outcomes together. A line that is no notice is refused here; the others go on."""

    def __init__(self, out: Output, file: BinaryIO) -> None:
        self.queued = self.repeated = self.refused = 0
        self._out = out
        self._file = file
        # Lines without an outcome yet, in order; the error of those that were never sent. The client reads a bounded
        # way ahead, so this stays short.
        self._open: deque[tuple[int, NoticeError | None]] = deque()

    def summary(self) -> str:
        """How many lines came to what."""
        again = f"{self.repeated} sent before; " if self.repeated else ""
        return f"{self.queued} queued, NOT at the peer yet; {again}{self.refused} refused."

    def notices(self) -> "Iterator[Submit]":
        """Yield the notices, read as they are sent."""
        number = 0
        while line := self._file.readline(limits.API_REQUEST_BYTES + 1):
            number += 1
            if line.strip():
                notice = self._read(line)
                self._open.append((number, notice if isinstance(notice, NoticeError) else None))
                if not isinstance(notice, NoticeError):
                    yield notice

    def _read(self, line: bytes) -> "Submit | NoticeError":
        import msgspec

        from hotline.api.types import Submit

        if len(line) > limits.API_REQUEST_BYTES and not line.endswith(b"\n"):
            self._skip()
            return NoticeError(f"The line is longer than {limits.API_REQUEST_BYTES} bytes.", "Shorten the text.")
        try:
            return msgspec.json.decode(line, type=Submit)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as e:
            more = ", ".join(name for name in Submit.__struct_fields__ if name not in ("kind", "notice"))
            return NoticeError(
                f"The line is no notice: {safe(str(e), limit=200)}.",
                f'Such as: {{"kind": "consultation", "notice": {{"text": "…"}}}}; it may hold {more} too.',
            )

    def _skip(self) -> None:
        """Read on to the end of a line that is too long."""
        while (piece := self._file.readline(limits.API_REQUEST_BYTES)) and not piece.endswith(b"\n"):
            pass

    def outcome(self, outcome: "Submitted | HotlineError") -> None:
        """Say what became of the next line that was sent."""
        self._refused_here()
        number, _ = self._open.popleft()
        self._tell(number, outcome)

    def rest(self) -> None:
        """Say what became of the last lines, if they were no notices."""
        self._refused_here()

    def _refused_here(self) -> None:
        while self._open and (error := self._open[0][1]) is not None:
            number, _ = self._open.popleft()
            self._tell(number, error)

    def _tell(self, number: int, outcome: "Submitted | HotlineError") -> None:
        if isinstance(outcome, HotlineError):
            self.refused += 1
            if not self._out.document(failure.as_document(outcome) | {"number": number}):
                self._out.say(f"{number}  REFUSED  {safe(str(outcome))}", style="red")
        else:
            self.repeated += outcome.repeated
            self.queued += not outcome.repeated
            if not self._out.document(_document(outcome, number)):
                again = ", sent before" if outcome.repeated else ""
                self._out.say(f"{number}  {outcome.id}  {outcome.state.lower()}{again}")


def _document(outcome: "Submitted", number: int) -> dict[str, Any]:
    import msgspec

    return dict(msgspec.to_builtins(outcome), number=number)
