"""What is not there, and what nothing explains, is told; the homes themselves are altered in test_generations.py."""

from hotline.audit.absent import absent, unexplained
from hotline.audit.eras import Era, eras
from hotline.audit.report import LineReport, Report
from hotline.core.step import LockedHead
from hotline.core.view import Lock
from hotline.home import Home
from hotline.store.archive import Archive
from hotline.store.lockfile import LockFile


def test_a_new_line_whose_station_has_not_run_yet_lacks_nothing(later_north: Home) -> None:
    (line,) = later_north.lines()
    part = LineReport("SOUTH", "00")
    with Archive.open(later_north.database_path) as archive:
        known = eras(later_north.card(), line)
        absent(part, archive, known[-1], [], known)
    assert (part.problems, part.notes) == ([], [])


def test_everything_that_is_held_is_explained_and_with_one_line_asked_for_the_others_are_not_spoken_of(
    later_north: Home,
) -> None:
    (line,) = later_north.lines()
    known, peers = {line.pair: eras(later_north.card(), line)}, {line.card.fingerprint}
    assert told(later_north, known, peers, whole=True) == ([], [])
    assert told(later_north, {}, set(), whole=False) == ([], [])
    found, _ = told(later_north, {line.pair: ()}, peers, whole=True)
    assert [problem for problem in found if "(generation 2)" in problem]


def test_a_lock_file_that_names_a_line_which_was_removed_with_its_card_is_no_fault(later_north: Home) -> None:
    (line,) = later_north.lines()
    root, mine = bytes(32), LockedHead("hotline/x/1", 1, bytes(32))
    locks = LockFile(later_north.heads_lock_path)
    locks.replace({b"r" * 32: Lock(True, mine, LockedHead(f"hotline/{'00' * 32}/{'11' * 32}/2", 4, root))})
    locks.replace({b"s" * 32: Lock(True, mine, LockedHead("none", 4, root)), b"t" * 32: Lock(True, mine, None)})
    known, peers = {line.pair: eras(later_north.card(), line)}, {line.card.fingerprint}
    assert told(later_north, known, peers, whole=True) == ([], [])
    locks.replace({b"u" * 32: Lock(True, mine, LockedHead(f"hotline/x/{line.card.fingerprint.hex()}/3", 4, root))})
    (problem,), _ = told(later_north, known, peers, whole=True)
    assert "an older home was put back around it" in problem


def told(
    home: Home, known: dict[bytes, tuple[Era, ...]], peers: set[bytes], *, whole: bool
) -> tuple[list[str], list[str]]:
    """The problems and the notes."""
    report = Report("home")
    with Archive.open(home.database_path) as archive:
        unexplained(report, archive, LockFile(home.heads_lock_path), known, peers, whole=whole)
    return report.problems, report.notes
