"""What states are called when people are told them. Each is told apart, because people act differently on each."""

from typing import TYPE_CHECKING

from hotline.text import safe

if TYPE_CHECKING:
    from hotline.api.types import LineStatus, Notice, Step

_TIMES_S = range(946_684_800, 4_102_444_800)  # 2000 to 2099; a peer may write any number


def time(time_ms: int) -> str:
    """Return a time as a date-time group; `-` for one that has not come, `?` for one outside of 2000 to 2099."""
    from hotline.notices.dtg import format_time

    if not time_ms:
        return "-"
    # A date-time group has no seconds: people read six digits. --json has the milliseconds.
    return format_time(time_ms // 60_000 * 60) if time_ms // 1000 in _TIMES_S else "?"


def ago(seconds: float | None) -> str:
    """Return a span as people say it: `2 s`, `3 min`, `5 h`, `never`."""
    if seconds is None:
        return "never"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"


def took(seconds: float) -> str:
    """Return how long something took: `4.8 ms`, `1.2 s`."""
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.1f} s"


def sent_state(state: str, line: str) -> str:
    """Return how far a notice of ours has come at the peer called `line`."""
    peer = safe(line)
    return {
        "QUEUED": f"queued, NOT at {peer} yet",
        "STORED": f"stored at {peer}",
        "OPENED": f"opened at {peer}",
        "ACKNOWLEDGED": f"acknowledged by {peer}",
        "REFUSED": f"{peer} cannot process it",
        "EXPIRED": "expired",
    }.get(state, safe(state))


def received_state(state: str) -> str:
    """Return how far we have come with a notice of the peer."""
    return {
        "STORED": "not opened yet",
        "OPENED": "opened, not acknowledged",
        "ACKNOWLEDGED": "acknowledged",
        "REFUSED": "refused",
        "EXPIRED": "expired",
    }.get(state, safe(state))


def notice_state(notice: "Notice") -> str:
    """Return the state of a notice, sent or received, with what is wrong with it."""
    if notice.invalid:
        return f"INVALID: {safe(notice.invalid)}"
    said = sent_state(notice.state, notice.line) if notice.direction == "sent" else received_state(notice.state)
    return f"{said}, recovered" if notice.recovered else said


def rung(step: "Step", notice: "Notice") -> str:
    """Return one rung of a notice's ladder, naming whose clock its time is from and what proves it."""
    peer = safe(notice.line)
    word = (
        step.state.lower()
        if step.state != "QUEUED" or notice.direction == "received"
        else f"queued here, not at {peer} yet"
    )
    who = f" by {safe(step.officer)}" if step.officer else ""
    clock = f" by {peer}'s clock" if step.clock == "peer" else ""
    proof = f" ({safe(step.proof)})" if step.proof else ""
    text = f": {safe(step.text)}" if step.text else ""
    return f"{time(step.time_ms)}{clock}  {word}{who}{proof}{text}"


def line_advice(line: "LineStatus") -> str:
    """Return what the state of a line means and what to do; empty where all is well."""
    peer, call = safe(line.name), _call(line)
    return {
        "path down": f"No relay can be reached from here: check this machine's network and the relays. {call}",
        "peer silent": f"A relay is up and {peer} does not answer: its station or its network is down. {call}",
        "peer unattended": f"{peer}'s station runs and stores what is sent, and no officer is on duty there. {call}",
        "stalled": f"The logs of this line cannot be reconciled; nobody is accused by that. {call}",
        "frozen": f"This line is FROZEN: there is proof of two inconsistent heads of one log. {call}",
    }.get(line.state, "")


def _call(line: "LineStatus") -> str:
    return (
        f"Telephone {safe(line.name)}: {safe(line.phone)}"
        if line.phone
        else f"{safe(line.name)}'s card has no telephone number."
    )
