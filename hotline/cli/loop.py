"""Running a coroutine from a command, so that Ctrl-C at any moment is only an interrupt."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

_T = TypeVar("_T")


def run(main: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
    """Return what `main()` returns, run on a loop of its own.

    `asyncio.run` can be interrupted while it builds its loop, which then complains of itself on the terminal when it is
    thrown away. Here an interrupt waits until the loop is whole.
    """
    runner = asyncio.Runner()
    try:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            runner.get_loop()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        return runner.run(main())
    finally:
        runner.close()
