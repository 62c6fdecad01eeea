"""Amendment: a complete new text for an earlier notice of the same side (NOTICES.md, section 9)."""

import difflib
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Annotated, cast

from msgspec import Meta

from hotline.errors import NoticeError
from hotline.notices import bounds
from hotline.notices.calendar import CALENDAR, Calendar
from hotline.notices.call_request import CALL_REQUEST, CallRequest
from hotline.notices.envelope import Precedence
from hotline.notices.exercise import EXERCISE, Exercise
from hotline.notices.fields import Name, NoticeId, Remark, about, at_most
from hotline.notices.hazard import HAZARD, Hazard
from hotline.notices.incident import INCIDENT, Incident
from hotline.notices.kind import Kind, ReadBack
from hotline.notices.launch import LAUNCH, Launch
from hotline.notices.notice import Notice
from hotline.notices.out_of_service import OUT_OF_SERVICE, OutOfService
from hotline.notices.schema import fields_of
from hotline.text import safe

Replacement = Exercise | Launch | Hazard | Incident | Calendar | OutOfService | CallRequest

# Said of the act of telling, which is the amendment's own; the rest of the header is said of what is told.
OF_THE_TELLING = frozenset(
    {"originator", "action", "info", "references", "drafter", "releaser", "acknowledge_by_s", "reply_by_s"}
)
_TELLING = tuple(f for f in fields_of(Notice) if f.name in OF_THE_TELLING)
NEVER_CHANGED = OF_THE_TELLING | {"version", "dtg_s"}
_KINDS: Mapping[str, Kind] = {
    kind.name: kind for kind in (EXERCISE, LAUNCH, HAZARD, INCIDENT, CALENDAR, OUT_OF_SERVICE, CALL_REQUEST)
}


class Amendment(Notice, frozen=True, kw_only=True, tag="amendment"):
    """Replaces the revision in force by a whole new text; every acknowledgement of it so far is void."""

    target: Annotated[NoticeId, about("Amends", "the first notice of what is amended", "NORTH 7")]
    revision: Annotated[
        int,
        Meta(ge=2, le=bounds.REVISION_MOST),
        about("Revision", "that this makes; the first notice is 1; left out: the one that follows", 2),
    ]
    changed: Annotated[
        tuple[Name, ...],
        at_most(bounds.CHANGED_FIELDS, least=1),
        about("Changed", "names of the fields that differ; left out: found by comparing", ["start_s"]),
    ]
    reason: Annotated[Remark, about("Reason", "why", "The start moves one day earlier.")]
    window_extension: Annotated[
        bool, about("Window extension", "the window starts as before and only ends later", True)
    ] = False
    replacement: Annotated[
        Replacement,
        about("Replacement", "the complete notice as it now stands, changed or not", {"kind": "exercise"}),
    ]

    def said_otherwise(self) -> Mapping[str, str]:
        """Return the titles of the changed fields, which officers know."""
        titles = {f.name: f.title for f in fields_of(type(self.replacement))}
        return {"changed": ", ".join(titles.get(name, name) for name in self.changed)}

    def check(self) -> None:
        """Raise NoticeError, naming the field, for what the types of the fields cannot say."""
        super().check()
        self._check_header()
        self._check_changed()
        try:
            self.replacement.check()
        except NoticeError as e:
            raise NoticeError(f"replacement.{e.what}", e.remedy, field=f"replacement.{e.field}") from None

    def headline(self) -> str:
        """Return the revision, and what the replacement is about."""
        return f"Revision {self.revision}: {self.replacement.headline()}"

    def _check_header(self) -> None:
        for field in _TELLING:
            if getattr(self.replacement, field.name) != field.default:
                path = f"replacement.{field.shown}"
                what = f"{path}: the amendment's own header says this for the replacement too."
                raise NoticeError(what, f"Give {field.shown} in the amendment.", field=path)
        if self.replacement.dtg_s != self.dtg_s:
            what = "replacement.dtg: this is not the date-time group of the amendment."
            raise NoticeError(what, "Leave it out.", field="replacement.dtg")

    def _check_changed(self) -> None:
        names = _can_change(type(self.replacement))
        for i, name in enumerate(self.changed):
            path = f"changed[{i}]"
            if name not in names:
                what = f"{path}: {safe(name)} is no field that an amendment of this kind changes."
                close = difflib.get_close_matches(name, names, n=1)
                raise NoticeError(what, f"Did you mean {close[0]}?" if close else "Leave changed out.", field=path)
            if name in self.changed[:i]:
                raise NoticeError(f"{path}: {safe(name)} is named twice.", "Leave one of them out.", field=path)


def fields_changed(before: Notice, after: Notice) -> tuple[str, ...]:
    """Return the names of the fields that differ between two revisions of one kind, in the order of the schema."""
    return tuple(name for name in _can_change(type(after)) if getattr(before, name) != getattr(after, name))


@lru_cache(maxsize=64)
def _can_change(schema: type[Notice]) -> tuple[str, ...]:
    return tuple(f.name for f in fields_of(schema) if f.name not in NEVER_CHANGED)


def presumed(given: Mapping[str, object]) -> dict[str, object]:
    """Return a draft with a revision and a changed field made up where they are left out, so that it can be checked."""
    return {"revision": 2, "changed": ["language"]} | {k: v for k, v in given.items() if v is not None}


def _complete(given: Mapping[str, object]) -> dict[str, object]:
    replacement = given.get("replacement")
    if not isinstance(replacement, Mapping):
        return dict(given)
    name = replacement.get("kind")
    kind = _KINDS.get(name) if isinstance(name, str) else None
    header = {key: given.get(key) for key in ("version", "dtg", "language", "publicity")}
    whole = header | {k: v for k, v in replacement.items() if v is not None}
    return {**given, "replacement": kind.complete(whole) if kind else whole}


def _window(notice: Notice) -> tuple[int, int] | None:
    replacement = cast(Amendment, notice).replacement
    return _KINDS[replacement.kind].window(replacement)


def _read_back(notice: Notice) -> tuple[ReadBack, ...]:
    replacement = cast(Amendment, notice).replacement
    values = _KINDS[replacement.kind].read_back(replacement)
    return tuple(replace(value, name=f"replacement.{value.name}") for value in values)


AMENDMENT = Kind(
    schema=Amendment,
    title="Amendment",
    precedence=Precedence.PRIORITY,
    complete=_complete,
    window=_window,
    read_back=_read_back,
)
