"""Reading files that hold passwords: private, regular, bounded. Never part of an error's text."""

import os
import stat
from pathlib import Path

from hotline.errors import RelayError
from hotline.text import safe


def read_private(path: str | Path, *, limit_bytes: int, holds: str) -> str:
    """Return the UTF-8 text of the file at `path`, of at most `limit_bytes`.

    `holds` says in words what the file is, such as "the password file of relay north".
    Raises RelayError if it cannot be read, is no regular file, is too long or no UTF-8, or if
    anybody but its owner may read or change it.
    """
    where = f"{holds}, {safe(str(path))},"
    try:
        # O_NONBLOCK: a FIFO in this place must not hang the station.
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK)
        with open(handle, "rb") as file:
            _require_private(os.fstat(handle), where, path)
            data = file.read(limit_bytes + 1)
    except OSError as error:
        raise RelayError(
            f"{where} cannot be read: {error.strerror}.", "Check its path and owner.", reason="secret-file"
        ) from None
    if len(data) > limit_bytes:
        raise RelayError(f"{where} is longer than {limit_bytes} bytes.", "Check its path.", reason="secret-file")
    try:
        return data.decode()
    except UnicodeDecodeError:
        # `from None`: the cause would carry the password's bytes into a traceback.
        raise RelayError(f"{where} is no UTF-8 text.", "Write it again.", reason="secret-file") from None


def _require_private(status: os.stat_result, where: str, path: str | Path) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise RelayError(f"{where} is no regular file.", "Check its path.", reason="secret-file")
    if status.st_mode & 0o077:
        raise RelayError(
            f"{where} can be read by others than its owner.",
            f"Run: chmod 600 {safe(str(path))}",
            reason="secret-file",
        )
