"""`recovery.json`: which lines are being rebuilt from their peers. Outside the database, since that is what was lost.

Written before anything is moved and replaced whole, so that whatever happens in between, the next start knows.
"""

from collections.abc import Collection
from typing import Literal

import msgspec

from hotline import limits
from hotline.core.rebuild import Lost
from hotline.custody import files
from hotline.errors import ConfigError, HostError, StoreError
from hotline.home import Home

_REMEDY = "Run: hotline recover"


class LostLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line to be rebuilt: its id in hex, and whether the lock file knew that nothing of ours had been signed."""

    line: str
    may_begin: bool


class Recovery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `hotline recover` has begun. `moving` until the old files are aside and an empty database is there."""

    stage: Literal["moving", "rebuilding"]
    folder: str  # where the old files are, below the home
    at_ms: int
    lines: tuple[LostLine, ...]
    lost: tuple[str, ...]  # what no peer can give back, in sentences

    def of(self, line: bytes) -> Lost | None:
        """What is to be known of a line, None if it is not being rebuilt."""
        found = next((each for each in self.lines if each.line == line.hex()), None)
        return Lost(found.may_begin) if found else None

    def without(self, line: bytes) -> "Recovery":
        """The same once a line is whole again."""
        return msgspec.structs.replace(self, lines=tuple(each for each in self.lines if each.line != line.hex()))


NONE = Recovery("rebuilding", "", 0, (), ())


def load(home: Home) -> Recovery:
    """What is being rebuilt in a home; NONE if nothing is. StoreError if that cannot be read: then nobody goes on."""
    if not home.recovery_path.exists():
        return NONE
    try:
        data = files.read(
            home.recovery_path, limit_bytes=limits.RECOVERY_BYTES, holds="The note of the recovery", refusal=ConfigError
        )
        return msgspec.json.decode(data, type=Recovery)
    except (msgspec.DecodeError, UnicodeDecodeError, ConfigError):
        raise StoreError(f"{files.shown(home.recovery_path)} cannot be read.", _REMEDY) from None


def save(home: Home, recovery: Recovery) -> None:
    """Put it in place, durably. HostError if the disk refuses."""
    files.replace(home.recovery_path, msgspec.json.format(msgspec.json.encode(recovery), indent=2) + b"\n")


def finish(home: Home, line: bytes) -> Recovery:
    """One line is whole again; the note goes to what was moved aside once all are. Returns what it said before."""
    before = load(home)
    left = before.without(line)
    if left.lines:
        save(home, left)
    elif before.lines:
        try:
            home.recovery_path.rename(home.path / before.folder / home.recovery_path.name)
            files.sync_folder(home.path)
        except OSError as e:
            raise HostError(
                f"{files.shown(home.recovery_path)} cannot be moved away: {e.strerror}.", "Check the home and its disk."
            ) from None
    return before


def leave_ended(home: Home, present: Collection[bytes]) -> Recovery:
    """Return what is being rebuilt of the lines that are present: a generation that has ended is rebuilt no more."""
    recovery = load(home)
    for each in recovery.lines:
        if bytes.fromhex(each.line) not in present:
            finish(home, bytes.fromhex(each.line))
    return load(home)


def require_store(home: Home) -> Recovery:
    """Return what is being rebuilt. StoreError if this station had a database which is not here: nobody begins anew.

    Called by the daemon before it opens the store. A home that never had one passes.
    """
    recovery = load(home)
    if recovery.stage == "moving":
        raise StoreError(
            f"`hotline recover` was interrupted in {files.shown(home.path)}.", "Run it again; it goes on from there."
        )
    path = home.database_path
    had = home.begun_path.exists() or home.heads_lock_path.is_file()
    if had and not (path.exists() and (path.stat().st_size or path.with_name(path.name + "-wal").exists())):
        raise StoreError(
            f"{files.shown(path)} is gone, and this station has run before: it does not begin anew by itself.",
            "Put it back, or have the peers rebuild it: hotline recover",
        )
    return recovery


def mark_begun(home: Home) -> None:
    """The database is on disk: from now on its absence is a loss."""
    if not home.begun_path.exists():
        files.replace(home.begun_path, b"")
