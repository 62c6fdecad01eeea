"""What goes over from one generation of a line to the next, in the transaction that makes its logs."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.core import entry, messages, queue, tree
from hotline.core.generation import NOTHING, OTHER, Closing, Held
from hotline.core.step import Append, EmergencySeen, Enqueue, Event, KeepEmergency, KeepHead, Truncate
from hotline.errors import NoticeError, StoreError
from hotline.store.generations import NOT_CARRIED
from hotline.store.matters import ACKNOWLEDGE, ENDED, OPEN, DraftRow, ThreadRow
from hotline.store.queries import Reader, Sent
from hotline.store.store import Store
from hotline.store.views import SqlLine
from tests.store import samples
from tests.store.samples import LINE, MIRROR, OWN, notice_id

NEXT, NEXT_OWN, NEXT_MIRROR = b"M" * 32, "hotline/line/north/2", "hotline/line/south/2"
THIRD = b"T" * 32
OFFICER = b"o" * 32


def queued_answer() -> Enqueue:
    row = samples.answer_row(1)
    return Enqueue(row.key, row.rank, queue.payload(row.what), b"", b"")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = samples.opened(tmp_path / "station.db")
    store.apply(LINE, [Append(OWN, 0, (samples.genesis(),), ())], 1)
    yield store
    store.close()


def said(store: Store, *numbers: int, precedence: int = 0) -> None:
    """Notices of mine that are in my log; of index as many as they are."""
    for number in numbers:
        samples.submit(store, number, precedence=precedence)
        samples.appended(store, number)


def signed(store: Store, size: int) -> None:
    store.apply(LINE, [KeepHead(OWN, size, b"r" * 32, samples.SIGNATURE)], 3)


def refers(store: Store, number: int, target: int, *, target_mine: bool = True, successor: int = 0) -> None:
    store.desk.note(
        LINE, notice_id(number), "sample", 0, mine=True, relation="amends", target=notice_id(target),
        target_mine=target_mine, root=notice_id(target), root_mine=target_mine,
        successor=notice_id(successor) if successor else b"",
    )  # fmt: skip


def closing(
    store: Store, size: int = 0, *, signed: int | None = None, root: bytes = b"", line: bytes = LINE
) -> Closing:
    """What the peer's officer signs of my log: that the peer holds its beginning of this size."""
    mirror = Held(
        size,
        root or tree.root(store.line(LINE, OWN, MIRROR).own.leaves(0, size)),
        size if signed is None else signed,
        0,
    )
    return Closing(1, line, 1, samples.SOUTH, bytes(32), NOTHING, mirror, OTHER, 1, "", bytes(32), bytes(5032))


def begin(store: Store, *closings: Closing, line: bytes = NEXT, generation: int = 2) -> list[Event]:
    """Open the next generation, as the station does at its start."""
    fresh = not store.carrier.begun(line)
    own, mirror = NEXT_OWN.replace("2", str(generation)), NEXT_MIRROR.replace("2", str(generation))
    store.line(line, own, mirror, pair=LINE, generation=generation, first=(7, 9))
    told = store.carrier.carry_over(line, closings, ("NORTH", "SOUTH"), [OFFICER]) if fresh else []
    store.commit()
    return told


def view(store: Store) -> SqlLine:
    return store.line(NEXT, NEXT_OWN, NEXT_MIRROR)


def waiting(store: Store) -> list[int]:
    return [int.from_bytes(row.key, "big") for row in view(store).queued(1000)]


def sent(store: Store, number: int, own: str = NEXT_OWN) -> Sent | None:
    with Reader.open(store.path) as reader:
        return reader.sent(own, notice_id=notice_id(number))


def test_what_was_queued_goes_over_with_its_bytes_and_waits_in_the_new_log(store: Store) -> None:
    samples.submit(store, 1, b"first")
    samples.submit(store, 2, b"second", precedence=3)
    begin(store, closing(store))
    assert view(store).queued(9) == [samples.row(2, b"second", 3), samples.row(1, b"first")]
    row = sent(store, 1)
    assert row is not None
    assert (row.index, row.serial, row.line, row.submitted_ms) == (-1, 0, NEXT, 1)
    assert sent(store, 1, OWN) is None
    assert store.line(LINE, OWN, MIRROR).queued(9) == []


def test_what_no_signed_head_covers_goes_again_under_its_id_before_what_was_queued(store: Store) -> None:
    samples.submit(store, 9)
    said(store, 1, 2, 3)
    signed(store, 2)
    begin(store, closing(store, 4))
    assert waiting(store) == [2, 3, 9]
    assert view(store).queued(1) == [samples.row(2)]
    old, new = sent(store, 2, OWN), sent(store, 2)
    assert old is not None
    assert new is not None
    assert (old.index, old.serial, new.index, new.serial) == (2, 2, -1, 0)


