"""The keys of `rules.toml`: how each value is read, written and told to people, in one place."""

import difflib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hotline.errors import ConfigError
from hotline.rules.duration import format_duration, parse_duration
from hotline.rules.rules import MODES, NONE, PRECEDENCES, PUBLICITY, ByPrecedence
from hotline.text import safe


@dataclass(frozen=True)
class Key:
    """One key of a table: `field` is that of the struct; `read` takes a TOML value and the key's name."""

    name: str
    field: str
    read: Callable[[object, str], object]
    write: Callable[[Any], object]  # what `read` reads back
    says: str  # its comment in the file

    def told(self, value: object) -> str:
        """The value for people: `48 h`, `DRILL, TEST`, `none`."""
        return told(self.write(value))


def told(written: object) -> str:
    """A value of the file in words, without the file's quotes and brackets."""
    if isinstance(written, bool):
        return "yes" if written else "no"
    if isinstance(written, Mapping):
        return ", ".join(f"{name} {value}" for name, value in written.items()) or "none"
    if isinstance(written, Sequence) and not isinstance(written, str):
        return ", ".join(map(str, written))
    return str(written)


def toml(written: object) -> str:
    """A value as TOML has it. Texts are printable by their struct's check, so JSON's escapes are TOML's."""
    if isinstance(written, Mapping):
        return (
            "{ " + ", ".join(f"{name} = {toml(value)}" for name, value in written.items()) + " }" if written else "{}"
        )
    return json.dumps(written, ensure_ascii=False)


def _is(kind: type, words: str) -> Callable[[object, str], object]:
    def read(given: object, key: str) -> object:
        if type(given) is not kind:  # not isinstance: true is no whole number
            raise ConfigError(f"{key} is not {words}.", f"Set {key} to {words}.")
        return given

    return read


def _as_it_is(value: object) -> object:
    return value


def _one_of(words: Sequence[str]) -> Callable[[object, str], str]:
    def read(given: object, key: str) -> str:
        if not isinstance(given, str) or given not in words:
            raise ConfigError(f"{key} is none of the words known.", f"Use one of: {', '.join(words)}.")
        return given

    return read


def _modes(given: object, key: str) -> tuple[str, ...]:
    """Return the modes in the order of their numbers, whichever the file has."""
    named = given if isinstance(given, list) else [None]
    chosen = tuple(mode for mode in MODES if mode in named)
    if len(chosen) != len(named) or not chosen:
        raise ConfigError(f"{key} is no list of modes.", f"List some of {', '.join(MODES)}, each once.")
    return chosen


def _span(key: str, field: str, says: str, *, zero: str = "") -> Key:
    """A key that holds a duration, or the word `zero` where 0 has a meaning."""

    def read(given: object, name: str) -> int:
        return 0 if zero and given == zero else parse_duration(given, name, zero)

    def write(seconds: int) -> str:
        return format_duration(seconds) if seconds or not zero else zero

    return Key(key, field, read, write, says)


def _at(key: str, field: str, says: str) -> Key:
    """A key that holds a small table: a duration for some of the precedences."""
    return Key(key, field, read_at, write_at, says)


def read_at(given: object, key: str) -> ByPrecedence:
    if not isinstance(given, dict):
        raise ConfigError(f"{key} is no table.", f'Write it as {{ {PRECEDENCES[-1]} = "12 h" }}, or {{}} for none.')
    refuse_unknown(given, PRECEDENCES, f"{key}.")
    spans = list(NONE)
    for name, value in given.items():
        spans[PRECEDENCES.index(name)] = parse_duration(value, f"{key}.{name}")
    routine, priority, immediate, flash = spans
    return routine, priority, immediate, flash


def write_at(spans: ByPrecedence) -> dict[str, str]:
    return {name: format_duration(span) for name, span in zip(PRECEDENCES, spans, strict=True) if span}


def refuse_unknown(given: Mapping[str, object], known: Sequence[str], prefix: str) -> None:
    """Raise ConfigError for a key that is not known, naming the nearest one that is."""
    for name in given:
        if name not in known:
            shown = safe(f"{prefix}{name}", limit=120)
            raise ConfigError(f"there is no key {shown!r}.", _nearest(name, known), reason="unknown-key")


def _nearest(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"Did you mean {near[0]!r}?" if near else f"Its keys are: {', '.join(known)}."


TOP: Final = (
    Key("version", "version", _is(int, "a whole number"), _as_it_is, "of this form of rules"),
    Key("title", "title", _is(str, "text in quotes"), _as_it_is, "what the two sides call these rules"),
    Key(
        "warn_percent",
        "warn_percent",
        _is(int, "a whole number"),
        _as_it_is,
        "of each span are left when its warning comes",
    ),
    Key("publicity", "publicity", _one_of(PUBLICITY), _as_it_is, f"unless a notice says other: {', '.join(PUBLICITY)}"),
)
LINE: Final = (
    _span("every", "line_test_s", 'each side tests the line so often by machine; or "off"', zero="off"),
    _span("echo", "line_test_echo_s", "the other side's machine answers within this"),
    _span("manned", "manned_test_s", 'a person answers a test so often: once a watch; or "off"', zero="off"),
)
KIND: Final = (
    Key("allowed", "allowed", _is(bool, "true or false"), _as_it_is, "false: this kind is not used on the line"),
    _span("lead", "lead_s", 'told at least this long before the start; or "none"', zero="none"),
    _span("lead_sea", "lead_sea_s", 'the same at sea; or "as lead"', zero="as lead"),
    _span("lead_air", "lead_air_s", 'the same in the air; or "as lead"', zero="as lead"),
    _span("acknowledge", "acknowledge_s", 'from receipt; or "by precedence", as above', zero="by precedence"),
    _at("acknowledge_at", "acknowledge_at_s", 'where it differs at a precedence, such as { flash = "5 min" }'),
    _span("reply", "reply_s", 'from receipt to an answer; or "none": no answer is asked', zero="none"),
    _at("reply_at", "reply_at_s", 'where it differs at a precedence, such as { flash = "12 h" }'),
    _span("completion", "completion_s", 'its author reports so long after its end; or "none"', zero="none"),
    Key(
        "signatures",
        "signatures",
        _is(int, "1 or 2"),
        _as_it_is,
        "officers who release it: 1, or 2 (drafter, releaser)",
    ),
    Key("modes", "modes", _modes, list, f"those that it may have, of {', '.join(MODES)}"),
)
