"""`hotline verify`."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from hotline.cli.options import HomeOption, JsonOption, NoColorOption
from hotline.cli.output import Output
from hotline.cli.progress import counting
from hotline.errors import CheckFailed
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.audit.report import LogReport, Report


def verify(
    line: Annotated[
        str | None, typer.Option("--line", metavar="NAME", help="Check this line only.  [else all]")
    ] = None,
    home: HomeOption = None,
    json: JsonOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Check every byte of both logs from disk, without the daemon.

    Every entry, body, signature and receipt is read again and computed again, and what
    was checked is said. The daemon may run or not; nothing is written. Exit code 1 if
    anything does not hold: the entry at fault is named.

    Example:
      hotline verify --line SOUTH
    """
    from hotline.audit import verify_home
    from hotline.home import Home

    out = Output(json, no_color)
    with counting(out, "entries checked") as progress:
        report = verify_home(Home.find(home), line, progress)
    if not out.document({"ok": report.ok, "problems": report.all_problems(), "report": report}):
        _tell(out, report)
    if not report.ok:
        count = len(report.all_problems())
        out.fail(
            CheckFailed(
                f"The logs in {safe(report.home)} do not hold: {count} {'problem' if count == 1 else 'problems'}.",
                "Stop the station, keep a copy of the home, and compare with the other side.",
            )
        )


def _tell(out: Output, report: "Report") -> None:
    for each in report.lines:
        out.say(f"Line {safe(each.name)}, id {each.line_id[:16]}…")
        for log in each.logs:
            out.say(f"  {_checked(log)}")
    if not report.lines:
        out.say(f"There is no line in {safe(report.home)}: nothing to check.")
    if report.journal is not None:
        j = report.journal
        out.say(
            f"Our journal: {_counted(j.entries, 'entry', 'entries')}, {_counted(j.heads, 'head')}, "
            f"{_counted(j.signatures, 'signature')} verified; signed up to {j.signed}"
        )
    for problem in report.all_problems():
        out.say(f"PROBLEM  {safe(problem)}", style="bold red")
    if report.ok and report.lines:
        out.say("Everything holds.", style="green")
    sys.stdout.flush()


def _checked(log: "LogReport") -> str:
    invalid = f" ({log.invalid} INVALID)" if log.invalid else ""
    counts = ", ".join(
        _counted(*each)
        for each in (
            (log.bodies, "body", "bodies"), (log.notices, "notice"), (log.answers, "answer"),
            (log.watches, "watch", "watches"), (log.cards, "card"), (log.heads, "head"), (log.receipts, "receipt"),
        )
    )  # fmt: skip
    return (
        f"{safe(log.owner)}'s log{' (ours)' if log.mine else ''}: "
        f"{_counted(log.entries, 'entry', 'entries')}{invalid}, {counts}; "
        f"{_counted(log.signatures, 'signature')} verified; signed up to {log.signed}, receipted up to {log.receipted}"
    )


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"
