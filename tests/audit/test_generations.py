"""Verifying a home of several generations: whatever is altered in an old one, or in what joins them, is named."""

import asyncio
import shutil
from pathlib import Path

import pytest

from hotline.api.types import Answer, EmergencyNew
from hotline.audit import Report, verify_home
from hotline.audit.eras import eras
from hotline.cli.program import run
from hotline.core import generation
from hotline.core.step import Event, LockedHead
from hotline.core.view import Lock
from hotline.custody.suite import HybridKey, RealSuite
from hotline.errors import CardError
from hotline.home import Home
from hotline.station.bodies import read_body
from hotline.store.lockfile import LockFile
from hotline.store.store import Store
from tests.audit.closings import close, close_both, lost, officer_key, place, signed, statement, talk, write
from tests.audit.test_verify import database, flip
from tests.station.bench import benches, wait_for
from tests.station.pair import WITHIN_S, Stage, consultation, copy_home


def log_of(home: Home, number: int, *, mine: bool) -> int:
    """The row of one log of a generation."""
    with database(home) as db:
        ((log,),) = db.execute("SELECT id FROM log WHERE generation = ? AND mine = ?", (number, int(mine)))
    return int(log)


def alter(home: Home, sql: str) -> None:
    """Do what somebody with the file can do."""
    with database(home) as db:
        db.execute(sql)
        assert db.changes() > 0


def problems(home: Home) -> list[str]:
    return verify_home(home).all_problems()


def notes(report: Report) -> list[str]:
    return [note for line in report.lines for note in line.notes] + report.notes


def test_both_generations_hold_at_both_ends_and_everything_was_counted(later_north: Home, later_south: Home) -> None:
    for home, sizes in ((later_north, [(4, 6), (3, 4)]), (later_south, [(6, 4), (4, 3)])):
        report = verify_home(home)
        assert (report.all_problems(), notes(report)) == ([], [])
        assert [line.generation for line in report.lines] == [1, 2]
        assert [tuple(log.entries for log in line.logs) for line in report.lines] == sizes
        assert all(log.signed == log.receipted == log.entries for line in report.lines for log in line.logs)
        assert len({line.line_id for line in report.lines}) == 2


def test_progress_counts_the_entries_of_all_generations(later_north: Home) -> None:
    told: list[tuple[int, int]] = []
    verify_home(later_north, progress=lambda done, total: told.append((done, total)))
    assert told == [(17, 17)]


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("mine", [True, False], ids=["own log", "mirror"])
@pytest.mark.parametrize(("table", "column", "at"), [("entry", "entry", 100), ("body", "body", 3)])
def test_one_altered_byte_names_generation_and_entry(
    later_north: Home, number: int, mine: bool, table: str, column: str, at: int
) -> None:
    log = log_of(later_north, number, mine=mine)
    with database(later_north) as db:
        ((index,),) = db.execute(f"SELECT max(idx) FROM body WHERE log = {log}")  # noqa: S608  # our own number
        flip(db, table, column, f"log = {log} AND idx = {index}", at)
    found = problems(later_north)
    assert any(f"'s log of generation {number}: entry {index}" in problem for problem in found)
    assert not any(f"generation {3 - number}:" in problem for problem in found)


@pytest.mark.parametrize("mine", [True, False], ids=["own log", "mirror"])
def test_a_log_that_grew_after_its_closing_is_named(later_north: Home, mine: bool) -> None:
    log = log_of(later_north, 1, mine=mine)
    sql = f"INSERT INTO entry SELECT log, (SELECT max(idx) + 1 FROM entry WHERE log = {log}), leaf, entry FROM entry"  # noqa: S608
    alter(later_north, f"{sql} WHERE log = {log} AND idx = 1")
    assert any("it grew after that" in problem for problem in problems(later_north))


@pytest.mark.parametrize("mine", [True, False], ids=["own log", "mirror"])
def test_a_log_that_is_shorter_than_its_closing_says_is_an_older_one(later_north: Home, mine: bool) -> None:
    """The lock file knows too, but it counts for nothing here: people have closed logs that it was ahead of."""
    log = log_of(later_north, 1, mine=mine)
    for table, place_ in (
        ("entry", "idx >= 3"),
        ("head", "size > 3"),
        ("receipt", "size > 3"),
        ("proposal", "size > 3"),
    ):
        with database(later_north) as db:
            db.execute(f"DELETE FROM {table} WHERE log = {log} AND {place_}")  # noqa: S608  # our own words
    assert any("it is an older one" in problem for problem in problems(later_north))


