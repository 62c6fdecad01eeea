"""What is exported: a notice as it is in force, and what the line knows of it; and its words, safe in any format."""

from dataclasses import dataclass

from hotline.errors import UsageError
from hotline.notices import KINDS, Envelope, Mode, Notice
from hotline.notices.dtg import format_iso
from hotline.notices.notice import PUBLICITY_WORDS
from hotline.text import safe

_CHARS_MOST = 1_000_000  # no cut: a body's bound is far below, also with every character escaped
ENDED = frozenset({"cancelled", "completed"})


@dataclass(frozen=True)
class Earlier:
    """A notice of the same thread that came before: its id (32 hexadecimal digits), its name, and when it was sent."""

    notice_id: str
    name: str  # as officers say it: `NORTH 42`
    sent_ms: int


@dataclass(frozen=True)
class Item:
    """A notice in force with its envelope; where a later notice changed it, the envelope is that of the latest.

    `notice` is what is planned or stated: of an amendment, its complete replacement. `state` is the thread's word
    (announced, amended, under way, completed, cancelled, overdue), `revision` 1 for the first. `earlier` are the
    thread's notices before the envelope's, oldest first: the first of them names the thread.
    """

    notice: Notice
    envelope: Envelope
    sent_ms: int
    state: str = "announced"
    revision: int = 1
    earlier: tuple[Earlier, ...] = ()

    @property
    def thread_id(self) -> str:
        """The id of the thread's first notice; UsageError where it is not known."""
        if self.revision > 1 and not self.earlier:
            what = f"{shown(self.envelope.name)}: the first notice of its thread is not given."
            raise UsageError(what, "Export the first notice of the thread by its name.")
        return self.earlier[0].notice_id if self.earlier else self.notice_id

    @property
    def notice_id(self) -> str:
        """The id of the envelope's notice; UsageError for a draft, which has none."""
        if not self.envelope.notice_id:
            raise UsageError("A notice without an id cannot be named in this format.", "Send it, then export it.")
        return self.envelope.notice_id

    @property
    def sent_s(self) -> int:
        """When it was sent, by its sender's clock, in whole seconds since 1970 UTC."""
        return self.sent_ms // 1000

    @property
    def window(self) -> tuple[int, int] | None:
        """What is planned, as (start_s, end_s); None where nothing is."""
        return KINDS[self.notice.kind].window(self.notice)

    @property
    def title(self) -> str:
        """What the notice is about, safe to show."""
        return shown(KINDS[self.notice.kind].title_of(self.notice))

    @property
    def marks(self) -> str:
        """Words that stand before any title: DRILL or TEST, and the state where it is not merely announced."""
        mode = {Mode.OPERATION: "", Mode.DRILL: "DRILL DRILL DRILL: ", Mode.TEST: "TEST TEST TEST: "}
        state = "" if self.state == "announced" else f"{shown(self.state).upper()}: "
        return mode[self.envelope.mode] + state

    @property
    def restriction(self) -> str:
        """What may be said in public, in words; empty where the notice may be published."""
        if self.notice.publicity == "public":
            return ""
        terms = f" {shown(self.notice.publicity_terms)}" if self.notice.publicity_terms else ""
        return f"{self.notice.publicity}: {PUBLICITY_WORDS[self.notice.publicity]}.{terms}"

    def facts(self) -> dict[str, str | int]:
        """Return what every format says of a notice, name by name, safe to show; what is not stated is left out."""
        notice, envelope, window = self.notice, self.envelope, self.window or (None, None)
        facts: dict[str, str | int | None] = {
            "notice": shown(envelope.name),
            "id": envelope.notice_id,
            "kind": notice.kind,
            "title": self.title,
            "from": shown(envelope.sender),
            "to": shown(envelope.recipient),
            "mode": envelope.mode.name,
            "precedence": envelope.precedence.name,
            "state": shown(self.state),
            "revision": self.revision,
            "dtg": format_iso(notice.dtg_s),
            "start": format_iso(window[0]) if window[0] is not None else None,
            "end": format_iso(window[1]) if window[1] is not None else None,
            "publicity": notice.publicity,
            "restriction": self.restriction,
            "marking": shown(notice.marking) if notice.marking else None,
            "language": notice.language,
        }
        return {name: value for name, value in facts.items() if value is not None and value != ""}


def shown(text: str) -> str:
    """Return text from outside with what could deceive or break out escaped; newlines stay, tabs become spaces."""
    return safe(text.replace("\t", " "), limit=_CHARS_MOST, lines=True)


def one_line(text: str) -> str:
    """Return text from outside as one line, safe to show."""
    return " ".join(shown(text).split())
