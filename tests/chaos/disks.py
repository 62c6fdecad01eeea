"""A small disk of its own under one home, which is filled and made read-only; and writes that a process is refused.

Root ignores permissions, so the disk is a tmpfs that has no room, and that is mounted read-only. Mounting needs root.
"""

import errno
import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SIZE_MIB = 24  # a home of a round takes a fifth of it
PIECES = (1 << 20, 1 << 12)  # bytes: filled in large pieces, then to the last page
FILLER = "filler"
# A write past this is refused: past what a daemon logs in a round, and well within a write-ahead log.
REFUSED_PAST_BYTES = 256 * 1024


@dataclass(frozen=True)
class Disk:
    """A tmpfs that is mounted."""

    at: Path

    def fill(self) -> None:
        """Leave not one page."""
        with (self.at / FILLER).open("wb") as filler:
            size = 0
            for piece in PIECES:
                while _takes(filler.fileno(), size, piece):
                    size += piece

    def free(self) -> None:
        """Give back what `fill` took."""
        (self.at / FILLER).unlink()

    def remount(self, how: str) -> None:
        """`ro` or `rw`. The kernel refuses `ro` while any file on it is open for writing."""
        _run("mount", "-o", f"remount,{how}", str(self.at))


def _takes(file: int, size: int, piece: int) -> bool:
    try:
        os.posix_fallocate(file, size, piece)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        return False
    return True


@contextmanager
def mounted(at: Path) -> Iterator[Disk]:
    """Mount a new tmpfs on a folder that exists and is empty."""
    _run("mount", "-t", "tmpfs", "-o", f"size={SIZE_MIB}m,mode=0700", "hotline-chaos", str(at))
    try:
        yield Disk(at)
    finally:
        _run("umount", "--lazy", str(at))


def why_none(folder: Path) -> str:
    """Why no disk can be mounted here; empty where one can."""
    if os.geteuid() != 0:
        return "mounting needs root"
    probe = folder / "disk"
    probe.mkdir()
    try:
        with mounted(probe):
            return ""
    except subprocess.CalledProcessError as error:
        return f"root may not mount here: {error.stderr.strip()}"
    finally:
        probe.rmdir()


def refuse_writes(pid: int, *, refused: bool) -> None:
    """Let a process write no file past REFUSED_PAST_BYTES: EFBIG, after a part of the write where it begins before."""
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (REFUSED_PAST_BYTES if refused else hard, hard))


def _run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True, text=True)
