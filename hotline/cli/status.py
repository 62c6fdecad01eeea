"""`hotline status`."""

from typing import TYPE_CHECKING

from hotline.cli import emergency, rebuilding, words
from hotline.cli.options import HomeOption, JsonOption, NoColorOption
from hotline.cli.output import Output
from hotline.cli.station import ask
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.api.types import LineStatus, Status

_COLUMNS = ("LINE", "STATE", "HEARD", "NOT STORED", "UNREAD", "LAST SENT", "LAST RECEIVED")
_ALARMS_SHOWN = 5  # of each line; `hotline follow --alarms --until-now` has them all
_COLOURS = {"attended": "green", "peer unattended": "yellow"}


def status(home: HomeOption = None, json: JsonOption = False, no_color: NoColorOption = False) -> None:
    """Show the state of the station, its relays and its lines.

    A line is `attended`, `peer unattended` (it stores, nobody is on duty), `peer silent`,
    `path down` (no relay), `stalled` or `frozen`: people act differently on each, and
    the telephone number stands where the line itself cannot help. Line tests: an echo comes
    from a machine and proves no person; a manned test names the officer who answered.

    Example:
      hotline status
    """
    out = Output(json, no_color)
    state = ask(home, lambda client: client.status())
    if not out.document(state):
        _station(out, state)
        _paths(out, state)
        _lines(out, state)


def _station(out: Output, state: "Status") -> None:
    duty = ", ".join(map(safe, state.officers)) if state.attended else "NO OFFICER ON DUTY"
    out.say(
        f"{safe(state.name)}  {duty}  running since {words.time(state.started_ms)}, process {state.pid}", style="bold"
    )


def _paths(out: Output, state: "Status") -> None:
    if not state.paths:
        out.say("There is no relay: hotline relay add NAME URL", style="red")
    for path in state.paths:
        out.say(words.path(path), style="" if path.state == "up" else "red")
        if path.rejected or path.dropped:
            lost = {"dropped": path.dropped} if path.dropped else {}
            counts = ", ".join(f"{safe(reason)} {count}" for reason, count in sorted((path.rejected | lost).items()))
            out.say(f"Relay {safe(path.name)}: frames that were not taken: {counts}.")


def _lines(out: Output, state: "Status") -> None:
    if not state.lines:
        out.say("There is no line yet: hotline pair THEIR.card")
        return
    out.say()
    out.table(_COLUMNS, [_row(state, line) for line in state.lines], lambda row: _COLOURS.get(row[1], "bold red"))
    emergency.show(out, state.emergencies, emergency.closed(state.lines))
    for line in state.lines:
        _line(out, line)


def _row(state: "Status", line: "LineStatus") -> list[str]:
    return [
        safe(line.name),
        line.state,
        words.ago(line.peer_heard_s) + ("" if line.peer_heard_s is None else " ago"),
        str(line.not_stored),
        str(line.unread),
        f"{safe(state.name)} {line.last_sent}" if line.last_sent else "none",
        f"{safe(line.name)} {line.last_received}" if line.last_received else "none",
    ]


def _line(out: Output, line: "LineStatus") -> None:
    rebuilding.tell(out, line)
    advice = words.line_advice(line)
    if advice:
        out.say(f"{safe(line.name)}: {advice}", style="yellow" if line.state == "peer unattended" else "bold red")
    if line.generation > 1:
        out.say(f"{safe(line.name)}: generation {line.generation}; of those before: hotline generation show")
    if line.not_stored:
        out.say(f"{safe(line.name)}: {line.not_stored} of ours NOT there yet.", style="yellow")
    if line.unsigned:
        out.say(
            f"{safe(line.name)}: {line.unsigned} proposed and unsigned: a warning without its signature. "
            f"{words.call(line)}",
            style="bold red",
        )
    _rules(out, line)
    _deadlines(out, line)
    _watch(out, line)
    _tests(out, line)
    if line.rejected:
        counts = ", ".join(f"{safe(reason)} {count}" for reason, count in sorted(line.rejected.items()))
        out.say(f"{safe(line.name)}: frames that failed a check and were ignored: {counts}.")
    if line.alarms:
        out.say(f"{safe(line.name)}: the latest alarms; some may be settled since:")
    for alarm in line.alarms[:_ALARMS_SHOWN]:
        out.say(f"ALARM {words.time(alarm.time_ms)}  {safe(alarm.text)} {words.call(line)}", style="bold red")


def _rules(out: Output, line: "LineStatus") -> None:
    """Whether both ends hold the same rules, who holds which, and what waits for that."""
    name = safe(line.name)
    if not line.rules_agree:
        theirs = words.digest(line.peer_rules) if line.peer_rules else "others"
        out.say(
            f"{name}: the agreed rules differ at the two ends: here {words.digest(line.rules)}, "
            f"at {name} {theirs}. {words.call(line)}",
            style="bold red",
        )
    elif line.rules:
        agree = f"{name} holds the same" if line.peer_rules else f"{name} has not shown its own yet"
        out.say(f"{name}: agreed rules: {words.digest(line.rules)}; {agree}.")
    if line.held:
        out.say(
            f"{name}: {line.held} of ours HELD because the rules differ. How to let one go: hotline outbox",
            style="bold red",
        )


def _deadlines(out: Output, line: "LineStatus") -> None:
    name = safe(line.name)
    if line.due:
        out.say(f"{name}: deadlines that run: {line.due}. See: hotline inbox, hotline outbox")
    if line.overdue:
        out.say(f"{name}: OVERDUE: {line.overdue}. {words.call(line)}", style="bold red")


def _watch(out: Output, line: "LineStatus") -> None:
    """Who stands the watch there, and the last change of it, as the peer's log says."""
    watch = line.watch
    if watch is None:
        return
    what = "came on duty" if watch.on else "went off duty"
    relieved = f", relieved {safe(watch.relieved)}" if watch.relieved else ""
    text = f": {safe(watch.text).rstrip('.')}" if watch.text else ""
    since = words.time(watch.since_ms)
    change = f"{safe(watch.officer)} {what} {since}{relieved}, signed{text}"
    standing = ", ".join(map(safe, line.on_watch)) or "nobody"
    out.say(f"{safe(line.name)}: on watch by its signed word: {standing}. Last change: {change}.")


def _tests(out: Output, line: "LineStatus") -> None:
    """Machines and people are told apart: an echo proves no person."""
    name, tests = safe(line.name), line.tests
    if tests.missed:
        out.say(f"{name}: LINE TESTS MISSED in a row: {tests.missed}. {words.call(line)}", style="bold red")
    if tests.sent_ms or tests.received_ms or tests.echo_ms:
        took = f" after {words.took(tests.echo_s)}" if tests.echo_s is not None else ""
        echo = f"last echo {words.time(tests.echo_ms)}{took}" if tests.echo_ms else "no echo yet"
        heard = f"last from {name} {words.time(tests.received_ms)}" if tests.received_ms else f"none from {name} yet"
        out.say(f"{name}: line tests: {echo}, {heard}. A machine's echo proves no person.")
    if tests.manned_ms:
        who = safe(tests.manned_officer) or "an officer"
        out.say(f"{name}: manned test: answered by {who} {words.time(tests.manned_ms)}.", style="green")
    elif tests.sent_ms:
        out.say(f"{name}: manned test: never answered by a person yet.", style="yellow")
