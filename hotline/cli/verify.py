"""`hotline verify`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hotline.cli.options import HomeOption, JsonOption, NoColorOption
from hotline.cli.output import Output
from hotline.cli.progress import counting
from hotline.errors import CheckFailed, UsageError
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.audit.report import LogReport, Report


def verify(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="A fork file; no home is needed for it.  [else the home]")
    ] = None,
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
    anything does not hold: the entry at fault is named. With FILE, the proof that
    `hotline fork` wrote is checked instead, and exit code 1 says that it convicts nobody.

    Example:
      hotline verify --line SOUTH
      hotline verify south.hotline-fork
    """
    from hotline.audit import verify_home
    from hotline.home import Home

    out = Output(json, no_color)
    if file is not None:
        _verify_file(out, file, line)
        return
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


def _verify_file(out: Output, file: Path, line: str | None) -> None:
    from hotline.audit import verify_fork
    from hotline.cli.fork import tell

    if line is not None:
        raise UsageError("--line is for the logs of this home.", "Leave it out: the file says which log it is of.")
    convicted = verify_fork(file)
    if not out.document({"ok": True, "convicted": convicted}):
        tell(out, convicted)


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
