"""Every byte that matters, altered one at a time: the verification names the entry, head or file at fault."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw
import pytest

from hotline.audit import Report, verify_home
from hotline.cli.program import run
from hotline.core import encoding, entry, tree
from hotline.core.step import Now
from hotline.errors import NotFoundError, StoreError
from hotline.home import Home
from tests.station.bench import benches, wait_for
from tests.station.pair import WITHIN_S

NORTH_ENTRIES, SOUTH_ENTRIES = 4, 6


@contextmanager
def database(home: Home) -> Iterator[apsw.Connection]:
    """Somebody's second connection to the database."""
    db = apsw.Connection(str(home.database_path))
    try:
        yield db
    finally:
        db.close()


def own_log(db: apsw.Connection, mine: int = 1) -> int:
    ((log,),) = db.execute("SELECT id FROM log WHERE mine = ?", (mine,))
    return int(log)


def flip(db: apsw.Connection, table: str, column: str, where: str, at: int) -> None:
    """Turn one bit of the byte at `at` (from the end, if negative) of one blob."""
    ((row, value),) = db.execute(f"SELECT rowid, {column} FROM {table} WHERE {where}")  # noqa: S608
    data = bytearray(value)
    data[at] ^= 0x01
    db.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (bytes(data), row))  # noqa: S608


def problems(home: Home) -> list[str]:
    return verify_home(home).all_problems()


def test_untouched_logs_hold_at_both_ends_and_everything_was_counted(north: Home, south: Home) -> None:
    for home, sizes in ((north, (NORTH_ENTRIES, SOUTH_ENTRIES)), (south, (SOUTH_ENTRIES, NORTH_ENTRIES))):
        report = verify_home(home)
        assert report.ok
        assert report.all_problems() == []
        own, mirror = report.lines[0].logs
        assert (own.mine, mirror.mine) == (True, False)
        assert (own.entries, mirror.entries) == sizes
        assert (own.signed, own.receipted) == (own.entries, own.entries)
        assert mirror.signed == mirror.receipted == mirror.entries
        assert own.bodies + mirror.bodies == own.notices + mirror.notices == 4
        assert own.answers + mirror.answers == 4
        assert own.invalid + mirror.invalid == 0


@pytest.mark.parametrize("mine", [1, 0], ids=["own log", "mirror"])
@pytest.mark.parametrize("index", [0, 1, 3])
@pytest.mark.parametrize("at", [0, 1, 4, 5, 36, 37, 60, -1], ids=lambda at: f"byte {at}")
def test_any_byte_of_an_entry_that_was_altered_names_the_entry(north: Home, mine: int, index: int, at: int) -> None:
    with database(north) as db:
        flip(db, "entry", "entry", f"log = {own_log(db, mine)} AND idx = {index}", at)
    found = problems(north)
    assert any(f"entry {index} was altered" in problem for problem in found)
    assert all(f"entry {other} was altered" not in problem for other in range(6) if other != index for problem in found)


@pytest.mark.parametrize("step", range(0, 2900, 97))
def test_bytes_all_over_a_whole_entry_are_covered(north: Home, step: int) -> None:
    with database(north) as db:
        where = f"log = {own_log(db)} AND idx = 2"
        ((size,),) = db.execute(f"SELECT length(entry) FROM entry WHERE {where}")  # noqa: S608
        flip(db, "entry", "entry", where, step % int(size))
    assert any("entry 2 was altered" in problem for problem in problems(north))


@pytest.mark.parametrize("column", ["body", "salt"])
@pytest.mark.parametrize("at", [0, 7, -1])
def test_an_altered_body_or_salt_names_the_entry(north: Home, column: str, at: int) -> None:
    with database(north) as db:
        flip(db, "body", column, f"log = {own_log(db)} AND idx = 2", at)
    assert problems(north) == ["NORTH's log: entry 2: its body does not fit its commitment, or is missing."]


@pytest.mark.parametrize("at", [0, 31])
def test_an_altered_leaf_hash_names_the_entry(north: Home, at: int) -> None:
    with database(north) as db:
        flip(db, "entry", "leaf", f"log = {own_log(db)} AND idx = 1", at)
    assert any("entry 1 was altered" in problem for problem in problems(north))


@pytest.mark.parametrize("table", ["head", "receipt", "proposal"])
@pytest.mark.parametrize("column", ["root", "signature"])
@pytest.mark.parametrize("mine", [1, 0], ids=["own log", "mirror"])
@pytest.mark.parametrize("at", [0, -1])
def test_an_altered_head_receipt_or_proposal_is_named_with_its_size(
    north: Home, table: str, column: str, mine: int, at: int
) -> None:
    with database(north) as db:
        log = own_log(db, mine)
        rows = list(db.execute(f"SELECT max(size) FROM {table} WHERE log = {log}"))  # noqa: S608
        size = rows[0][0]
        if size is None:  # the owner keeps no proposals of its own
            assert (table, mine) == ("proposal", 1)
            return
        flip(db, table, column, f"log = {log} AND size = {size}", at)
    assert any(f"the {table} of size {size}" in problem for problem in problems(north))


