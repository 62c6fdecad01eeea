"""Hypothesis strategies for notices, derived from the same schemas as the product reads."""

import functools
import math
from typing import Any, cast

import msgspec
from hypothesis import strategies as st

from hotline.errors import NoticeError
from hotline.notices import KINDS, Notice, bounds
from hotline.notices.amendment import NEVER_CHANGED, OF_THE_TELLING, Amendment
from hotline.notices.area import Circle, Polygon
from hotline.notices.completion import Completion
from hotline.notices.exercise import Exercise, Phase
from hotline.notices.position import Position
from hotline.notices.schema import ListValue, RecordValue, UnionValue, fields_of, holds_notice, withholdable
from hotline.notices.start import Start
from hotline.notices.values import (
    ChoiceValue,
    FlagValue,
    HexValue,
    NoticeIdValue,
    NumberValue,
    PositionValue,
    TextValue,
    TimeValue,
    Value,
)
from tests.notices.fixups import FIXUPS
from tests.notices.samples import error_of

times = st.integers(bounds.TIME_LEAST_S, bounds.TIME_MOST_S)
positions = st.builds(
    Position,
    st.integers(-bounds.LATITUDE_MOST_MMIN, bounds.LATITUDE_MOST_MMIN),
    st.integers(1 - bounds.LONGITUDE_MOST_MMIN, bounds.LONGITUDE_MOST_MMIN),
)

# What MessagePack can hold; larger ones are a case of their own where they can occur.
integers = st.integers(-(2**63), 2**64 - 1)
json_values = st.recursive(
    st.none() | st.booleans() | integers | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)


def texts(value: TextValue) -> st.SearchStrategy[str]:
    if value.pattern.startswith("^[a-z]"):
        return st.sampled_from(["en", "ru", "zh-Hant", "pt-BR", "fil"])
    breaks = "\n\t" if value.free else ""
    alphabet = st.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp", "Cs"), include_characters=breaks)
    return st.text(alphabet, min_size=1, max_size=min(value.most, 60))


@st.composite
def polygons(draw: st.DrawFn) -> Polygon:
    """A star-shaped polygon anywhere, over the antimeridian too."""
    count = draw(st.integers(3, 12))
    lat, lon = draw(st.integers(-4_000_000, 4_000_000)), draw(st.integers(-10_800_000, 10_800_000))
    turn = draw(st.floats(0, 6))
    radii = draw(st.lists(st.integers(1_000, 1_000_000), min_size=count, max_size=count))
    points = []
    for i, radius in enumerate(radii):
        angle = turn + 2 * math.pi * i / count
        east = lon + round(radius * math.sin(angle))
        points.append(
            Position(lat + round(radius * math.cos(angle)), -((-east + 10_800_000) % 21_600_000 - 10_800_000))
        )
    return Polygon(points=tuple(points), name=draw(st.none() | st.just("Box")))


circles = st.builds(Circle, centre=positions, radius_mnm=st.integers(1, bounds.RADIUS_MOST_MNM))
areas = polygons() | circles


def values(value: Value) -> st.SearchStrategy[Any]:
    match value:
        case TextValue():
            return texts(value)
        case NumberValue():
            return st.integers(value.least, value.most)
        case FlagValue():
            return st.booleans()
        case ChoiceValue():
            return st.sampled_from(value.words)
        case TimeValue():
            return times
        case PositionValue():
            return positions
        case HexValue():
            return st.binary(min_size=value.size, max_size=value.size)
        case NoticeIdValue():
            return st.binary(min_size=bounds.ID_BYTES, max_size=bounds.ID_BYTES)
        case ListValue():
            return st.lists(values(value.item), min_size=value.least, max_size=min(value.most, 3)).map(tuple)
        case UnionValue() if holds_notice(value):
            return st.one_of([notices_of(cast(type[Notice], arm.struct)) for arm in value.arms])
        case UnionValue():
            return areas
        case RecordValue():
            drawn = {f.name: (f, values(f.value)) for f in fields_of(value.struct)}
            optional = {n: s if f.required else st.just(f.default) | s for n, (f, s) in drawn.items()}
            return st.builds(value.struct, **optional)
    raise TypeError(value)


def _ordered(given: dict[str, Any], kind: type[Notice]) -> dict[str, Any]:
    """Bring times into order, and keep what is withheld to what may be."""
    if kind is Amendment:
        _as_amendment(given)
    if kind in (Start, Completion):
        given["as_notified"] = given.get("deviations") is None
    if kind is Completion and given.get("residual_text") is None:
        given |= {"residual_hazards": False, "residual_areas": ()}
    if kind is Completion and given["residual_areas"]:
        given["residual_hazards"] = True
    for name in ("acknowledge_by_s", "reply_by_s"):
        if given.get(name) is not None:
            given[name] = max(given[name], given["dtg_s"])
    can, seen = withholdable(kind), set()
    kept = []
    for item in given["withheld"]:
        if item.field in can and item.field not in seen:
            seen.add(item.field)
            kept.append(item)
            del given[item.field]
    given["withheld"] = tuple(kept)
    if kind is Exercise:
        start = given["start_s"] = min(given["start_s"], bounds.TIME_MOST_S - 1)
        given["end_s"] = max(given["end_s"], start + 1)
        if not given["hazard_areas"]:
            given["live_fire"] = False
        given["phases"] = tuple(
            Phase(start_s=start, end_s=given["end_s"], purpose=p.purpose, areas=p.areas)
            for p in given.get("phases", ())
        )
    if kind in FIXUPS:
        FIXUPS[kind](given)
    return given


def _as_amendment(given: dict[str, Any]) -> None:
    """Let the replacement have the header of the amendment, and `changed` name fields of it."""
    told = {f.name: f.default for f in fields_of(Notice) if f.name in OF_THE_TELLING}
    replacement: Notice = msgspec.structs.replace(given["replacement"], **told)
    given["replacement"] = replacement
    given["dtg_s"] = replacement.dtg_s
    names = [f.name for f in fields_of(type(replacement)) if f.name not in NEVER_CHANGED]
    given["changed"] = tuple(dict.fromkeys(names[len(name) % len(names)] for name in given["changed"]))


def notices_of(kind: type[Notice]) -> st.SearchStrategy[Notice]:
    """Return valid notices of one kind: any mix of optional fields given, left out or withheld."""
    drawn: dict[str, st.SearchStrategy[Any]] = {}
    for field in fields_of(kind):
        one = values(field.value)
        if field.name == "withheld":
            names = sorted(withholdable(kind)) or ["none"]
            struct = field.value.item.struct  # type: ignore[attr-defined]  # the list's own item, known from the schema
            one = st.lists(st.builds(struct, field=st.sampled_from(names), reason=st.just("Not released."))).map(
                lambda items: tuple(items[: bounds.WITHHELD])
            )
        drawn[field.name] = one if field.required else st.just(field.default) | one
    build = functools.partial(_build, kind)
    return st.fixed_dictionaries(drawn).map(build).filter(_is_sound)


def _build(kind: type[Notice], given: dict[str, Any]) -> Notice:
    return kind(**_ordered(dict(given), kind))


def _is_sound(notice: Notice) -> bool:
    """Whether rounding left every drawn polygon plain: a few stars with tiny rays do not stay so."""
    error = error_of(notice.check)
    if error is None:
        return True
    # The strategy itself must not draw any other fault.
    assert isinstance(error, NoticeError), error
    assert "points" in error.field, error
    return False


notices = st.one_of([notices_of(kind.schema) for kind in KINDS.values()])
