"""Reading and writing the few small files of a home: bounded, private where it matters, durable when it returns."""

import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hotline.errors import BusyError, CallerError, HostError, KeyError_, NotFoundError
from hotline.text import safe

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700
_OTHERS = 0o077


def shown(path: Path) -> str:
    """The path, safe to print."""
    return safe(str(path), limit=400)


def read(path: Path, *, limit_bytes: int, holds: str, private: bool = False, refusal: type[CallerError]) -> bytes:
    """Return the bytes of a regular file of at most `limit_bytes`.

    `holds` says in words what the file is, such as "The key file". With `private`, a file that anybody but
    its owner may read or change raises KeyError_. NotFoundError if there is none; `refusal` if it cannot be
    read, is no regular file, or is too long. A symlink is followed (a root key may live on a stick), and what
    is checked is what is read.
    """
    where = f"{holds} {shown(path)}"
    try:
        # O_NONBLOCK: a FIFO in this place must not hang us.
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK)
        with open(handle, "rb") as file:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise refusal(f"{where} is no regular file.", "Check its path.")
            if private and status.st_mode & _OTHERS:
                raise KeyError_(
                    f"{where} can be read or changed by others than its owner (mode {status.st_mode & 0o777:04o}).",
                    f"If nobody has read it, run: chmod 600 {shown(path)}",
                    reason="permissions",
                )
            data = file.read(limit_bytes + 1)
    except FileNotFoundError:
        raise NotFoundError(f"{where} does not exist.", "Check its path.") from None
    except (OSError, ValueError) as e:  # ValueError: a NUL in the path
        raise refusal(f"{where} cannot be read: {_why(e)}.", "Check its path and owner.") from None
    if len(data) > limit_bytes:
        raise refusal(f"{where} is longer than {limit_bytes} bytes.", "Check its path.")
    return data


def create(path: Path, data: bytes) -> None:
    """Write a new file, 0600, durable when this returns. KeyError_ if it exists already: nothing is overwritten."""
    try:
        _write_new(path, data)
        sync_folder(path.parent)
    except FileExistsError:
        raise KeyError_(
            f"{shown(path)} exists already; it was not touched.", "Move it away first.", reason="exists"
        ) from None
    except OSError as e:
        raise _cannot_write(path, e) from None


def replace(path: Path, data: bytes) -> None:
    """Put a file of mode 0600 in the place of what is at `path`, if anything; the old or the new one, never a part."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}.new")
    try:
        _write_new(fresh, data)
        try:
            os.rename(fresh, path)
        except OSError:
            os.unlink(fresh)
            raise
        sync_folder(path.parent)
    except OSError as e:
        raise _cannot_write(path, e) from None


def make_folder(path: Path) -> None:
    """Make a folder of mode 0700 that does not exist yet."""
    try:
        os.mkdir(path, PRIVATE_FOLDER)
    except (OSError, ValueError) as e:
        raise HostError(f"The folder {shown(path)} cannot be made: {_why(e)}.", "Check its path and owner.") from None


def require_private_folder(path: Path) -> None:
    """Raise KeyError_ unless `path` is a folder that its owner alone can enter; NotFoundError if it is not there."""
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError) as e:
        raise NotFoundError(f"The folder {shown(path)} cannot be opened: {_why(e)}.", "Check its path.") from None
    if not stat.S_ISDIR(mode):
        raise NotFoundError(f"{shown(path)} is not a folder.", "Check its path.")
    if mode & _OTHERS:
        raise KeyError_(
            f"The folder {shown(path)} is open to others than its owner (mode {mode & 0o777:04o}).",
            f"Run: chmod 700 {shown(path)}",
            reason="permissions",
        )


@contextmanager
def locked(folder: Path, *, wait: bool = True) -> Iterator[None]:
    """Keep two that change what is in a private folder from passing their checks beside each other.

    Without `wait`, BusyError if another is at it: for those who ask people, and may take long.
    """
    require_private_folder(folder)
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            raise BusyError(
                f"Another command is changing what is in {shown(folder)} now.", "Wait for it to end."
            ) from None
        yield
    finally:
        os.close(handle)


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable. Raises OSError."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_new(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE)
    try:
        with open(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(handle)
    except BaseException:
        os.unlink(path)  # also on Ctrl-C: half a key file is worse than none
        raise


def _cannot_write(path: Path, error: OSError) -> HostError:
    return HostError(f"{shown(path)} cannot be written: {_why(error)}.", "Check the disk, the folder and its owner.")


def _why(error: OSError | ValueError) -> str:
    return safe((error.strerror if isinstance(error, OSError) else None) or str(error), limit=200)
