"""What is shown beside the logs, held against them: answers, types and times in the inbox, kept cards.

Deadlines, threads and events are this machine's own notes. They are made from bodies and clocks, and not checked here.
"""

from hotline.core import card, entry
from hotline.custody.suite import RealSuite
from hotline.errors import CardError, MalformedError
from hotline.store.archive import Archive, ArchivedLog

_Said = tuple[int, int, int, str]


def problems(archive: Archive, line: bytes, logs: list[ArchivedLog]) -> list[str]:
    """One sentence for each row that does not say what its entry says."""
    found = [] if all(_whole(*kept) for kept in archive.cards(line)) else ["a kept card was altered."]
    by_side = {log.mine: log for log in logs}
    if set(by_side) == {True, False}:
        for log, other in ((by_side[True], by_side[False]), (by_side[False], by_side[True])):
            contents = dict(_contents(archive, log))
            found += _answers(archive, line, contents, other, mine=log.mine)
            found += _outbox(archive, contents, log) if log.mine else _inbox(archive, contents, log)
    return found


def _whole(number: int, packed: bytes) -> bool:
    try:
        return card.unpack(RealSuite(), packed).body.number == number
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


def _answers(
    archive: Archive, line: bytes, contents: dict[int, entry.AnyContent], other: ArchivedLog, *, mine: bool
) -> list[str]:
    """Those given in one log, as they are shown beside the entries of the other: mine by key, the peer's by index."""
    said: dict[bytes, _Said] = {}
    for index, content in contents.items():
        if isinstance(content, entry.Answer):
            key = content.random if mine else index.to_bytes(8, "big")
            said[key] = (content.target, entry.type_of(content), content.verdict, content.text)
    waiting = archive.queued_keys(line) if mine else set()
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
