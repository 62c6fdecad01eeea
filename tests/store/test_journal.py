"""The journal in the database: in the transaction of what it tells of, bounded in a flood, one tree throughout."""

from pathlib import Path

from hotline import limits
from hotline.core import tree
from hotline.core.kinds import HAPPENED, RAISED
from hotline.core.step import Event
from hotline.store.journal import JournalHead, JournalRow
from hotline.store.queries import Reader
from hotline.store.store import Store
from tests.store import samples

MINUTE_MS = 60_000


def listed(path: Path, *, after: int | None = None, since_ms: int = 0, kind: str = "", alarms: bool = False,
           limit: int = 100) -> list[JournalRow]:  # fmt: skip
    with Reader.open(path) as reader:
        return reader.journal.list(after=after, since_ms=since_ms, kind=kind, alarms=alarms, limit=limit)


def kinds(rows: list[JournalRow]) -> list[str]:
    return [row.entry.kind for row in rows]


def filled(path: Path) -> Store:
    store = samples.opened(path)
    store.event(samples.LINE, Event("peer-silent", "silent", alarm=True, fields=(("state", "peer silent"),)), 1000)
    store.journal.note("start", "NORTH starts.", now_ms=2000, version="1")
    store.event(samples.LINE, Event("peer-heard", "heard"), 3000)
    store.commit()
    return store


def test_an_event_is_an_entry_once_it_is_committed_and_not_before(tmp_path: Path) -> None:
    path = tmp_path / "station.db"
    store = filled(path)
    store.event(samples.LINE, Event("watch", "lost with the transaction"), 4000)
    rows = listed(path)
    assert [(r.index, r.entry.kind, r.entry.level, r.entry.line) for r in rows] == [
        (0, "peer-silent", RAISED, samples.LINE), (1, "start", HAPPENED, b""), (2, "peer-heard", 2, samples.LINE)
    ]  # fmt: skip
    assert dict(rows[0].entry.fields) == {"state": "peer silent"}
    store.close()
    again = samples.opened(path)
    assert (again.journal.size, again.journal.last_kind()) == (3, "peer-heard")
    again.close()


def test_what_both_logs_say_anyway_is_told_and_not_journalled(tmp_path: Path) -> None:
    store = filled(tmp_path / "station.db")
    before, told = store.journal.size, store.last_event()
    for kind in ("received", "stored", "peer"):
        store.event(samples.LINE, Event(kind, "more"), 4000)
    assert (store.journal.size, store.last_event()) == (before, told + 3)
    store.close()


def test_of_a_flood_ten_a_minute_are_written_and_the_rest_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "station.db"
    store = samples.opened(path)
    for number in range(1000):
        store.event(samples.LINE, Event("relay-up", str(number)), MINUTE_MS + number)
        store.event(samples.LINE, Event("invalid", str(number), alarm=True), MINUTE_MS + number)
    store.event(b"", Event("relay-up", "of another line"), MINUTE_MS)
    assert store.journal.size == 2 * limits.JOURNAL_A_MINUTE + 1
    assert store.last_event() == 1000 + limits.JOURNAL_A_MINUTE + 1, "every alarm is told, a relay's flapping is not"
    store.event(samples.LINE, Event("relay-up", "next minute"), 2 * MINUTE_MS)
    store.commit()
    rest = [dict(row.entry.fields) for row in listed(path, kind="more")]
    assert rest == [{"kind": "relay-up", "count": "990"}, {"kind": "invalid", "count": "990"}]
    assert listed(path)[-1].entry.text == "next minute"
    assert not store.journal.count_rest(2 * MINUTE_MS)
    assert not store.journal.count_rest(2 * MINUTE_MS, end=True)
    store.close()


def test_a_clock_that_is_put_back_begins_another_minute(tmp_path: Path) -> None:
    store = samples.opened(tmp_path / "station.db")
    for minute in (9, 8, 9):
        for _ in range(limits.JOURNAL_A_MINUTE + 1):
            store.journal.note("key", "used", now_ms=minute * MINUTE_MS)
    assert store.journal.size == 3 * limits.JOURNAL_A_MINUTE + 2
    store.close()


def test_entries_are_listed_by_place_time_kind_and_level_the_newest_last(tmp_path: Path) -> None:
    path = tmp_path / "station.db"
    filled(path).close()
    assert kinds(listed(path, limit=2)) == ["start", "peer-heard"]
    assert kinds(listed(path, after=0, limit=1)) == ["start"]
    assert kinds(listed(path, since_ms=3000)) == ["peer-heard"]
    assert kinds(listed(path, kind="start")) == ["start"]
    assert kinds(listed(path, alarms=True)) == ["peer-silent", "peer-heard"]


def test_an_entry_whose_bytes_are_damaged_is_left_out_of_the_list(tmp_path: Path) -> None:
    path = tmp_path / "station.db"
    store = filled(path)
    store._db.execute("UPDATE journal SET entry = x'00' WHERE idx = 1")
    store.close()
    assert kinds(listed(path)) == ["peer-silent", "peer-heard"]


def test_the_root_is_that_of_all_entries_however_it_was_come_by(tmp_path: Path) -> None:
    path = tmp_path / "station.db"
    store = filled(path)
    first = store.journal.root()
    store.journal.note("stop", "NORTH stops.", now_ms=5000)
    last = store.journal.root()
    store.commit()
    store.close()
    again = samples.opened(path)
    assert again.journal.root() == last != first
    assert again.journal.holds(3, first)
    assert again.journal.holds(0, tree.EMPTY_ROOT)
    assert not again.journal.holds(3, last)
    assert not again.journal.holds(5, last)
    again.close()


def test_the_latest_day_of_heads_is_kept_and_the_last_one_counts(tmp_path: Path) -> None:
    path = tmp_path / "station.db"
    store = filled(path)
    assert store.journal.head() is None
    for size in range(1, limits.JOURNAL_HEADS_KEPT + 6):
        store.journal.keep_head(JournalHead(size, 1, samples.root(size % 256), b"signature"))
    last = store.journal.head()
    assert last is not None
    assert last.size == limits.JOURNAL_HEADS_KEPT + 5
    ((least, count),) = store._db.execute("SELECT min(size), count(*) FROM journal_head")
    assert (least, count) == (6, limits.JOURNAL_HEADS_KEPT)
    store.commit()
    with Reader.open(path) as reader:
        assert reader.journal.sizes() == (3, last.size)
    store.close()


def test_facts_are_known_until_others_are(tmp_path: Path) -> None:
    path = tmp_path / "station.db"
    store = filled(path)
    store.journal.know({"a": "1", "b": "2"})
    store.journal.know({"b": "3"})
    store.commit()
    store.close()
    again = samples.opened(path)
    assert again.journal.known() == {"b": "3"}
    again.close()