def test_what_the_peer_has_lost_or_never_had_a_head_for_goes_again(store: Store) -> None:
    said(store, 1, 2, 3)
    signed(store, 4)
    begin(store, closing(store, 4, signed=3))
    assert waiting(store) == [3]


def test_of_what_the_peer_holds_less_than_it_receipted_goes_again(store: Store) -> None:
    said(store, 1, 2, 3)
    signed(store, 4)
    begin(store, closing(store, 2, signed=4))
    assert waiting(store) == [2, 3]


@pytest.mark.parametrize("size", [2, 40])
def test_a_peer_that_holds_another_history_is_sent_only_what_no_signed_head_covers(store: Store, size: int) -> None:
    said(store, 1, 2, 3)
    signed(store, 3)
    begin(store, closing(store, size, signed=40, root=b"x" * 32))
    assert waiting(store) == [3]


@pytest.mark.parametrize(("shown", "unseen"), [(1, 3), (3, 2), (5, 0)])
def test_what_the_peer_alone_holds_and_has_not_shown_is_told(store: Store, shown: int, unseen: int) -> None:
    """A database was put back before the closing: nobody is left who would say it again."""
    said(store, 1)  # with the genesis, two entries
    signed(store, 1)
    told = begin(store, closing(store, 5, signed=shown, root=b"o" * 32))
    found = [e.text for e in told if "holds" in e.text]
    assert [text.split(" entries")[0] for text in found] == ([f"The peer holds {unseen}"] if unseen else [])
    assert all(e.alarm for e in told if "holds" in e.text)


def test_what_refers_to_what_stays_is_left_out_and_told_and_so_is_what_refers_to_that(store: Store) -> None:
    said(store, 1, 2)
    signed(store, 3)
    for number, target in ((3, 1), (4, 3), (5, 6)):
        samples.submit(store, number, b"about %d" % target)
        refers(store, number, target)
    samples.submit(store, 6)
    samples.submit(store, 7, b"to theirs")
    refers(store, 7, 6, target_mine=False)
    told = begin(store, closing(store, 3))
    assert sorted(waiting(store)) == [5, 6]
    alarms = [e.text for e in told if e.kind == "not-carried"]
    assert len(alarms) == 3
    assert all(e.alarm for e in told if e.kind == "not-carried")
    for number, subject in ((3, "about 1"), (4, "about 3"), (7, "to theirs")):
        assert any(f"notice {notice_id(number).hex()[:8]} ({subject})" in text for text in alarms)
        left = sent(store, number, OWN)
        assert left is not None
        assert left.marks == NOT_CARRIED
    assert not any("about" in e.plain for e in told), "the journal names notices, and never says what they tell"


def test_a_notice_that_names_a_successor_which_stays_is_left_out(store: Store) -> None:
    said(store, 1)
    signed(store, 2)
    for number in (2, 3, 4):
        samples.submit(store, number)
    refers(store, 3, 2, successor=1)
    refers(store, 4, 2, successor=2)
    begin(store, closing(store, 2))
    assert sorted(waiting(store)) == [2, 4]


def test_what_something_more_urgent_rests_on_still_goes_before_it(store: Store) -> None:
    said(store, 1)
    samples.submit(store, 2, precedence=3)
    refers(store, 2, 1)
    store.desk.note(LINE, notice_id(1), "sample", 0, mine=True)
    begin(store, closing(store))
    assert waiting(store) == [1, 2]


def test_answers_and_watches_stay_behind_and_are_counted(store: Store) -> None:
    store.apply(LINE, [queued_answer()], 1)
    samples.submit(store, 1)
    told = begin(store, closing(store))
    assert waiting(store) == [1]
    assert "1 answers" in told[-1].text
    assert told[-1].kind == "carried-over"


@pytest.mark.parametrize("logged", [False, True])
def test_what_an_officer_released_whom_our_card_has_no_more_is_left_out_and_told(store: Store, logged: bool) -> None:
    for number, officer in ((1, OFFICER), (2, b"x" * 32)):
        releases = (entry.Release(officer, entry.ROLE_RELEASER, samples.SIGNATURE),)
        what = queue.QueuedNotice(samples.SOUTH, notice_id(number), 0, 0, 0, releases)
        row = queue.notice_row(what, samples.SALT, b"text")
        store.submit(LINE, OWN, row, samples.read_body(b"text"), 1)
        if logged:
            _append(store, number)
    told = begin(store, closing(store))
    assert waiting(store) == [1]
    assert [e.kind for e in told] == ["not-carried", "carried-over"]


