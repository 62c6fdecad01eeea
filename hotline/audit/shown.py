"""What is shown beside the logs, held against them: answers, types and times in the inbox, kept cards, the queue.

Deadlines, threads and events are this machine's own notes. They are made from bodies and clocks, and not checked here.
"""

from hotline.audit.eras import Era
from hotline.core import card, entry, queue
from hotline.core.card import Card
from hotline.core.suite import verify_hybrid
from hotline.custody.suite import RealSuite
from hotline.errors import CardError, MalformedError
from hotline.store.archive import Archive, ArchivedLog

_Said = tuple[int, int, int, str]
_SUITE = RealSuite()


def problems(archive: Archive, era: Era, logs: list[ArchivedLog]) -> list[str]:
    """One sentence for each row of one generation that does not say what its entry says."""
    line, mine = era.line, era.cards()[0]
    found = [] if all(_whole(*kept) for kept in archive.cards(line)) else ["a kept card was altered."]
    by_side = {log.mine: log for log in logs}
    if set(by_side) == {True, False}:
        for log, other in ((by_side[True], by_side[False]), (by_side[False], by_side[True])):
            contents = dict(_contents(archive, log))
            unsaid = _unsaid(archive, contents, other) if log.mine and era.ended else set()
            found += _answers(archive, line, contents, other, unsaid, mine=log.mine)
            found += _outbox(archive, contents, log) if log.mine else _inbox(archive, contents, log)
        found += _queue(archive, line, era.pair, by_side[False].origin, mine)
    return found


def _whole(number: int, packed: bytes) -> bool:
    try:
        return card.unpack(_SUITE, packed).body.number == number
    except CardError:
        return False


def _contents(archive: Archive, log: ArchivedLog) -> list[tuple[int, entry.AnyContent]]:
    contents: list[tuple[int, entry.AnyContent]] = []
    for index, stored in archive.entries(log.id):
        try:
            contents.append((index, entry.decode_content(entry.envelope(stored.entry).content)))
        except MalformedError:
            continue
    return contents


def unsaid(archive: Archive, era: Era, logs: list[ArchivedLog]) -> list[str]:
    """A note of answers that an officer has given and that were not sent when the generation ended."""
    by_side = {log.mine: log for log in logs}
    if not era.ended or set(by_side) != {True, False}:
        return []
    count = len(_unsaid(archive, dict(_contents(archive, by_side[True])), by_side[False]))
    return [f"{count} answer{'s' * (count > 1)} of ours had not gone out when it was closed."] if count else []


def _unsaid(archive: Archive, contents: dict[int, entry.AnyContent], other: ArchivedLog) -> set[bytes]:
    """The keys of answers of ours that stand in no log: they do not go over to the next generation."""
    given = {content.random for content in contents.values() if isinstance(content, entry.Answer)}
    kept = {bytes(key) for _, _, own, _, _, key in archive.answers(other) if own}
    # Where one that was given is not shown, a row was altered: then none is excused.
    return kept - given if given <= kept else set()


def _answers(
    archive: Archive, line: bytes, contents: dict[int, entry.AnyContent], other: ArchivedLog, unsaid: set[bytes],
    *, mine: bool,
) -> list[str]:  # fmt: skip
    """Those given in one log, as they are shown beside the entries of the other: mine by key, the peer's by index."""
    said: dict[bytes, _Said] = {}
    for index, content in contents.items():
        if isinstance(content, entry.Answer):
            key = content.random if mine else index.to_bytes(8, "big")
            said[key] = (content.target, entry.type_of(content), content.verdict, content.text)
    waiting = {bytes(row[0]) for row in archive.queued(line)} | unsaid if mine else set()
    return [
        f"an answer to entry {target} is shown with other words than its entry has: that row was altered."
        for target, kind, own, verdict, text, key in archive.answers(other)
        if bool(own) != mine or (bytes(key) not in waiting and said.get(bytes(key)) != (target, kind, verdict, text))
    ]


def _outbox(archive: Archive, contents: dict[int, entry.AnyContent], log: ArchivedLog) -> list[str]:
    """Each notice of mine that has its place in the log, at that place."""
    notices = {index for index, content in contents.items() if isinstance(content, entry.Notice)}
    return [
        f"entry {index} is a notice and is not in the outbox, or the other way round: a row was altered."
        for index in sorted(notices ^ archive.listed(log).keys())
    ]


def _inbox(archive: Archive, contents: dict[int, entry.AnyContent], log: ArchivedLog) -> list[str]:
    """Where an entry cannot be read here, its row says so with a reason, and is not among these."""
    return [
        f"entry {index} stands in the inbox with another type or time than it has: that row was altered."
        for index, shown in archive.inbox_facts(log).items()
        if index not in contents or shown != (entry.type_of(contents[index]), contents[index].time_ms)
    ]


def _queue(archive: Archive, line: bytes, pair: bytes, peers_origin: str, mine: Card) -> list[str]:
    """Each row is signed by an officer, or by the root: what goes out must be what they let go."""
    altered = 0
    for row in archive.queued(line):
        try:
            altered += not _let_go(queue.from_payload(*row), line, pair, peers_origin, mine)
        except (MalformedError, CardError):
            altered += 1
    return [f"{altered} of what waits in the queue was altered: its signature does not verify."] if altered else []


def _let_go(row: queue.Queued, line: bytes, pair: bytes, peers_origin: str, mine: Card) -> bool:
    w = row.what
    if isinstance(w, queue.QueuedNotice):
        facts = entry.ReleaseFacts(
            w.recipient, w.id, w.precedence, w.mode, entry.commitment(row.salt, row.body), len(row.body), w.expires_s
        )
        signed = [(r.officer, entry.release_message(pair, facts, r.officer, r.role), r.signature) for r in w.releases]
        return row.key == w.id and all(_officer(mine, *each) for each in signed)
    if isinstance(w, queue.QueuedCard):
        return row.key == w.card[: len(row.key)] and card.unpack(_SUITE, row.body).digest == w.card
    if isinstance(w, queue.QueuedWatch):
        message = entry.watch_message(
            line, mine.fingerprint, w.random, w.state, w.officer, w.relieved, w.signed_ms, w.text
        )
        relieved = not w.relieved or _officer(mine, w.relieved, message, w.relieved_signature)
        return row.key == w.random and relieved and _officer(mine, w.officer, message, w.signature)
    message = entry.answer_message(w.type, line, peers_origin, w.target, w.target_leaf, w.verdict, w.text, w.officer)
    return row.key == w.random and (not w.officer or _officer(mine, w.officer, message, w.signature))


def _officer(mine: Card, officer_id: bytes, message: bytes, signature: bytes) -> bool:
    officer = mine.officer(officer_id)
    return officer is not None and verify_hybrid(_SUITE, officer.public, message, signature)
