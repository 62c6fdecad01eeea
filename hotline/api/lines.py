"""Newline-delimited JSON: bytes in as they come, whole lines out, in bounded memory. No I/O."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its end. `data` is None if it was longer than the bound: it was counted, and not kept."""

    number: int  # from 1, blank ones counted, as editors do
    data: bytes | None


class Lines:
    """Cuts a stream into lines. What is held is never more than one line of `limit_bytes`.

    Blank lines are counted and left out: they keep a connection alive and mean nothing.
    """

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._held = bytearray()
        self._too_long = False
        self._number = 0

    def feed(self, chunk: bytes) -> list[Line]:
        """Return the lines that this chunk completes."""
        *ends, rest = chunk.split(b"\n")
        done = []
        for end in ends:
            self._hold(end)
            done += self._finish()
        self._hold(rest)
        return done

    def rest(self) -> list[Line]:
        """Return the last line, if the stream ended without its newline."""
        return self._finish() if self._held or self._too_long else []

    def _hold(self, piece: bytes) -> None:
        if self._too_long or len(self._held) + len(piece) > self._limit_bytes:
            self._too_long = True
            self._held.clear()
        else:
            self._held += piece

    def _finish(self) -> list[Line]:
        self._number += 1
        data = None if self._too_long else bytes(self._held)
        self._held.clear()
        self._too_long = False
        return [] if data is not None and not data.strip() else [Line(self._number, data)]