def test_a_notice_whose_body_was_erased_is_told(store: Store) -> None:
    said(store, 1, 2)
    store._db.execute("DELETE FROM body WHERE idx = 1")
    told = begin(store, closing(store))
    assert waiting(store) == [2]
    assert "NORTH 1 (text) is NOT carried over" in told[0].text


def test_line_tests_of_the_machine_stay_behind_untold(store: Store) -> None:
    samples.submit(store, 1)
    store.desk.mark("outbox", LINE, notice_id(1), ["SENT BY THE MACHINE"])
    store._db.execute("UPDATE outbox SET kind = 'line-test'")
    said(store, 2)
    told = begin(store, closing(store))
    assert waiting(store) == [2]
    assert [e.kind for e in told] == ["carried-over"]
    assert sent(store, 1, OWN) is None


def test_threads_and_deadlines_go_with_what_goes_and_the_others_have_ended(store: Store) -> None:
    said(store, 1)
    signed(store, 2)
    samples.submit(store, 2)
    for number in (1, 2):
        store.desk.note(LINE, notice_id(number), "sample", 0, mine=True)
        store.desk.open_deadline(LINE, notice_id(number), ACKNOWLEDGE, 50, 40, 10, mine=True, owed=False)
        row = ThreadRow(LINE, True, notice_id(number), "s", "t", 0, "announced", 1, 5, 6, notice_id(number), False)
        store.desk.keep_thread(row)
    told = begin(store, closing(store, 2))
    assert "1 open deadlines, 1 open activities" in told[-1].text
    desk = store.desk
    (stays,) = desk.deadlines(LINE, notice_id(1), mine=True)
    (goes,) = desk.deadlines(NEXT, notice_id(2), mine=True)
    assert (stays.state, goes.state) == (ENDED, OPEN)
    assert desk.passed(1000, 9) == [goes]
    assert desk.standing(LINE) == (0, 0)
    old, new = desk.thread(LINE, notice_id(1), mine=True), desk.thread(NEXT, notice_id(2), mine=True)
    assert old is not None
    assert old.over
    assert new is not None
    assert not new.over
    assert desk.matter(NEXT, notice_id(2), mine=True)
    assert desk.matter(LINE, notice_id(2), mine=True) is None


def emergency(store: Store, number: int, *, mine: bool, officer: bytes = OFFICER) -> bytes:
    e = messages.Emergency(notice_id(number), 5, officer, "text", samples.SIGNATURE)
    payload = messages.pack(e)[1]
    store.apply(LINE, [KeepEmergency(e.id, mine, payload, 5, "Petrov", "text")], 7)
    return payload


def test_drafts_and_emergency_texts_that_wait_go_over(store: Store) -> None:
    draft = DraftRow(0, LINE, b"d" * 16, "k", "s", 0, 0, 0, b"s" * 32, b"b", "duty", b"o" * 32, b"g", 1)
    store.desk.keep_draft(draft)
    waits, seen, theirs = (
        emergency(store, 1, mine=True),
        emergency(store, 2, mine=True),
        emergency(store, 3, mine=False),
    )
    store.apply(LINE, [EmergencySeen(notice_id(2), b"s")], 8)
    begin(store, closing(store))
    assert [row.line for row in store.desk.drafts()] == [NEXT]
    assert store.emergencies.unseen(NEXT) == [(notice_id(1), waits)]
    assert store.emergencies.unseen(LINE) == []
    assert [row.payload for row in store.emergencies.kept(LINE)] == [seen, theirs], "under the cards of then"
    assert view(store).emergency(notice_id(3), mine=False) == theirs, "what was shown is not shown again"


def test_an_emergency_text_of_an_officer_who_is_gone_stays_behind_and_is_told(store: Store) -> None:
    emergency(store, 1, mine=True, officer=b"x" * 32)
    told = begin(store, closing(store))
    assert store.emergencies.unseen(NEXT) == []
    assert [(e.kind, e.alarm) for e in told] == [("not-carried", True), ("carried-over", False)]
    assert "by Petrov is NOT carried over" in told[0].text


def test_watches_stay_behind(store: Store) -> None:
    store.desk.keep_watch(LINE, 1, "duty", "", 5, "", mine=False)
    begin(store, closing(store))
    assert store.desk.watch(NEXT, mine=False) is None
    assert store.desk.watch(LINE, mine=False) is not None


