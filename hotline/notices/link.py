"""Which notice another names, and as what (NOTICES.md, section 26, the table)."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from hotline.notices.notice import Notice

Relation = Literal[
    "amends",
    "cancels",
    "starts",
    "completes",
    "reports",
    "asks-about",
    "replies",
    "answers-call",
    "views",
    "answers",
]

# Kind to the field that holds the target's id, and the relation.
FIELDS: Mapping[str, tuple[str, Relation]] = MappingProxyType(
    {
        "amendment": ("target", "amends"),
        "cancellation": ("target", "cancels"),
        "start": ("target", "starts"),
        "completion": ("target", "completes"),
        "launch-report": ("target", "reports"),
        "inquiry": ("about", "asks-about"),
        "reply": ("inquiry", "replies"),
        "call-answer": ("request", "answers-call"),
        "view": ("target", "views"),
        "consultation": ("answers", "answers"),
    }
)
_ANSWERED_IN_KIND = frozenset({"inquiry", "call-request", "statement"})
_SETTLING: frozenset[Relation] = frozenset({"replies", "answers-call", "views", "answers"})


@dataclass(frozen=True, slots=True)
class Link:
    """That a notice names the one with the id `target` (16 bytes), as what `relation` says."""

    relation: Relation
    target: bytes


def link_of(notice: Notice) -> Link | None:
    """Return the link to the notice's target; None for a notice that begins a thread of its own."""
    field, relation = FIELDS.get(notice.kind, ("", None))
    target: bytes | None = getattr(notice, field, None)
    return Link(relation, target) if relation is not None and target is not None else None


def settles(relation: str, kind: str) -> bool:
    """Whether a notice of this relation makes its target, of this kind, ANSWERED.

    A consultation on what has a kind of answer of its own does not: it leaves the questions open.
    """
    return relation in _SETTLING and not (relation == "answers" and kind in _ANSWERED_IN_KIND)
