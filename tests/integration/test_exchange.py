"""One notice from submission to acknowledgement, between two processes, and the evidence that remains."""

import subprocess
import sys
from pathlib import Path

import pytest

from hotline.api.types import Answer
from hotline.audit import export_line, prove, verify_home
from hotline.audit.exported import verify_export
from hotline.core import identity, proof
from hotline.core.card import Card
from hotline.custody.suite import RealSuite
from hotline.errors import StoreError
from hotline.home import Home
from tests.brokers import ROOT, Broker
from tests.integration.pair import WITHIN_S, pair
from tests.station.pair import consultation, converse, line_is, stored, until


def reference(*words: object) -> str:
    """Run the independent verifier as a program; it must agree."""
    run = subprocess.run(
        [sys.executable, str(ROOT / "protocol" / "reference.py"), *map(str, words)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def verified_by_core(home: Home, data: bytes) -> proof.Evidence:
    mine, peer = home.card(), home.lines()[0]
    return proof.verify(
        RealSuite(),
        proof.Proof.parse(data),
        origin=identity.origin(mine, peer.id, 1),
        log_public=mine.body.log,
        receipt_public=peer.card.body.receipt,
        receipt_name=peer.card.receipt_name,
    )


async def test_a_notice_climbs_from_queued_to_acknowledged_and_both_logs_verify(
    made: Path, tmp_path: Path, broker: Broker
) -> None:
    async with pair(made, tmp_path / "pair", broker) as two:
        await two.start()
        async with two.clients() as (north, south):
            queued = await north.submit(consultation("we will fire here"))
            assert queued.state == "QUEUED"
            notice = await north.wait_for(queued.id, state="STORED", timeout_s=WITHIN_S)
            assert notice.ref == "NORTH 1"
            await until(south.inbox, lambda page: len(page.notices) == 1, what="the notice in SOUTH's inbox")
            await south.answer(Answer(ref="NORTH 1", verdict="opened"))
            assert (await north.wait_for("NORTH 1", state="OPENED", timeout_s=WITHIN_S)).state == "OPENED"
            await south.answer(Answer(ref="NORTH 1", verdict="acknowledged", text="received and understood"))
            notice = await north.wait_for("NORTH 1", state="ACKNOWLEDGED", timeout_s=WITHIN_S)
            assert [step.state for step in notice.ladder] == ["QUEUED", "STORED", "OPENED", "ACKNOWLEDGED"]
            assert (notice.ladder[-1].text, notice.ladder[-1].clock) == ("received and understood", "peer")
            assert (await line_is(south, "attended")).rejected == {}
        await two.stop()
        two.verify()
        evidence = verified_by_core(two.north.home, prove(two.north.home, "NORTH 1"))
        assert b"we will fire here" in evidence.body


async def test_proofs_and_exports_are_accepted_by_the_independent_verifier(
    made: Path, tmp_path: Path, relay: Broker
) -> None:
    async with pair(made, tmp_path / "pair", relay) as two:
        await two.start()
        async with two.clients() as (north, south):
            await converse(north, south)
        await two.stop()
        cards = [word for card in (two.north, two.south) for word in ("--card", card.home.card_path)]
        for station, ref in ((two.north, "NORTH 2"), (two.south, "NORTH 2"), (two.north, "SOUTH 1")):
            file = tmp_path / "notice.tlog-proof"
            file.write_bytes(prove(station.home, ref))
            assert "OK" in reference("proof", file, *cards)
        for station in two.both:
            folder = tmp_path / f"export of {station.name}"
            export_line(station.home, None, folder)
            assert "INVALID" not in reference("export", folder)
            assert [log.invalid for log in verify_export(folder)] == [{}, {}]


async def test_a_proof_without_the_body_shows_none_of_its_words(made: Path, tmp_path: Path, relay: Broker) -> None:
    async with pair(made, tmp_path / "pair", relay) as two:
        await two.start()
        async with two.clients() as (north, _):
            await stored(north, consultation("known to two"))
        await two.stop()
        evidence = verified_by_core(two.north.home, prove(two.north.home, "NORTH 1", show_body=False))
        assert evidence.body == evidence.salt == b""


def test_each_side_names_the_other_as_its_only_line(made: Path) -> None:
    def alias(name: str) -> tuple[str, Card]:
        (line,) = Home(made / name).lines()
        return line.alias, line.card

    assert alias("north") == ("SOUTH", Home(made / "south").card())
    assert alias("south") == ("NORTH", Home(made / "north").card())


@pytest.mark.parametrize("name", ["north", "south"])
def test_a_home_that_never_ran_cannot_be_verified_and_says_why(made: Path, name: str) -> None:
    with pytest.raises(StoreError, match="hotline run"):
        verify_home(Home(made / name))