def test_an_id_of_before_is_known_with_its_words_and_to_others_refused(store: Store) -> None:
    said(store, 1)
    signed(store, 2)
    begin(store, closing(store, 2))
    assert store.carrier.said_before(NEXT, samples.row(1))
    assert not store.carrier.said_before(NEXT, samples.row(2))
    assert not store.carrier.said_before(LINE, samples.row(1)), "in the first generation nothing was before"
    with pytest.raises(NoticeError, match="in an earlier generation, with another text"):
        store.carrier.said_before(NEXT, samples.row(1, b"other"))


def test_an_id_that_was_not_carried_over_is_refused_and_not_taken_for_queued(store: Store) -> None:
    said(store, 1)
    signed(store, 2)
    samples.submit(store, 2)
    refers(store, 2, 1)
    begin(store, closing(store, 2))
    with pytest.raises(NoticeError, match="was not carried over"):
        store.carrier.said_before(NEXT, samples.row(2))


def test_a_database_of_a_later_generation_than_the_files_say_is_refused(store: Store) -> None:
    begin(store, closing(store))
    store.carrier.require_latest(LINE, 2)
    with pytest.raises(StoreError, match="holds generation 2 of a line of which the files here begin only 1"):
        store.carrier.require_latest(LINE, 1)
    store.carrier.require_latest(b"?" * 32, 1)


def test_when_a_repeat_was_first_shown_is_known(store: Store) -> None:
    store.apply(LINE, [samples.surface(0, serial=1, number=4)], 5)
    begin(store, closing(store))
    assert (store.carrier.shown_before(NEXT, notice_id(4)), store.carrier.shown_before(NEXT, notice_id(5))) == (5, 0)


def test_an_answer_given_before_is_known(store: Store) -> None:
    store.apply(LINE, [samples.surface(0, serial=1, number=4)], 5)
    row = samples.answer_row(0, entry.ACKNOWLEDGEMENT)
    store.enqueue_answer(LINE, MIRROR, row, "duty", 9)
    store.apply(LINE, [Append(OWN, 1, (samples.stored(row),), (row.key,))], 2)
    signed(store, 2)
    begin(store, closing(store, 2))
    assert store.carrier.given_before(NEXT, notice_id(4)) == [entry.ACKNOWLEDGEMENT]
    assert store.carrier.given_before(NEXT, notice_id(5)) == []


def test_what_went_again_stands_once_in_the_outbox_and_a_repeat_never_in_the_inbox(store: Store) -> None:
    said(store, 1, 2)
    signed(store, 2)
    store.apply(LINE, [samples.surface(0, serial=1, number=4)], 5)
    begin(store, closing(store, 2))
    again = replace(samples.surface(0, serial=10, number=4), origin=NEXT_MIRROR, repeat=True)
    store.apply(NEXT, [again], 6)
    store.commit()
    with Reader.open(store.path) as reader:
        sent = reader.outbox(9, before=0, newest_first=False)
        assert [(row.id, row.line) for row in sent] == [(notice_id(1), LINE), (notice_id(2), NEXT)]
        for notices_only in (True, False):
            assert [r.line for r in reader.latest_inbox(9, notices_only=notices_only)] == [LINE]
            assert [r.line for r in reader.inbox(0, 9, notices_only=notices_only)] == [LINE]
        assert (reader.counts(NEXT).unread, reader.counts(LINE).unread) == (0, 1)
        assert reader.log_sizes(OWN) == (3, 2, 0, False)
        assert reader.log_sizes("elsewhere") == (0, 0, 0, False)


def test_serials_go_on_from_what_both_sides_said(store: Store) -> None:
    begin(store, closing(store))
    assert (view(store).own.last_serial(), view(store).mirror.last_serial()) == (7, 9)


def test_serials_of_a_log_that_was_cut_back_go_on_from_the_generation_before(store: Store) -> None:
    begin(store, closing(store))
    entries = (samples.genesis(), samples.stored(samples.row(1), 8))
    store.apply(NEXT, [Append(NEXT_OWN, 0, entries, ())], 1)
    assert view(store).own.last_serial() == 8
    store.apply(NEXT, [Truncate(NEXT_OWN, 1, "displaced")], 1)
    assert view(store).own.last_serial() == 7


