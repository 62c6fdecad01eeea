"""Asking for one value of a notice at the terminal, whatever its type: checked at once, kept as files hold it."""

import enum
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from hotline.cli.terminal import Keyboard
from hotline.errors import NoticeError
from hotline.notices.area import Circle, Polygon
from hotline.notices.dtg import parse_time
from hotline.notices.notice import check_order
from hotline.notices.schema import Field, ListValue, RecordValue, UnionValue, fields_of, join
from hotline.notices.values import ChoiceValue, FlagValue, MilesValue, NoticeIdValue, NumberValue, TextValue, Value
from hotline.text import safe

_KEYS = "Keys: ? explains, - goes back, Enter alone leaves it as it is, Ctrl-D ends everything and sends nothing."
_FLAG_HINT = "y or n"
_PATH = re.compile(r"[a-z_]+(?:\.[a-z_]+|\[\d+\])*(?=:)")
_INDEXED = re.compile(r"\b[a-z_]+(?:\.[a-z_]+)*\[\d+\](?:\.[a-z_]+|\[\d+\])*")
_YES = {"y": True, "yes": True, "true": True, "n": False, "no": False, "false": False}
_NUMBER_CHARS = 20  # Python refuses to read numbers of thousands of digits
_SHOWN_CHARS = 60


class Key(enum.Enum):
    """What was typed in place of a value."""

    BACK = "-"
    NOTHING = ""  # Enter alone: left as it is, or the end of a list


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. `path` is the field's as in errors; `held` the value so far, in the friendly form, or None."""

    path: str
    title: str
    description: str = ""
    example: object = None
    optional: bool = False
    held: Any = None
    start: tuple[str, int] | None = None  # of an end: the name and time (s) of its start, where that is known

    @classmethod
    def of(cls, field: Field, data: Mapping[str, Any], path: str = "") -> "Question":
        """Return the question for a field of the notice `data` or, at `path`, of a table in it."""
        return cls(
            join(path, field.shown), field.title, field.description, field.example, not field.asked,
            data.get(field.shown), _start_of(field, data, path),
        )  # fmt: skip


class Asker:
    """Asks until what is typed fits, or one of the keys is."""

    def __init__(self, keyboard: Keyboard) -> None:
        self._keyboard = keyboard

    def ask(self, value: Value, question: Question) -> Any:
        """Return a value in the friendly form, or a Key. NoticeError never: what is wrong is said, and asked again."""
        if isinstance(value, ListValue):
            return self._list(value, question)
        if isinstance(value, UnionValue):
            return self._union(value, question)
        if isinstance(value, RecordValue):
            return self._record(value, question)
        return self._plain(value, question)

    def refuse(self, error: NoticeError, question: Question | None = None) -> None:
        """Say what is wrong with what was typed, in the words of the prompts."""
        self._keyboard.say(safe(_as_asked(str(error), question), limit=600), "yellow")

    # --- one line -----------------------------------------------------------------------------------------

    def _plain(self, value: Value, question: Question) -> Any:
        if isinstance(value, ChoiceValue):
            self._numbered(question.title, list(map(str, value.words)))
        while True:
            hint = _FLAG_HINT if isinstance(value, FlagValue) else value.hint
            typed = self._typed(_prompt(value, question), question, hint)
            if typed == "-":
                return Key.BACK
            if not typed and (question.optional or question.held is not None):
                return Key.NOTHING
            try:
                return self._read(value, typed, question)
            except NoticeError as error:
                self.refuse(error, question)

    def _read(self, value: Value, typed: str, question: Question) -> Any:
        path = question.path
        if not typed:
            raise NoticeError(f"{path}: this field is required.", "Fill it in; ? explains it.", field=path)
        text = self._rest(typed) if isinstance(value, TextValue) and value.free else typed
        if isinstance(value, NoticeIdValue):
            return text  # a name such as NORTH 7: the station knows whether there is one
        given = _converted(value, text.removeprefix("\\") if text in ("\\-", "\\?") else text)
        if isinstance(value, FlagValue) and not isinstance(given, bool):
            raise NoticeError(f"{path}: this is neither y nor n.", f"Type {_FLAG_HINT}.", field=path)
        held = value.read(given, path)
        if question.start is not None:
            check_order(*question.start, path, cast(int, held))
        return value.show(held) if isinstance(value, MilesValue) else given

    def _rest(self, first: str) -> str:
        """The further lines of a longer text, up to an empty one."""
        lines = [first]
        while line := self._keyboard.line("  …"):
            lines.append(line)
        return "\n".join(lines)

    def _typed(self, prompt: str, question: Question, hint: str) -> str:
        while (typed := self._keyboard.line(prompt)) == "?":
            self._explain(question, hint)
        return typed

    def _explain(self, question: Question, hint: str) -> None:
        if question.description:
            self._keyboard.say(f"  {question.description}")
        self._keyboard.say(f"  {hint}{'' if not question.optional else '; may be left out'}")
        if question.example is not None:
            self._keyboard.say(f"  such as {_short(question.example, 400)}")
        self._keyboard.say(f"  {_KEYS}")

    def _numbered(self, title: str, words: Sequence[str]) -> None:
        self._keyboard.say(f"{title}:")
        for number, word in enumerate(words, 1):
            self._keyboard.say(f"  {number}  {safe(word)}")

    # --- lists and tables ---------------------------------------------------------------------------------

    def _list(self, value: ListValue, question: Question) -> Any:
        """Item by item; `-` takes the last one away, and goes back where there is none."""
        items = list(question.held or [])
        self._keyboard.say(f"{question.title}: one after the other; Enter alone ends the list, - takes the last away.")
        for number, item in enumerate(items, 1):
            self._keyboard.say(f"  {number}  {_short(item)}")
        while len(items) < value.most:
            answer = self._item(value, question, len(items))
            if answer is Key.BACK and not items:
                return Key.BACK
            if answer is Key.BACK:
                self._keyboard.say(f"  taken away: {_short(items.pop())}")
            elif answer is Key.NOTHING:
                break
            else:
                items.append(answer)
        return items

    def _item(self, value: ListValue, question: Question, at: int) -> Any:
        item = replace(
            question, path=f"{question.path}[{at}]", title=f"{question.title} {at + 1}", held=None,
            optional=at >= value.least and (at > 0 or question.optional),
        )  # fmt: skip
        if isinstance(value.item, RecordValue | UnionValue) and item.optional:
            typed = self._typed(f"{item.title}? y, or Enter: no more:", item, value.item.hint).lower()
            if not _YES.get(typed, False):
                return Key.BACK if typed == "-" else Key.NOTHING
        return self.ask(value.item, item)

    def _union(self, value: UnionValue, question: Question) -> Any:
        tags = [str(arm.struct.__struct_config__.tag) for arm in value.arms]
        choice = self._plain(ChoiceValue(tuple(tags)), replace(question, held=None, optional=False))
        return choice if isinstance(choice, Key) else self._record(value.arms[tags.index(choice)], question)

    def _record(self, value: RecordValue, question: Question) -> Any:
        """Field by field, the required ones first; `-` goes one back."""
        held = dict(question.held or {})
        fields = sorted(fields_of(value.struct), key=lambda field: not field.required)
        at = 0
        while True:
            if at == len(fields):
                try:
                    return self._whole(value, held, question.path)
                except NoticeError as error:
                    self.refuse(error, question)
                    at = 0
            answer = self.ask(fields[at].value, _within(question, fields[at], held))
            if answer is Key.BACK and at == 0:
                return Key.BACK
            take(held, fields[at].shown, answer)
            at += -1 if answer is Key.BACK else 1

    def _whole(self, value: RecordValue, held: Mapping[str, Any], path: str) -> dict[str, Any]:
        config = value.struct.__struct_config__
        tag: dict[str, Any] = {config.tag_field: config.tag} if config.tag_field else {}
        whole = {**tag, **held}
        read = value.read(whole, path)
        if isinstance(read, Polygon | Circle):
            read.check(path)
        return whole


