"""Output: JSON for programs, tables and colours for people, the same plain text on every pipe.

What came from outside passes `hotline.text.safe` on its way here, by whoever puts it into a sentence or a cell.
"""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, TextIO

import typer

from hotline.cli import failure
from hotline.errors import HotlineError

Row = Sequence[str]
_LEAST_ROOM = 16  # columns; with less for its widest cells a table is hard to read


def for_people(stream: TextIO) -> bool:
    """Return whether `stream` is a terminal that a person looks at, and may have colours."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


@dataclass(frozen=True, slots=True)
class Output:
    """What one command prints. Results go to standard output; notes and progress to standard error."""

    json: bool = False
    no_color: bool = False

    @property
    def coloured(self) -> bool:
        """Whether results are shown with colours."""
        return not self.json and not self.no_color and for_people(sys.stdout)

    @property
    def lively(self) -> bool:
        """Whether progress may be drawn over itself."""
        return not self.json and not self.no_color and for_people(sys.stderr)

    def document(self, value: Any) -> bool:
        """With --json, print `value` as the one document of this call. Returns whether --json was given."""
        if self.json:
            print(encoded(value), flush=True)
        return self.json

    def say(self, text: str = "", style: str = "", *, flush: bool = False) -> None:
        """Print a result for people; nothing with --json. `style` is a colour where there are colours."""
        if self.json:
            return
        if style and self.coloured:
            from rich.console import Console
            from rich.text import Text

            Console(highlight=False, soft_wrap=True).print(Text(text, style=style))
        else:
            print(text, flush=flush)

    def note(self, text: str) -> None:
        """Print a remark beside the result, on standard error."""
        sys.stdout.flush()
        print(text, file=sys.stderr, flush=True)

    def table(self, columns: Row, rows: Sequence[Row], style: Callable[[Row], str] | None = None) -> None:
        """Print rows under headings; nothing with --json.

        On a terminal they fit its width, with colours or without. On a pipe every cell is whole, padded with spaces.
        """
        if self.json:
            return
        if sys.stdout.isatty():
            _rich_table(columns, rows, style, coloured=self.coloured)
        else:
            print("\n".join(plain_table(columns, rows)))

    def fail(self, error: HotlineError) -> NoReturn:
        """End the command with `error` after its document has been printed."""
        raise typer.Exit(failure.tell(error, json=self.json, document=False))


def encoded(value: Any) -> str:
    """Return structs, dicts and lists as one line of JSON."""
    import msgspec

    return msgspec.json.encode(value).decode()


def plain_table(columns: Row, rows: Sequence[Row]) -> list[str]:
    """Return the lines of a table: each column as wide as its widest cell, two spaces between, none at the end."""
    from hotline.notices.columns import columns as width

    table = [columns, *rows]
    widths = [max(width(row[i]) for row in table) for i in range(len(columns))]
    return ["  ".join(c + " " * (w - width(c)) for c, w in zip(row, widths, strict=True)).rstrip() for row in table]


def _rich_table(columns: Row, rows: Sequence[Row], style: Callable[[Row], str] | None, *, coloured: bool) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from hotline.notices.columns import columns as width

    console = Console(highlight=False, color_system="auto" if coloured else None)
    widths = [max(width(row[i]) for row in [columns, *rows]) for i in range(len(columns))]
    widest = widths.index(max(widths))
    room = console.width - (sum(widths) - widths[widest] + 3 * len(widths) - 1)  # rich puts three between, two around
    if room < min(widths[widest], _LEAST_ROOM):
        for row in rows:
            for line in _stacked(columns, row, console.width):
                console.print(Text(line, style=(style(row) if style else None) or ""), soft_wrap=True)
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for at, name in enumerate(columns):
        table.add_column(name, overflow="fold", no_wrap=at != widest)
    for row in rows:
        table.add_row(*map(Text, row), style=style(row) if style else None)
    console.print(table)


def _stacked(columns: Row, row: Row, room: int) -> list[str]:
    """A row for a terminal too narrow for a table: its cells with their headings, none of them broken."""
    from hotline.notices.columns import columns as width

    lines = [row[0]]
    for piece in (f"{name.lower()} {cell}" for name, cell in zip(columns[1:], row[1:], strict=True)):
        joined = f"{lines[-1]}  {piece}"
        if width(joined) <= room:
            lines[-1] = joined
        else:
            lines.append(f"  {piece}")
    return lines
