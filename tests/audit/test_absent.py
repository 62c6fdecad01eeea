"""What is not there, and what nothing explains, is told; the homes themselves are altered in test_generations.py."""

from hotline.audit.absent import absent, unexplained
from hotline.audit.eras import eras
from hotline.audit.report import LineReport, Report
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
    locks = LockFile(later_north.heads_lock_path)
    with Archive.open(later_north.database_path) as archive:
        for known, whole in (({line.pair: eras(later_north.card(), line)}, True), ({}, False)):
            report = Report("home")
            unexplained(report, archive, locks, known, whole=whole)
            assert (report.problems, report.notes) == ([], [])
        report = Report("home")
        unexplained(report, archive, locks, {line.pair: ()}, whole=True)
    assert [problem for problem in report.problems if "(generation 2)" in problem]
