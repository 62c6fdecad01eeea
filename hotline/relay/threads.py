"""Threads for calls that block until the network answers, and that nothing need wait for at the end."""

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Abandonable(Executor):
    """Each call has a thread of its own, which the end of the process does not wait for.

    `ThreadPoolExecutor` is joined when the interpreter ends, whatever `shutdown` was told: a station whose
    relay did not answer took ten seconds to stop. The caller bounds how many calls run at once.
    """

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> "Future[_T]":
        """Run a call; its result or exception is in the future."""
        done: Future[_T] = Future()

        def run() -> None:
            if not done.set_running_or_notify_cancel():
                return
            try:
                done.set_result(fn(*args, **kwargs))
            except BaseException as e:  # noqa: BLE001 (it belongs to whoever waits for the future)
                done.set_exception(e)

        threading.Thread(target=run, name="relay-connect", daemon=True).start()
        return done
