"""The one configuration file of a station, `station.toml`: typed, bounded, unknown keys refused.

Paths in it are relative to the folder that it stands in. It holds paths of secrets, never a secret.
"""

import difflib
import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn, TypeVar, get_args, get_origin

import msgspec
from msgspec import Meta, structs

from hotline import limits
from hotline.custody import bounds, files
from hotline.errors import ConfigError, NotFoundError
from hotline.relay.config import RelayConfig
from hotline.text import safe

_T = TypeVar("_T")
_RELAY_PATHS = ("password_file", "ca_file", "client_cert_file", "client_key_file")


class StationConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `[station]` table."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["text", "json"] = "text"
    # host:port for Prometheus; None is off, because whoever reads it learns when the station is busy
    metrics: Annotated[str, Meta(pattern=r"\A[A-Za-z0-9.:\[\]-]+:[0-9]{1,5}\Z", max_length=255)] | None = None
    # A command and its words, run for each notice that arrives, with the formatted message as its input
    print_command: Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=1024)], ...], Meta(max_length=16)] = ()


class LimitsConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `[limits]` table: what the machine and the line may change. The reasons stand in `hotline.limits`."""

    queue_notices: Annotated[int, Meta(ge=1, le=1_000_000)] = limits.QUEUE_NOTICES  # for each line
    queue_mib: Annotated[int, Meta(ge=1, le=64 * 1024)] = limits.QUEUE_BYTES // (1024 * limits.KIB)
    # Frames opened in a second, of each line on each relay: fewer spare a small machine, more serve a fast line
    openings_per_s: Annotated[int, Meta(ge=50, le=10_000)] = limits.DECAPSULATIONS_PER_S


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    station: StationConfig = StationConfig()
    relay: Annotated[tuple[RelayConfig, ...], Meta(max_length=limits.RELAYS)] = ()
    limits: LimitsConfig = LimitsConfig()  # last: from here on the name hides the module


class _LineFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`lines/<line id>.toml`."""

    alias: Annotated[str, Meta(min_length=1, max_length=limits.NAME_BYTES)]


def load(path: Path) -> Config:
    """Return the configuration in the file at `path`, its relative paths made absolute.

    ConfigError, naming the file, the key and the nearest valid key, if anything in it is unknown or wrong;
    NotFoundError if there is no file.
    """
    return _absolute(parse(_read(path), source=files.shown(path)), path.parent)


def parse(text: str, *, source: str) -> Config:
    """Return the configuration in `text`, or raise ConfigError naming `source`."""
    config = _convert(_toml(text, source), Config, source)
    seen: set[str] = set()
    for relay in config.relay:
        if relay.name.casefold() in seen:
            raise ConfigError(f"{source}: two relays are named {safe(relay.name)!r}.", "Give each its own name.")
        seen.add(relay.name.casefold())
    return config


def initial_text(station_name: str, relays: Sequence[RelayConfig] = ()) -> str:
    """Return a commented file for a new station. The name is for its reader alone."""
    return _INITIAL.format(name=safe(station_name)) + "".join(_table(relay) for relay in relays)


def add_relay(path: Path, relay: RelayConfig) -> Config:
    """Append a `[[relay]]` table to the file at `path`, keeping its comments, and return what it now says.

    The new text is read again before it takes the old one's place; ConfigError leaves the file untouched.
    """
    source, old = files.shown(path), _read(path)
    before = parse(old, source=source)
    if any(relay.name.casefold() == r.name.casefold() for r in before.relay):
        raise ConfigError(f"{source} has a relay named {safe(relay.name)!r} already.", "Choose another name.")
    if len(before.relay) >= limits.RELAYS:
        raise ConfigError(f"{source} has {limits.RELAYS} relays, which is the most.", "Remove one first.")
    new = old + ("" if old.endswith("\n") or not old else "\n") + _table(relay)
    if len(new.encode()) > limits.CONFIG_BYTES:
        raise ConfigError(f"{source} would be longer than {limits.CONFIG_BYTES} bytes.", "Shorten its comments.")
    if _reparsed(new, source) != structs.replace(before, relay=(*before.relay, relay)):
        raise ConfigError(f"{source} cannot be added to.", "Write a [[relay]] table into it by hand.")
    files.replace(path, new.encode())
    return _absolute(parse(new, source=source), path.parent)


