"""Evidence about one notice, from either end, and what it does not show."""

from pathlib import Path

import pytest

from hotline.audit import prove
from hotline.audit.eras import eras
from hotline.core import entry, identity, proof
from hotline.custody.suite import RealSuite
from hotline.errors import CheckFailed, NotFoundError, NotYet, SignatureError
from hotline.home import Home
from protocol import reference
from tests.audit.closings import place
from tests.audit.test_verify import database, flip, own_log


def check(owner: Home, holder: Home, data: bytes, number: int = 0) -> proof.Evidence:
    """As somebody who has the two cards and nothing else, but for the line id of a later generation."""
    (line,) = owner.lines()
    era = eras(owner.card(), line)[number]
    return proof.verify(
        RealSuite(),
        proof.Proof.parse(data),
        origin=identity.origin(owner.card(), era.line, era.number),
        log_public=owner.card().body.log,
        receipt_public=holder.card().body.receipt,
        receipt_name=holder.card().receipt_name,
    )


@pytest.mark.parametrize("ref", ["NORTH 1", "NORTH 2", "NORTH 3"])
def test_both_ends_prove_the_same_notice(north: Home, south: Home, ref: str) -> None:
    at_north, at_south = (check(north, south, prove(home, ref)) for home in (north, south))
    assert at_north.entry == at_south.entry
    assert at_north.index == int(ref.removeprefix("NORTH "))
    assert f"notice {ref.removeprefix('NORTH ')}".encode() in at_north.body


def test_a_notice_of_the_other_side_is_proven_with_its_keys(north: Home, south: Home) -> None:
    assert b"and from the south" in check(south, north, prove(north, "SOUTH 1")).body
    with pytest.raises(SignatureError):
        check(north, south, prove(north, "SOUTH 1"))


def test_without_the_body_the_commitment_alone_is_shown(north: Home, south: Home) -> None:
    evidence = check(north, south, prove(north, "NORTH 1", show_body=False))
    assert (evidence.body, evidence.salt) == (b"", b"")
    assert b"notice 1" not in prove(north, "NORTH 1", show_body=False)


@pytest.mark.parametrize("ref", ["NORTH 9", "WEST 1", "00" * 16])
def test_what_is_not_here_cannot_be_proven(north: Home, ref: str) -> None:
    with pytest.raises(NotFoundError):
        prove(north, ref)


def test_a_notice_without_a_receipt_is_not_proven_yet(north: Home) -> None:
    with database(north) as db:
        db.execute(f"DELETE FROM receipt WHERE log = {own_log(db)} AND size > 3")  # noqa: S608
    prove(north, "NORTH 2")
    with pytest.raises(NotYet, match="STORED"):
        prove(north, "NORTH 3")


def test_a_log_with_another_altered_entry_proves_nothing(north: Home) -> None:
    with database(north) as db:
        flip(db, "entry", "entry", f"log = {own_log(db)} AND idx = 1", 60)
    with pytest.raises(CheckFailed, match="hotline verify"):
        prove(north, "NORTH 3")


@pytest.mark.parametrize(("table", "column"), [("entry", "entry"), ("body", "body")])
def test_a_store_in_which_one_byte_was_turned_gives_no_evidence(north: Home, table: str, column: str) -> None:
    with database(north) as db:
        flip(db, table, column, f"log = {own_log(db)} AND idx = 2", 60)
    with pytest.raises(CheckFailed, match="proves nothing"):
        prove(north, "NORTH 2")


def test_notices_of_each_generation_are_proven_and_one_that_came_again_by_its_latest_place(
    later_north: Home, later_south: Home, tmp_path: Path
) -> None:
    old, again, new = "NORTH 3", "NORTH 4", "NORTH 5"
    for ref, number in ((old, 0), (again, 1), (new, 1)):
        at_north, at_south = (prove(home, ref) for home in (later_north, later_south))
        assert (
            check(later_north, later_south, at_north, number).entry
            == check(later_north, later_south, at_south, number).entry
        )
        (tmp_path / "proof").write_bytes(at_south)
        cards = [word for home in (later_north, later_south) for word in ("--card", str(home.card_path))]
        assert reference.main(["proof", str(tmp_path / "proof"), *cards]) == 0
    first = check(later_north, later_south, prove(later_north, old), 0)
    same = check(later_north, later_south, prove(later_north, again), 1)
    assert (first.body, first.index) == (same.body, 3)
    ident = notice_id(same.entry)
    assert notice_id(first.entry) == ident
    assert check(later_north, later_south, prove(later_south, ident.hex()), 1).entry == same.entry
    assert b"there too" in check(later_south, later_north, prove(later_north, "SOUTH 2"), 1).body


def notice_id(raw: bytes) -> bytes:
    content = entry.decode_content(entry.envelope(raw).content)
    assert isinstance(content, entry.Notice)
    return content.id


def test_a_proof_of_one_generation_is_none_of_another(later_north: Home, later_south: Home) -> None:
    with pytest.raises(SignatureError):
        check(later_north, later_south, prove(later_north, "NORTH 5"), 0)


def test_an_id_of_ours_means_ours_though_the_peer_has_used_it_since(later_north: Home, later_south: Home) -> None:
    ours = notice_id(check(later_north, later_south, prove(later_north, "NORTH 1"), 0).entry)
    with database(later_north) as db:
        db.execute("UPDATE inbox SET id = ? WHERE type = 2 AND log = (SELECT max(id) FROM log WHERE mine = 0)", (ours,))
    assert check(later_north, later_south, prove(later_north, ours.hex()), 0).index == 1


def test_a_notice_whose_cards_of_then_are_gone_is_not_proven(later_north: Home) -> None:
    place(later_north, 1, "mine.card").unlink()
    prove(later_north, "NORTH 5")
    with pytest.raises(NotFoundError, match="generation 1"):
        prove(later_north, "NORTH 1")


def test_a_notice_of_an_ended_generation_without_a_receipt_is_never_proven_and_nobody_is_told_to_wait(
    later_north: Home,
) -> None:
    with database(later_north) as db:
        db.execute("DELETE FROM receipt WHERE log = (SELECT id FROM log WHERE mine = 1 AND generation = 1)")
    with pytest.raises(NotFoundError, match=r"Generation 1 has ended before .* it will not be") as caught:
        prove(later_north, "NORTH 1")
    assert "anew" in caught.value.remedy
