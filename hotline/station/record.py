"""The record of each line: what refers to what, which state every matter is in, and what falls due (NOTICES.md, 26).

Kept in the same transaction as the entries that it follows from; on the engine's thread only. What a peer's notice
may do to it is judged here, after storing and before surfacing (SPEC section 4.8, `rule`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from hotline import notices, rules
from hotline.core import entry
from hotline.core import step as s
from hotline.errors import MalformedError, NoticeError
from hotline.notices import Mode, Notice, Precedence
from hotline.notices.thread import OVER
from hotline.rules import Rules
from hotline.station import takenback
from hotline.station.bodies import facts_of
from hotline.station.past import Past, of_pair, refuse_ended
from hotline.station.port import Port
from hotline.store.matters import ACKNOWLEDGE, REPLY, REPORT, Matter, ThreadRow
from hotline.store.store import Store
from hotline.text import safe

_WHAT = {"acknowledge": ACKNOWLEDGE, "reply": REPLY, "report": REPORT}
# These the target's own side makes; of an id that stands on both sides, theirs is meant then.
_SAME_SIDE = ("amends", "cancels", "starts", "completes", "reports")
_BACKFILL = 256
MANNED = "MANNED: a person answers this test, by acknowledging it."
BY_MACHINE = "SENT BY THE MACHINE"  # `hotline.store.queries` leaves such line tests out of the outbox


@dataclass(frozen=True, slots=True)
class Noted:
    """One understood notice with its place: `mine` where this station sent it."""

    line: bytes
    mine: bool
    id: bytes
    precedence: int
    mode: int
    notice: Notice
    signatures: int  # officers who signed it, 0 where none of them released it
    index: int = -1
    told_s: int = 0  # when it was told, where that was before now: taken back after a loss, or come again


class Record:
    """Of all lines. `ports` gives each line's names and rules; it is filled once the lines are open."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._desk = store.desk
        self.ports: dict[bytes, Port] = {}
        self.past: dict[bytes, Past] = {}  # generations that are only read
        self.on_test: Callable[[Noted, s.Now], None] = lambda _noted, _now: None

    # --- judging -----------------------------------------------------------------------------------

    def read_body(self, body: bytes, context: s.NoticeContext | None = None) -> s.BodyFacts:
        """`hotline.core.judge.BodyReader`: the schema, then the rules between notices.

        What passes is noted at once: the next entry of the same batch may refer to it. It is surfaced in the same
        transaction, since nothing else can be wrong with it any more.
        """
        try:
            notice = notices.decode_body(body)
        except MalformedError:
            return s.BodyFacts("", "", "notice")
        facts = facts_of(notice)
        if context is None or isinstance(notice, notices.Unknown):
            return facts
        line = self._store.line_of(context.origin)
        try:
            self._check(line, notice, Mode(context.mode), mine=False)
        except NoticeError:
            return s.BodyFacts(facts.kind, facts.subject, "rule")
        self._note(Noted(line, False, context.id, context.precedence, context.mode, notice, 0, context.index))
        self._adopt(line, context.id)
        return facts

    def check(self, port: Port, notice: Notice, mode: Mode) -> None:
        """Raise NoticeError, reason `rule`, naming the field, if this notice of mine breaks a rule between notices.

        Of another reason, `generation`, if it refers to a notice of a generation that has ended.
        """
        link, line = notices.link_of(notice), port.identity.id
        if link and self._meant(line, link.target, mine=True, relation=link.relation) is None:
            self.of_past(line, link.target.hex())
        self._check(port.identity.id, notice, mode, mine=True)

    def _check(self, line: bytes, notice: Notice, mode: Mode, *, mine: bool) -> None:
        link = notices.link_of(notice)
        relation = link.relation if link else ""

        def lookup(target: bytes) -> notices.Known | None:
            return self.known(line, target, mine=mine, relation=relation)

        notices.check_relations(notice, mode, lookup, lambda name: self._mode_of(line, name, mine=mine))

    def before(self, line: bytes, notice_id: bytes) -> notices.Known | None:
        """What the record held of the target of an amendment of mine before it came; None if it is not here."""
        this = self._desk.matter(line, notice_id, mine=True)
        known = self.known(line, this.target, mine=True, relation=this.relation) if this else None
        if this is None or known is None or this.relation != "amends":
            return None
        thread, in_force = notices.begin(known.notice), known.notice
        for matter in self._desk.referring(line, this.target, mine=True):
            if matter.seq < this.seq and matter.mine and (notice := self._notice(line, matter.id, mine=True)):
                thread = notices.advance(thread, notice)
                in_force = getattr(notice, "replacement", in_force)
        return replace(known, thread=thread, in_force=in_force)

    def known(self, line: bytes, target: bytes, *, mine: bool, relation: str) -> notices.Known | None:
        """What the record holds of the notice that a notice of this side (`mine`) means by `target`."""
        matter = self._meant(line, target, mine=mine, relation=relation)
        if matter is None:
            return None
        first = self._notice(line, matter.id, mine=matter.mine)
        if first is None:
            return None
        row = self._desk.thread(line, matter.id, mine=matter.mine)
        in_force = first
        if row is not None and row.latest != matter.id:
            latest = self._notice(line, row.latest, mine=matter.mine)
            in_force = getattr(latest, "replacement", first)
        return notices.Known(
            notice=first,
            mode=Mode(matter.mode),
            same_author=matter.mine == mine,
            thread=_thread(row) if row else notices.begin(first) if not matter.relation else None,
            in_force=in_force,
        )

    def _meant(self, line: bytes, target: bytes, *, mine: bool, relation: str) -> Matter | None:
        first = mine if relation in _SAME_SIDE else not mine
        return self._desk.matter(line, target, mine=first) or self._desk.matter(line, target, mine=not first)

    def _notice(self, line: bytes, notice_id: bytes, *, mine: bool) -> Notice | None:
        body = self._store.body_of(line, notice_id, mine=mine, index=self._index(line, notice_id, mine))
        try:
            notice = notices.decode_body(body)
        except MalformedError:
            return None
        return None if isinstance(notice, notices.Unknown) else notice

    def _index(self, line: bytes, notice_id: bytes, mine: bool) -> int:
        matter = None if mine else self._desk.matter(line, notice_id, mine=False)
        return matter.index if matter else -1

    def _mode_of(self, line: bytes, name: str, *, mine: bool) -> Mode | None:
        """The mode of a notice that the header's references name, as officers say it or by its id; None if unknown.

        The peer's are judged by the names in the cards alone: what we call it here, its own check cannot have known.
        """
        port = self.ports.get(line)
        if port is None:
            return None
        ours, theirs = port.mine_names, port.peer_names
        if not mine:
            theirs = {port.identity.peer.body.name}
            ours, theirs = ours - theirs, theirs - ours  # of two that bear one name each means itself
        found = self._store.named(line, name, ours, theirs)
        return None if found is None else Mode(found[1])

    def named(self, line: bytes, name: str) -> tuple[bytes, int] | None:
        """Id and mode of the notice that officers call `name`, or that has it as its id; None if there is none."""
        port = self.ports.get(line)
        return self._store.named(line, name, port.mine_names, port.peer_names) if port else None

    def of_past(self, line: bytes, name: str) -> tuple[bytes, int] | None:
        """The same of a notice of an earlier generation that came again. CallerError if it did not; None if none is."""
        port = self.ports.get(line)
        if port is None:
            return None
        for held in of_pair(self.past, port.identity.pair):
            found = self._store.named(held.identity.id, name, held.mine_names, held.peer_names)
            if found is not None:
                now = self._store.named(line, found[0].hex(), port.mine_names, port.peer_names)
                if now is None:
                    raise refuse_ended(safe(name), held)
                return now
        return None

    # --- noting --------------------------------------------------------------------------------------

    def _note(self, n: Noted) -> None:
        """What it refers to, and the state of its thread."""
        link = notices.link_of(n.notice)
        if link is None:
            self._desk.note(n.line, n.id, n.notice.kind, n.mode, mine=n.mine, index=n.index)
            if _is_tracked(n.notice):
                self._keep(n, n.id, notices.begin(n.notice), n.id, n.mode)
            return
        target = self._meant(n.line, link.target, mine=n.mine, relation=link.relation)
        if target is None:  # of mine, taken back after a loss before the peer's that it refers to
            self._desk.note(
                n.line, n.id, n.notice.kind, n.mode, mine=n.mine, relation=link.relation, target=link.target,
                target_mine=link.relation in _SAME_SIDE, index=n.index,
            )  # fmt: skip
            return
        self._desk.note(
            n.line, n.id, n.notice.kind, n.mode, mine=n.mine, relation=link.relation, target=target.id,
            target_mine=target.mine, root=target.root, root_mine=target.root_mine, index=n.index,
            successor=getattr(n.notice, "successor", None) or b"",
        )  # fmt: skip
        row = self._desk.thread(n.line, target.id, mine=target.mine)
        if row is not None:
            latest = n.id if link.relation == "amends" else row.latest
            self._keep(n, target.id, notices.advance(_thread(row), n.notice), latest, row.mode, mine=target.mine)

    def _keep(
        self, n: Noted, root: bytes, thread: notices.Thread, latest: bytes, mode: int, *, mine: bool | None = None
    ) -> None:
        t = thread
        over = t.state in OVER
        mine = n.mine if mine is None else mine
        row = ThreadRow(
            n.line, mine, root, t.kind, t.title, mode, t.state, t.revision, t.start_s, t.end_s, latest, over
        )
        self._desk.keep_thread(row)

    def _adopt(self, line: bytes, notice_id: bytes) -> None:
        """A notice of the peer has come: what of mine was waiting for it belongs to its thread."""
        first = self._desk.matter(line, notice_id, mine=False)
        waiting = [first] if first else []
        while waiting:
            target = waiting.pop()
            for matter in self._desk.referring(line, target.id, mine=target.mine):
                if not matter.root:
                    self._desk.belongs(matter, root=target.root, root_mine=target.root_mine)
                    waiting.append(replace(matter, root=target.root, root_mine=target.root_mine))

    def backfill(self, port: Port) -> None:
        """A store that an earlier version kept has no record: make it of what both logs hold, once.

        Deadlines of before are let be; they were alarmed in their time.
        """
        if self._desk.has_record(port.identity.id):
            return
        for view, mine in ((port.view.own, True), (port.view.mirror, False)):
            valid = None if mine else self._store.valid_notices(view.origin)
            for start in range(0, view.size(), _BACKFILL):
                for index, stored in enumerate(view.entries(start, min(start + _BACKFILL, view.size())), start):
                    if stored.body and (valid is None or index in valid):
                        noted = self._noted(port, stored, mine=mine, index=-1 if mine else index)
                        if noted is not None:
                            self._note(noted)

    def sent(self, n: Noted, now: s.Now) -> None:
        """A notice of mine was queued: what it refers to, its deadlines, its marks."""
        self._note(n)
        self._follow(n, now)
        self._desk.mark("outbox", n.line, n.id, self.marks(n, now))
        if n.notice.kind == "line-test":
            self.on_test(n, now)

    def apply(self, port: Port, writes: Sequence[s.Write], now: s.Now) -> None:
        """Follow what a step has written; after the store has applied it, in the same transaction."""
        for write in writes:
            match write:
                case s.Surface() if write.type == entry.NOTICE and not write.reason:
                    self._received(port, write, now)
                case s.Answered():
                    self._answered(port, write, now)
                case s.Append() if write.origin == port.view.own.origin:
                    self._appended(port, write, now)
                case s.Enqueue() if self._desk.matter(port.identity.id, write.key, mine=True):
                    self._desk.requeued(port.identity.id, write.key)

    def carried(self, port: Port, now: s.Now) -> None:
        """Notices of ours went over to this generation: what is told of them once.

        Their marks and deadlines came with them.
        """
        for event in port.told:
            self._store.event(port.identity.id, event, now.wall_ms)
        port.told = []

    def _received(self, port: Port, w: s.Surface, now: s.Now) -> None:
        (stored,) = port.view.mirror.entries(w.index, w.index + 1)
        noted = self._noted(port, stored, mine=False, index=w.index)
        if noted is None:
            return
        if w.recovered:
            noted = replace(noted, told_s=w.time_ms // 1000)
        elif w.repeat:
            noted = replace(noted, told_s=self._store.carrier.shown_before(noted.line, noted.id) // 1000)
        self._follow(noted, now)
        self._already(port, noted)
        self._desk.mark("inbox", noted.line, noted.id, self.marks(noted, now))
        # One that was echoed long ago is not echoed again.
        if noted.notice.kind == "line-test" and not (w.recovered or w.repeat):
            self.on_test(noted, now)

    def _already(self, port: Port, n: Noted) -> None:
        """What was answered before the loss of this store is not owed again: my own log is taken back first."""
        for kind in (
            *self._store.given(port.view.mirror.origin, n.index),
            *self._store.carrier.given_before(n.line, n.id),
        ):
            self.i_answered(n.line, n.id, kind)
        if any(m.mine for m in self._desk.settling(n.line, n.id, mine=False)):
            self._desk.meet(n.line, n.id, (ACKNOWLEDGE, REPLY), mine=False)

    def _appended(self, port: Port, w: s.Append, now: s.Now) -> None:
        """Entries of mine that this store did not queue itself were taken back from the peer."""
        for stored in w.entries:
            if not stored.body:
                takenback.note(self._store, port, stored)
            noted = self._noted(port, stored, mine=True) if stored.body else None
            if noted is not None:
                self.sent(noted, now)

    def _noted(self, port: Port, stored: s.Stored, *, mine: bool, index: int = -1) -> Noted | None:
        try:
            content = entry.decode_content(entry.envelope(stored.entry).content)
            if not isinstance(content, entry.Notice) or (mine and self._is_known(port, content)):
                return None
            notice = notices.decode_body(stored.body)
        except MalformedError:
            return None
        if isinstance(notice, notices.Unknown):
            return None
        released = any(r.role == entry.ROLE_RELEASER for r in content.releases)
        signatures = len({r.officer for r in content.releases}) if released else 0
        line = port.identity.id
        told_s = content.time_ms // 1000 if mine else 0
        return Noted(line, mine, content.id, content.precedence, content.mode, notice, signatures, index, told_s)

    def _is_known(self, port: Port, content: entry.Notice) -> bool:
        return self._desk.matter(port.identity.id, content.id, mine=True) is not None

    # --- deadlines and marks ---------------------------------------------------------------------------

    def _rules(self, line: bytes) -> Rules:
        port = self.ports.get(line)
        return port.rules if port else rules.BUILT_IN

    def _follow(self, n: Noted, now: s.Now) -> None:
        """Begin what this notice asks for, and end what it was waited for."""
        self._begin_deadlines(n, now)
        matter = self._desk.matter(n.line, n.id, mine=n.mine)
        if matter is None or not matter.relation:
            return
        target = self._desk.matter(n.line, matter.target, mine=matter.target_mine)
        if notices.settles(matter.relation, target.kind if target else ""):
            self._desk.meet(n.line, matter.target, (ACKNOWLEDGE, REPLY), mine=matter.target_mine)
        elif matter.relation == "amends":
            # The reply that the first one asks for is owed as before: replies name the first, whatever amends it.
            self._desk.meet(n.line, matter.target, (ACKNOWLEDGE,), mine=matter.target_mine)
            for earlier in self._desk.replaced(matter):
                self._desk.meet(n.line, earlier, (ACKNOWLEDGE, REPLY), mine=matter.target_mine)
        elif matter.relation == "cancels":
            for earlier in (matter.target, *self._desk.replaced(matter)):
                self._desk.meet(n.line, earlier, (ACKNOWLEDGE, REPLY, REPORT), mine=matter.target_mine)
        elif matter.relation in ("completes", "reports"):
            self._desk.meet(n.line, matter.target, (REPORT,), mine=matter.target_mine)

    def _begin_deadlines(self, n: Noted, now: s.Now) -> None:
        agreed = self._rules(n.line)
        for deadline in self._deadlines(agreed, n, now.wall_s):
            root = n.id
            if deadline.what == "report" and (link := notices.link_of(n.notice)):
                root = link.target  # an amendment moves the end of what it amends
            fixed = {"acknowledge": n.notice.acknowledge_by_s, "reply": n.notice.reply_by_s}.get(deadline.what, 1)
            span_s = 0 if fixed or not n.mine else max(deadline.due_s - now.wall_s, 0)
            owed = n.mine == (deadline.what == "report")
            start_s = (notices.KINDS[n.notice.kind].window(n.notice) or (0, 0))[0]
            most_s = {"acknowledge": start_s, "reply": getattr(n.notice, "release_s", 0)}.get(deadline.what, 0)
            self._desk.open_deadline(
                n.line, root, _WHAT[deadline.what], deadline.due_s, deadline.warn_s, span_s, mine=n.mine, owed=owed,
                most_s=most_s,
            )  # fmt: skip

    def _deadlines(self, agreed: Rules, n: Noted, now_s: int) -> tuple[rules.Deadline, ...]:
        """Those of the notice; what an amendment replaces is asked for anew by the amendment."""
        notice, kind = n.notice, n.notice.kind
        replacement = getattr(notice, "replacement", None)
        start_s, end_s = notices.KINDS[kind].window(notice) or (0, 0)
        release_s = getattr(notice, "release_s", 0)
        due = rules.deadlines(
            agreed, kind=kind, precedence=n.precedence, from_s=now_s, acknowledge_by_s=notice.acknowledge_by_s,
            reply_by_s=notice.reply_by_s, start_s=start_s, end_s=0 if replacement else end_s, release_s=release_s,
            manned=bool(getattr(notice, "manned", False)) and not getattr(notice, "echo", False),
        )  # fmt: skip
        if replacement is None:
            return due
        window = notices.KINDS[replacement.kind].window(replacement) or (0, 0)
        moved = rules.deadlines(agreed, kind=replacement.kind, precedence=n.precedence, from_s=now_s, end_s=window[1])
        return (*due, *(d for d in moved if d.what == "report"))

    def marks(self, n: Noted, now: s.Now) -> list[str]:
        """What an officer must see beside the text; of mine as it will be seen there."""
        agreed, kind = self._rules(n.line), n.notice.kind
        marks = []
        if late := self.lateness(agreed, n.notice, n.told_s or now.wall_s):
            marks.append(late.words)
        try:
            notices.check_envelope(n.notice, Precedence(n.precedence), Mode(n.mode))
        except NoticeError as e:  # NOTICES.md, section 25: a reader marks a breach
            marks.append(f"AGAINST THE RULES: {e.what}")
        if not n.signatures and (kind != "line-test" or getattr(n.notice, "manned", False)):
            marks.append("NOT RELEASED: no officer of the sender has signed its release")
        elif kind == "incident" and n.signatures == 1:
            marks.append("RELEASED BY ONE PERSON")
        elif rules.released_short(agreed, kind, n.signatures):
            needed = rules.signatures_needed(agreed, kind)
            marks.append(f"SIGNED BY {n.signatures}, where the agreed rules ask for {max(needed, 2)}")
        if kind not in ("line-test",) and not agreed.of(kind).allowed:
            marks.append("The agreed rules do not have this kind")
        if getattr(n.notice, "manned", False):
            marks.append(MANNED)
        if n.mine and kind == "line-test" and not n.signatures:
            marks.append(BY_MACHINE)
        return marks

    @staticmethod
    def lateness(agreed: Rules, notice: Notice, told_s: int) -> rules.Late | None:
        """How late a notice tells of what it plans; an amendment is judged by its replacement."""
        planned = getattr(notice, "replacement", notice)
        window = notices.KINDS[planned.kind].window(planned)
        environment = getattr(planned, "environment", None)
        return rules.lateness(agreed, planned.kind, environment, window[0], told_s) if window else None

    def _answered(self, port: Port, w: s.Answered, now: s.Now) -> None:
        """The peer's officer or machine has answered: what was waited for has come."""
        if w.type == entry.OPENED:
            return
        notice_id = self._store.own_id(w.origin, w.target)
        if notice_id:
            line = port.identity.id
            whats = (ACKNOWLEDGE,) if w.type == entry.ACKNOWLEDGEMENT else (ACKNOWLEDGE, REPLY)
            self._desk.meet(line, notice_id, whats, mine=True)
            if w.type == entry.ACKNOWLEDGEMENT and w.officer:
                self._desk.test_answered(line, notice_id, now.wall_ms, w.officer, mine=True)

    def i_answered(self, line: bytes, notice_id: bytes, kind: int) -> None:
        """An officer here has acknowledged or refused."""
        if kind != entry.OPENED:
            whats = (ACKNOWLEDGE,) if kind == entry.ACKNOWLEDGEMENT else (ACKNOWLEDGE, REPLY)
            self._desk.meet(line, notice_id, whats, mine=False)


def _is_tracked(notice: Notice) -> bool:
    kind = notices.KINDS[notice.kind]
    return kind.amendable or kind.window(notice) is not None


def _thread(row: ThreadRow) -> notices.Thread:
    return notices.Thread(row.kind, row.title, row.state, row.revision, row.start_s, row.end_s)  # type: ignore[arg-type]  # what was kept was a state
