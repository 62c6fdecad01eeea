"""A schema as data: the fields of a struct, derived from its type hints, and the values that hold other values.

The structs of `hotline.notices` are the one statement of a schema; nothing here names a field of a notice.
"""

import difflib
import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Literal, Protocol, cast

import msgspec
from msgspec import Meta, Struct

from hotline.errors import NoticeError
from hotline.notices.fields import Form
from hotline.notices.position import Position
from hotline.notices.values import (
    ChoiceValue,
    FlagValue,
    HexValue,
    MilesValue,
    NoticeIdValue,
    NumberValue,
    PositionValue,
    TextValue,
    TimeValue,
    Value,
    refuse,
)
from hotline.text import safe


@dataclass(frozen=True)
class Field:
    """One field: `name` on the wire, `shown` in TOML, JSON and errors; the rest from `fields.about`."""

    name: str
    shown: str
    value: Value
    required: bool
    default: object
    title: str
    description: str
    example: object
    withholdable: bool
    asked: bool


class Printed(Protocol):
    """A struct inside a notice, which prints itself."""

    def lines(self) -> list[str]: ...


@lru_cache(maxsize=256)
def fields_of(struct: type[Struct]) -> tuple[Field, ...]:
    """Return the fields of `struct` in wire order."""
    hints = typing.get_type_hints(struct, include_extras=True)
    return tuple(_field(info, hints[info.name]) for info in msgspec.structs.fields(struct))


@lru_cache(maxsize=256)
def withholdable(struct: type[Struct]) -> frozenset[str]:
    """Return the names of the fields that a notice of this kind may withhold."""
    return frozenset(f.name for f in fields_of(struct) if f.withholdable)


def join(path: str, name: str) -> str:
    """Return the path of the field `name` within `path`, such as `areas[0].points`."""
    return f"{path}.{name}" if path else name


@dataclass(frozen=True)
class RecordValue:
    """A struct, as a table."""

    struct: type[Struct]
    hint: str = "a table"

    def read(self, given: object, field: str) -> Struct:
        """Return the struct; null stands for a field left out. `field` is empty for a notice as a whole."""
        if not isinstance(given, Mapping):
            refuse(field or "notice", "a table", given)
        known = {f.shown: f for f in fields_of(self.struct)}
        for key in given:
            if key not in known and key != self.struct.__struct_config__.tag_field:
                raise _unknown_key(key, field, list(known))
        _check_filled(given, known.values(), field)
        return self.struct(
            **{f.name: f.value.read(given[k], join(field, k)) for k, f in known.items() if _is_given(f, given)}
        )

    def show(self, value: object) -> dict[str, object]:
        config = self.struct.__struct_config__
        shown: dict[str, object] = {config.tag_field: config.tag} if config.tag_field else {}
        for f in fields_of(self.struct):
            held = getattr(value, f.name)
            if f.required or held != f.default:
                shown[f.shown] = f.value.show(held)
        return shown

    def lines(self, value: object) -> list[str]:
        return cast(Printed, value).lines()


@dataclass(frozen=True)
class UnionValue:
    """One of several structs, told apart by their tag; in files the tag may be left out where the keys tell."""

    arms: tuple[RecordValue, ...]

    def read(self, given: object, field: str) -> Struct:
        if not isinstance(given, Mapping):
            refuse(field, "a table", given)
        tag_field = str(self.arms[0].struct.__struct_config__.tag_field)
        tag = given.get(tag_field)
        arms = [a for a in self.arms if (a.struct.__struct_config__.tag == tag if tag is not None else _fits(a, given))]
        if len(arms) != 1:
            path = join(field, tag_field)
            raise NoticeError(f"{path}: which one this is cannot be told.", f"Give {self.hint}.", field=path)
        return arms[0].read(given, field)

    def show(self, value: object) -> object:
        return next(a for a in self.arms if isinstance(value, a.struct)).show(value)

    def lines(self, value: object) -> list[str]:
        return cast(Printed, value).lines()

    @property
    def hint(self) -> str:
        configs = [a.struct.__struct_config__ for a in self.arms]
        return " or ".join(f'{c.tag_field} = "{c.tag}"' for c in configs)