def remove_relay(path: Path, name: str) -> Config:
    """Take the `[[relay]]` table of this name out of the file at `path`, and return what it now says.

    Comments stay, but for those between the lines of the table. The new text is read again before it takes the old
    one's place; NotFoundError if there is no such relay, ConfigError if its table cannot be found: both leave the file
    untouched.
    """
    source, old = files.shown(path), _read(path)
    before = parse(old, source=source)
    names = [relay.name for relay in before.relay]
    if name not in names:
        known = ", ".join(safe(each) for each in names) or "none"
        raise NotFoundError(f"{source} has no relay {safe(name, limit=80)!r}.", f"Its relays: {known}.")
    at = names.index(name)
    new = _without_table(old, at)
    if _reparsed(new, source) != structs.replace(before, relay=before.relay[:at] + before.relay[at + 1 :]):
        raise ConfigError(f"The table of relay {safe(name)!r} in {source} cannot be told.", "Take it out by hand.")
    files.replace(path, new.encode())
    return _absolute(parse(new, source=source), path.parent)


def _without_table(text: str, number: int) -> str:
    """The text without its `[[relay]]` table of this number. Comments and blank lines after its last key stay."""
    lines = text.splitlines(keepends=True)
    heads = [at for at, line in enumerate(lines) if re.match(r"\s*\[\[\s*relay\s*\]\]", line)]
    if number >= len(heads):
        return text
    start = heads[number]
    tables = (at for at in range(start + 1, len(lines)) if lines[at].lstrip().startswith("["))
    end = next(tables, len(lines))
    while end > start + 1 and lines[end - 1].lstrip()[:1] in ("", "#"):
        end -= 1
    if start and not lines[start - 1].strip():
        start -= 1  # the blank line that sets it apart
    return "".join(lines[:start] + lines[end:])


def load_alias(path: Path) -> str | None:
    """Return what the file at `path` calls a peer, or None if there is no such file."""
    if not path.exists():
        return None
    source = files.shown(path)
    text = _text(files.read(path, limit_bytes=bounds.ALIAS_FILE_BYTES, holds="The file", refusal=ConfigError), source)
    return _convert(_toml(text, source), _LineFile, source).alias


def alias_text(alias: str) -> str:
    """Return the text of `lines/<line id>.toml`."""
    return f"# What this station calls the peer. Change it here, or with: hotline pair --as\nalias = {_string(alias)}\n"


def _reparsed(text: str, source: str) -> Config | None:
    try:
        return parse(text, source=source)
    except ConfigError:
        return None  # e.g. `relay = []` stands in it: the caller says what to do


def _read(path: Path) -> str:
    source = files.shown(path)
    data = files.read(path, limit_bytes=limits.CONFIG_BYTES, holds="The configuration", refusal=ConfigError)
    return _text(data, source)


