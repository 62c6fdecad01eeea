"""How a failure is told: one sentence on standard error, and with --json the same as a document on standard output."""

import json as json_text
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from typing import Any

from hotline.errors import HotlineError, UsageError
from hotline.text import safe

INTERRUPTED = 130  # 128 + SIGINT, as shells have it
READER_GONE = 141  # 128 + SIGPIPE
DEFECT = 70  # EX_SOFTWARE of sysexits.h


class Defect(HotlineError):
    """Something that no code of ours expected; its traceback is in a file."""

    exit_code = DEFECT
    reason = "defect"


def wants_json(words: Sequence[str]) -> bool:
    """Return whether --json is among the words: known before they are parsed, for when they cannot be."""
    options = list(words)
    return "--json" in (options[: options.index("--")] if "--" in options else options)


def tell(error: HotlineError, *, json: bool, document: bool = True) -> int:
    """Say what happened and what to do; return the exit code.

    `document` is false where the command has printed its one JSON document already.
    """
    sys.stdout.flush()
    if json and document:
        print(json_text.dumps(as_document(error), ensure_ascii=False), flush=True)
    print(f"error: {safe(str(error), limit=4000)}", file=sys.stderr, flush=True)
    return error.exit_code


def as_document(error: HotlineError) -> dict[str, Any]:
    """The fields of `hotline.api.types.Failure`, without importing it: help and refusals have to be instant."""
    return {
        "error": safe(error.what),
        "remedy": safe(error.remedy),
        "reason": error.reason,
        "exit": error.exit_code,
        "field": safe(getattr(error, "field", "")),
        "kind": next(kind.__name__ for kind in type(error).__mro__ if kind.__module__ == HotlineError.__module__),
    }


def usage(error: Any) -> UsageError:
    """Turn what typer says of the words of a call into our own error."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "hotline"
    what = safe(" ".join(error.format_message().split()).replace("Value error, ", ""), limit=400)
    remedy = f"Type: {command} --help"
    if "unexpected extra argument" in what:
        remedy = f"Several words that belong together need quotes. {remedy}"
    return UsageError(what if what.endswith((".", "?")) else f"{what}.", remedy)


def tell_defect(error: Exception, *, json: bool) -> int:
    """Keep the traceback in a file for whoever mends it, and tell the person in a sentence."""
    what = f"Hotline met something that it did not expect ({type(error).__name__}): this is a defect of ours."
    return tell(Defect(what, _kept(error)), json=json)


def _kept(error: Exception) -> str:
    try:
        handle, path = tempfile.mkstemp(prefix="hotline-defect-", suffix=".log")  # 0600
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.writelines(traceback.format_exception(error))
    except OSError:
        return "Its description could not be written to a file either; please report what you typed."
    return f"Please report it with the file {path}."
