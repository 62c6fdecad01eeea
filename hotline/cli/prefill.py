"""Files to fill in: the template of a kind, or one that begins with what an earlier notice says."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hotline.errors import UsageError
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.api.types import Notice, Thread
    from hotline.client import Client
    from hotline.notices.schema import Field
    from hotline.notices.values import Value

REPLACEMENT = "replacement"
_WIDTH = 100
_KINDS_NAMED = 10  # more than that are all of them
# Of the header, what an amendment says of itself and not of what it replaces.
_DATED = frozenset({"version", "dtg", "references", "acknowledge_by", "reply_by"})
_ADDRESSED = frozenset({"originator", "action", "info", "drafter", "releaser"})


@dataclass(frozen=True, slots=True)
class Start:
    """What a notice begins with: fields in the friendly form, and remarks about a field for whoever goes on."""

    given: Mapping[str, Any] = field(default_factory=dict)
    remarks: Mapping[str, Sequence[str]] = field(default_factory=dict)


async def about(client: "Client", kind: str, ref: str) -> Start:
    """Return how a notice of `kind` about the notice `ref` begins.

    UsageError if the kind is about no other, or about none of the kind or side of `ref`.
    """
    from hotline import notices
    from hotline.notices.link import FIELDS

    known = notices.kind_of(kind)
    if known.name not in FIELDS:
        raise UsageError(f"The {kind} is about no other notice.", f"One of {', '.join(FIELDS)} is; or leave out --of.")
    target = FIELDS[known.name][0]
    found = await client.show(ref)
    thread = await client.thread(found.id) if target == "target" and known.name != "view" else None
    _check_named(known.name, thread.notices[0] if thread and thread.notices else found)
    name = thread.ref if thread and thread.ref else found.ref or found.id
    start = Start({target: name} | _answers(known.name, found), {target: _remarks(found)})
    return await _replacing(client, start, found, thread) if known.name == "amendment" else start


def _check_named(kind: str, named: "Notice") -> None:
    """The first of the rules that both sides check again (NOTICES.md, section 26), before anything is filled in."""
    from hotline.notices.link import FIELDS
    from hotline.notices.relations import TARGETS

    allowed, ref = TARGETS[FIELDS[kind][1]], safe(named.ref or named.id)
    whose = {True: "of our own", False: "of the other side", None: ""}[allowed.same_author]
    kinds = " or ".join(sorted(allowed.kinds)) if len(allowed.kinds) < _KINDS_NAMED else "any kind but line-test"
    remedy = f"Name one {f'{whose}, ' if whose else ''}of kind {kinds}."
    if named.kind not in allowed.kinds:
        raise UsageError(f"{ref} is of kind {safe(named.kind)}, which no {kind} can be about.", remedy)
    if allowed.same_author is not None and allowed.same_author is not (named.direction == "sent"):
        raise UsageError(f"{ref} is not {whose}, and no {kind} can be about it.", remedy)


def _answers(kind: str, found: "Notice") -> dict[str, Any]:
    """A reply has an answer to each numbered question: blank, so that none is sent unwritten."""
    questions = (found.notice or {}).get("questions")
    if kind != "reply" or not isinstance(questions, list):
        return {}
    return {"answers": [{"number": number, "text": ""} for number, _ in enumerate(questions, 1)]}


def _remarks(found: "Notice") -> list[str]:
    """What the other notice is, and what it asks: the numbered questions, the times offered."""
    lines = [f"{found.ref or found.id}: {found.kind}, {found.subject}"]
    notice = found.notice or {}
    questions = notice.get("questions")
    if isinstance(questions, list):
        lines += [f"Question {number}: {text}" for number, text in enumerate(questions, 1)]
    windows = notice.get("windows")
    if isinstance(windows, list):
        lines += [f"Window {number}: {_toml(window)}" for number, window in enumerate(windows, 1)]
    return lines


async def _replacing(client: "Client", start: Start, found: "Notice", thread: "Thread | None") -> Start:
    """An amendment begins with the whole text in force."""
    from hotline import notices

    last = await client.show(_in_force(found, thread).id)
    text = (last.notice or {}).get(REPLACEMENT, last.notice) if last.kind == "amendment" else last.notice
    kind = str((text or {}).get("kind"))
    if text is None or kind not in notices.KINDS or not notices.KINDS[kind].amendable:
        raise UsageError(
            f"{safe(found.ref or found.id)} is of kind {safe(found.kind)}, which is not amended.",
            "Send a new notice, or a consultation.",
        )
    of_itself = {name: value for name, value in text.items() if name in _ADDRESSED}
    whole = {name: value for name, value in text.items() if name not in _ADDRESSED | _DATED}
    return Start({**start.given, **of_itself, REPLACEMENT: whole}, start.remarks)


def _in_force(found: "Notice", thread: "Thread | None") -> "Notice":
    """The latest amendment of the thread, else its first notice."""
    if thread is None or not thread.notices:
        return found
    amendments = [each for each in thread.notices if each.kind == "amendment" and not each.invalid]
    return amendments[-1] if amendments else thread.notices[0]


def document(kind: str, start: Start | None = None) -> str:
    """Return a TOML file to fill in: every field of `kind` with its words, and what is given already."""
    from hotline import notices
    from hotline.notices.schema import fields_of
    from hotline.notices.template import envelope_lines

    if start is None:
        return notices.template(kind)
    known = notices.kind_of(kind)
    given = spoken_notice(kind, start.given)
    inner = given.get(REPLACEMENT)
    lines = [
        f"# {known.title}. Fill in the fields without # before them; the rest may stay as they are.",
        "# Times are date-time groups (271230Z NOV 24) or ISO 8601 with a zone; positions 34-30.00N 033-12.00E.",
        f'kind = "{known.name}"',
    ]
    for each in fields_of(known.schema):
        if each.name not in ("version", REPLACEMENT if inner else ""):
            lines += _field(each, known.name, given, start.remarks.get(each.shown, ()))
    if inner:
        lines += _replacement(inner)
    return "\n".join([*lines, *envelope_lines(known)]) + "\n"


def _replacement(inner: Mapping[str, Any]) -> list[str]:
    from hotline import notices
    from hotline.notices.schema import fields_of

    kind = str(inner["kind"])
    lines = ["", "# The complete text as it is to stand: change what changes, and leave the rest.", f"[{REPLACEMENT}]"]
    lines.append(f'kind = "{kind}"')
    for each in fields_of(notices.kind_of(kind).schema):
        if each.shown not in _DATED | _ADDRESSED:
            lines += _field(each, kind, inner)
    return lines


def _field(each: "Field", kind: str, given: Mapping[str, Any], remarks: Iterable[str] = ()) -> list[str]:
    from hotline import notices
    from hotline.notices.template import field_lines

    said = [f"# {safe(line, limit=600)}" for line in remarks]
    held = given.get(each.shown)
    if held is None:
        first, *rest = field_lines(each, notices.kind_of(kind)) or [""]
        return [first, *said, *rest] if rest else []
    return ["", *said, f"# {each.description}", f"{each.shown} = {_toml_block(held)}"]


def written(kind: str, data: Mapping[str, Any], envelope: Mapping[str, str]) -> str:
    """Return a notice in the friendly form as a TOML file, and how it is to go: what a form asked, kept."""
    from hotline import notices
    from hotline.notices.schema import fields_of

    plain = {name: value for name, value in data.items() if value is not None and not isinstance(value, Mapping)}
    tables = {name: value for name, value in data.items() if isinstance(value, Mapping)}
    order = [each.shown for each in fields_of(notices.kind_of(kind).schema)]
    lines = [f'kind = "{kind}"']
    lines += [f"{name} = {_toml_block(plain[name])}" for name in order if name in plain]
    for table, held in [*tables.items(), *([("envelope", envelope)] if envelope else [])]:
        lines += ["", f"[{table}]", *(f"{name} = {_toml_block(value)}" for name, value in held.items())]
    return "\n".join(lines) + "\n"


def spoken_notice(kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a notice in the friendly form with its times as date-time groups, as officers write them."""
    from hotline import notices
    from hotline.notices.schema import RecordValue

    spoken = _spoken(RecordValue(notices.kind_of(kind).schema), given)
    assert isinstance(spoken, dict)  # noqa: S101  # of a mapping it is one, which mypy cannot tell
    return spoken


