"""A disk that loses what was not synced, tears writes, fills up and fails: an SQLite VFS over the real one.

What SQLite reads is real. Beside it, for each file, stands what would be there after a power cut: the
bytes at its last sync, and the writes since then, of which `after_power_cut` keeps none, all, or some
sectors. A file that was never synced may not be there at all, and a deleted one may be back.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import apsw

SECTOR_BYTES = 512
_names = iter(range(1, 1 << 30))


@dataclass
class _File:
    durable: bytes = b""
    writes: list[tuple[int, bytes]] = field(default_factory=list)  # (offset, data)
    cuts: dict[int, int] = field(default_factory=dict)  # position in `writes` of a truncation: the size it cuts to
    known: bool = False  # was synced at least once since it was made
    ghost: bytes | None = None  # a deleted file of this name that may come back


class Disk(apsw.VFS):
    """Registered under `self.vfs` until `close`. Counts what changes the disk, and can fail at any of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.vfs = f"disk-{next(_names)}"
        self.files: dict[str, _File] = {}
        self.count = 0
        self.fail_at = 0
        self.failed = ""
        self.error: Callable[[], apsw.Error] = lambda: apsw.IOError("the test's disk failed")
        self.persists = False  # a failing operation has taken place all the same
        self.syncs = True  # the real disk too; what a power cut leaves is told without
        super().__init__(self.vfs, "")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> "_Handle":  # noqa: N802  # SQLite's name
        return _Handle(self, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802  # SQLite's name
        def delete() -> None:
            super(Disk, self).xDelete(filename, syncdir)
            gone = self.files.pop(Path(filename).name, None)
            if gone is not None and gone.known and not syncdir:
                self.files[Path(filename).name] = _File(ghost=gone.durable)

        self.operate(f"delete {Path(filename).name}", delete)

    def operate(self, what: str, operation: Callable[[], None]) -> None:
        """Do it, or fail before or after having done it."""
        self.count += 1
        fails = self.count == self.fail_at
        if not fails or self.persists:
            operation()
        if fails:
            self.failed = what
            raise self.error()

    def heal(self) -> None:
        """No further operation fails."""
        self.fail_at = 0

    def after_power_cut(self, into: Path, keep: random.Random | bool) -> None:
        """Write into a folder what is there when the power is back, with all, none or some of the unsynced sectors."""
        into.mkdir(exist_ok=True)
        for name, file in self.files.items():
            if not file.known and (not keep if isinstance(keep, bool) else keep.random() < 0.5):
                if file.ghost is not None:
                    (into / name).write_bytes(file.ghost)
                continue
            if file.ghost is not None and not file.known and not file.writes:
                continue
            (into / name).write_bytes(_surviving(file, keep))


def _surviving(file: _File, keep: random.Random | bool) -> bytes:
    image = bytearray(file.durable)
    for number, (offset, data) in enumerate(file.writes):
        cut = file.cuts.get(number)
        if cut is not None:
            if keep is True or (keep is not False and keep.random() < 0.5):
                del image[cut:]
            continue
        for at in range(0, len(data), SECTOR_BYTES):
            if keep is True or (keep is not False and keep.random() < 0.5):
                sector = data[at : at + SECTOR_BYTES]
                image.extend(bytes(max(0, offset + at + len(sector) - len(image))))
                image[offset + at : offset + at + len(sector)] = sector
    return bytes(image)


class _Handle(apsw.VFSFile):
    def __init__(self, disk: Disk, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        super().__init__("", name, flags)
        self._disk = disk
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        self._name = Path(path).name if path else ""
        self._file = disk.files.setdefault(self._name, _File()) if path else _File()
        if path and not self._file.known and not self._file.writes and Path(path).stat().st_size:
            self._file.durable, self._file.known = Path(path).read_bytes(), True

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802  # SQLite's name
        def write() -> None:
            super(_Handle, self).xWrite(data, offset)
            self._file.writes.append((offset, bytes(data)))

        self._disk.operate(f"write {self._name}", write)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802  # SQLite's name
        def truncate() -> None:
            super(_Handle, self).xTruncate(newsize)
            self._file.cuts[len(self._file.writes)] = newsize
            self._file.writes.append((newsize, b""))

        self._disk.operate(f"truncate {self._name}", truncate)

    def xSync(self, flags: int) -> None:  # noqa: N802  # SQLite's name
        def sync() -> None:
            if self._disk.syncs:
                super(_Handle, self).xSync(flags)
            self._file.durable = _surviving(self._file, True)
            self._file.writes, self._file.cuts = [], {}
            if not self._file.known and self._name.endswith(("-wal", "-journal")):
                # SQLite syncs the folder with the first sync of these: what was deleted in it before stays so.
                for file in self._disk.files.values():
                    file.ghost = None
            self._file.known = True

        self._disk.operate(f"sync {self._name}", sync)
