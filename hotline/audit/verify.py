"""Re-reading both logs of a line from disk: every entry, body, root and signature (SPEC sections 4, 5 and 8)."""

from collections.abc import Callable
from typing import Protocol

from hotline.audit import shown
from hotline.audit.absent import absent, unexplained
from hotline.audit.cards import Cards, newest
from hotline.audit.emergencies import emergency_faults
from hotline.audit.eras import Era, eras
from hotline.audit.journal import verify_journal
from hotline.audit.report import LineReport, LogReport, Report
from hotline.core import checkpoint, entry, identity, tree
from hotline.core.card import Card
from hotline.core.checkpoint import Checkpoint
from hotline.core.generation import Held, last_serial
from hotline.core.ownlog import proposal_message
from hotline.core.step import KeepHead, KeepProposal, KeepReceipt, LockedHead, Stored
from hotline.core.suite import Suite, verify_hybrid
from hotline.custody.suite import RealSuite
from hotline.errors import MalformedError, NotFoundError
from hotline.home import Home, PeerLine
from hotline.station.bodies import read_body
from hotline.store.archive import Archive, ArchivedLog
from hotline.store.lockfile import LockFile

Progress = Callable[[int, int], None]
_PROBLEMS_SHOWN = 20


class _Rooted(Protocol):
    @property
    def size(self) -> int: ...
    @property
    def root(self) -> bytes: ...


def verify_home(home: Home, line: str | None = None, progress: Progress | None = None) -> Report:
    """Check all generations of all lines of a home, or of the one named; `progress(done, total)` counts entries.

    Nothing is written and no key is needed. StoreError if the database cannot be read at all, CardError if a card or
    a closing file is not whole.
    """
    mine = home.require().card()
    peers = [p for p in home.lines() if line is None or p.alias == line]
    if line is not None and not peers:
        raise NotFoundError(f"There is no line to {line!r} in {home.path}.", "`hotline status` lists the lines.")
    report = Report(str(home.path))
    with Archive.open(home.database_path) as archive:
        report.problems += [f"station.db: {fault}" for fault in archive.structure_faults()]
        report.problems += [f"station.db: {table} holds rows of no log." for table in archive.orphans()]
        locks = LockFile(home.heads_lock_path)
        if locks.state == "damaged":
            report.problems.append(f"{home.heads_lock_path.name} cannot be read: its checksum is wrong.")
        if line is None:
            report.journal = verify_journal(RealSuite(), archive, mine, locks.journal)
        known = {peer.pair: eras(mine, peer) for peer in peers}
        fingerprints = {peer.card.fingerprint for peer in peers}
        unexplained(report, archive, locks, known, fingerprints, whole=line is None)
        count = _Count(progress, sum(log.size for each in known.values() for e in each for log in archive.logs(e.line)))
        for peer in peers:
            try:
                _verify_line(report, archive, locks, peer, known[peer.pair], count)
            except (TypeError, ValueError):
                # A value of another kind than its column: SQLite has named it, and nothing can be computed from it.
                if not report.problems:
                    raise
                report.problems.append(f"the line to {peer.alias} cannot be checked further.")
    return report


class _Count:
    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def one(self) -> None:
        self._done += 1
        if self._progress and (self._done % 100 == 0 or self._done == self._total):
            self._progress(self._done, self._total)


def _verify_line(
    report: Report, archive: Archive, locks: LockFile, peer: PeerLine, known: tuple[Era, ...], count: _Count
) -> None:
    surfaced: dict[bytes, bytes] = {}
    for era in known:
        part = LineReport(peer.alias, era.line.hex(), generation=era.number, among=len(known))
        report.lines.append(part)
        logs = archive.logs(era.line)
        if logs and era.mine and era.peer:
            _verify_era(part, archive, locks, era, known, logs, surfaced, count)
        else:
            absent(part, archive, era, logs, known)
            if not (era.ended or part.problems or part.notes):
                _verify_lock(part, archive, locks, era, logs)


def _verify_era(
    part: LineReport, archive: Archive, locks: LockFile, era: Era, known: tuple[Era, ...], logs: list[ArchivedLog],
    surfaced: dict[bytes, bytes], count: _Count,
) -> None:  # fmt: skip
    """`surfaced` holds the commitments of the valid notices of the generations before, by id, and is added to."""
    mine, enrolled = era.cards()
    theirs = newest_card(archive, logs[-1], enrolled) if not logs[-1].mine else enrolled
    for log in logs:
        owner, holder = (mine, theirs) if log.mine else (theirs, mine)
        check = _LogCheck(RealSuite(), archive, log, owner, holder, era, surfaced)
        part.logs.append(check.run(count))
        part.notes += check.notes
        surfaced.update(check.valid | surfaced)
    if len(logs) == 1:
        part.problems.append("station.db holds one log of this line; both are always made together.")
    until = [e for e in known if e.number <= era.number]
    part.problems += shown.problems(archive, era, logs)
    part.notes += shown.unsaid(archive, era, logs)
    part.problems += emergency_faults(
        archive, era.line, [e.mine for e in until if e.mine], [*(e.peer for e in until if e.peer), theirs]
    )
    _verify_lock(part, archive, locks, era, logs)