def _spoken(value: "Value", given: Any) -> Any:
    from hotline.notices.dtg import format_time, parse_time
    from hotline.notices.schema import ListValue, RecordValue, UnionValue, fields_of
    from hotline.notices.values import TimeValue

    if isinstance(value, TimeValue) and isinstance(given, str):
        return format_time(parse_time(given, "time"))
    if isinstance(value, ListValue) and isinstance(given, list | tuple):
        return [_spoken(value.item, item) for item in given]
    if isinstance(value, RecordValue) and isinstance(given, Mapping):
        inner = {each.shown: each.value for each in fields_of(value.struct)}
        return {name: _spoken(inner[name], held) if name in inner else held for name, held in given.items()}
    if isinstance(value, UnionValue) and isinstance(given, Mapping):
        configs = [(arm, arm.struct.__struct_config__) for arm in value.arms]
        arm = next((arm for arm, config in configs if given.get(str(config.tag_field)) == config.tag), None)
        return given if arm is None else _spoken(arm, given)
    return given


def _toml_block(value: Any) -> str:
    """Return `value` as TOML; a long list, or one of tables, on lines of its own: each table has to stay on one."""
    line = _toml(value)
    if not isinstance(value, list | tuple) or not (len(line) > _WIDTH or any(isinstance(v, Mapping) for v in value)):
        return line
    return "[\n" + "".join(f"  {_toml(item)},\n" for item in value) + "]"


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{name} = {_toml(held)}" for name, held in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    # JSON's texts, numbers and flags are TOML's, but that TOML has no bare delete character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