def _text(data: bytes, source: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as e:
        raise ConfigError(f"{source} is not UTF-8 text (byte {e.start}).", "Save it as UTF-8.") from None


def _toml(text: str, source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as e:  # ValueError: also integers of thousands of digits
        raise ConfigError(f"{source} is not TOML: {safe(str(e), limit=200)}.", "Correct that place.") from None


def _convert(value: dict[str, Any], kind: type[_T], source: str) -> _T:
    try:
        return msgspec.convert(value, kind)
    except ConfigError as e:  # a relay's own checks
        raise ConfigError(f"{source}: {e.what}", e.remedy) from None
    except msgspec.ValidationError as e:
        _explain(str(e), kind, source)


def _explain(message: str, kind: type, source: str) -> NoReturn:
    """Say msgspec's message with the names of this file."""
    what, _, place = message.partition(" - at `$")
    place = place.removesuffix("`").removeprefix(".")
    where = f"{source}: {_place(place)}" if place else f"{source}:"
    unknown = re.fullmatch(r"Object contains unknown field `(.*)`", what, re.DOTALL)
    where = where.removesuffix(":")
    if unknown:
        key, valid = unknown.group(1), _keys(place, kind)
        near = difflib.get_close_matches(key, valid, n=1, cutoff=0.5)
        raise ConfigError(
            f"{where} has no key {safe(key, limit=60)!r}.",
            f"Did you mean {near[0]!r}?" if near else f"Its keys are: {', '.join(valid)}.",
            reason="unknown-key",
        )
    missing = re.fullmatch(r"Object missing required field `(.*)`", what)
    if missing:
        raise ConfigError(f"{where} lacks the key {missing.group(1)!r}.", "Add it.")
    choices = _choices(place, kind)
    remedy = f"Choose one of: {', '.join(choices)}." if choices else "Correct it."
    raise ConfigError(f"{where} cannot be used: {_said(what)}.", remedy)


def _said(what: str) -> str:
    """msgspec's words for types and patterns, in those of the file."""
    if "matching regex" in what:
        return "it is not of the form that the comments in a new station.toml show"
    names = {"`str`": "text in quotes", "`int`": "a whole number", "`object`": "a table", "`array`": "a list"}
    for type_name, words in {**names, "`null`": "nothing", "`float`": "a number", "`bool`": "true or false"}.items():
        what = what.replace(type_name, words)
    return safe(what[:1].lower() + what[1:], limit=200)


def _place(place: str) -> str:
    """`relay[0].url` as people say it; relays are counted from one."""
    said = re.sub(r"^relay\[(\d+)\]\.?", lambda m: f"[[relay]] number {int(m.group(1)) + 1} ", place)
    return re.sub(r"^(station|limits)\.?", r"[\1] ", said).strip()


def _table_type(place: str, kind: type) -> type:
    """The struct of the table that `place` is in: `station`, `relay[0]`, `relay[0].url`."""
    table = place.partition(".")[0].partition("[")[0]
    return {"station": StationConfig, "relay": RelayConfig, "limits": LimitsConfig}.get(table, kind)


def _keys(place: str, kind: type) -> tuple[str, ...]:
    return tuple(field.encode_name for field in structs.fields(_table_type(place, kind)))


def _choices(place: str, kind: type) -> tuple[str, ...]:
    """The values that a key with a fixed set of them may have, else nothing."""
    key = place.rpartition(".")[2]
    types = {field.encode_name: field.type for field in structs.fields(_table_type(place, kind))}
    return get_args(types[key]) if get_origin(types.get(key)) is Literal else ()


def _absolute(config: Config, folder: Path) -> Config:
    """Resolve the relays' paths against the folder of the file, so that the daemon's own folder does not matter."""
    return structs.replace(config, relay=tuple(_absolute_relay(relay, folder) for relay in config.relay))


def _absolute_relay(relay: RelayConfig, folder: Path) -> RelayConfig:
    paths = {key: str(folder / value) for key in _RELAY_PATHS if (value := getattr(relay, key)) is not None}
    return structs.replace(relay, **paths)


def _table(relay: RelayConfig) -> str:
    return "\n[[relay]]\n" + "".join(f"{line}\n" for line in _table_lines(relay))


def _table_lines(relay: RelayConfig) -> Iterator[str]:
    """What differs from the defaults."""
    for field in structs.fields(relay):
        value = getattr(relay, field.name)
        if field.required or value != field.default:
            yield f"{field.encode_name} = {value if isinstance(value, int) else _string(value)}"


def _string(value: str) -> str:
    """A TOML basic string: JSON's escapes are TOML's, but for DEL, which JSON leaves as it is."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")


_INITIAL = """\
# Station {name}: its settings. The daemon reads them when it starts; unknown keys are refused.
# Paths are relative to this folder. Put no secret here: name the file that holds it.

[station]
log_level = "info"            # debug, info, warning or error
log_format = "text"           # text for people, json for collectors
# metrics = "127.0.0.1:9464"  # serve Prometheus metrics here; off unless set
# print_command = ["lp"]        # print each notice that arrives: this is run with its text as input; no shell

# [limits]
# queue_notices = 100000        # that may wait for each line; past it only FLASH is taken, up to 1,000 more
# queue_mib = 1024              # of disk for them
# openings_per_s = 500          # frames opened in a second, of each line on each relay

# One [[relay]] table for each MQTT broker, at best of different owners. All are used at once: each frame goes to every
# relay that is up, and what one loses another brings. Both stations must share one relay at least.
# `hotline relay add` and `hotline relay remove` change them here, and in the running station without a restart.
#
# [[relay]]
# name = "first"                        # as status shows it
# url = "mqtts://relay.example.org"     # mqtt:// (port 1883) or mqtts:// (TLS, port 8883), :port if another
# version = "auto"                      # or only "5" or "3.1.1"
# username = "north"
# password_file = "relay.password"      # 0600; read at each connect
# ca_file = "relay-ca.pem"              # without it, the certificate authorities of this machine
# client_cert_file = "north.pem"
# client_key_file = "north-key.pem"
# qos = 0                               # 1 only if a broker needs it: it costs time and adds no safety
# topic_prefix = "hotline"              # the same at both ends
# keepalive_s = 20
"""
