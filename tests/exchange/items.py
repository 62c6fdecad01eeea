"""Items to export: plain ones to change, and strategies of any."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from hotline.exchange import Earlier, Item
from hotline.notices import Envelope, Mode, Notice, Precedence, from_mapping
from hotline.notices.exercise import Exercise
from tests.notices.samples import NOW_S, exercise
from tests.notices.strategies import notices_of

ID = "0193728f6b107a3c8e5d4f2a1b0c9d8e"
FIRST = Earlier("0193728f6b107a3c8e5d4f2a1b0c9d01", "NORTH 42", NOW_S * 1000)
HOSTILE = 'x\u202e\u2066END:VEVENT <alert> & ]]> "quote", ; \\ , \u200b'

states = st.sampled_from(["announced", "amended", "under way", "completed", "cancelled", "overdue"])
names = st.sampled_from(["NORTH", "a, b <c> & d", "Ñ \u202e", HOSTILE])


def item(notice: Notice | None = None, **changed: Any) -> Item:
    """Return a stored exercise of mode OPERATION, with some attributes of item or envelope changed."""
    envelope = Envelope("NORTH", "SOUTH", Precedence.ROUTINE, Mode.OPERATION, serial=43, notice_id=ID)
    of_envelope = {k: changed.pop(k) for k in list(changed) if hasattr(envelope, k)}
    plain = Item(notice or planned(), replace(envelope, **of_envelope), NOW_S * 1000)
    return replace(plain, **changed)


def planned(**changed: Any) -> Exercise:
    """Return the least exercise, with some fields of its friendly form changed."""
    notice = from_mapping("exercise", exercise(**changed), now_s=NOW_S)
    assert isinstance(notice, Exercise)
    return notice


@st.composite
def items_of(draw: st.DrawFn, kind: type[Notice] = Exercise) -> Item:
    revision = draw(st.integers(1, 5))
    return item(
        draw(notices_of(kind)),
        sender=draw(names),
        recipient=draw(names),
        mode=draw(st.sampled_from(list(Mode))),
        serial=draw(st.none() | st.integers(1, 10**6)),
        sent_ms=draw(st.integers(0, 4_102_444_799_999)),
        state=draw(states),
        revision=revision,
        earlier=(FIRST,),
    )
