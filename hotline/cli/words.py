"""What states are called when people are told them. Each is told apart, because people act differently on each."""

from typing import TYPE_CHECKING

from hotline.text import safe

if TYPE_CHECKING:
    from hotline.api.types import LineStatus, Notice, Path, Step

OVER = ("completed", "cancelled")  # states of a matter of which nothing is in force any more
_TIMES_S = range(946_684_800, 4_102_444_800)  # 2000 to 2099; a peer may write any number


def time(time_ms: int) -> str:
    """Return a time as a date-time group; `-` for one that has not come, `?` for one outside of 2000 to 2099."""
    from hotline.notices.dtg import format_time

    if not time_ms:
        return "-"
    # A date-time group has no seconds: people read six digits. --json has the milliseconds.
    return format_time(time_ms // 60_000 * 60) if time_ms // 1000 in _TIMES_S else "?"


def ago(seconds: float | None) -> str:
    """Return a span as people say it: `2 s`, `3 min`, `5 h`, `4 d`, `never`."""
    if seconds is None:
        return "never"
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 72 * 3600 else f"{seconds / 86400:.0f} d"


def took(seconds: float) -> str:
    """Return how long something took: `4.8 ms`, `1.2 s`."""
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.1f} s"


def path(path: "Path") -> str:
    """Return a relay with its state and what was measured of it."""
    detail = f": {safe(path.detail)}" if path.detail else ""
    return f"Relay {safe(path.name)}: {path_state(path)}{detail}"


def path_state(path: "Path") -> str:
    """Return the state of a relay: `up for 3 min, answers in 2 ms, …`, `refused for 2 h, failed 41 times`."""
    said = [f"{path.state} for {ago(path.since_s)}"]
    if path.state != "up":
        return said[0] + (f", failed {path.failures} times" if path.failures else "")
    if path.delay_ms is not None:
        said.append(f"answers in {path.delay_ms:.0f} ms")
    if path.late_ms is not None:
        said.append(f"{path.late_ms:.0f} ms behind the fastest")
    if path.missed:
        said.append(f"{path.missed} of {path.missed + path.carried} frames came only by another")
    return ", ".join([*said, f"frames {path.frames_out} out, {path.frames_in} in"])


def sent_state(state: str, line: str) -> str:
    """Return how far a notice of ours has come at the peer called `line`."""
    peer = safe(line)
    return {
        "QUEUED": f"queued, NOT at {peer} yet",
        "STORED": f"stored at {peer}",
        "OPENED": f"opened at {peer}",
        "ACKNOWLEDGED": f"acknowledged by {peer}",
        "ANSWERED": f"answered by {peer}",
        "REFUSED": f"{peer} cannot process it",
        "EXPIRED": "expired",
        "OVERDUE": f"OVERDUE at {peer}",
        "SUPERSEDED": "superseded",
    }.get(state, safe(state))


def received_state(state: str) -> str:
    """Return how far we have come with a notice of the peer."""
    return {
        "STORED": "not opened yet",
        "OPENED": "opened, not acknowledged",
        "ACKNOWLEDGED": "acknowledged by us",
        "ANSWERED": "answered by us",
        "REFUSED": "refused by us",
        "EXPIRED": "expired",
        "OVERDUE": "OVERDUE",
        "SUPERSEDED": "superseded",
    }.get(state, safe(state))


def notice_state(notice: "Notice") -> str:
    """Return the state of a notice, sent or received, with what is late or wrong about it."""
    if notice.invalid:
        return f"INVALID: {safe(notice.invalid)}"
    if notice.past and not_carried(notice):
        return _not_carried(notice)
    late = _late(notice)
    if notice.state == "OVERDUE":
        said = f"OVERDUE: {' and '.join(late or [_unanswered(notice)])}{_so_far(notice)}"
    else:
        said = _reached(notice) + (f"; OVERDUE: {' and '.join(late)}" if late else "")
    return f"{said}, recovered" if notice.recovered else said


def ended(notice: "Notice") -> str:
    """Return `of generation 1, which has ended`; empty of what is of the present generation of its line."""
    said = next((r for r in notice.remarks if notice.past and r.startswith("Of generation ")), "")
    return f"of generation {safe(said.split()[2])}, which has ended" if said else ""


def not_carried(notice: "Notice") -> bool:
    """Return whether a notice of ours, or our answer to one, ended with its generation before the peer had it."""
    return any(remark.startswith("NOT CARRIED OVER") for remark in notice.remarks)


def _not_carried(notice: "Notice") -> str:
    peer = safe(notice.line)
    if notice.direction == "received":
        return f"{_of(notice, notice.state)}, NOT CARRIED OVER: {peer} does not have that answer"
    return f"NOT CARRIED OVER, not shown at {peer}: say it anew if it still holds"


def _reached(notice: "Notice") -> str:
    said = _of(notice, notice.state)
    if notice.state == "SUPERSEDED":
        how = superseded_how(notice)
        void = ", its acknowledgement is void" if any(step.void for step in notice.ladder) else ""
        return f"{said}{f' ({how})' if how else ''}{void}"
    standing = [step for step in notice.ladder if step.state == "ACKNOWLEDGED"]
    if notice.state == "ACKNOWLEDGED" and standing and all(step.void for step in standing):
        by = next((safe(step.proof) for step in notice.ladder if step.state == "SUPERSEDED"), "")
        return f"{said} (void since {by or 'it was amended'})"
    return said


