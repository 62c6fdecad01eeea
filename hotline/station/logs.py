"""Structured logs on standard error: readable lines for people, JSON for machines. No secret is ever given to them."""

import contextlib
import logging
import sys
from typing import Any, TextIO

import structlog

from hotline.text import safe


class _Unstoppable:
    """A stream whose full disk or closed pipe costs the line that could not be written, never the station."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError, ValueError):  # ValueError: it is closed
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.flush()


def configure(level: str, form: str) -> None:
    """Set up structlog once, at the daemon's start. `form` is `text` or `json`."""
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _made_safe,
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(_Unstoppable(sys.stderr)),  # type: ignore[arg-type]  # all that print uses
        cache_logger_on_first_use=True,
    )


def _made_safe(_logger: object, _name: str, event: Any) -> Any:
    """What came from outside must not move the cursor of whoever reads the log."""
    return {key: safe(value, limit=4000) if isinstance(value, str) else value for key, value in event.items()}