def holds_notice(value: Value) -> bool:
    """Return whether the value is a whole notice: one of several structs told apart by their kind."""
    arms = value.arms if isinstance(value, UnionValue) else (value,)
    return all(isinstance(a, RecordValue) and a.struct.__struct_config__.tag_field == "kind" for a in arms)


def _fits(arm: RecordValue, given: Mapping[str, object]) -> bool:
    return any(f.required and f.shown in given for f in fields_of(arm.struct))


@dataclass(frozen=True)
class ListValue:
    """A list of values of one type."""

    item: Value
    least: int
    most: int

    def read(self, given: object, field: str) -> tuple[object, ...]:
        if not isinstance(given, list | tuple):
            refuse(field, "a list", given)
        if not self.least <= len(given) <= self.most:
            raise self._wrong_length(len(given), field)
        return tuple(self.item.read(g, f"{field}[{i}]") for i, g in enumerate(given))

    def _wrong_length(self, length: int, field: str) -> NoticeError:
        many, bound = (length > self.most, self.most if length > self.most else self.least)
        if isinstance(self.item, PositionValue) and not many:
            what = f"{field}: a polygon needs at least {bound} points; this one has {length}."
        else:
            what = f"{field}: the list has {length} items; {bound} is the {'most' if many else 'least'}."
        return NoticeError(what, "Leave some out." if many else "Add what is missing.", field=field)

    def show(self, value: object) -> object:
        return [self.item.show(v) for v in cast(tuple[object, ...], value)]

    def lines(self, value: object) -> list[str]:
        shown = [self.item.lines(v) for v in cast(tuple[object, ...], value)]
        if len(shown) == 1:
            return shown[0]
        numbered = [(f"({i}) ", item) for i, item in enumerate(shown, 1)]
        return [
            (mark if at == 0 else " " * len(mark)) + line for mark, item in numbered for at, line in enumerate(item)
        ]

    @property
    def hint(self) -> str:
        of = f", each {self.item.hint}" if not isinstance(self.item, RecordValue | UnionValue) else ""
        return f"a list of {'at least one and ' if self.least else ''}at most {self.most}{of}"


def _unknown_key(key: object, path: str, known: list[str]) -> NoticeError:
    name = safe(str(key), limit=60)
    close = difflib.get_close_matches(name, known, n=1)
    remedy = f"Did you mean {close[0]}?" if close else f"Known fields: {', '.join(known)}."
    return NoticeError(f"{join(path, name)}: there is no such field here.", remedy, field=join(path, name))


def may_be_left_out(field: Field) -> bool:
    """Return whether a file need not have the field; what is taken then, its description says after `left out:`."""
    return not field.required or "left out:" in field.description


def _is_given(field: Field, given: Mapping[str, object]) -> bool:
    """Whether a field has a value. A list that need not be there may stay blank, as its template has it."""
    held = given.get(field.shown)
    blank = held == "" and not field.required and (field.asked or isinstance(field.value, ListValue))
    return held is not None and not blank


def _check_filled(given: Mapping[str, object], fields: Iterable[Field], path: str) -> None:
    """Raise NoticeError naming all at once that have to be filled in; else what is blank and may be left out."""
    fields = list(fields)
    empty = [f for f in fields if given.get(f.shown) == "" and _is_given(f, given)]
    needed = [f.shown for f in empty if not may_be_left_out(f)]
    missing = [f.shown for f in fields if f.required and given.get(f.shown) is None]
    if needed:
        raise _empty(needed, missing, path)
    if missing:
        raise _missing(missing, path)
    if empty:
        first = join(path, empty[0].shown)
        raise NoticeError(f"{first}: this field is empty.", "Fill it in, or leave the whole line out.", field=first)


def _empty(needed: list[str], missing: list[str], path: str) -> NoticeError:
    first, rest = join(path, needed[0]), needed[1:]
    also = f" Also empty: {', '.join(rest)}." if rest else ""
    also += f" Missing: {', '.join(missing)}." if missing else ""
    remedy = "Fill it in." if not also else "Fill them in."
    return NoticeError(f"{first}: this field is empty.{also}", remedy, field=first)