def _of(notice: "Notice", state: str) -> str:
    return sent_state(state, notice.line) if notice.direction == "sent" else received_state(state)


def _so_far(notice: "Notice") -> str:
    """How far an overdue notice has come: lateness hides it, and people act differently on each."""
    reached = [step.state for step in notice.ladder if step.state not in ("OVERDUE", "SUPERSEDED") and not step.void]
    return f" ({_of(notice, reached[-1])})" if reached else ""


def _late(notice: "Notice") -> list[str]:
    """What of a notice is overdue, each as `not acknowledged by SOUTH`."""
    return [_missing(each.what, each.owed_by, notice.line) for each in notice.due if each.state == "overdue"]


def _unanswered(notice: "Notice") -> str:
    """What an overdue notice lacks as its ladder tells, where no deadline says so."""
    reader = "peer" if notice.direction == "sent" else "ours"
    acknowledged = any(step.state == "ACKNOWLEDGED" and not step.void for step in notice.ladder)
    return _missing("reply" if acknowledged else "acknowledge", reader, notice.line)


def _missing(what: str, owed_by: str, line: str) -> str:
    peer = safe(line)
    ours = {"acknowledge": "not acknowledged by us", "reply": "no reply by us", "report": "no report by us"}
    theirs = {
        "acknowledge": f"not acknowledged by {peer}",
        "reply": f"no reply from {peer}",
        "report": f"no report from {peer}",
    }
    return (ours if owed_by == "ours" else theirs).get(what, safe(what))


def superseded_how(notice: "Notice") -> str:
    """Return `amended by NORTH 9` or `cancelled by NORTH 9`, safe to show; empty where neither is known."""
    return next((safe(step.text) for step in notice.ladder if step.state == "SUPERSEDED"), "")


def revision(thread_state: str, number: int) -> str:
    """Return which revision of a matter counts, to follow its state; nothing of what is over is in force."""
    if not number:
        return ""
    return f", last revision {number}" if thread_state in OVER else f", revision {number} in force"


def mark(remark: str) -> str:
    """Return a remark's mark for lists: `LATE` of `LATE: 4 d before the start, 5 d agreed`."""
    return safe(remark.partition(":")[0].partition(",")[0], limit=40)


def rung(step: "Step", notice: "Notice") -> str:
    """Return one rung of a notice's ladder, naming whose clock its time is from and what proves it."""
    peer = safe(notice.line)
    yet = "" if notice.past and not_carried(notice) else " yet"
    word = (
        step.state.lower()
        if step.state != "QUEUED" or notice.direction == "received"
        else f"queued here, not at {peer}{yet}"
    )
    who = f" by {safe(step.officer)}" if step.officer else ""
    clock = f" by {peer}'s clock" if step.clock == "peer" else ""
    proof = f" ({safe(step.proof)})" if step.proof and step.state != "SUPERSEDED" else ""  # its text names it
    text = f": {safe(step.text)}" if step.text else ""
    void = "  VOID: amended after that" if step.void else ""
    return f"{time(step.time_ms)}{clock}  {word}{who}{proof}{text}{void}"


def digest(hexadecimal: str) -> str:
    """Return the digest of rules as people compare it on the telephone: its first 16 digits, in fours."""
    if hexadecimal and not hexadecimal.strip("0"):
        return "the built-in ones"
    digits = safe(hexadecimal[:16])
    return f"digest {' '.join(digits[at : at + 4] for at in range(0, len(digits), 4))}…"


def line_advice(line: "LineStatus") -> str:
    """Return what the state of a line means and what to do; empty where all is well."""
    peer, phone = safe(line.name), call(line)
    return {
        "path down": f"No relay can be reached from here: check this machine's network and the relays. {phone}",
        "peer silent": f"A relay is up and {peer} does not answer: its station or its network is down. {phone}",
        "peer unattended": f"{peer}'s station runs and stores what is sent, and no officer is on duty there. {phone}",
        "stalled": f"The logs of this line cannot be reconciled; nobody is accused by that. {phone}",
        "frozen": f"{_frozen(line)} {phone}",
        "closed": f"{safe(line.to_do) or 'An officer has closed this generation of the line.'} {phone}",
    }.get(line.state, "")


def _frozen(line: "LineStatus") -> str:
    """Whose log is frozen, what that proves, and what still goes."""
    peer = safe(line.name)
    whose = " and ".join(who for who, log in (("OURS", line.own), (f"{peer}'s", line.mirror)) if log.frozen)
    return (
        f"FROZEN: there is proof that one log key signed two histories; the log is {whose or 'not told'}. It convicts "
        f"the custody of that key, not anybody's intent. Nothing more goes into that log, the other one goes on. "
        f"The proof: hotline fork {peer}."
    )


def call(line: "LineStatus") -> str:
    """Return whom to telephone when the line itself does not help."""
    return phone_of(line.name, line.phone)


def phone_of(line: str, phone: str) -> str:
    """Return whom to telephone after an alarm of a line, or of the station itself, which has no line's name."""
    if not phone:
        return f"{safe(line)}'s card has no telephone number." if line else "No card has a telephone number."
    return f"Telephone {safe(line) or 'the peer'}: {safe(phone)}"
