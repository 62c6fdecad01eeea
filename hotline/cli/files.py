"""Files that a person names: written whole or not at all, never over something else."""

import os
import re
import shlex
import sys
import tempfile
from pathlib import Path

from hotline.errors import HostError, UsageError
from hotline.text import safe

STANDARD = Path("-")


def shown(path: Path) -> str:
    """The path, safe to print."""
    return safe(str(path), limit=400)


def named_after(ref: str, suffix: str) -> Path:
    """Return the name of the file for a notice: its reference, in letters that every disk takes."""
    return Path((re.sub(r"[^A-Za-z0-9]+", "-", ref).strip("-")[:60] or "notice") + suffix)


def quoted(path: Path) -> str:
    """The path, safe to print, and whole where it is pasted into a shell."""
    return safe(shlex.quote(str(path)), limit=400)


def hand_out(path: Path, data: bytes, *, replace: bool = False) -> None:
    """Write `data` to a new file at `path`, or to standard output for `-`.

    A file that holds the same bytes already is left as it is. One that holds others is replaced as a whole with
    `replace`, else UsageError.
    """
    if path == STANDARD:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    try:
        _create(path, data)
    except FileExistsError:
        if replace and path.is_file():
            _replace(path, data)
        elif not _holds(path, data):
            raise UsageError(
                f"{shown(path)} exists already and holds something else; it was not touched.", "Choose another file."
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


def _replace(path: Path, data: bytes) -> None:
    """Readers find the old file or the new one, never half of one."""
    try:
        handle, beside = tempfile.mkstemp(prefix=".hotline-", dir=path.parent)
        try:
            with open(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(beside, path.stat().st_mode & 0o777)
            os.replace(beside, path)
        except OSError:
            os.unlink(beside)
            raise
    except OSError as e:
        raise HostError(
            f"{shown(path)} cannot be replaced: {e.strerror}.", "Check the folder, its owner, and the disk."
        ) from None


def _holds(path: Path, data: bytes) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read(len(data) + 1) == data
    except OSError:
        return False