def test_another_history_of_the_same_size_is_named(later_north: Home) -> None:
    """Heads and receipts of it removed: nothing but the statement tells."""
    log = log_of(later_north, 1, mine=True)
    with database(later_north) as db:
        for table in ("head", "receipt"):
            db.execute(f"DELETE FROM {table} WHERE log = {log}")  # noqa: S608  # our own number
        flip(db, "entry", "entry", f"log = {log} AND idx = 3", -1)
    assert any("names another root at size 4" in problem for problem in problems(later_north))


def test_what_was_shown_after_the_closing_is_named(later_north: Home) -> None:
    closing = generation.parse(RealSuite(), place(later_north, 1, "mine.closing").read_bytes()).closing
    assert closing.mirror.signed == 6
    log = log_of(later_north, 1, mine=False)
    columns = "type, time_ms, surfaced_ms, reason, recovered, opened, id, serial, precedence, mode, expires_s, officers"
    alter(
        later_north,
        f"""INSERT INTO inbox (log, idx, {columns}, kind, subject) SELECT log, 6, {columns}, kind, subject FROM inbox
            WHERE log = {log} AND idx = 1""",  # noqa: S608  # our own words
    )
    assert any("7 of its entries are shown, but our closing statement names 6" in p for p in problems(later_north))


@pytest.mark.parametrize("change", ["first = first + 1", "generation = 7", "pair = x'00'"])
def test_a_row_of_a_log_that_says_another_thing_than_the_files_is_named(later_north: Home, change: str) -> None:
    alter(later_north, f"UPDATE log SET {change} WHERE generation = 2 AND mine = 1")  # noqa: S608  # fixed
    assert any("its row names another pair, generation or first serial" in p for p in problems(later_north))


def test_a_notice_that_came_before_and_is_shown_again_is_named_and_so_is_a_new_one_that_is_hidden(
    later_south: Home,
) -> None:
    log = log_of(later_south, 2, mine=False)
    alter(later_south, f"UPDATE inbox SET repeat = 0 WHERE log = {log} AND idx = 1")  # noqa: S608  # our own number
    assert [p for p in problems(later_south) if "is shown, and came in a generation before" in p]
    alter(later_south, f"UPDATE inbox SET repeat = 1 WHERE log = {log}")  # noqa: S608  # our own number
    assert [p for p in problems(later_south) if "entry 2 is kept out of the inbox, and did not come" in p]


def test_a_repeat_whose_first_coming_is_gone_is_named(later_south: Home) -> None:
    log = log_of(later_south, 1, mine=False)
    alter(later_south, f"UPDATE inbox SET reason = 'rule' WHERE log = {log} AND idx = 3")  # noqa: S608  # our own number
    assert [p for p in problems(later_south) if "of generation 2: entry 1 is kept out of the inbox" in p]


@pytest.mark.parametrize("whose", ["mine", "peer"])
def test_another_statement_of_the_same_side_leads_to_no_log_that_is_here(
    later_north: Home, later_south: Home, whose: str
) -> None:
    author = later_north if whose == "mine" else later_south
    path = place(later_north, 1, f"{whose}.closing")
    found = generation.parse(RealSuite(), path.read_bytes())
    said = generation.Closing(
        **{f: getattr(found.closing, f) for f in found.closing.__struct_fields__} | {"time_ms": 2}
    )
    write(later_north, f"{whose}.closing", generation.ClosingFile(signed(said, officer_key(author)), found.card))
    assert any("no closing file here leads to line id" in problem for problem in problems(later_north))


@pytest.mark.parametrize("whose", ["mine", "peer"])
def test_a_statement_by_who_is_no_officer_of_the_card_is_refused(later_north: Home, whose: str) -> None:
    path = place(later_north, 1, f"{whose}.closing")
    found = generation.parse(RealSuite(), path.read_bytes())
    forged = signed(found.closing, HybridKey.generate())
    path.write_text(generation.ClosingFile(forged, found.card).text())
    with pytest.raises(CardError, match=rf"1\.{whose}\.closing"):
        verify_home(later_north)
    assert run(["verify", "--home", str(later_north.path)]) != 0


