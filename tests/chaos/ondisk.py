"""What must hold between two homes on disk, stopped at one moment: both verify, and what is STORED is there."""

from collections import Counter

from hotline.audit import verify_home
from hotline.core.step import Stored
from hotline.home import Home
from hotline.store.archive import Archive, ArchivedLog


def problems(homes: tuple[Home, Home]) -> list[str]:
    """Sentences on what does not hold."""
    found = [f"{home.path.name}: {problem}" for home in homes for problem in verify_home(home).all_problems()]
    for home, other in (homes, homes[::-1]):
        found += _untrue(home, other) + _twice(home)
    return found


def _untrue(owner: Home, holder: Home) -> list[str]:
    """Entries that the owner shows as STORED and that the holder has not, or has otherwise."""
    (line,) = owner.lines()
    with Archive.open(owner.database_path) as mine, Archive.open(holder.database_path) as theirs:
        (log,) = [log for log in mine.logs(line.id) if log.mine]
        kept = _entries(theirs, [log for log in theirs.logs(line.id) if not log.mine])
        said = _entries(mine, [log])
        shown = mine.shown_stored(log)
    return [
        f"{owner.path.name} shows entry {index} as STORED, and {holder.path.name} does not hold it"
        for index in range(shown)
        if said.get(index) is None or kept.get(index) != said[index]
    ]


def _entries(archive: Archive, logs: list[ArchivedLog]) -> dict[int, Stored]:
    return {index: stored for log in logs for index, stored in archive.entries(log.id)}


def _twice(home: Home) -> list[str]:
    (line,) = home.lines()
    with Archive.open(home.database_path) as archive:
        ids = Counter(row[0] for log in archive.logs(line.id) if not log.mine for row in archive.listed(log).values())
    return [f"{home.path.name} shows notice {key.hex()} {times} times" for key, times in ids.items() if times > 1]
