"""Rows of the store as the API shows them: names instead of ids, states, and a ladder that says whose clock it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from msgspec import structs

from hotline import notices
from hotline.api.types import Draft, Due, Notice, NoticeState, ReadBack, Step, Thread
from hotline.core import entry
from hotline.core.step import Now
from hotline.errors import HotlineError, MalformedError, StoreError
from hotline.rules import signatures_needed
from hotline.station.answering import STATES, asked_back
from hotline.station.past import Held, Past, of_pair
from hotline.store.matters import (
    ACKNOWLEDGE,
    ENDED,
    MET,
    OPEN,
    OVERDUE,
    REPLY,
    REPORT,
    WARNED,
    DeadlineRow,
    DraftRow,
    Matter,
    ThreadRow,
)
from hotline.store.queries import Given, Reader, Received, Sent
from hotline.text import safe

_Row = TypeVar("_Row", Sent, Received, Sent | Received)
_PRECEDENCE = ("ROUTINE", "PRIORITY", "IMMEDIATE", "FLASH")
_MODE = ("OPERATION", "DRILL", "TEST")
_ORDER: tuple[NoticeState, ...] = ("QUEUED", "STORED", "OPENED", "ACKNOWLEDGED", "REFUSED", "ANSWERED")
_WHATS: dict[int, Literal["acknowledge", "reply", "report"]] = {
    ACKNOWLEDGE: "acknowledge",
    REPLY: "reply",
    REPORT: "report",
}
_DUE_STATES: dict[int, Literal["open", "warned", "overdue", "met", "ended"]] = {
    OPEN: "open", WARNED: "warned", OVERDUE: "overdue", MET: "met", ENDED: "ended",
}  # fmt: skip
HELD = "HELD: the two sides hold different rules"


class Shown:
    """Bound to one snapshot and one moment."""

    def __init__(self, reader: Reader, ports: Mapping[bytes, Held], now: Now) -> None:
        self._reader = reader
        self._ports = ports
        self._now = now

    def again(self, row: _Row) -> _Row:
        """The row as which a notice came again in a later generation, the latest; the same if it did not."""
        held = self._ports[row.line]
        for later in of_pair(self._ports, held.identity.pair):
            if later.identity.generation > held.identity.generation and (found := self._same(row, later)) is not None:
                return found
        return row

    def _same(self, row: _Row, held: Held) -> _Row | None:
        """The row of the same notice in another generation of its line."""
        found: Sent | Received | None
        if isinstance(row, Sent):
            found = self._reader.sent(held.view.own.origin, notice_id=row.id)
        elif row.type != entry.NOTICE or row.reason:
            return None
        else:
            found = self._reader.received(held.view.mirror.origin, notice_id=row.id)
        return found

    def _generation_marks(self, row: Sent | Received) -> list[str]:
        """What an officer must know of the generation that a notice is of."""
        held = self._ports[row.line]
        present, *before = of_pair(self._ports, held.identity.pair)
        if present is not held:
            return [f"Of generation {held.identity.generation} of the line, which has ended"]
        marks = []
        for old in before:
            first = self._same(row, old)
            if first is not None and first.index >= 0 and first.serial:
                name = old.identity.mine.body.name if isinstance(row, Sent) else old.alias
                verb = "Went" if isinstance(row, Sent) else "Came"
                marks.append(f"{verb} first in generation {old.identity.generation}, as {name} {first.serial}")
        return marks

    def sent(self, row: Sent, **more: Any) -> Notice:
        """One of mine, with its ladder."""
        port = self._ports[row.line]
        about = self._about(row.line, row.id, mine=True)
        ladder = self._sent_ladder(row, port, about)
        marks = row.marks.split("\n") if row.marks else []
        if row.index < 0 and self._reader.matters.is_held(row.line, row.id):
            marks.append(HELD)
        marks += self._generation_marks(row)
        return Notice(
            direction="sent",
            line=port.alias,
            ref=f"{port.identity.mine.body.name} {row.serial}" if row.serial and row.index >= 0 else "",
            id=row.id.hex(),
            kind=row.kind,
            subject=row.subject,
            precedence=_PRECEDENCE[row.precedence],
            mode=_MODE[row.mode],
            state=self._state(ladder, row.expires_s, about, owed=False),
            time_ms=row.submitted_ms,
            index=row.index,
            serial=row.serial if row.index >= 0 else 0,
            expires_s=row.expires_s,
            past=isinstance(port, Past),
            remarks=marks,
            ladder=ladder,
            **self._of_thread(about),
            **more,
        )

    def _sent_ladder(self, row: Sent, port: Held, about: "_About") -> list[Step]:
        steps = [Step(state="QUEUED", time_ms=row.submitted_ms, clock="ours")]
        if row.stored_ms:
            steps.append(Step(state="STORED", time_ms=row.stored_ms, clock="ours", proof="receipt"))
        if row.index >= 0:
            given = [g for g in self._reader.answers(row.origin, row.index) if not g.mine]
            steps += [
                self._step(g, "peer", f"entry {int.from_bytes(g.key, 'big')} of {port.alias}'s log", about)
                for g in given
            ]
        return steps + self._later(about)

    def received(self, row: Received, **more: Any) -> Notice:
        """One of the peer's, with what we answered: what came again, as it stands now, in the place of the first."""
        seq, row = row.seq, self.again(row)
        port = self._ports[row.line]
        about = self._about(row.line, row.id, mine=False)
        ladder = [Step(state="STORED", time_ms=row.surfaced_ms, clock="ours", proof="receipt")]
        if row.type in (entry.NOTICE, 0):
            given = [g for g in self._reader.answers(row.origin, row.index) if g.mine]
            ladder += [self._step(g, "ours", "", about) for g in given]
        ladder += self._later(about)
        return Notice(
            direction="received",
            line=port.alias,
            ref=f"{port.alias} {row.serial}" if row.serial else "",
            id=row.id.hex(),
            kind=row.kind or _TYPE_NAMES.get(row.type, "unreadable"),
            subject=row.subject,
            precedence=_PRECEDENCE[row.precedence],
            mode=_MODE[row.mode],
            state=self._state(ladder, row.expires_s, about, owed=True),
            time_ms=row.time_ms,
            index=row.index,
            serial=row.serial,
            expires_s=row.expires_s,
            seq=seq,
            invalid=row.reason,
            recovered=row.recovered,
            past=isinstance(port, Past),
            officers=list(row.officers),
            remarks=[*(row.marks.split("\n") if row.marks else []), *self._generation_marks(row)],
            ladder=ladder,
            **self._of_thread(about),
            **more,
        )

    # --- the record ----------------------------------------------------------------------------------

    def _about(self, line: bytes, notice_id: bytes, *, mine: bool) -> "_About":
        m = self._reader.matters
        matter = m.matter(line, notice_id, mine=mine) if notice_id else None
        if matter is None:
            return _About()
        settling = m.settling(line, notice_id, mine=mine)
        answers = [a for a in settling if notices.settles(a.relation, matter.kind)]
        return _About(matter, answers, self._after(matter), m.deadlines(line, notice_id, mine=mine))

    def _after(self, matter: Matter) -> list[Matter]:
        """What has taken this notice's place: later amendments of the same, and a cancellation."""
        m = self._reader.matters
        if matter.relation == "amends":
            found = m.replacing(matter.line, matter.target, mine=matter.target_mine, after=matter.seq)
        else:
            found = m.replacing(matter.line, matter.id, mine=matter.mine, after=0)
        return [other for other in found if not other.mine or self._took_effect(other)]

    def _took_effect(self, mine: Matter) -> bool:
        """Whether a notice of mine is at the peer, and its machine did not refuse it."""
        row = self._reader.sent(self._ports[mine.line].view.own.origin, notice_id=mine.id)
        if row is None or not row.stored_ms:
            return False
        given = self._reader.answers(row.origin, row.index)
        return not any(g.type == entry.REFUSAL and g.verdict != entry.REFUSED_BY_OFFICER for g in given if not g.mine)

    def _later(self, about: "_About") -> list[Step]:
        """Rungs that come of other notices and of the clock."""
        steps = [
            Step(state="OVERDUE", time_ms=1000 * d.due_s, clock="ours", text=f"not {_DEEDS[d.what]} in time")
            for d in about.deadlines
            if d.state == OVERDUE
        ]
        for matter in about.answers:
            ref, _, time_ms = self._named(matter)
            clock: Literal["ours", "peer"] = "ours" if matter.mine else "peer"
            steps.append(Step(state="ANSWERED", time_ms=time_ms, clock=clock, text=f"by {ref}", proof=ref))
        for matter in about.after[:1]:
            ref, _, time_ms = self._named(matter)
            clock = "ours" if matter.mine else "peer"
            said = f"cancelled by {ref}" if matter.relation == "cancels" else f"amended by {ref}"
            steps.append(Step(state="SUPERSEDED", time_ms=time_ms, clock=clock, text=said, proof=ref))
        return steps

    def _of_thread(self, about: "_About") -> dict[str, Any]:
        m = about.matter
        if m is None:
            return {}
        row = self._reader.matters.thread(m.line, m.root, mine=m.root_mine)
        target = self.name_of(m.line, m.target, mine=m.target_mine)[0] if m.relation else ""
        return {
            "relation": f"{_RELATIONS.get(m.relation, m.relation)} {target}" if m.relation else "",
            "thread": self.name_of(m.line, m.root, mine=m.root_mine)[0],
            "thread_state": self.thread_state(row) if row else "",
            "revision": row.revision if row else 0,
            "due": [
                Due(
                    what=_WHATS[d.what],
                    due_ms=1000 * d.due_s,
                    owed_by="ours" if d.owed else "peer",
                    state=_DUE_STATES[d.state],
                )
                for d in about.deadlines
            ],
        }

    def name_of(self, line: bytes, notice_id: bytes, *, mine: bool) -> tuple[str, list[str]]:
        """What officers call a notice (its id where it has no serial yet), and its marks."""
        name, marks, _ = self._row_of(line, notice_id, mine)
        return name, marks

    def _named(self, matter: Matter) -> tuple[str, list[str], int]:
        return self._row_of(matter.line, matter.id, matter.mine)

    def _row_of(self, line: bytes, notice_id: bytes, mine: bool) -> tuple[str, list[str], int]:
        port = self._ports[line]
        row: Sent | Received | None
        if mine:
            row = self._reader.sent(port.view.own.origin, notice_id=notice_id)
            name, time_ms = port.identity.mine.body.name, row.submitted_ms if row else 0
        else:
            row = self._reader.received(port.view.mirror.origin, notice_id=notice_id)
            name, time_ms = port.alias, row.time_ms if row else 0
        if row is None:
            return notice_id.hex(), [], 0
        ref = f"{name} {row.serial}" if row.serial and row.index >= 0 else notice_id.hex()
        return ref, row.marks.split("\n") if row.marks else [], time_ms

    def thread_state(self, row: ThreadRow) -> str:
        """The state of a thread now; overdue where the rules of its line make it so.

        Of kinds that are neither started nor completed only that they were amended or cancelled (NOTICES.md, 26).
        """
        if row.kind not in _WITH_STATE:
            return row.state if row.state in ("amended", "cancelled") else ""
        grace_s = self._ports[row.line].rules.of(row.kind).completion_s
        thread = notices.Thread(row.kind, row.title, row.state, row.revision, row.start_s, row.end_s)  # type: ignore[arg-type]  # a kept state
        return notices.state_at(thread, self._now.wall_s, grace_s)

    def _names_in(self, row: Sent | Received, notice: notices.Notice | notices.Unknown) -> dict[bytes, str]:
        """What officers call the notice that this one refers to."""
        link = None if isinstance(notice, notices.Unknown) else notices.link_of(notice)
        m = self._reader.matters.matter(row.line, row.id, mine=isinstance(row, Sent)) if link else None
        if m is None or not m.relation:
            return {}
        name = self.name_of(m.line, m.target, mine=m.target_mine)[0]
        return {} if name == m.target.hex() else {m.target: name}

    def thread(self, row: Sent | Received) -> Thread:
        """The whole thread of a notice."""
        mine = isinstance(row, Sent)
        m = self._reader.matters.matter(row.line, row.id, mine=mine)
        if m is None:
            one = self.sent(row) if isinstance(row, Sent) else self.received(row)
            return Thread(ref=one.ref or one.id, title=one.subject, kind=one.kind, state="", revision=0, notices=[one])
        state = self._reader.matters.thread(m.line, m.root, mine=m.root_mine)
        matters = self._reader.matters.of_thread(m.line, m.root, mine=m.root_mine)
        shown = [notice for other in matters if (notice := self._whole_of(other)) is not None]
        return Thread(
            ref=self.name_of(m.line, m.root, mine=m.root_mine)[0],
            title=state.title if state else shown[0].subject if shown else "",
            kind=state.kind if state else shown[0].kind if shown else "",
            state=self.thread_state(state) if state else "",
            revision=state.revision if state else 0,
            notices=shown,
        )

    def _whole_of(self, matter: Matter) -> Notice | None:
        port = self._ports[matter.line]
        row: Sent | Received | None
        if matter.mine:
            row = self._reader.sent(port.view.own.origin, notice_id=matter.id)
        else:
            row = self._reader.received(port.view.mirror.origin, notice_id=matter.id)
        return None if row is None else self.whole(row)

    def _step(self, given: Given, clock: Literal["ours", "peer"], proof: str, about: "_About") -> Step:
        state = STATES[given.type]
        amended = any(m.relation == "amends" for m in about.after)
        return Step(
            state=state,
            time_ms=given.time_ms,
            clock=clock,
            officer=given.officer,
            text=safe(given.text),
            proof=proof,
            void=amended and given.type == entry.ACKNOWLEDGEMENT,
        )

    def _state(self, ladder: list[Step], expires_s: int, about: "_About", *, owed: bool) -> NoticeState:
        """`owed` tells who has to act on this notice: this station on the peer's, the peer on ours."""
        reached = max((s.state for s in ladder if s.state in _ORDER), key=_ORDER.index)
        if about.after:
            return "SUPERSEDED"
        if expires_s and expires_s <= self._now.wall_s and reached in ("QUEUED", "STORED", "OPENED"):
            return "EXPIRED"
        waited = any(d.state == OVERDUE and d.owed == owed for d in about.deadlines)
        return "OVERDUE" if waited else reached

    def whole(self, row: Sent | Received) -> Notice:
        """One notice with body: the friendly form where the kind is known, the raw bytes always, the formatted text."""
        seq, row = row.seq if isinstance(row, Received) else 0, self.again(row)
        body = (
            self._reader.body(row.origin, row.index) if row.index >= 0 else self._reader.queued_body(row.line, row.id)
        )
        decoded, text = self._read(row, body)
        friendly = notices.to_mapping(decoded) if isinstance(decoded, notices.Notice) else None
        more: dict[str, Any] = {"notice": friendly, "raw": body.hex(), "text": text, **self._released(row)}
        if isinstance(row, Sent):
            return self.sent(row, **more)
        asked = asked_back(decoded, row.precedence) if isinstance(decoded, notices.Notice) else ()
        shown = structs.replace(self.received(row, **more), seq=seq)
        if shown.invalid or shown.past or any(step.state in ("ACKNOWLEDGED", "REFUSED") for step in shown.ladder):
            return shown
        return structs.replace(shown, read_back=[ReadBack(name=v.name, label=v.label) for v in asked])

    def _released(self, row: Sent | Received) -> dict[str, Any]:
        """Who drafted it and, of mine, who released it; the peer's releasers were verified when it was judged."""
        stored = self._reader.entry(row.origin, row.index) if row.index >= 0 else b""
        try:
            content = entry.decode_content(entry.envelope(stored).content)
        except MalformedError:
            return {}
        if not isinstance(content, entry.Notice):
            return {}
        port = self._ports[row.line]
        card = port.identity.mine if isinstance(row, Sent) else port.identity.peer
        names = [(r.role, found.name) for r in content.releases if (found := card.officer(r.officer))]
        drafters = [name for role, name in names if role == entry.ROLE_DRAFTER]
        if isinstance(row, Received):
            return {"drafters": drafters}
        return {"drafters": drafters, "officers": [name for role, name in names if role == entry.ROLE_RELEASER]}

    def _read(self, row: Sent | Received, body: bytes) -> tuple[notices.Notice | notices.Unknown | None, str]:
        try:
            decoded = notices.decode_body(body)
        except MalformedError as e:
            return None, f"This notice cannot be read: {safe(e.what)} Its bytes are kept as they came."
        port = self._ports[row.line]
        names = (port.identity.mine.body.name, port.alias)
        sender, recipient = names if isinstance(row, Sent) else names[::-1]
        envelope = notices.Envelope(
            sender=sender,
            recipient=recipient,
            precedence=notices.Precedence(row.precedence),
            mode=notices.Mode(row.mode),
            serial=row.serial or None,
            notice_id=row.id.hex(),
            expires_s=row.expires_s or None,
            released_by=row.officers if isinstance(row, Received) else (),
            names=self._names_in(row, decoded),
        )
        try:
            return decoded, notices.render(decoded, envelope)
        except HotlineError as e:
            return None, f"This notice cannot be shown: {safe(e.what)}"