def test_each_others_closing_files_exchanged_are_refused(later_north: Home) -> None:
    mine, peers = (place(later_north, 1, f"{whose}.closing") for whose in ("mine", "peer"))
    texts = mine.read_bytes(), peers.read_bytes()
    mine.write_bytes(texts[1])
    peers.write_bytes(texts[0])
    with pytest.raises(CardError, match="another station"):
        verify_home(later_north)


def test_a_missing_statement_of_the_peer_leaves_logs_that_nothing_explains(later_north: Home) -> None:
    place(later_north, 1, "peer.closing").unlink()
    assert any("no closing file here leads to line id" in problem for problem in problems(later_north))


def test_a_line_set_back_to_its_first_generation_is_named(later_north: Home) -> None:
    shutil.rmtree(place(later_north, 1, "mine.closing").parent)
    assert any("(generation 2): one was removed, or exchanged" in problem for problem in problems(later_north))


def test_a_home_put_back_around_a_newer_lock_file_is_named(conversed: Path, tmp_path: Path, later_north: Home) -> None:
    old = copy_home(Home(conversed / "north"), tmp_path / "old")
    shutil.copy(later_north.heads_lock_path, old.heads_lock_path)
    assert any("an older home was put back around it" in problem for problem in problems(old))


def test_a_lock_file_may_name_a_line_whose_card_was_removed_on_purpose(north: Home) -> None:
    for path in north.lines_path.iterdir():
        path.unlink()
    report = verify_home(north)
    assert report.all_problems() == []
    assert [note for note in report.notes if "is not here: its logs are not verified" in note]


def test_entries_of_one_generation_put_into_another_are_named(later_north: Home) -> None:
    first, second = (log_of(later_north, number, mine=True) for number in (1, 2))
    for table, columns in (("entry", "leaf, entry"), ("body", "salt, body")):
        sql = f"INSERT INTO {table} SELECT {second}, idx + 1, {columns} FROM {table} WHERE log = {first} AND idx = 2"  # noqa: S608
        alter(later_north, sql)
    assert any("of generation 2: entry 3: serial 2 follows 5" in problem for problem in problems(later_north))


def test_a_whole_log_of_one_generation_in_the_place_of_another_is_named(later_north: Home) -> None:
    first, second = (log_of(later_north, number, mine=True) for number in (1, 2))
    for table in ("entry", "body", "head", "receipt"):
        with database(later_north) as db:
            db.execute(f"DELETE FROM {table} WHERE log = {second}")  # noqa: S608  # our own number
            db.execute(f"UPDATE {table} SET log = {second} WHERE log = {first}")  # noqa: S608  # our own number
    found = [problem for problem in problems(later_north) if "NORTH's log of generation 2" in problem]
    assert any("it begins another log or generation" in problem for problem in found)
    assert any("does not verify with the log's keys" in problem for problem in found)


def without_logs(home: Home, number: int) -> None:
    """Remove all rows of a generation's logs."""
    logs = [log_of(home, number, mine=mine) for mine in (True, False)]
    with database(home) as db:
        for table in ("entry", "body", "head", "receipt", "proposal", "intent", "outbox", "inbox", "answer"):
            db.execute(f"DELETE FROM {table} WHERE log IN (?, ?)", logs)  # noqa: S608  # our own words
        db.execute("DELETE FROM log WHERE id IN (?, ?)", logs)


def test_an_old_generation_that_is_gone_is_named_unless_a_recovery_tells_of_it(later_north: Home) -> None:
    without_logs(later_north, 1)
    first, second = (era.line for era in eras(later_north.card(), *later_north.lines()))
    tell_rebuilt(later_north, first)
    assert any("the database holds neither" in problem for problem in problems(later_north))
    tell_rebuilt(later_north, second)
    report = verify_home(later_north)
    assert not [p for p in report.all_problems() if "generation 1" in p]
    assert [note for note in notes(report) if "lost with a database" in note]


def tell_rebuilt(home: Home, line: bytes) -> None:
    """Have the journal say that the peer has given the logs of a line back."""
    store = Store(home.database_path, read_body)
    try:
        store.event(line, Event("rebuilt", "The line is rebuilt.", alarm=True), 1)
        store.commit()
    finally:
        store.close()


def test_logs_whose_cards_are_gone_cannot_be_verified(later_north: Home) -> None:
    place(later_north, 1, "peer.card").unlink()
    assert "SOUTH, generation 1: the cards of then are not beside" in problems(later_north)[0]