def test_the_first_half_of_a_signature_is_needed_as_well_as_the_second(north: Home) -> None:
    """A hybrid signature is Ed25519, then ML-DSA-44: neither alone is enough."""
    for at in (10, 63, 64, 1000):
        with database(north) as db:
            flip(db, "head", "signature", f"log = {own_log(db)} AND size = 4", at)
        assert any("the head of size 4" in problem for problem in problems(north))
        with database(north) as db:
            flip(db, "head", "signature", f"log = {own_log(db)} AND size = 4", at)
    assert problems(north) == []


def test_a_removed_entry_is_missed(north: Home) -> None:
    with database(north) as db:
        db.execute(f"DELETE FROM entry WHERE log = {own_log(db)} AND idx = 2")  # noqa: S608
    assert any("entry 2 is missing" in problem for problem in problems(north))


def test_a_removed_body_is_missed(north: Home) -> None:
    with database(north) as db:
        db.execute(f"DELETE FROM body WHERE log = {own_log(db)} AND idx = 2")  # noqa: S608
    assert any("entry 2: its body" in problem for problem in problems(north))


def test_removed_receipts_leave_signed_heads_uncovered(north: Home) -> None:
    with database(north) as db:
        db.execute(f"DELETE FROM receipt WHERE log = {own_log(db)} AND size > 1")  # noqa: S608
    assert any("is signed, but receipted only up to 1" in problem for problem in problems(north))


def test_a_row_of_the_inbox_that_was_removed_is_missed(north: Home) -> None:
    with database(north) as db:
        db.execute(f"DELETE FROM inbox WHERE log = {own_log(db, 0)} AND idx = 2")  # noqa: S608
    assert any("inbox does not hold each of its entries exactly once" in problem for problem in problems(north))


@pytest.mark.parametrize("mine", [1, 0])
def test_a_whole_log_that_was_removed_is_missed(north: Home, mine: int) -> None:
    with database(north) as db:
        log = own_log(db, mine)
        for table in ("entry", "body", "head", "receipt", "proposal"):
            db.execute(f"DELETE FROM {table} WHERE log = {log}")  # noqa: S608
        db.execute(f"DELETE FROM log WHERE id = {log}")  # noqa: S608
    found = problems(north)
    assert any("holds one log of this line" in problem for problem in found)
    assert any("and the database holds no such log" in problem for problem in found)


def test_a_line_whose_rows_carry_another_id_is_missed(north: Home) -> None:
    with database(north) as db:
        db.execute("UPDATE log SET line = x'00'")
    assert any("and the database holds no such log" in problem for problem in problems(north))


def test_entries_cut_off_with_everything_about_them_are_missed_by_the_lock_file(north: Home) -> None:
    with database(north) as db:
        log = own_log(db)
        db.execute(f"DELETE FROM entry WHERE log = {log} AND idx >= 2")  # noqa: S608
        for table in ("head", "receipt", "proposal"):
            db.execute(f"DELETE FROM {table} WHERE log = {log} AND size > 2")  # noqa: S608
    assert any("an older database was restored" in problem for problem in problems(north))


def test_a_damaged_lock_file_is_a_problem_and_a_missing_one_is_not_known_to_be_one(north: Home) -> None:
    north.heads_lock_path.write_text("hotline-lock/1\n")
    assert problems(north) == ["heads.lock cannot be read: its checksum is wrong."]
    north.heads_lock_path.unlink()
    assert problems(north) == []


def test_a_lock_file_of_another_history_is_a_problem(north: Home, south: Home) -> None:
    text = north.heads_lock_path.read_bytes()
    with database(north) as db:
        flip(db, "entry", "leaf", f"log = {own_log(db)} AND idx = 1", 0)
    assert any("heads.lock names another root" in problem for problem in problems(north))
    assert north.heads_lock_path.read_bytes() == text, "verifying writes nothing"


def test_a_damaged_page_is_found_by_the_structure_check_or_named_as_unreadable(north: Home) -> None:
    with database(north) as db:
        db.pragma("journal_mode", "delete")
    data = bytearray(north.database_path.read_bytes())
    data[4096 * 3 : 4096 * 3 + 200] = bytes(200)
    north.database_path.write_bytes(data)
    try:
        found = problems(north)
    except StoreError as e:
        found = [e.what]
    assert any("station.db" in problem for problem in found)


def test_a_line_that_is_not_there_is_refused_with_where_to_look(north: Home) -> None:
    with pytest.raises(NotFoundError, match="WEST"):
        verify_home(north, "WEST")
    assert verify_home(north, "SOUTH").ok


def test_progress_counts_every_entry_of_both_logs(north: Home) -> None:
    told: list[tuple[int, int]] = []
    verify_home(north, progress=lambda done, total: told.append((done, total)))
    assert told == [(NORTH_ENTRIES + SOUTH_ENTRIES, NORTH_ENTRIES + SOUTH_ENTRIES)]


