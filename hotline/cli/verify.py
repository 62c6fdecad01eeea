"""`hotline verify`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hotline.cli.options import HomeOption, JsonOption, NoColorOption
from hotline.cli.output import Output
from hotline.cli.progress import counting
from hotline.errors import CardError, CheckFailed, PeerError, UsageError
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.audit import ExportedLog
    from hotline.audit.report import LogReport, Report


def verify(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="A fork file or an exported folder; without a home.  [else the home]"),
    ] = None,
    line: Annotated[
        str | None, typer.Option("--line", metavar="NAME", help="Check this line only.  [else all]")
    ] = None,
    home: HomeOption = None,
    json: JsonOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Check every byte of both logs from disk, without the daemon.

    Every entry, body, signature and receipt of every generation is read again and computed
    again, and what was checked is said. The daemon may run or not; nothing is written. Exit
    code 1 if anything does not hold: the entry at fault is named. With FILE, the proof that
    `hotline fork` wrote is checked instead, and exit code 1 says that it convicts nobody; or
    the folder that `hotline export` wrote, and 1 says that it is not what the sides signed.

    Example:
      hotline verify --line SOUTH
      hotline verify south.hotline-fork
      hotline verify evidence
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
    if file.is_dir():
        _verify_folder(out, file)
        return
    convicted = verify_fork(file)
    if not out.document({"ok": True, "convicted": convicted}):
        tell(out, convicted)


def _verify_folder(out: Output, folder: Path) -> None:
    from hotline.audit import verify_export

    try:
        logs = verify_export(folder)
    except (PeerError, CardError) as e:
        raise CheckFailed(f"{safe(str(folder))}: {e.what}", e.remedy) from None
    if not out.document({"ok": True, "logs": [_about(log) for log in logs]}):
        for log in logs:
            _tell_exported(out, log)
        out.say("Everything holds. Whose cards these are, only comparing their fingerprints tells.", style="green")


def _about(log: "ExportedLog") -> dict[str, object]:
    return {
        "owner": log.owner.body.name, "fingerprint": log.owner.fingerprint.hex(), "generation": log.generation,
        "origin": log.head.origin, "size": log.head.size, "root": log.head.root.hex(),
        "receipt_timestamp_s": log.timestamp_s, "bodies": log.bodies, "watches": log.watches, "cards": log.cards,
        "invalid": log.invalid,
    }  # fmt: skip


def _tell_exported(out: Output, log: "ExportedLog") -> None:
    of = f", generation {log.generation}" if log.generation > 1 else ""
    counts = f"{_counted(log.head.size, 'entry', 'entries')}, {_counted(log.bodies, 'body', 'bodies')}"
    out.say(f"{safe(log.owner.body.name)}'s log{of}: {counts}, signed and receipted whole")
    out.say(f"  root fingerprint {log.owner.fingerprint.hex()}")
    for index, reason in log.invalid.items():
        out.say(f"  entry {index} is INVALID ({reason})")


def _tell(out: Output, report: "Report") -> None:
    for each in report.lines:
        of = f", generation {each.generation}" if each.among > 1 else ""
        out.say(f"Line {safe(each.name)}{of}, id {each.line_id[:16]}…")
        for log in each.logs:
            out.say(f"  {_checked(log)}")
        for note in each.notes:
            out.say(f"  {safe(note)}")
    for note in report.notes:
        out.say(safe(note))
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
