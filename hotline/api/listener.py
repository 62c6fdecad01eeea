"""The Unix socket of the API: private from its first moment, in place of a dead daemon's, gone at the end."""

import os
import socket
import stat
from pathlib import Path

from hotline.errors import HostError
from hotline.text import safe

_PRIVATE = 0o600


def bind(path: Path) -> socket.socket:
    """Return a bound socket, 0600, not yet listening. HostError if there cannot be one at `path`.

    Who calls this holds the home's lock: a socket found here belongs to a daemon that is dead.
    """
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _remove_stale(path)
        listener.bind(os.fspath(path))
        # No race: nobody can connect before `listen`, and whoever connects after it is checked against this mode.
        # A umask would change files that other threads make meanwhile.
        os.chmod(path, _PRIVATE)
    except (OSError, ValueError) as e:  # ValueError: a zero byte in the path
        listener.close()
        raise _cannot_listen(path, e) from None
    except BaseException:
        listener.close()
        raise
    return listener


def identity(path: Path) -> tuple[int, int]:
    """What tells this socket from a later one at the same path."""
    status = os.lstat(path)
    return status.st_dev, status.st_ino


def remove(path: Path, ours: tuple[int, int]) -> None:
    """Remove the socket, unless it is somebody else's by now."""
    try:
        if identity(path) == ours:
            os.unlink(path)
    except FileNotFoundError:
        pass


def _remove_stale(path: Path) -> None:
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise HostError(f"{_shown(path)}, where the socket of the API would stand, is something else.", "Move it away.")
    os.unlink(path)


def _cannot_listen(path: Path, error: OSError | ValueError) -> HostError:
    why = safe((error.strerror if isinstance(error, OSError) else None) or str(error), limit=200)
    return HostError(
        f"The API cannot listen on {_shown(path)}: {why}.",
        "Check the folder and its owner, or use a home with a shorter path.",
        reason="socket",
    )


def _shown(path: Path) -> str:
    return safe(str(path), limit=400)
