"""`hotline backup`: a copy of a home that can be put in its place, made while the station runs or not (docs/adr/0014).

The lock file is never in it. Restored beside an old lock file, an old database would take itself for the present one;
without it, the station knows that it was restored, and signs and cosigns nothing before the peer has shown what it
holds. Neither is the root key, which belongs on two sticks, nor whatever a program leaves beside a running daemon.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from hotline.custody import files, generations
from hotline.errors import HostError, UsageError
from hotline.home import Home
from hotline.store.copying import copy_database

Progress = Callable[[int, int], None]
_FILE_BYTES = 1 << 20  # of cards, keys and settings the largest has 80 KiB


@dataclass(frozen=True, slots=True)
class Backup:
    """What was copied, and what of the home was not, as paths below it."""

    folder: str
    files: tuple[str, ...]
    left_out: tuple[str, ...]


def back_up(home: Home, folder: Path, progress: Progress | None = None) -> Backup:
    """Copy `home` to the new folder `folder`, private and on disk when this returns; `progress` counts pages.

    The folder appears under its name once it is whole. UsageError if it is there already or lies in the home;
    HostError if something cannot be read or written, and then nothing is left.
    """
    home.require()
    folder = Path(os.path.abspath(folder))
    if os.path.lexists(folder):
        raise UsageError(f"{files.shown(folder)} is there already.", "Name a new folder for each backup.")
    if folder.is_relative_to(home.path.resolve()) or folder.resolve().is_relative_to(home.path.resolve()):
        raise UsageError(f"{files.shown(folder)} lies in the home itself.", "Name a folder on another disk.")
    part = folder.with_name(f"{folder.name}.part")
    if part.exists():
        raise UsageError(
            f"{files.shown(part)} is left of a backup that did not end.", "Delete it, then run this again."
        )
    files.make_folder(part)
    try:
        copied = _copy(home, part, progress)
        _put_in_place(part, folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return Backup(str(folder), tuple(copied), tuple(_left_out(home, copied)))


def _copy(home: Home, part: Path, progress: Progress | None) -> list[str]:
    """The database first: cards that come while it is copied are then newer than it, which does no harm."""
    copy_database(home.database_path, part / home.database_path.name, progress)
    copied = [home.database_path.name]
    for path in _small(home):
        name = path.relative_to(home.path)
        target = part / name
        if not target.parent.is_dir():
            files.make_folder(target.parent)
        if path.parent == home.lines_path and path.is_dir():
            files.make_folder(target)
            continue
        data = files.read(path, limit_bytes=_FILE_BYTES, holds="The file", refusal=UsageError)
        files.create(target, data)
        copied.append(str(name))
    return copied


def _small(home: Home) -> Iterator[Path]:
    yield home.config_path
    yield home.card_path
    yield from sorted(p for p in home.keys_path.glob("*.key") if p != home.root_key_path)
    yield from (
        sorted(p for p in home.lines_path.iterdir() if p.suffix in (".card", ".toml"))
        if (home.lines_path.is_dir())
        else ()
    )
    # Without them a line would be set back to a generation that is closed, or begin one under keys of another time.
    yield from (home.renewed_path,) if home.renewed_path.exists() else ()
    # What stands in the place of such a folder is copied as it is: a home that does not start must not start put back.
    for folder in sorted(home.lines_path.glob("[0-9a-f]*.generations")):
        yield folder
        if folder.is_dir():
            yield from sorted(p for p in folder.iterdir() if generations.is_ours(p.name))


def _put_in_place(part: Path, folder: Path) -> None:
    try:
        for inner in (part, *(p for p in part.rglob("*") if p.is_dir())):
            files.sync_folder(inner)
        os.rename(part, folder)
        files.sync_folder(folder.parent)
    except OSError as e:
        raise HostError(f"{files.shown(folder)} cannot be made: {e.strerror}.", "Check the disk.") from None


def _left_out(home: Home, copied: list[str]) -> list[str]:
    """What an operator may miss on the day of the restore: a password file of a relay, the root key."""
    runtime = {"api.sock", "run.lock", "station.begun", "heads.tmp", "station.db-wal", "station.db-shm"}
    found = (p for p in home.path.rglob("*") if p.is_file() and not p.is_relative_to(home.lost_path))
    names = sorted(str(p.relative_to(home.path)) for p in found)
    return [name for name in names if name not in copied and name not in runtime]