def take(data: dict[str, Any], name: str, answer: Any) -> None:
    """Put an answer into the table `data`; a Key changes nothing, an empty list takes the field out."""
    if answer == []:
        data.pop(name, None)
    elif not isinstance(answer, Key):
        data[name] = answer


def _start_of(field: Field, data: Mapping[str, Any], path: str) -> tuple[str, int] | None:
    """Name and time of the start that goes with an end; None for other fields, and while it is not known."""
    name = re.sub(r"(^|_)end$", r"\1start", field.shown)
    if name == field.shown or data.get(name) is None:
        return None
    try:
        return join(path, name), parse_time(data[name], name)
    except NoticeError:
        return None


def _as_asked(text: str, question: Question | None) -> str:
    """An error whose paths read as the prompts do: `Areas 1, points` for `areas[0].points`."""
    path = _PATH.match(text)
    if question is not None and path and re.match(rf"{re.escape(question.path)}(?![a-z_])", path[0]):
        text = _spoken(question.title + path[0][len(question.path) :]) + text[path.end() :]
    return _INDEXED.sub(lambda found: _spoken(found[0]), text)


def _spoken(path: str) -> str:
    return re.sub(r"\[(\d+)\]", lambda at: f" {int(at[1]) + 1}", path).replace(".", ", ")


def _within(question: Question, field: Field, held: Mapping[str, Any]) -> Question:
    inner = Question.of(field, held, question.path)
    return replace(inner, title=f"{question.title}, {field.title.lower()}", optional=not field.required)


def _prompt(value: Value, question: Question) -> str:
    if question.held is not None:
        held = {True: "y", False: "n"}[question.held] if isinstance(question.held, bool) else _short(question.held)
        return f"{question.title} [{held}]:"
    more = " (an empty line ends it)" if isinstance(value, TextValue) and value.free else ""
    form = {FlagValue: f" ({_FLAG_HINT})", ChoiceValue: " (number)"}.get(type(value), "")
    return f"{question.title}{form}{more}{' (Enter: none)' if question.optional else ''}:"


def _converted(value: Value, typed: str) -> Any:
    """What was typed as a file would hold it; what does not convert stays text, and the value refuses it as such."""
    if isinstance(value, FlagValue):
        return _YES.get(typed.lower(), typed)
    if isinstance(value, ChoiceValue):
        at = int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= _NUMBER_CHARS else 0
        return value.words[at - 1] if 1 <= at <= len(value.words) else typed
    plain = typed.replace(",", "").replace(" ", "")[: _NUMBER_CHARS + 1]
    if isinstance(value, NumberValue):
        return int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= _NUMBER_CHARS else typed
    if isinstance(value, MilesValue):
        try:
            return Decimal(typed[:_NUMBER_CHARS])
        except InvalidOperation:
            return typed
    return typed


def _short(value: object, limit: int = _SHOWN_CHARS) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return safe(text, limit=limit)