def _verify_lock(part: LineReport, archive: Archive, locks: LockFile, era: Era, logs: list[ArchivedLog]) -> None:
    """What was lost before a generation was closed has an end there: officers have signed what was held instead."""
    lock = locks.lock(era.line, fresh=True)
    for locked in (lock.own, lock.peer):
        problem = _against_lock(archive, {log.origin: log for log in logs}, locked)
        if problem:
            (part.notes if era.ended and logs else part.problems).append(problem)


def newest_card(archive: Archive, log: ArchivedLog, enrolled: Card) -> Card:
    """The peer's card as its log has carried it since it was enrolled."""
    return newest(RealSuite(), enrolled, archive.entries(log.id))


def _against_lock(archive: Archive, logs: dict[str, ArchivedLog], locked: LockedHead | None) -> str:
    if locked is None or locked.size == 0:
        return ""
    log = logs.get(locked.origin)
    if log is None:
        return f"heads.lock names size {locked.size} of {locked.origin}, and the database holds no such log."
    if locked.size > log.size:
        return (
            f"heads.lock names size {locked.size}, but the database holds {log.size}: an older database was restored."
        )
    leaves = (stored.leaf for index, stored in archive.entries(log.id) if index < locked.size)
    if tree.Frontier.of(leaves).root() != locked.root:
        return f"heads.lock names another root at size {locked.size} than the database has."
    return ""