def test_problems_are_bounded_however_much_is_wrong(north: Home) -> None:
    with database(north) as db:
        db.execute("UPDATE head SET signature = x'00'")
        db.execute("UPDATE receipt SET signature = x'00'")
        db.execute("UPDATE entry SET leaf = x'00'")
    report: Report = verify_home(north)
    assert all(len(log.problems) <= 20 for line in report.lines for log in line.logs)


def test_the_command_names_the_entry_and_ends_with_1(north: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify", "--home", str(north.path)]) == 0
    assert "Everything holds." in capsys.readouterr().out
    with database(north) as db:
        flip(db, "entry", "entry", f"log = {own_log(db)} AND idx = 2", 100)
    assert run(["verify", "--home", str(north.path)]) == 1
    told = capsys.readouterr()
    assert "entry 2 was altered" in told.out
    assert "Traceback" not in told.out + told.err


def test_a_serial_that_jumps_is_a_fault_in_the_own_log_and_invalid_in_the_mirror(
    conversed: Path, tmp_path: Path
) -> None:
    """What the peer wrote is kept as it came: it must not make our own verification fail for ever."""
    with benches(conversed, tmp_path) as (north, south):

        def jump(now: Now) -> None:
            north.port.machine.own.serial += 5

        north.engine.call(jump).result(WITHIN_S)
        north.submit("out of order").result(WITHIN_S)
        wait_for(lambda: south.port.machine.mirror.head_size == 5, "the notice at SOUTH")
    assert problems(Home(tmp_path / "north")) == ["NORTH's log: entry 4: serial 9 follows 3."]
    report = verify_home(Home(tmp_path / "south"))
    assert report.all_problems() == []
    assert report.lines[0].logs[1].invalid == 1


@pytest.mark.parametrize("change", ["subject = 'all is well'", "precedence = 3", "mode = 1", "expires_s = 9"])
@pytest.mark.parametrize("table", ["outbox", "inbox"])
def test_a_list_that_shows_another_fact_than_the_entry_has_is_found(
    north: Home, south: Home, table: str, change: str
) -> None:
    home = north if table == "outbox" else south
    with database(home) as db:
        db.execute(f"UPDATE {table} SET {change} WHERE idx = 2")  # noqa: S608  # our own words
    (problem,) = verify_home(home).all_problems()
    assert f"entry 2 stands in the {table} with other facts" in problem


def test_a_frozen_log_is_said_to_be(north: Home) -> None:
    with database(north) as db:
        db.execute("UPDATE log SET frozen = x'01' WHERE mine = 0")
    (problem,) = verify_home(north).all_problems()
    assert "frozen" in problem


# --- watches and cards ------------------------------------------------------------------------------------


def append(home: Home, *contents: tuple[entry.AnyContent, bytes]) -> None:
    """Put entries into the own log of a copied home, as a thief of its disk could."""
    with database(home) as db:
        log = own_log(db)
        ((size,),) = db.execute("SELECT count(*) FROM entry WHERE log = ?", (log,))
        for index, (content, body) in enumerate(contents, size):
            packed = encoding.encode(content)
            raw = entry.seal_envelope(packed, len(body), entry.commitment(bytes(32), body)) if body else b""
            raw = raw or entry.seal_envelope(packed)
            db.execute(
                "INSERT INTO entry (log, idx, entry, leaf) VALUES (?, ?, ?, ?)", (log, index, raw, tree.leaf_hash(raw))
            )
            if body:
                db.execute("INSERT INTO body (log, idx, salt, body) VALUES (?, ?, ?, ?)", (log, index, bytes(32), body))


def test_a_forged_watch_and_a_forged_handover_are_found(north: Home) -> None:
    mine = home_officer(north)
    common = (1, 0, 0, tree.EMPTY_ROOT, 0)
    alone = entry.Watch(*common, bytes(16), 1, mine, b"", 0, "", b"s" * 2484, b"")
    both = entry.Watch(*common, bytes(16), 1, mine, b"o" * 32, 0, "", b"s" * 2484, b"s" * 2484)
    append(north, (alone, b""), (both, b""))
    report = verify_home(north)
    assert report.lines[0].logs[0].watches == 2
    assert [p.rpartition(": ")[2] for p in report.lines[0].logs[0].problems if "signature" in p] == [
        "the officer's watch signature does not verify.",
        "the officer's watch signature does not verify.",
        "the officer's handover signature does not verify.",
    ]


def home_officer(home: Home) -> bytes:
    return home.require().card().body.officers[0].id


def test_the_own_card_told_again_holds_and_another_body_does_not(north: Home) -> None:
    card = north.require().card()
    told = entry.CardEntry(1, 0, 0, tree.EMPTY_ROOT, 0, card.body.number, card.digest)
    append(north, (told, card.packed), (told, b"no card"))
    log = verify_home(north).lines[0].logs[0]
    assert log.cards == 2
    assert [p for p in log.problems if "card" in p] == [
        f"entry {NORTH_ENTRIES + 1}: its card is not one that carries on from the card before it."
    ]