def draft_shown(row: DraftRow, port: Held) -> Draft:
    """A draft with its formatted message, as it will stand at the peer."""
    try:
        decoded = notices.decode_body(row.body)
    except MalformedError as e:
        raise StoreError(f"Draft {row.number} cannot be read: {safe(e.what)}", "Discard it.") from None
    envelope = notices.Envelope(
        sender=port.identity.mine.body.name,
        recipient=port.alias,
        precedence=notices.Precedence(row.precedence),
        mode=notices.Mode(row.mode),
        notice_id=row.id.hex(),
        expires_s=row.expires_s or None,
    )
    return Draft(
        number=row.number,
        line=port.alias,
        id=row.id.hex(),
        kind=row.kind,
        subject=row.subject,
        precedence=_PRECEDENCE[row.precedence],
        mode=_MODE[row.mode],
        drafter=row.drafter,
        made_ms=row.made_ms,
        signatures=signatures_needed(port.rules, row.kind),
        text=notices.render(decoded, envelope),
    )


@dataclass(frozen=True, slots=True)
class _About:
    """What the record holds of one notice: what answers it, what took its place, what falls due."""

    matter: Matter | None = None
    answers: list[Matter] = field(default_factory=list)
    after: list[Matter] = field(default_factory=list)
    deadlines: list[DeadlineRow] = field(default_factory=list)


_DEEDS = {ACKNOWLEDGE: "acknowledged", REPLY: "answered", REPORT: "reported"}
_WITH_STATE = ("exercise", "launch", "hazard", "out-of-service")
_RELATIONS = {
    "replies": "replies to",
    "asks-about": "asks about",
    "answers-call": "answers",
    "views": "gives a view on",
    "reports": "reports on",
}
_TYPE_NAMES = {
    entry.GENESIS: "genesis",
    entry.OPENED: "opened",
    entry.ACKNOWLEDGEMENT: "acknowledgement",
    entry.REFUSAL: "refusal",
    entry.WATCH: "watch",
    entry.CARD: "card",
}
