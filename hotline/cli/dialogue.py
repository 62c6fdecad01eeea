"""Filling in a whole notice at the terminal: the required fields, then whatever else is wanted, then what is wrong."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from hotline import notices
from hotline.cli.asking import Asker, Key, Question, take
from hotline.cli.prefill import REPLACEMENT
from hotline.cli.terminal import Keyboard
from hotline.errors import NotFoundError, NoticeError
from hotline.notices.schema import Field, fields_of, holds_notice
from hotline.notices.template import filled_in
from hotline.notices.values import NoticeIdValue, notice_id
from hotline.text import safe

Check = Callable[[Mapping[str, Any]], notices.Draft]
Find = Callable[[str], bytes]

_NEVER_ASKED = frozenset({"version", "dtg", "references", "originator", "action", "info", "drafter", "releaser",
                          "acknowledge_by", "reply_by"})  # fmt: skip  # of a replacement: they are the amendment's


class Dialogue:
    """A notice on its way. `data` is what a file would hold, and what was typed so far is never taken out of it."""

    def __init__(self, keyboard: Keyboard, kind: str, given: Mapping[str, Any], find: Find) -> None:
        """`find` returns the id of a notice by its name, or raises NotFoundError."""
        self.kind = notices.kind_of(kind)
        self.data = dict(given)
        self._keyboard, self._asker, self._find = keyboard, Asker(keyboard), find

    def fill(self, check: Check) -> notices.Draft:
        """Ask for everything; return the draft once `check` takes it."""
        self._keyboard.say(f"{self.kind.title}. ? explains a field, - goes back, Ctrl-D ends with nothing sent.")
        if REPLACEMENT in self.data:
            self.change_replacement()
        self._required()
        self.more()
        return self.mend(check)

    def mend(self, check: Check) -> notices.Draft:
        """Return the draft that `check` takes; a field at fault is asked for again."""
        while True:
            try:
                return check(self._resolved())
            except NoticeError as error:
                self.wrong(error)

    def wrong(self, error: NoticeError) -> None:
        """Say what is wrong, and ask for the field at fault; for any, where none is named."""
        inner = error.field.startswith(f"{REPLACEMENT}.")
        names = re.match(r"[a-z_]+", error.field.removeprefix(f"{REPLACEMENT}.") if inner else error.field)
        data, fields = (self.data[REPLACEMENT], self._inner()) if inner else (self.data, self._fields())
        field = next((each for each in fields if names and each.shown == names[0]), None)
        path = f"{REPLACEMENT}." if inner else ""
        asked = Question.of(field, data) if field is not None else None
        self._asker.refuse(error, replace(asked, path=path + asked.path) if asked else None)
        if field is None:
            self.more()
        else:
            self._put(data, field)

    def more(self) -> None:
        """Ask for any field by name, until no more are wanted."""
        self._any("More fields?", self.data, self._fields())

    def change_replacement(self) -> None:
        """Ask which fields of the text in force change."""
        self._keyboard.say("The complete text in force is filled in; say what changes.")
        self._any("What changes?", self.data[REPLACEMENT], self._inner())

    def _resolved(self) -> dict[str, Any]:
        """The notice with ids for the names of others. NoticeError naming the field if there is no such notice."""
        data = dict(self.data)
        for field in fields_of(self.kind.schema):
            name = data.get(field.shown)
            if isinstance(field.value, NoticeIdValue) and isinstance(name, str) and notice_id(name) is None:
                try:
                    data[field.shown] = self._find(name).hex()
                except NotFoundError as e:
                    raise NoticeError(f"{field.shown}: {e.what}", e.remedy, field=field.shown) from None
        return notices.placeholders(self.kind.name, data)

    def _required(self) -> None:
        wanted = [f for f in self._fields() if f.asked and not filled_in(f) and f.shown not in self.data]
        at = 0
        while at < len(wanted):
            answer = self._put(self.data, wanted[at])
            at = max(at - 1, 0) if answer is Key.BACK else at + 1

    def _any(self, question: str, data: dict[str, Any], fields: list[Field]) -> None:
        prompt = f"{question} Name or number, ? lists them, -NAME takes one out, Enter: no more:"
        while typed := self._keyboard.line(prompt):
            named = self._named(typed.removeprefix("-"), fields)
            if named is None:
                self._list(data, fields)
            elif typed.startswith("-"):
                data.pop(named.shown, None)
                self._keyboard.say(f"{named.shown} is left out.")
            else:
                self._put(data, named)

    def _put(self, data: dict[str, Any], field: Field) -> Any:
        answer = self._asker.ask(field.value, Question.of(field, data))
        take(data, field.shown, answer)
        return answer

    def _named(self, typed: str, fields: list[Field]) -> Field | None:
        """The field of this number or name; the beginning of a name will do where it is the only one."""
        if typed.isascii() and typed.isdigit() and len(typed) <= len(str(len(fields))):
            return fields[int(typed) - 1] if 1 <= int(typed) <= len(fields) else None
        word = typed.lower().replace(" ", "_").replace("-", "_")
        fitting = [f for f in fields if f.shown == word] or [f for f in fields if word and f.shown.startswith(word)]
        return fitting[0] if len(fitting) == 1 else None

    def _list(self, data: Mapping[str, Any], fields: list[Field]) -> None:
        for number, field in enumerate(fields, 1):
            mark = "*" if data.get(field.shown) is not None else " "
            self._keyboard.say(f" {mark}{number:3d}  {field.shown}: {safe(field.description)}")
        self._keyboard.say("  * is given; type it again to change it.")

    def _fields(self) -> list[Field]:
        """The fields that can be asked for, those of the kind first."""
        return _askable(self.kind.schema)

    def _inner(self) -> list[Field]:
        inner = _askable(notices.kind_of(self.data[REPLACEMENT].get("kind")).schema)
        return [field for field in inner if field.shown not in _NEVER_ASKED]


def _askable(schema: type[notices.Notice]) -> list[Field]:
    header = {field.name for field in fields_of(notices.Notice)}
    withheld = any(field.withholdable for field in fields_of(schema))
    fields = [f for f in fields_of(schema) if f.name != "version" and not holds_notice(f.value)]
    return sorted((f for f in fields if f.name != "withheld" or withheld), key=lambda field: field.name in header)
