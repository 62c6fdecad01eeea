"""Files that a person names: written whole or not at all, never over something else."""

import os
import shlex
import sys
from pathlib import Path

from hotline.errors import HostError, UsageError
from hotline.text import safe

STANDARD = Path("-")


def shown(path: Path) -> str:
    """The path, safe to print."""
    return safe(str(path), limit=400)


def quoted(path: Path) -> str:
    """The path, safe to print, and whole where it is pasted into a shell."""
    return safe(shlex.quote(str(path)), limit=400)


def hand_out(path: Path, data: bytes) -> None:
    """Write `data` to a new file at `path`, or to standard output for `-`.

    A file that holds the same bytes already is left as it is; UsageError if it holds others.
    """
    if path == STANDARD:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    try:
        _create(path, data)
    except FileExistsError:
        if not _holds(path, data):
            raise UsageError(
                f"{shown(path)} exists already and holds something else; it was not touched.", "Choose another --out."
            ) from None
    except (OSError, ValueError) as e:
        why = e.strerror if isinstance(e, OSError) else "it is no path"
        raise HostError(
            f"{shown(path)} cannot be written: {why}.", "Check the folder, its owner, and the disk."
        ) from None


def _create(path: Path, data: bytes) -> None:
    with open(path, "xb") as file:
        try:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            path.unlink()
            raise


def _holds(path: Path, data: bytes) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read(len(data) + 1) == data
    except OSError:
        return False
