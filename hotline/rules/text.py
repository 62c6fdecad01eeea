"""`rules.toml`: read, checked and written (RULES.md, section 2). What a file leaves out is as in the built-in rules."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import structs

from hotline import limits
from hotline.errors import ConfigError, NotFoundError
from hotline.rules import keys
from hotline.rules.keys import Key, refuse_unknown
from hotline.rules.rules import BUILT_IN, ByPrecedence, KindRules, Rules
from hotline.text import safe

_TABLES = ("acknowledge", "line_test", "kinds")
_HEAD = (
    "# The agreed rules of a line. Both stations hold the same: the line compares their digests and alarms if they",
    "# differ. Comments, order and notation do not count. What a file leaves out is as in the built-in rules.",
    '# Durations: "90 s", "10 min", "48 h", "42 d". See protocol/RULES.md.',
    "",
)


def load(path: Path) -> Rules:
    """Return the rules in the file at `path`. NotFoundError if there is none; ConfigError as `parse` raises it."""
    source = safe(str(path), limit=400)
    if not path.exists():
        raise NotFoundError(f"There is no file {source}.", "Check the path.")
    if not path.is_file():  # a FIFO in this place would hang the reader
        raise ConfigError(f"{source} is no regular file.", "Check the path.")
    try:
        with path.open("rb") as file:
            text = file.read(limits.CONFIG_BYTES + 1).decode(
                "utf-8-sig"
            )  # some editors begin a file with a byte order mark
    except UnicodeDecodeError as e:
        raise ConfigError(f"{source} is not UTF-8 text (byte {e.start}).", "Save it as UTF-8.") from None
    except OSError as e:
        raise ConfigError(f"{source} cannot be read: {safe(e.strerror or str(e))}.", "Check its owner.") from None
    return parse(text, source)


def parse(text: str, source: str) -> Rules:
    """Return the rules in `text`, or raise ConfigError naming `source`, the key and what it may be."""
    try:
        return _rules(_toml(text))
    except ConfigError as e:
        raise ConfigError(f"{source}: {e.what}", e.remedy, reason=e.reason) from None


def format(rules: Rules) -> str:
    """Return a complete, commented file: each value stands in it, and `parse` gives these rules again."""
    return "\n".join(_lines(rules)) + "\n"


def _toml(text: str) -> dict[str, Any]:
    if len(text.encode("utf-8", "replace")) > limits.CONFIG_BYTES:
        raise ConfigError(f"the rules have more than {limits.CONFIG_BYTES} bytes.", "Shorten the comments.")
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as e:  # ValueError: also integers of thousands of digits
        raise ConfigError(f"this is not TOML: {safe(str(e), limit=200)}.", "Correct that place.") from None


def _rules(data: Mapping[str, object]) -> Rules:
    refuse_unknown(data, [*(key.name for key in keys.TOP), *_TABLES], "")
    return structs.replace(
        BUILT_IN,
        **_values({name: value for name, value in data.items() if name not in _TABLES}, keys.TOP, ""),
        acknowledge_s=_acknowledge(_table(data, "acknowledge", "")),
        **_values(_table(data, "line_test", ""), keys.LINE, "line_test."),
        kinds=_kinds(_table(data, "kinds", "")),
    )


def _table(data: Mapping[str, object], name: str, prefix: str) -> dict[str, object]:
    given = data.get(name, {})
    if not isinstance(given, dict):
        raise ConfigError(f"{prefix}{name} is no table.", f"Begin it with [{prefix}{name}].")
    return given


def _values(given: Mapping[str, object], known: Sequence[Key], prefix: str) -> dict[str, object]:
    """Return by field what the table gives of the known keys."""
    refuse_unknown(given, [key.name for key in known], prefix)
    return {key.field: key.read(given[key.name], prefix + key.name) for key in known if key.name in given}


def _acknowledge(given: Mapping[str, object]) -> ByPrecedence:
    read = keys.read_at(given, "acknowledge")
    a, b, c, d = (own or built_in for own, built_in in zip(read, BUILT_IN.acknowledge_s, strict=True))
    return a, b, c, d


def _kinds(given: Mapping[str, object]) -> dict[str, KindRules]:
    refuse_unknown(given, list(BUILT_IN.kinds), "kinds.")
    changed = {name: _kind(name, _table(given, name, "kinds.")) for name in given}
    return {**BUILT_IN.kinds, **changed}


def _kind(name: str, given: Mapping[str, object]) -> KindRules:
    values = _values(given, keys.KIND, f"kinds.{name}.")
    try:
        return structs.replace(BUILT_IN.kinds[name], **values)
    except ConfigError as e:
        raise ConfigError(f"kinds.{name}: {e.what}", e.remedy) from None


def _lines(rules: Rules) -> Iterator[str]:
    yield from _HEAD
    yield from _entries(rules, keys.TOP)
    yield from ["", "[acknowledge]  # by an officer, so long after receipt at each precedence"]
    yield from (f"{name} = {keys.toml(value)}" for name, value in keys.write_at(rules.acknowledge_s).items())
    yield from ["", "[line_test]", *_entries(rules, keys.LINE)]
    yield from ["", "# One table for each kind of notice:", "#"]
    yield from (f"#   {key.name:<15} {key.says}" for key in keys.KIND)
    for name, own in rules.kinds.items():
        yield from ["", f"[kinds.{name}]", *_entries(own, keys.KIND, said=False)]


def _entries(held: msgspec.Struct, known: Sequence[Key], *, said: bool = True) -> Iterator[str]:
    for key in known:
        line = f"{key.name} = {keys.toml(key.write(getattr(held, key.field)))}"
        yield f"{line:<28}  # {key.says}" if said else line
