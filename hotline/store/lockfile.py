"""The lock file: the last head signed and the last cosigned on each line, outside the database (SPEC section 8).

It is what tells a restored database from an up-to-date one without believing the peer. One
line of JSON for each Hotline line, then a checksum; replaced whole, never written in place.
"""

import hashlib
import json
import os
import re
import stat
from collections.abc import Collection
from pathlib import Path

from hotline import limits
from hotline.core.step import LockedHead
from hotline.core.view import Lock
from hotline.errors import StoreError

_HEADER = "hotline-lock/1"
_JOURNAL = "journal"  # where a line has its id
_NUMBER = re.compile(r"[0-9]{1,16}", re.ASCII)


class LockFile:
    """Read once at start, replaced after each commit that precedes a signature. Used by one thread only."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._locks: dict[str, Lock] = {}
        self.state = self._read()

    def _read(self) -> str:
        """Return `read`, `missing` or `damaged`. A symlink, or what is no regular file, is no lock file of ours."""
        try:
            fd = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
            with open(fd, "rb") as f:
                if not stat.S_ISREG(os.fstat(fd).st_mode):
                    return "damaged"
                data = f.read(limits.LOCK_FILE_BYTES + 1)
        except FileNotFoundError:
            return "missing"
        except OSError:
            return "damaged"
        try:
            self._locks = _parse(data)
        except (ValueError, KeyError, TypeError, RecursionError):
            return "damaged"
        return "read"

    def lock(self, line: bytes, *, fresh: bool) -> Lock:
        """What it says of a line. `fresh` says that the database holds no head of it, so that nothing is missed."""
        if self.state == "damaged":
            return Lock(False)
        found = self._locks.get(line.hex())
        return found or Lock(fresh)

    def lines(self) -> list[str]:
        """The ids of the lines that it names, in hex."""
        return sorted(self._locks.keys() - {_JOURNAL})

    def generation_with(self, peer: bytes) -> int:
        """The latest generation of the line with the peer of this fingerprint in which it names a head; 0 for none."""
        ends = (lock.peer.origin.rpartition(f"/{peer.hex()}/") for lock in self._locks.values() if lock.peer)
        return max((int(end) for _, found, end in ends if found and _NUMBER.fullmatch(end)), default=0)

    def forget(self, lines: Collection[bytes]) -> None:
        """Leave out these lines, generations that have ended, when it is written next: nothing is signed in them."""
        for line in lines:
            self._locks.pop(line.hex(), None)

    def replace(self, locks: dict[bytes, Lock]) -> None:
        """Set these lines' records and return when the file is on disk under its name. StoreError stops the process."""
        self._locks.update({line.hex(): lock for line, lock in locks.items()})
        self._write()

    @property
    def journal(self) -> LockedHead | None:
        """The head of the station's own journal that was signed last, None if the file names none (SPEC section 13)."""
        found = self._locks.get(_JOURNAL)
        return None if found is None else found.own

    def lock_journal(self, head: LockedHead) -> None:
        """Set the journal's record, before its head is signed, and return when it is on disk."""
        self._locks[_JOURNAL] = Lock(True, own=head)
        self._write()

    def _write(self) -> None:
        data = _format(self._locks)
        tmp = self.path.with_suffix(".tmp")
        try:
            # What a crash left there is not written into: it may be linked elsewhere, or readable by others.
            tmp.unlink(missing_ok=True)
            fd = os.open(tmp, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            try:
                _write_all(fd, data)
                os.fsync(fd)
            finally:
                os.close(fd)
            tmp.replace(self.path)
            _sync_folder(self.path.parent)
        except OSError as e:
            raise StoreError(
                f"{self.path} cannot be written: {e.strerror or e}.",
                "Check the disk and start again; nothing was signed.",
            ) from None
        self.state = "read"


def _write_all(fd: int, data: bytes) -> None:
    while data:
        data = data[os.write(fd, data) :]


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _format(locks: dict[str, Lock]) -> bytes:
    lines = [_HEADER]
    for line, lock in sorted(locks.items()):
        lines.append(json.dumps({"line": line, "own": _head(lock.own), "peer": _head(lock.peer)}, sort_keys=True))
    text = "\n".join(lines) + "\n"
    return (text + hashlib.sha256(text.encode()).hexdigest() + "\n").encode()


def _head(head: LockedHead | None) -> list[object] | None:
    return None if head is None else [head.origin, head.size, head.root.hex()]


def _parse(data: bytes) -> dict[str, Lock]:
    text = data.decode("ascii")
    body, checksum = text[:-65], text[-65:]
    if hashlib.sha256(body.encode()).hexdigest() + "\n" != checksum or not body.startswith(_HEADER + "\n"):
        raise ValueError("checksum")
    rows = [json.loads(line) for line in body.splitlines()[1:]]
    return {row["line"]: Lock(True, _parse_head(row["own"]), _parse_head(row["peer"])) for row in rows}


def _parse_head(value: list[object] | None) -> LockedHead | None:
    if value is None:
        return None
    origin, size, root = value
    return LockedHead(str(origin), int(str(size)), bytes.fromhex(str(root)))
