"""Incident: what happened, as far as it is known now, before it is misread (NOTICES.md, section 16).

Partial facts are sent at once. What the originator does not know is said to be unknown: that differs from withheld,
and from a field that a hurried drafter forgot.
"""

import typing
from collections.abc import Mapping
from typing import Annotated, Literal, cast

from hotline.errors import NoticeError
from hotline.notices import bounds
from hotline.notices.dtg import format_time
from hotline.notices.envelope import Precedence
from hotline.notices.evidence import EXAMPLE, Evidence
from hotline.notices.fields import Line, Purpose, Remark, Sentence, Time, about, at_most
from hotline.notices.kind import Kind, ReadBack
from hotline.notices.notice import Notice, check_order
from hotline.notices.position import Position
from hotline.notices.readback import time_value

# The fields that may be unknown, in wire order.
CanBeUnknown = Literal[
    "time_s", "position", "units_own", "units_other", "casualties", "own_action", "request", "next_update_s"
]
CAN_BE_UNKNOWN: tuple[str, ...] = typing.get_args(CanBeUnknown)
_LEFT_OUT = "none given: unknown"


class Incident(Notice, frozen=True, kw_only=True, tag="incident"):
    """Facts apart from assessment; each field of `CanBeUnknown` is given, withheld, or named in `unknown`."""

    time_s: Annotated[Time, about("Time", f"when it happened; {_LEFT_OUT}", "021142Z DEC 24")] | None = None
    position: (
        Annotated[Position, about("Position", f"where; {_LEFT_OUT}", "34-31.20N 033-48.50E", withholdable=True)] | None
    ) = None
    place: Annotated[Sentence, about("Place", "where, in words", "30 miles south of the exercise area")] | None = None
    units_own: Annotated[
        tuple[Line, ...],
        at_most(bounds.UNITS),
        about("Originator's units", f"units of your side; {_LEFT_OUT}", ["One frigate"], withholdable=True),
    ] = ()
    units_other: Annotated[
        tuple[Line, ...],
        at_most(bounds.UNITS),
        about("Other units", f"units of the other side, or of others; {_LEFT_OUT}", ["One ship"], withholdable=True),
    ] = ()
    facts: Annotated[
        Purpose,
        about("Facts", "what is known to have happened, and nothing else", "A practice missile left its course."),
    ]
    assessment: Annotated[Remark, about("Assessment", "what you make of it", "A failure of guidance.")] | None = None
    casualties: (
        Annotated[
            Sentence, about("Casualties", f"dead, injured, missing; {_LEFT_OUT}", "None known", withholdable=True)
        ]
        | None
    ) = None
    intent: Annotated[
        Literal["accident", "unauthorised", "deliberate", "unknown"],
        about("Intent", "what lay behind it", "accident"),
    ]
    own_action: (
        Annotated[
            Remark,
            about(
                "Originator's action", f"what your side does now; {_LEFT_OUT}", "Firing has stopped.", withholdable=True
            ),
        ]
        | None
    ) = None
    request: (
        Annotated[Remark, about("Request", f"what they are asked to do; {_LEFT_OUT}", "Keep ships 20 miles clear.")]
        | None
    ) = None
    next_update_s: (
        Annotated[Time, about("Next update", f"when you will say more; {_LEFT_OUT}", "021240Z DEC 24")] | None
    ) = None
    recordings: Annotated[
        tuple[Evidence, ...], at_most(bounds.RECORDINGS), about("Recordings", "recordings that are kept", [EXAMPLE])
    ] = ()
    unknown: Annotated[
        tuple[CanBeUnknown, ...],
        at_most(len(CAN_BE_UNKNOWN)),
        about("Unknown", "fields that you do not know; filled in from what is left out", ["casualties"]),
    ] = ()

    def said_unknown(self) -> tuple[str, ...]:
        """Return the names of the fields that the originator says it does not know."""
        return self.unknown

    def check(self) -> None:
        """Raise NoticeError, naming the field, for what the types of the fields cannot say."""
        super().check()
        if list(self.unknown) != [name for name in CAN_BE_UNKNOWN if name in self.unknown]:
            what = "unknown: the fields are not in their order, each once."
            raise NoticeError(what, f"Order: {', '.join(CAN_BE_UNKNOWN)}.", field="unknown")
        withheld = {item.field for item in self.withheld}
        for name in CAN_BE_UNKNOWN:
            self._check_said(name, withheld)
        if self.next_update_s is not None:
            check_order("dtg", self.dtg_s, "next_update", self.next_update_s, same_allowed=True)

    def _check_said(self, name: str, withheld: set[str]) -> None:
        given, unknown = getattr(self, name) not in (None, ()), name in self.unknown
        if given + unknown + (name in withheld) == 1:
            return
        shown = name.removesuffix("_s")
        if not unknown:
            what = f"{shown}: neither given, nor withheld, nor said to be unknown."
            raise NoticeError(what, "Add it, or name it in unknown.", field=shown)
        what = f"unknown: {name} is both {'given' if given else 'withheld'} and said to be unknown."
        raise NoticeError(what, "Leave one of them out.", field="unknown")

    def headline(self) -> str:
        """Return intent and time, and how the facts begin."""
        when = format_time(self.time_s) if self.time_s is not None else "time unknown"
        intent = "intent unknown" if self.intent == "unknown" else self.intent
        return f"{intent.upper()}, {when}: {' '.join(self.facts.split())}"


def _complete(given: Mapping[str, object]) -> dict[str, object]:
    """Name in `unknown` what is neither given nor withheld: a form half filled in goes out at once, and says so."""
    withheld, unknown = given.get("withheld") or (), given.get("unknown") or ()
    if not isinstance(withheld, list | tuple) or not isinstance(unknown, list | tuple):
        return dict(given)
    names = {item.get("field") for item in withheld if isinstance(item, Mapping) and isinstance(item.get("field"), str)}
    wire = [f"{name}_s" if isinstance(name, str) and f"{name}_s" in CAN_BE_UNKNOWN else name for name in unknown]
    missing = [
        n for n in CAN_BE_UNKNOWN if given.get(n.removesuffix("_s")) in (None, [], ()) and n not in (*names, *wire)
    ]
    named = [n for n in CAN_BE_UNKNOWN if n in (*wire, *missing)] + [n for n in wire if n not in CAN_BE_UNKNOWN]
    return {**given, "unknown": named} if named else dict(given)


def _read_back(notice: Notice) -> tuple[ReadBack, ...]:
    incident = cast(Incident, notice)
    times = () if incident.time_s is None else (time_value("time", "Time", incident.time_s),)
    where = () if incident.position is None else (ReadBack("position", "Position", str(incident.position)),)
    return (*times, *where)


INCIDENT = Kind(
    schema=Incident,
    title="Incident",
    precedence=Precedence.FLASH,
    complete=_complete,
    read_back=_read_back,
    amendable=True,
)
