"""What every notice has: the header of its body (protocol/NOTICES.md, section 4)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal

from msgspec import Struct

from hotline.errors import NoticeError
from hotline.notices import bounds
from hotline.notices.dtg import format_time
from hotline.notices.fields import Language, Line, Name, Posts, Sentence, Time, about, at_most
from hotline.notices.items import item_lines, titled
from hotline.notices.schema import fields_of, withholdable
from hotline.notices.values import NoticeIdValue
from hotline.text import safe

_NO_NAMES: Mapping[bytes, str] = MappingProxyType({})
_NESTED_WIDTH = 66  # within the printed form's 78: its indent, and what a line that hangs under a mark loses

Publicity = Literal["confidential", "do-not-announce", "agreed-text", "public"]

PUBLICITY_WORDS: dict[str, str] = {
    "confidential": "neither the content nor the fact of this notice is made public",
    "do-not-announce": "not announced on own initiative; confirmed if asked",
    "agreed-text": "only in words that both sides agree",
    "public": "may be published",
}


class Withheld(Struct, frozen=True, forbid_unknown_fields=True):
    """A field that the originator knows and deliberately does not give: not the same as not stated."""

    field: Annotated[Name, about("Field", "name of the field")]
    reason: Annotated[Sentence, about("Reason", "why it is withheld")]


class Notice(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="kind"):
    """The header, inherited by the struct of each kind; times in seconds since 1970 UTC.

    Id, serial, precedence, mode, expiry, recipient and release signatures are fields of the log entry.
    A default is None or an empty tuple, and is left out on the wire: one content has one byte form.
    """

    version: Annotated[Literal[1], about("Version", "of the kind's fields", 1)]
    dtg_s: Annotated[
        Time, about("DTG", "date-time group: when the originator dates the notice; left out: now", "271230Z NOV 24")
    ]
    originator: Annotated[Line, about("From", "post that speaks", "Chief of the General Staff, NORTH")] | None = None
    action: Annotated[Posts, about("Action", "posts that are to act", ["Chairman of the Joint Chiefs, SOUTH"])] = ()
    info: Annotated[Posts, about("Info", "posts that are to know", ["Fleet command, SOUTH"])] = ()
    references: Annotated[
        tuple[Line, ...], at_most(bounds.REFERENCES), about("Ref", "earlier notices, by serial or id", ["NORTH 7"])
    ] = ()
    marking: (
        Annotated[Name, about("Marking", "handling marking that the two sides agreed", "LINE CONFIDENTIAL")] | None
    ) = None
    language: Annotated[Language, about("Language", "of the texts, as BCP 47 has it; left out: en", "en")]
    publicity: Annotated[
        Publicity, about("Publicity", "what may be said in public; left out: confidential", "do-not-announce")
    ]
    publicity_terms: (
        Annotated[Sentence, about("Terms", "further terms of publicity", "A joint text may be agreed later.")] | None
    ) = None
    drafter: Annotated[Line, about("Drafter", "post that wrote it", "Operations directorate, desk 3")] | None = None
    releaser: Annotated[Line, about("Releaser", "post that lets it go", "Duty general")] | None = None
    acknowledge_by_s: (
        Annotated[
            Time,
            about(
                "Ack by",
                "when you need the acknowledgement; left out: as the agreed rules say",
                "271630Z NOV 24",
            ),
        ]
        | None
    ) = None
    reply_by_s: (
        Annotated[
            Time, about("Reply by", "when you need the answer; left out: as the agreed rules say", "291230Z NOV 24")
        ]
        | None
    ) = None
    withheld: Annotated[
        tuple[Withheld, ...],
        at_most(bounds.WITHHELD),
        about("Withheld", "fields known and deliberately not given, each with its reason"),
    ] = ()

    @property
    def kind(self) -> str:
        """The kind's word on the wire, such as `exercise`."""
        return str(self.__struct_config__.tag)

    def check(self) -> None:
        """Raise NoticeError, naming the field, for what the types of the fields cannot say."""
        for name in ("acknowledge_by", "reply_by"):
            time_s: int | None = getattr(self, name + "_s")
            if time_s is not None:
                check_order("dtg", self.dtg_s, name, time_s, same_allowed=True)
        self._check_withheld()

    def headline(self) -> str:
        """Return what the notice is about, in one line as its originator wrote it: not yet safe to show."""
        return self.kind

    def said_unknown(self) -> tuple[str, ...]:
        """Return the names of fields that the originator says it does not know; most kinds cannot say so."""
        return ()

    def said_otherwise(self) -> Mapping[str, str]:
        """Return the words that stand for fields whose values are names of the wire; not yet safe to show."""
        return {}

    def items(self, width: int, names: Mapping[bytes, str] = _NO_NAMES) -> list[str]:
        """Return the kind's own fields as numbered items of at most `width` columns, safe to show.

        `names` has, by id, what officers call other notices.
        """
        # What `unknown` names says so itself, in its own place.
        own = [f for f in fields_of(type(self))[len(fields_of(Notice)) :] if f.name != "unknown"]
        instead = {w.field: f"WITHHELD by the originator: {w.reason}" for w in self.withheld}
        instead |= dict.fromkeys(self.said_unknown(), "UNKNOWN to the originator")
        ids = {f.name: held for f in own if isinstance(f.value, NoticeIdValue) and (held := getattr(self, f.name))}
        instead |= {name: f"{names[key]}, id {key.hex()}" for name, key in ids.items() if key in names}
        instead |= self.said_otherwise()
        return item_lines(self, own, instead, width)

    def lines(self) -> list[str]:
        """Return the notice as lines within another's printed form: what its header says of it, and its items."""
        said = (f for f in fields_of(Notice) if f.name in ("marking", "language", "publicity", "publicity_terms"))
        header = ((f, held) for f in said if (held := getattr(self, f.name)) is not None)
        head = (line for f, held in header for line in titled(f"{f.title}:", f.value.lines(held), _NESTED_WIDTH))
        return [self.kind.upper(), *head, *self.items(_NESTED_WIDTH)]

    def _check_withheld(self) -> None:
        can = withholdable(type(self))
        seen: set[str] = set()
        for i, item in enumerate(self.withheld):
            if item.field not in can:
                wrong = f"cannot be withheld in a notice of kind {self.kind}"
            elif item.field in seen:
                wrong = "is withheld twice"
            elif getattr(self, item.field) not in (None, ()):
                wrong = "is both given and withheld"
            else:
                seen.add(item.field)
                continue
            raise _not_withheld(f"withheld[{i}].field", item.field, wrong, can)


def _not_withheld(path: str, name: str, wrong: str, can: frozenset[str]) -> NoticeError:
    remedy = "Leave one of them out." if name in can else f"Fields that can be: {', '.join(sorted(can)) or 'none'}."
    return NoticeError(f"{path}: {safe(name)} {wrong}.", remedy, field=path)


def check_order(first: str, first_s: int, second: str, second_s: int, *, same_allowed: bool = False) -> None:
    """Raise NoticeError naming both fields unless the second time is after the first."""
    if second_s < first_s or (second_s == first_s and not same_allowed):
        how = "before" if second_s < first_s else "the same as"
        raise NoticeError(
            f"{second}: {format_time(second_s)} is {how} {first}, {format_time(first_s)}.",
            f"Correct {second} or {first}.",
            field=second,
        )
