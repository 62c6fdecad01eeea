"""Rules between notices (NOTICES.md, section 26): both sides check the same ones, before queueing and after storing.

Pure: what is known of other notices comes in by two look-ups. Every error has the reason `rule`, the SPEC's word for
an entry that is INVALID by it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NoReturn, cast

from hotline.errors import NoticeError
from hotline.notices.amendment import Amendment, fields_changed
from hotline.notices.cancellation import Cancellation
from hotline.notices.completion import Completion
from hotline.notices.envelope import Mode
from hotline.notices.inquiry import Inquiry
from hotline.notices.link import FIELDS, Link, Relation, link_of, settles
from hotline.notices.notice import Notice
from hotline.notices.registry import KINDS
from hotline.notices.reply import Reply
from hotline.notices.thread import OVER, Thread
from hotline.notices.view import View

__all__ = [
    "TARGETS",
    "Known",
    "Link",
    "Lookup",
    "References",
    "Relation",
    "Target",
    "check_relations",
    "link_of",
    "settles",
]


@dataclass(frozen=True, slots=True)
class Known:
    """An earlier, valid notice of the line: `notice` as it was first sent, `in_force` as its last amendment has it.

    `same_author`: of the side whose notice is being checked. `thread` is that to which the notice belongs; None
    where no record is kept of its kind.
    """

    notice: Notice
    mode: Mode
    same_author: bool
    thread: Thread | None
    in_force: Notice


# By id (16 bytes) the notice; None if no earlier valid notice of this line has it.
Lookup = Callable[[bytes], Known | None]
# By what the header's references say (`NORTH 7`, or an id) the mode of that notice; None if it is not known here.
References = Callable[[str], Mode | None]


@dataclass(frozen=True, slots=True)
class Target:
    """What a notice of some relation may name; `same_author` None for either side."""

    same_author: bool | None
    kinds: frozenset[str]


_AMENDABLE = frozenset(kind.name for kind in KINDS.values() if kind.amendable)
_ANY = frozenset(KINDS.keys() - {"line-test"})
_STARTABLE = frozenset({"exercise", "launch", "out-of-service"})
TARGETS: Mapping[Relation, Target] = MappingProxyType(
    {
        "amends": Target(True, _AMENDABLE),
        "cancels": Target(True, _AMENDABLE),
        "starts": Target(True, _STARTABLE),
        "completes": Target(True, frozenset({"exercise", "hazard", "out-of-service"})),
        "reports": Target(True, frozenset({"launch"})),
        "asks-about": Target(None, _ANY),
        "replies": Target(False, frozenset({"inquiry"})),
        "answers-call": Target(False, frozenset({"call-request"})),
        "views": Target(False, frozenset({"statement", "reply"})),
        "answers": Target(False, _ANY),
    }
)
_CHANGING: frozenset[Relation] = frozenset({"amends", "cancels", "starts", "completes", "reports"})
_VIEWS = MappingProxyType(
    {
        "statement": ("agree", "object", "no-view"),
        "reply": ("satisfied", "not-satisfied", "meeting-asked"),
    }
)


def _none_known(_: str) -> Mode | None:
    return None


def check_relations(notice: Notice, mode: Mode, lookup: Lookup, references: References = _none_known) -> None:
    """Raise NoticeError (reason `rule`), naming the field, if `notice` may not stand after what is known.

    A reference that is not known is let pass: it may be to another line. A target that is not known is refused.
    """
    for i, name in enumerate(notice.references):
        _check_mode(f"references[{i}]", mode, references(name))
    link = link_of(notice)
    if link is None:
        return
    field = FIELDS[notice.kind][0]
    known = lookup(link.target)
    if known is None:
        _break(field, "no earlier notice of this line has this id", "Name one that has been sent and is valid.")
    _check_target(field, notice, link.relation, known)
    _check_mode(field, mode, known.mode)
    if link.relation in _CHANGING:
        _check_state(field, link.relation, _thread(field, known))
    _CHECKS.get(notice.kind, _nothing_more)(notice, known, lookup)


def _break(field: str, what: str, remedy: str) -> NoReturn:
    raise NoticeError(f"{field}: {what}.", remedy, field=field, reason="rule")


def _check_mode(field: str, mode: Mode, other: Mode | None) -> None:
    if other is not None and other is not mode:
        what = f"a notice of mode {mode.name} cannot refer to one of mode {other.name}"
        _break(field, what, f"Send it in mode {other.name}, or name another notice.")


def _check_target(field: str, notice: Notice, relation: Relation, known: Known) -> None:
    allowed, kind = TARGETS[relation], known.notice.kind
    if kind not in allowed.kinds:
        first = link_of(known.notice)
        what = f"the notice named is of kind {kind}, which no {notice.kind} can name"
        amends = first is not None and first.relation in _CHANGING
        _break(field, what, "Name the first notice of the thread." if amends else "Name another notice.")
    if allowed.same_author is not None and known.same_author is not allowed.same_author:
        whose = "own" if allowed.same_author else "other side's"
        _break(field, f"a notice of kind {notice.kind} can only name one of the {whose}", "Name another notice.")


def _thread(field: str, known: Known) -> Thread:
    if known.thread is None:
        _break(field, "no record is kept of the notice named", "Name the first notice of a thread.")
    return known.thread


def _check_state(field: str, relation: Relation, thread: Thread) -> None:
    if thread.state in OVER:
        _break(field, f"what this names is already {thread.state}", "Send a new notice, or a consultation.")
    if relation == "starts" and thread.state == "under way":
        _break(field, "what this names has already been started", "Tell a correction by an amendment.")


def _nothing_more(_: Notice, __: Known, ___: Lookup) -> None:
    pass


def _check_amendment(notice: Notice, known: Known, _: Lookup) -> None:
    amendment = cast(Amendment, notice)
    follows = _thread("target", known).revision + 1
    if amendment.revision != follows:
        _break("revision", f"this is {amendment.revision}; {follows} follows", "Leave it out, or give that one.")
    check_same_kind(amendment.replacement.kind, known)
    differ = fields_changed(known.in_force, amendment.replacement)
    wrong = sorted(set(differ) ^ set(amendment.changed))
    if wrong:
        how = "differs and is not named" if wrong[0] in differ else "is named and does not differ"
        _break("changed", f"{wrong[0]} {how}", "Leave changed out; the station finds it.")
    if amendment.window_extension:
        _check_extension(known.in_force, amendment.replacement)


def check_same_kind(kind: str, known: Known) -> None:
    """Raise NoticeError unless a replacement of `kind` fits what it shall replace."""
    if kind != known.notice.kind:
        what = f"a notice of kind {known.notice.kind} cannot become one of kind {kind}"
        _break("replacement.kind", what, f'Give kind = "{known.notice.kind}".')


def _check_extension(before: Notice, after: Notice) -> None:
    was, now = (KINDS[n.kind].window(n) for n in (before, after))
    if was is None or now is None or now[0] != was[0] or now[1] <= was[1]:
        what = "the window does not start as before and end later"
        _break("window_extension", what, "Leave window_extension out, or correct the times.")


def _check_cancellation(notice: Notice, known: Known, lookup: Lookup) -> None:
    cancellation = cast(Cancellation, notice)
    if cancellation.successor is None:
        return
    successor = lookup(cancellation.successor)
    if successor is None or cancellation.successor == cancellation.target:
        _break("successor", "no other earlier notice of this line has this id", "Send it first, or leave it out.")
    _check_mode("successor", known.mode, successor.mode)
    if not successor.same_author or successor.notice.kind != known.notice.kind:
        what = f"what takes the place of a notice of kind {known.notice.kind} is one of that kind and side"
        _break("successor", what, "Name such a one, or leave it out.")


def _check_completion(notice: Notice, known: Known, _: Lookup) -> None:
    never = known.notice.kind in _STARTABLE and _thread("target", known).state != "under way"
    told = cast(Completion, notice).not_started_reason is not None
    if never and not told:
        _break("not_started_reason", "no start was told, so this is required", "Say why there was none.")
    if told and not never:
        _break("not_started_reason", "a start was told, or none is due", "Leave it out.")


def _check_reply(notice: Notice, known: Known, _: Lookup) -> None:
    asked = len(cast(Inquiry, known.notice).questions)
    answered = [answer.number for answer in cast(Reply, notice).answers]
    for number in range(1, asked + 1):
        if answered.count(number) != 1:
            what = f"question {number} has {answered.count(number) or 'no'} answers"
            _break("answers", what, "Give each question one answer, refusal, or time of a later answer.")
    extra = next((i for i, number in enumerate(answered) if not 1 <= number <= asked), None)
    if extra is not None:
        path = f"answers[{extra}].number"
        _break(path, f"the inquiry has {asked} questions; there is no question {answered[extra]}", "Leave it out.")


def _check_view(notice: Notice, known: Known, _: Lookup) -> None:
    view, allowed = cast(View, notice).view, _VIEWS[known.notice.kind]
    if view not in allowed:
        what = f"{view} is no view on a notice of kind {known.notice.kind}"
        _break("view", what, f"Use one of {', '.join(allowed)}.")


_CHECKS: Mapping[str, Callable[[Notice, Known, Lookup], None]] = MappingProxyType(
    {
        "amendment": _check_amendment,
        "cancellation": _check_cancellation,
        "completion": _check_completion,
        "reply": _check_reply,
        "view": _check_view,
    }
)