def _missing(missing: list[str], path: str) -> NoticeError:
    first, rest = join(path, missing[0]), missing[1:]
    also = f" Also missing: {', '.join(rest)}." if rest else ""
    return NoticeError(f"{first}: this field is required and not given.{also}", "Add it.", field=first)


def _field(info: msgspec.structs.FieldInfo, hint: Any) -> Field:
    _, notes = _unwrap(hint)
    words = [n for n in notes if isinstance(n, Meta) and n.title is not None]
    said = words[-1] if words else Meta(title=info.name)
    value = value_of(hint)
    return Field(
        name=info.name,
        shown=_shown_name(info.name, value),
        value=value,
        required=info.required,
        default=info.default,
        title=said.title or info.name,
        description=said.description or "",
        example=said.examples[0] if said.examples else None,
        withholdable=bool(said.extra and said.extra.get("withholdable")),
        asked=info.required or bool(said.extra and said.extra.get("asked")),
    )


def _shown_name(name: str, value: Value) -> str:
    if isinstance(value, TimeValue):
        return name.removesuffix("_s")
    return name.removesuffix("_mnm") + "_nm" if isinstance(value, MilesValue) else name


def _unwrap(hint: Any) -> tuple[list[Any], list[Any]]:
    """Return the plain types in a hint (None aside) and everything that `Annotated` says about them."""
    origin = typing.get_origin(hint)
    if origin is Annotated:
        inner, *notes = typing.get_args(hint)
        bases, before = _unwrap(inner)
        return bases, before + notes
    if origin in (typing.Union, types.UnionType):
        arms = [_unwrap(arm) for arm in typing.get_args(hint) if arm is not types.NoneType]
        return [b for bases, _ in arms for b in bases], [n for _, notes in arms for n in notes]
    return [hint], []


def value_of(hint: Any) -> Value:
    bases, notes = _unwrap(hint)
    if len(bases) > 1:
        return UnionValue(tuple(RecordValue(b) for b in bases))
    return _plain_value(bases[0], _Bounds.of(notes), [n for n in notes if isinstance(n, Form)])


@dataclass(frozen=True)
class _Bounds:
    """The bounds that the notes on a type give together."""

    least: int
    most: int
    pattern: str

    @classmethod
    def of(cls, notes: list[Any]) -> "_Bounds":
        least = most = 0
        pattern = ""
        for meta in (n for n in notes if isinstance(n, Meta)):
            least = next((int(v) for v in (meta.ge, meta.min_length) if v is not None), least)
            most = next((int(v) for v in (meta.le, meta.max_length) if v is not None), most)
            pattern = meta.pattern or pattern
        return cls(least, most, pattern)


def _plain_value(base: Any, bounds: _Bounds, forms: list[Form]) -> Value:
    origin = typing.get_origin(base)
    if origin is tuple:
        return ListValue(value_of(typing.get_args(base)[0]), bounds.least, bounds.most)
    if origin is Literal:
        return ChoiceValue(typing.get_args(base))
    if base is Position:
        return PositionValue()
    if base is bool:
        return FlagValue()
    if base is str:
        return TextValue(bounds.most, bounds.pattern, Form.FREE_TEXT in forms)
    if base is bytes:
        return NoticeIdValue() if Form.NOTICE_ID in forms else HexValue(bounds.most)
    if base is int:
        special: dict[Form, Value] = {
            Form.TIME: TimeValue(),
            Form.NAUTICAL_MILES: MilesValue(bounds.most),
            Form.YEAR: NumberValue(bounds.least, bounds.most, grouped=False),
        }
        return next((special[f] for f in forms), NumberValue(bounds.least, bounds.most))
    if isinstance(base, type) and issubclass(base, Struct):
        return RecordValue(base)
    raise TypeError(f"a schema cannot hold {base!r}")  # a fault in a schema file, seen by its first test
