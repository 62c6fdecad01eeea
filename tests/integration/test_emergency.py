"""Emergency text between real processes that are killed: what was said to be kept is kept, and comes once."""

from pathlib import Path

import pytest

from hotline.api.types import EmergencyNew
from tests.brokers import embedded
from tests.integration.pair import pair
from tests.station.pair import until

pytestmark = pytest.mark.integration


async def test_it_survives_sigkill_at_both_ends_and_arrives_once(made: Path, tmp_path: Path) -> None:
    async with (
        embedded(tmp_path) as relay,
        pair(made, tmp_path / "pair", relay) as two,
        two.clients() as (north, south),
    ):
        await two.north.start()
        sent = await north.emergency(EmergencyNew(text="We are under attack."))
        await two.north.kill()
        await two.start()
        await until(north.emergencies, lambda found: found[0].seen_ms, what="SEEN", within_s=30)
        await two.south.kill()
        await two.south.start()
        assert [(e.direction, e.id, e.text) for e in await south.emergencies()] == [
            ("received", sent.id, "We are under attack.")
        ]
        assert [a.kind for a in (await south.status()).lines[0].alarms].count("emergency") == 1
        await two.stop()
