"""Progress for whatever takes over a second: drawn for a person at a terminal, silent for everybody else."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from hotline.cli.output import Output

Count = Callable[[int, int], None]
Say = Callable[[str], None]

_SHOWN_AFTER_S = 0.5  # what is over by then needs no progress


@contextmanager
def counting(out: Output, what: str) -> Iterator[Count]:
    """Yield what takes (done, total), and draws a bar after half a second."""
    if not out.lively:
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task(what, total=None)
    begun = time.monotonic()

    def count(done: int, total: int) -> None:
        if time.monotonic() - begun > _SHOWN_AFTER_S:
            bar.start()
        bar.update(task, completed=done, total=total)

    try:
        yield count
    finally:
        bar.stop()


@contextmanager
def waiting(out: Output, text: str) -> Iterator[Say]:
    """Show that something is waited for; yields what changes the text. On no terminal each text is a line."""
    if not out.lively:
        if not out.json:
            out.note(text)
        yield lambda now: None if out.json else out.note(now)
        return
    from rich.console import Console
    from rich.markup import escape

    with Console(stderr=True, highlight=False).status(escape(text)) as status:
        yield lambda now: status.update(escape(now))