def test_a_line_that_is_closed_and_waits_holds_and_one_that_grew_meanwhile_does_not(north: Home) -> None:
    close(north)
    assert problems(north) == []
    close_again = statement(north)
    assert close_again.own.size == 4
    log = log_of(north, 1, mine=True)
    alter(north, f"INSERT INTO entry SELECT log, 4, leaf, entry FROM entry WHERE log = {log} AND idx = 1")  # noqa: S608
    assert any("it grew after that" in problem for problem in problems(north))


def test_a_statement_that_names_less_than_was_numbered_signed_or_held_is_named(north: Home) -> None:
    whole = statement(north).own
    close(north, own=generation.Held(whole.size, whole.root, 3, 2))
    assert [problem.partition(": ")[2] for problem in problems(north)] == [
        "4 of its entries are signed, but our closing statement names 3.",
        "it has serial 3, but our closing statement names 2.",
    ]


def test_a_number_out_of_all_order_that_a_peer_has_said_is_not_asked_of_a_statement(
    conversed: Path, tmp_path: Path
) -> None:
    """It would leave no number for the generations after; so officers state the last that was told in order."""
    with benches(conversed, tmp_path) as (one, other):
        one.engine.call(lambda _: setattr(one.port.machine.own, "serial", 2**53 - 2)).result(WITHIN_S)
        one.submit("out of order").result(WITHIN_S)
        wait_for(lambda: other.port.machine.mirror.head_size == 5, "the notice at SOUTH")
    south = Home(tmp_path / "south")
    assert close(south).closing.mirror.serial == 3
    assert problems(south) == []


def test_what_a_home_made_anew_cannot_verify_is_noted(north: Home, south: Home) -> None:
    north.database_path.unlink()
    north.heads_lock_path.unlink()
    peers = close(south)
    write(north, "mine.closing", lost(north, peers.closing))
    write(north, "peer.closing", peers)
    Store(north.database_path, read_body).close()
    report = verify_home(north)
    assert report.all_problems() == []
    assert [note for note in notes(report) if "never held it" in note]


def test_three_generations_hold_and_the_command_tells_each(
    later_north: Home, later_south: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    close_both(later_north, later_south)
    assert talk(later_north, later_south, "in the third") == 6
    for home in (later_north, later_south):
        assert problems(home) == []
    assert run(["verify", "--home", str(later_north.path)]) == 0
    told = capsys.readouterr().out
    assert [f"Line SOUTH, generation {number}, id " in told for number in (1, 2, 3, 4)] == [True, True, True, False]


def test_a_lock_file_ahead_of_a_closed_generation_is_noted(later_north: Home) -> None:
    """Both sides had lost something, stood still, and closed what was left: the statements say so, for ever."""
    (line,) = later_north.lines()
    before = line.generations.before[0].line
    with database(later_north) as db:
        ((origin,),) = db.execute("SELECT origin FROM log WHERE generation = 1 AND mine = 1")
    LockFile(later_north.heads_lock_path).replace({before: Lock(True, LockedHead(str(origin), 9, bytes(32)))})
    report = verify_home(later_north)
    assert report.all_problems() == []
    assert [note for note in notes(report) if "heads.lock names size 9" in note]


def test_what_waits_at_the_closing_goes_over_or_is_noted_and_both_homes_hold(north: Home, south: Home) -> None:
    """A notice and an emergency text that nobody has taken, and the words that it was opened and understood."""
    asyncio.run(_speak_to_nobody(north, south))
    assert problems(north) == problems(south) == []
    close_both(north, south)
    assert problems(north) == problems(south) == []
    assert talk(north, south, "in another generation") == 5
    for home in (north, south):
        assert problems(home) == []
    assert notes(verify_home(north)) == []
    assert notes(verify_home(south)) == ["2 answers of ours had not gone out when it was closed."]
    alter(south, "UPDATE answer SET text = 'never said' WHERE mine = 1 AND text = 'roger'")
    assert any("with other words" in problem for problem in problems(south))


async def _speak_to_nobody(one: Home, other: Home) -> None:
    stage = Stage()
    async with stage.running(one) as north:
        await north.submit(consultation("nobody takes it"))
        await north.emergency(EmergencyNew(text="Telephone us."))
    async with stage.running(other) as south:
        await south.answer(Answer(ref="NORTH 3", verdict="acknowledged", text="too late"))
