"""Deadlines of one notice: what is due when, and when it warns (RULES.md, section 5). No clock: times come in."""

from dataclasses import dataclass
from typing import Literal

from hotline.rules.rules import LINE_TEST, Rules


@dataclass(frozen=True, slots=True)
class Deadline:
    """At `due_s` it is late, from `warn_s` on it warns; both in seconds since 1970, warn_s is never the later one."""

    what: Literal["acknowledge", "reply", "report"]  # a report is owed by the notice's author, the others by its reader
    due_s: int
    warn_s: int


def deadlines(
    rules: Rules,
    *,
    kind: str,
    precedence: int,
    from_s: int,
    acknowledge_by_s: int | None = None,
    reply_by_s: int | None = None,
    start_s: int = 0,
    end_s: int = 0,
    release_s: int = 0,
    manned: bool = False,
) -> tuple[Deadline, ...]:
    """Return what falls due for a notice, at most one deadline of each sort: acknowledge, reply, report.

    `precedence` is 0 to 3. `from_s` is when the clocks begin: the receipt. `start_s` and `end_s` are the notice's
    window, `release_s` the time of a statement's release; 0 where it has none. What the notice itself asks for wins
    over the rules. A line test has none unless it is `manned`: a machine echoes the others.
    """
    if kind == LINE_TEST and not manned:
        return ()
    own = rules.of(kind)
    acknowledge_s = acknowledge_by_s or _acknowledge_s(rules, kind, precedence, from_s, start_s)
    due = [_deadline(rules, "acknowledge", from_s, acknowledge_s)]
    reply_s = reply_by_s or _reply_s(own.reply_at_s[precedence] or own.reply_s, from_s, release_s)
    if reply_s:
        due.append(_deadline(rules, "reply", from_s, reply_s))
    if own.completion_s and end_s:
        due.append(_deadline(rules, "report", end_s, end_s + own.completion_s))
    return tuple(due)


def _acknowledge_s(rules: Rules, kind: str, precedence: int, from_s: int, start_s: int) -> int:
    own = rules.of(kind)
    span_s = own.acknowledge_at_s[precedence] or own.acknowledge_s or rules.acknowledge_s[precedence]
    # A warning that is acknowledged after the start has not warned. What has begun already has its whole span.
    return min(from_s + span_s, start_s) if start_s > from_s else from_s + span_s


def _reply_s(span_s: int, from_s: int, release_s: int) -> int:
    """Return the earlier of the agreed span's end and the release, 0 if neither is set."""
    asked = [due_s for due_s in (from_s + span_s if span_s else 0, release_s) if due_s]
    return min(asked, default=0)


def _deadline(rules: Rules, what: Literal["acknowledge", "reply", "report"], from_s: int, due_s: int) -> Deadline:
    left_s = -(-max(0, due_s - from_s) * rules.warn_percent // 100)  # rounded up: rather a second early
    return Deadline(what, due_s, due_s - left_s)
