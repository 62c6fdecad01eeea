"""What the ladder of a notice says to somebody who waits: reached, not yet, or never."""

from typing import Final

from hotline.api.types import Notice, NoticeState
from hotline.errors import CheckFailed

_LADDER: Final[tuple[NoticeState, ...]] = ("QUEUED", "STORED", "OPENED", "ACKNOWLEDGED", "ANSWERED")
_RANK: Final[dict[NoticeState, int]] = {state: rank for rank, state in enumerate(_LADDER)}


def has_reached(notice: Notice, wanted: NoticeState) -> bool:
    """Whether a notice is or was in a state. CheckFailed if it never will be.

    An acknowledgement that an amendment has made void is none; of what stands now, the amendment is to be acknowledged.
    """
    # Lateness and what took its place hide in `state` how far a notice has come: the ladder tells.
    reached = {notice.state, *(step.state for step in notice.ladder)}
    void = any(step.void and step.state == wanted for step in notice.ladder)
    if not void and (wanted in reached or _has_passed(reached, wanted)):
        return True
    if void or _is_final(notice, reached, wanted):
        why = f"the {wanted} on its ladder is void" if void else f"it will not be {wanted}"
        raise CheckFailed(f"{notice.ref or notice.id} is {notice.state}: {why}.", "See `hotline show`.")
    return False


def _has_passed(reached: set[NoticeState], wanted: NoticeState) -> bool:
    # An officer refuses what is stored and was read.
    if "REFUSED" in reached and wanted in ("QUEUED", "STORED", "OPENED"):
        return True
    return wanted in _RANK and max(_RANK.get(state, -1) for state in reached) > _RANK[wanted]


def _is_final(notice: Notice, reached: set[NoticeState], wanted: NoticeState) -> bool:
    if notice.state == "EXPIRED":
        return notice.index < 0  # what expired in the log may still be stored and answered
    if wanted == "SUPERSEDED" or not reached & {"REFUSED", "ACKNOWLEDGED", "ANSWERED"}:
        return False
    if wanted == "OVERDUE":  # a reply or a report may still be late
        return not any(due.state in ("open", "warned") for due in notice.due)
    return "REFUSED" in reached or wanted != "ANSWERED"