class _LogCheck:
    """One log. Problems are collected, not raised, so that one bad byte does not hide another."""

    def __init__(
        self, suite: Suite, archive: Archive, log: ArchivedLog, owner: Card, holder: Card, era: Era,
        surfaced: dict[bytes, bytes],
    ) -> None:  # fmt: skip
        self._suite = suite
        self._archive = archive
        self._log = log
        self._owner = owner
        self._holder = holder
        self._era = era
        self._line = era.line
        self._surfaced = surfaced
        self._serial = era.first(mine=log.mine)
        self._serials: list[int] = []
        self._sent: dict[int, tuple[bytes, bytes]] = {}
        self.valid: dict[bytes, bytes] = {}  # of a mirror: the commitments of its valid notices, by id
        self.notes: list[str] = []
        self._listed = archive.listed(log)
        self._cards = Cards.of(suite, owner, archive.entries(log.id))
        self.report = LogReport(owner.body.name, log.origin, log.mine)

    def run(self, count: _Count) -> LogReport:
        """Check everything of this log."""
        self._place()
        roots = self._tree(self._wanted(), count)
        if stated := self._era.stated(mine=self._log.mine):
            self._closed(stated, roots)
        for head in self._archive.heads(self._log):
            self._head(head, roots)
        for receipt in self._archive.receipts(self._log):
            self._receipt(receipt, roots)
        for proposal in self._archive.proposals(self._log):
            self._proposal(proposal, roots)
        self._inbox()
        self._coverage()
        if self._log.frozen:
            kept = "two inconsistent signed heads of it are kept as evidence."
            if self._era.ended:
                self.notes.append(f"{self._owner.body.name}'s log was frozen when it was closed: {kept}")
            else:
                self._problem(f"it is frozen: {kept}")
        return self.report

    def _place(self) -> None:
        """Its row must be that of the cards and closing files: it is from there that the protocol goes on."""
        log, era = self._log, self._era
        if log.origin != identity.origin(self._owner, self._line, era.number):
            self._problem(f"its origin {log.origin!r} is not that of the cards.")
        if (log.pair, log.generation, log.first) != (era.pair, era.number, era.first(mine=log.mine)):
            self._problem("its row names another pair, generation or first serial than cards and closing files.")

    def _closed(self, stated: Held, roots: dict[int, bytes]) -> None:
        """A closed log grows no more, and loses nothing: what our officer signed about it is what it is."""
        size = self.report.entries
        if size > stated.size:
            self._problem(f"it has {size} entries, but our closing statement names {stated.size}: it grew after that.")
        elif size < stated.size:
            self._problem(
                f"it has {size} of {stated.size} entries that our closing statement names: it is an older one."
            )
        if stated.size <= size and roots.get(stated.size) != stated.root:
            self._problem(f"our closing statement names another root at size {stated.size} than the database has.")
        mine, archive, log = self._log.mine, self._archive, self._log
        until = max((h.size for h in archive.heads(log)), default=0) if mine else len(archive.surfaced(log.id))
        if until > stated.signed:
            done = "signed" if mine else "shown"
            self._problem(f"{until} of its entries are {done}, but our closing statement names {stated.signed}.")
        last = last_serial(self._era.first(mine=mine), self._serials, size)
        if last > stated.serial:
            self._problem(f"it has serial {last}, but our closing statement names {stated.serial}.")

    def _problem(self, text: str) -> None:
        if len(self.report.problems) < _PROBLEMS_SHOWN:
            self.report.problems.append(text)

    def _wanted(self) -> set[int]:
        archive, log = self._archive, self._log
        kept: list[_Rooted] = [*archive.heads(log), *archive.receipts(log), *archive.proposals(log)]
        stated = self._era.stated(mine=log.mine)
        return {k.size for k in kept} | ({stated.size} if stated else set())

    # --- entries ------------------------------------------------------------------------------------

    def _tree(self, wanted: set[int], count: _Count) -> dict[int, bytes]:
        """Recompute every leaf and the root at each size that something is signed for."""
        frontier, roots = tree.Frontier(), {0: tree.EMPTY_ROOT}
        for index, stored in self._archive.entries(self._log.id):
            count.one()
            if index != frontier.size:
                self._problem(f"entry {frontier.size} is missing.")
                break
            frontier.push(tree.leaf_hash(stored.entry))
            if frontier.size in wanted:
                roots[frontier.size] = frontier.root()
            self._entry(index, stored)
        self.report.entries = frontier.size
        return roots

    def _entry(self, index: int, stored: Stored) -> None:
        if tree.leaf_hash(stored.entry) != stored.leaf:
            self._problem(f"entry {index} was altered: its bytes do not hash to its leaf hash.")
        self.report.bodies += bool(stored.body)
        if not entry.body_fits(stored.entry, stored.salt, stored.body):
            self._problem(f"entry {index}: its body does not fit its commitment, or is missing.")
        try:
            content = entry.decode_content(entry.envelope(stored.entry).content)
        except MalformedError:
            self.report.invalid += 1
            return
        if isinstance(content, entry.Genesis):
            self._genesis(index, content)
        elif isinstance(content, entry.Notice):
            self._notice(index, stored, content)
        elif isinstance(content, entry.Watch):
            self._watch(index, content)
        elif isinstance(content, entry.CardEntry):
            self._card(index, stored)
        elif isinstance(content, entry.Answer):
            self._answer(index, content)

    def _genesis(self, index: int, genesis: entry.Genesis) -> None:
        parties = (self._owner.fingerprint, self._holder.fingerprint, self._era.number)
        if index or (genesis.owner, genesis.peer, genesis.generation) != parties:
            self._invalid(f"entry {index}: it begins another log or generation than this.")

    def _notice(self, index: int, stored: Stored, notice: entry.Notice) -> None:
        self.report.notices += 1
        if notice.serial != self._serial + 1:
            self._invalid(f"entry {index}: serial {notice.serial} follows {self._serial}.")
        self._serial = max(self._serial, notice.serial)
        self._serials.append(notice.serial)
        parts = entry.envelope(stored.entry)
        facts = entry.ReleaseFacts(
            notice.recipient, notice.id, notice.precedence, notice.mode, parts.commitment, parts.body_bytes,
            notice.expires_s,
        )  # fmt: skip
        self._sent[index] = notice.id, parts.commitment
        self._lists(index, stored, notice)
        for release in notice.releases:
            message = entry.release_message(self._era.pair, facts, release.officer, release.role)
            self._officer(index, release.officer, message, release.signature, "release")

    def _lists(self, index: int, stored: Stored, notice: entry.Notice) -> None:
        """What `inbox` and `outbox` show must be what the entry says, where it is shown at all."""
        shown = self._listed.get(index)
        if shown is None or not entry.body_fits(stored.entry, stored.salt, stored.body):
            return
        facts, n = read_body(stored.body), notice
        if shown != (n.id, n.serial, n.precedence, n.mode, n.expires_s, facts.kind, facts.subject):
            where = "outbox" if self._log.mine else "inbox"
            self._problem(f"entry {index} stands in the {where} with other facts than it has: that row was altered.")

    def _answer(self, index: int, answer: entry.Answer) -> None:
        self.report.answers += 1
        if not answer.officer:
            return
        target_origin = identity.origin(self._holder, self._line, self._era.number)
        message = entry.answer_message(
            entry.type_of(answer), self._line, target_origin, answer.target, answer.target_leaf, answer.verdict,
            answer.text, answer.officer,
        )  # fmt: skip
        self._officer(index, answer.officer, message, answer.signature, "answer")

    def _watch(self, index: int, w: entry.Watch) -> None:
        self.report.watches += 1
        message = entry.watch_message(
            self._line, self._owner.fingerprint, w.random, w.state, w.officer, w.relieved, w.signed_ms, w.text
        )
        self._officer(index, w.officer, message, w.signature, "watch")
        if w.relieved:
            self._officer(index, w.relieved, message, w.relieved_signature, "handover")

    def _card(self, index: int, stored: Stored) -> None:
        """A card that leads to the newest, or an older one, or the same again; the root signed it in any case."""
        self.report.cards += 1
        if self._cards.fits(index):
            self.report.signatures += 1
        elif stored.body:
            self._invalid(f"entry {index}: its card is not one that carries on from the card before it.")

    def _officer(self, index: int, officer_id: bytes, message: bytes, signature: bytes, what: str) -> None:
        officer = self._cards.officers_at(index).officer(officer_id)
        if officer is not None and verify_hybrid(self._suite, officer.public, message, signature):
            self.report.signatures += 1
            return
        self._invalid(f"entry {index}: the officer's {what} signature does not verify.")

    def _invalid(self, fault: str) -> None:
        """What the peer wrote wrongly is kept as it came, and is INVALID; in my own log it is a fault."""
        self.report.invalid += 1
        if self._log.mine:
            self._problem(fault)

    # --- heads, receipts, proposals --------------------------------------------------------------------

    def _root_fits(self, kept: _Rooted, roots: dict[int, bytes], what: str) -> bool:
        if roots.get(kept.size) == kept.root:
            return True
        self._problem(
            f"the {what} of size {kept.size} has another root than the entries: one below {kept.size} was altered."
        )
        return False

    def _head(self, head: KeepHead, roots: dict[int, bytes]) -> None:
        self.report.heads += 1
        cp = Checkpoint(self._log.origin, head.size, head.root)
        if not checkpoint.verify_head(self._suite, self._owner.body.log, cp, head.signature):
            self._problem(f"the head of size {head.size} does not verify with the log's keys.")
        elif self._root_fits(head, roots, "head"):
            self.report.signatures += 2
            self.report.signed = head.size

    def _receipt(self, kept: KeepReceipt, roots: dict[int, bytes]) -> None:
        self.report.receipts += 1
        cp = Checkpoint(self._log.origin, kept.size, kept.root)
        holder = self._holder
        if not checkpoint.verify_receipt(
            self._suite, holder.body.receipt, holder.receipt_name, cp, kept.timestamp_s, kept.signature
        ):
            self._problem(f"the receipt of size {kept.size} does not verify with the receipt keys.")
        elif self._root_fits(kept, roots, "receipt"):
            self.report.signatures += 2
            self.report.receipted = kept.size

    def _proposal(self, kept: KeepProposal, roots: dict[int, bytes]) -> None:
        self.report.proposals += 1
        message = proposal_message(self._log.origin, kept.size, kept.root)
        if not verify_hybrid(self._suite, self._owner.body.log, message, kept.signature):
            self._problem(f"the proposal of size {kept.size} does not verify with the log key.")
        elif self._root_fits(kept, roots, "proposal"):
            self.report.signatures += 2

    def _coverage(self) -> None:
        """Signed without a receipt is never right: the owner signs only what was receipted (SPEC section 7.4)."""
        if self._log.mine and self.report.signed > self.report.receipted:
            self._problem(f"size {self.report.signed} is signed, but receipted only up to {self.report.receipted}.")
        stored = self._archive.shown_stored(self._log) if self._log.mine else 0
        if stored > self.report.receipted:
            self._problem(f"entry {stored - 1} is shown as stored, but receipted only up to {self.report.receipted}.")

    def _inbox(self) -> None:
        """Each entry below the signed head once in the inbox, and nothing else."""
        if self._log.mine:
            return
        rows = self._archive.surfaced(self._log.id)
        if [row[0] for row in rows] != list(range(len(rows))):
            self._problem("the inbox does not hold each of its entries exactly once.")
        self.report.invalid = max(self.report.invalid, sum(1 for row in rows if row[3]))
        self._repeats({index for index, _, _, reason in rows if not reason})

    def _repeats(self, valid: set[int]) -> None:
        """Once is once, over generations too: kept out of the lists is what was surfaced before, and nothing else."""
        sent = {index: found for index, found in self._sent.items() if index in valid}
        before = {index for index, (key, commitment) in sent.items() if self._surfaced.get(key) == commitment}
        for index in sorted(before ^ self._archive.repeats(self._log)):
            so = "is shown, and came" if index in before else "is kept out of the inbox, and did not come"
            self._problem(f"entry {index} {so} in a generation before: that row was altered.")
        self.valid = dict(sent.values())