def test_it_happens_once_and_whole(tmp_path: Path, store: Store) -> None:
    samples.submit(store, 1)
    said(store, 2)
    store.commit()
    statement = closing(store, 1)
    store.line(NEXT, NEXT_OWN, NEXT_MIRROR, pair=LINE, generation=2)
    store.carrier.carry_over(NEXT, [statement], ("NORTH", "SOUTH"), [OFFICER])
    store.close()  # killed before the commit
    again = samples.opened(tmp_path / "station.db")
    assert not again.carrier.begun(NEXT)
    assert [row.key for row in again.line(LINE, OWN, MIRROR).queued(9)] == [notice_id(1)]
    assert begin(again, statement) != []
    assert waiting(again) == [2, 1]
    samples.submit(again, 3)  # into the old one, which nothing does
    assert begin(again, statement) == []
    assert waiting(again) == [2, 1]
    again.close()


def test_a_generation_that_was_closed_before_it_ever_started_is_passed_over(store: Store) -> None:
    samples.submit(store, 1)
    said(store, 2)
    begin(store, closing(store), closing(store, line=NEXT), line=THIRD, generation=3)
    queued = store.line(THIRD, NEXT_OWN.replace("2", "3"), NEXT_MIRROR.replace("2", "3")).queued(9)
    assert [row.key for row in queued] == [notice_id(2), notice_id(1)]


def test_a_database_of_a_generation_that_no_file_here_closes_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="which was closed in no file here"):
        begin(store, closing(store, line=THIRD))


def test_a_new_database_has_nothing_to_carry(tmp_path: Path) -> None:
    store = Store(tmp_path / "new.db", samples.read_body)
    statement = Closing(1, LINE, 1, samples.SOUTH, bytes(32), NOTHING, NOTHING, OTHER, 1, "", bytes(32), bytes(5032))
    store.line(NEXT, NEXT_OWN, NEXT_MIRROR, pair=LINE, generation=2)
    assert store.carrier.carry_over(NEXT, [statement], ("NORTH", "SOUTH"), [OFFICER]) == []
    store.close()


def test_what_the_peer_hands_back_of_the_new_log_does_not_go_out_twice(store: Store) -> None:
    """An old database was put back: it carries over once more, and its new log is then taken back from the peer."""
    said(store, 1)
    samples.submit(store, 2)
    begin(store, closing(store))
    tail = (samples.genesis(), samples.stored(samples.row(1), 8), samples.stored(samples.row(2), 9))
    store.apply(NEXT, [Append(NEXT_OWN, 0, tail, (notice_id(1), notice_id(2)))], 5)
    store.commit()
    assert waiting(store) == []
    row = sent(store, 2)
    assert row is not None
    assert (row.index, row.serial) == (2, 9)


@given(st.data())
def test_every_notice_of_mine_goes_over_or_was_shown_there_or_is_told(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    store = samples.opened(tmp_path_factory.mktemp("g") / "station.db")
    store.apply(LINE, [Append(OWN, 0, (samples.genesis(),), ())], 1)
    total = data.draw(st.integers(0, 8))
    logged = data.draw(st.integers(0, total))
    for number in range(1, total + 1):
        samples.submit(store, number, b"n%d" % number, precedence=data.draw(st.integers(0, 3)))
        if number > 1 and data.draw(st.booleans()):
            refers(store, number, data.draw(st.integers(1, number - 1)))
    for number in range(1, logged + 1):
        _append(store, number)
    head = data.draw(st.integers(0, logged + 1))
    if head:
        signed(store, head)
    size = data.draw(st.integers(head, logged + 1))
    told = begin(store, closing(store, size, signed=data.draw(st.integers(0, size))))
    _check_all(store, total, told)
    store.close()


def _append(store: Store, number: int) -> None:
    (row,) = [r for r in store.line(LINE, OWN, MIRROR).queued(100) if r.key == notice_id(number)]
    store.apply(LINE, [Append(OWN, number, (samples.stored(row, number),), (row.key,))], 2)


def _check_all(store: Store, total: int, told: Sequence[Event]) -> None:
    over, left = waiting(store), [e for e in told if e.kind == "not-carried"]
    assert len(over) == len(set(over))
    stays: Callable[[int], bool] = lambda n: (row := sent(store, n, OWN)) is not None and row.index >= 0  # noqa: E731  # of one line
    assert all(n in over or stays(n) or ((row := sent(store, n, OWN)) and row.marks) for n in range(1, total + 1))
    marked = [n for n in range(1, total + 1) if (row := sent(store, n, OWN)) and row.marks == NOT_CARRIED]
    assert len(marked) == len(left)
    assert not set(marked) & set(over)
    place = {n: over.index(n) for n in over}
    for n in over:
        matter = store.desk.matter(NEXT, notice_id(n), mine=True)
        if matter is not None and matter.relation:
            assert place[int.from_bytes(matter.target, "big")] < place[n]
