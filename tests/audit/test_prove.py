"""Evidence about one notice, from either end, and what it does not show."""

import pytest

from hotline.audit import prove
from hotline.core import identity, proof
from hotline.custody.suite import RealSuite
from hotline.errors import CheckFailed, NotFoundError, NotYet, SignatureError
from hotline.home import Home
from tests.audit.test_verify import database, flip, own_log


def check(owner: Home, holder: Home, data: bytes) -> proof.Evidence:
    """As somebody who has the two cards and nothing else."""
    (line,) = owner.lines()
    return proof.verify(
        RealSuite(),
        proof.Proof.parse(data),
        origin=identity.origin(owner.card(), line.id, 1),
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
