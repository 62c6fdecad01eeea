"""A report holds only if nothing in it is a problem."""

from hotline.audit.report import LineReport, LogReport, Report


def test_problems_of_the_file_come_first_and_each_says_where_it_is() -> None:
    log = LogReport("NORTH", "origin", True, problems=["entry 2 was altered."])
    report = Report("home", [LineReport("SOUTH", "00", [log], ["heads.lock is older."])], ["station.db: a page."])
    assert report.all_problems() == [
        "station.db: a page.",
        "SOUTH: heads.lock is older.",
        "NORTH's log: entry 2 was altered.",
    ]
    assert not report.ok


def test_a_report_without_problems_is_good_and_an_empty_home_holds() -> None:
    assert Report("home").ok
    assert Report("home", [LineReport("SOUTH", "00", [LogReport("NORTH", "origin", True)])]).ok
