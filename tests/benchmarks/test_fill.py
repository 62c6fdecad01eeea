"""The history that the benchmark measures on is made of sound notices, and both stations come to hold it."""

import time
from pathlib import Path

from hotline.notices import decode_body, encode_body, from_mapping
from hotline.store.queries import Reader
from tests.benchmarks.fill import ROUND, filled, mixed


def test_each_round_has_every_kind_and_its_amendment_changes_its_own_exercise() -> None:
    now_s = int(time.time())
    submits = list(mixed(2 * len(ROUND), 1, now_s))
    for submit in submits:
        notice = from_mapping(submit.kind, submit.notice, now_s=now_s)
        assert decode_body(encode_body(notice)) == notice
    assert [submit.kind for submit in submits] == [*ROUND, *ROUND]
    assert len({submit.id for submit in submits}) == len(submits)
    second, amendment = submits[len(ROUND)], submits[len(ROUND) + 1]
    assert amendment.notice["target"] == second.id


async def test_a_filled_store_holds_both_sides_notices_and_their_threads(tmp_path: Path) -> None:
    home = await filled(tmp_path, 4 * len(ROUND), lambda _: None)
    with Reader.open(home.database_path) as reader:
        received = reader.latest_inbox(100, notices_only=True)
        sent = reader.outbox(100, before=0, newest_first=True)
        planned = reader.matters.activities(b"", int(time.time()), 100, past=False)
    assert (len(received), len(sent)) == (2 * len(ROUND), 2 * len(ROUND))
    assert [row.reason for row in received if row.reason] == []
    assert {row.state for row in planned if row.kind == "exercise"} == {"amended"}
