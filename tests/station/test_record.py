"""The rules between notices at the holder: what breaks one changes no record, whoever sends it, in whatever batch."""

from collections.abc import Callable
from functools import partial

import apsw
import pytest

from hotline.api.types import Notice, Submit
from hotline.client import Client
from hotline.errors import NoticeError
from hotline.home import Home
from hotline.recovery.recover import examine, prepare
from tests.station.matters import (
    ANSWERS,
    INQUIRY,
    acknowledged,
    amended,
    cancelled,
    completed,
    gist,
    hazard,
    lawless,
    started,
    taken,
)
from tests.station.pair import Stage, consultation, line_is, line_of, stored, until
from tests.station.test_desk import DAY_S, HOUR_S, acknowledge, arrived, at, exercise, notice

# By what is wrong: the notice that NORTH sends, after its exercise (E), its inquiry (I), its statement (S), its launch
# report's amendment (A), and SOUTH's exercise (X), inquiry (Q) and statement (T), all by id.
Offence = Callable[[Stage, dict[str, str]], Submit]
OFFENCES: dict[str, Offence] = {
    "an amendment of nothing": lambda s, n: amended(s, "ff" * 16),
    "an amendment of an amendment": lambda s, n: amended(s, n["A"], revision=3),
    "an amendment of the other side's": lambda s, n: amended(s, n["X"]),
    "an amendment that skips a revision": lambda s, n: amended(s, n["E"], revision=4),
    "an amendment of the revision in force": lambda s, n: amended(s, n["E"], revision=2, ships=9),
    "an amendment that names another field": lambda s, n: amended(
        s, n["E"], revision=3, ships=9, fields={"changed": ["aircraft"]}
    ),
    "an amendment to another kind": lambda s, n: amended(
        s, n["E"], revision=3, fields={"replacement": {"kind": "hazard", **hazard(s)}, "changed": ["end_s"]}
    ),
    "an extension that does not extend": lambda s, n: amended(
        s, n["E"], revision=3, ships=9, fields={"window_extension": True}
    ),
    "a drill that amends an operation": lambda s, n: amended(s, n["E"], revision=3, ships=9, mode="DRILL"),
    "a test that starts an operation": lambda s, n: started(s, n["E"], mode="TEST"),
    "a drill whose header names an operation": lambda s, n: Submit(
        kind="consultation", notice={"text": "x", "references": ["NORTH 1"]}, mode="DRILL"
    ),
    "a start of an inquiry": lambda s, n: started(s, n["I"]),
    "a start of the other side's": lambda s, n: started(s, n["X"]),
    "a completion without a start or a reason": lambda s, n: completed(s, n["E"]),
    "a cancellation whose successor is of another kind": lambda s, n: cancelled(s, n["E"], successor=n["I"]),
    "a cancellation that is its own successor": lambda s, n: cancelled(s, n["E"], successor=n["E"]),
    "a reply to one's own inquiry": lambda s, n: notice("reply", {"inquiry": n["I"], "answers": ANSWERS}),
    "a reply without all answers": lambda s, n: notice("reply", {"inquiry": n["Q"], "answers": ANSWERS[:1]}),
    "a reply with an answer to no question": lambda s, n: notice(
        "reply", {"inquiry": n["Q"], "answers": [*ANSWERS, {"number": 3, "text": "More."}]}
    ),
    "an answer to no call": lambda s, n: notice(
        "call-answer", {"request": n["X"], "verdict": "decline", "reason": "No."}
    ),
    "a view on no statement": lambda s, n: notice("view", {"target": n["X"], "view": "agree"}),
    "a view on one's own statement": lambda s, n: notice("view", {"target": n["S"], "view": "agree"}),
    "a view of the wrong words": lambda s, n: notice("view", {"target": n["T"], "view": "satisfied"}),
    "a consultation that answers one's own": lambda s, n: notice("consultation", {"text": "x", "answers": n["I"]}),
    "an inquiry about nothing": lambda s, n: notice("inquiry", {**INQUIRY, "about": "ee" * 16}),
}


def was_refused(shown: Notice) -> bool:
    """Whatever its sender makes of it."""
    return any(step.state == "REFUSED" for step in shown.ladder)


async def test_whatever_breaks_a_rule_between_notices_is_invalid_refused_and_changes_no_record(
    stage: Stage, north: Home, south: Home
) -> None:
    statement = {"text": "A call took place.", "release": at(stage, 5 * DAY_S), "consent_sought": True}
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "attended")
        ids = {
            "E": (await taken(n, s, notice("exercise", exercise(stage)))).id,
            "I": (await taken(n, s, notice("inquiry", INQUIRY))).id,
            "S": (await taken(n, s, notice("statement", statement))).id,
            "A": (await taken(n, s, amended(stage, "NORTH 1"))).id,
            "X": (await taken(s, n, notice("exercise", exercise(stage)))).id,
            "Q": (await taken(s, n, notice("inquiry", INQUIRY))).id,
            "T": (await taken(s, n, notice("statement", statement))).id,
        }
        threads = [gist(await s.thread(key)) for key in ids.values()]
        calendar = (await s.calendar()).activities
        for name, offence in OFFENCES.items():  # its own rules name each of them too, and write nothing
            with pytest.raises(NoticeError) as own:
                await n.submit(offence(stage, ids))
            assert (name, own.value.reason) == (name, "rule")
        lawless(stage, north)
        sent = {name: (await n.submit(offence(stage, ids))).id for name, offence in OFFENCES.items()}
        for name, key in sent.items():
            await until(lambda k=key: n.show(k), was_refused, within_s=90, what=f"{name} refused")  # type: ignore[misc]  # bound
            got = await s.show(key)
            assert (name, got.invalid, got.relation, got.remarks) == (name, "rule", "", [])
        assert [gist(await s.thread(key)) for key in ids.values()] == threads
        assert (await s.calendar()).activities == calendar
        assert (await line_of(s)).last_received == 4 + len(OFFENCES)


@pytest.mark.parametrize(
    ("rule", "state"),
    [
        ("one revision twice", "amended"),
        ("started after it was cancelled", "cancelled"),
        ("started twice", "under way"),
    ],
)
async def test_a_breach_is_seen_when_what_it_breaks_comes_in_the_same_batch(
    stage: Stage, north: Home, south: Home, rule: str, state: str
) -> None:
    key = "12" * 16
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "attended")
        lawless(stage, north)
        stage.broker.stop()
        await n.submit(notice("exercise", exercise(stage), id=key))
        pair = {
            "one revision twice": [amended(stage, key), amended(stage, key, ships=9)],
            "started after it was cancelled": [cancelled(stage, key), started(stage, key)],
            "started twice": [started(stage, key), started(stage, key)],
        }[rule]
        ids = [(await n.submit(submit)).id for submit in pair]
        stage.broker.start()
        await until(lambda: n.show(ids[1]), lambda x: x.state == "REFUSED", within_s=60, what="the second refused")
        assert [(await s.show(ref)).invalid for ref in (key, *ids)] == ["", "", "rule"]
        thread = await s.thread(key)
        assert [one.id for one in thread.notices] == [key, ids[0]]
        assert (
            thread.state
            == {"one": "amended", "started after": "cancelled", "started twice": "under way"}[
                next(prefix for prefix in ("one", "started after", "started twice") if rule.startswith(prefix))
            ]
        )


async def test_an_id_of_the_peer_that_is_also_one_of_mine_confuses_neither_thread(
    stage: Stage, north: Home, south: Home
) -> None:
    key = "34" * 16
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "attended")
        await taken(n, s, notice("exercise", exercise(stage, designation="OURS"), id=key))
        await stored(s, notice("exercise", exercise(stage, designation="THEIRS"), id=key))
        await arrived(n, "SOUTH 1")
        await taken(n, s, started(stage, key))
        for client in (n, s):
            threads = {ref: await client.thread(ref) for ref in ("NORTH 1", "SOUTH 1")}
            assert (threads["NORTH 1"].title, threads["NORTH 1"].state) == ("OURS", "under way")
            assert (threads["SOUTH 1"].title, threads["SOUTH 1"].state) == ("THEIRS", "announced")
        ask = {**INQUIRY, "about": key}
        asked = await taken(n, s, notice("inquiry", ask))
        assert asked.relation == "asks about SOUTH 1"
        assert (await n.show(asked.id)).relation == "asks about SOUTH 1"


async def test_a_lost_store_taken_back_from_the_peer_has_all_threads_again_and_owes_nothing_anew(
    stage: Stage, north: Home, south: Home
) -> None:
    async with stage.running(south) as s:
        async with stage.running(north) as n:
            await line_is(n, "attended")
            mine = await taken(n, s, notice("exercise", exercise(stage)))
            await acknowledge(s, mine.ref)
            await taken(n, s, amended(stage, mine.ref))
            await acknowledge(s, "NORTH 2")
            about = await taken(s, n, notice("inquiry", {**INQUIRY, "about": mine.id}))
            await acknowledged(n, about.ref)
            await taken(n, s, notice("reply", {"inquiry": about.ref, "answers": ANSWERS}))
            await acknowledged(s, "NORTH 3")
            view = await taken(s, n, notice("view", {"target": "NORTH 3", "view": "satisfied"}))
            await acknowledged(n, view.ref)
            further = await taken(n, s, notice("inquiry", {**INQUIRY, "about": view.ref}))
            await acknowledged(s, further.ref)
            await taken(s, n, notice("reply", {"inquiry": further.ref, "answers": ANSWERS}))
            await taken(n, s, notice("consultation", {"text": "Thank you.", "answers": "SOUTH 3"}))
            await until(lambda: line_of(n), lambda x: x.own.signed == x.own.size, what="all signed")
            before = gist(await n.thread(mine.ref))
            dues = await all_due(n)
        for path in north.path.glob("station.db*"):
            path.unlink()
        prepare(north, examine(north), stage.clock.now().wall_ms)
        async with stage.running(north) as n:
            await until(lambda: line_of(n), lambda x: (x.last_sent, x.last_received) == (5, 3), what="all taken back")
            await until(lambda: n.thread(mine.ref), lambda t: gist(t) == before, what=f"the thread as before {before}")
            await until(partial(all_due, n), lambda found: found == dues, what=f"owed and met as before {dues}")
            stage.clock.ahead_s += 7 * HOUR_S
            await until(lambda: n.show("NORTH 5"), lambda x: x.state == "OVERDUE", what="the only one that is owed")
            overdue = [a.text for a in (await line_of(n)).alarms if a.kind == "overdue"]
            assert len(overdue) == 1
            assert "NORTH 5" in overdue[0]
            again = await taken(n, s, amended(stage, mine.ref, revision=3, ships=8))
            assert (again.invalid, again.thread) == ("", mine.ref)


async def all_due(client: Client) -> list[tuple[str, str]]:
    return await due(client, "NORTH", 5) + await due(client, "SOUTH", 3)


async def due(client: Client, name: str, most: int) -> list[tuple[str, str]]:
    """What is waited for of each notice of one side, and whether it was met."""
    shown = [await client.show(f"{name} {serial}") for serial in range(1, most + 1)]
    return [(d.what, d.state) for one in shown for d in one.due]


async def test_a_flash_amendment_does_not_overtake_the_routine_notice_that_it_amends(
    stage: Stage, north: Home, south: Home
) -> None:
    """All are submitted in one batch: the queue is ordered before anything of it goes into the log."""
    keys = ["b1" * 16, "b2" * 16, "b3" * 16, "b4" * 16]
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "attended")
        batch = [
            consultation("said first", id=keys[0]),
            notice("exercise", exercise(stage), id=keys[1]),
            amended(stage, keys[1], precedence="FLASH", id=keys[2]),
            consultation("said last", precedence="FLASH", id=keys[3]),
        ]
        await stage.daemons[north.path]._service.submit(batch)
        for key in keys:
            await n.wait_for(key, state="STORED", timeout_s=60)
        assert [(await n.show(key)).serial for key in keys] == [4, 1, 2, 3]
        page = await until(s.inbox, lambda p: len(p.notices) == 4, what="all four")
        assert [(x.id, x.invalid) for x in page.notices] == [(keys[i], "") for i in (1, 2, 3, 0)]


async def test_a_notice_with_a_target_submitted_again_under_its_id_is_a_repeat(
    stage: Stage, north: Home, south: Home
) -> None:
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "attended")
        await taken(n, s, notice("exercise", exercise(stage)))
        asked = await taken(s, n, notice("inquiry", INQUIRY))
        replacement = {"kind": "exercise", **exercise(stage), "ships": 7}
        amendment = {"target": "NORTH 1", "reason": "One more.", "replacement": replacement}
        repeated = [
            notice("amendment", amendment, id="a1" * 16),
            notice("amendment", {**amendment, "replacement": {**replacement, "ships": 8}}, id="a2" * 16),
            notice("reply", {"inquiry": asked.ref, "answers": ANSWERS}, id="a3" * 16),
            started(stage, "NORTH 1", id="a4" * 16),
            notice("consultation", {"text": "See our reply.", "answers": asked.ref}, id="a5" * 16),
            cancelled(stage, "NORTH 1", id="a6" * 16),
        ]
        for submit in repeated:
            assert not (await n.submit(submit)).repeated
        stage.clock.ahead_s += 120
        for submit in repeated:
            assert (await n.submit(submit)).repeated, submit.kind
        with pytest.raises(NoticeError) as other:
            await n.submit(notice("amendment", {**amendment, "reason": "Another."}, id="a1" * 16))
        assert other.value.field == "id"
        await n.wait_for("a6" * 16, state="STORED", timeout_s=60)
        thread = await n.thread("NORTH 1")
        assert (thread.state, thread.revision, len(thread.notices)) == ("cancelled", 3, 5)


async def test_what_an_earlier_version_kept_without_a_record_is_in_the_calendar_and_can_be_amended(
    stage: Stage, north: Home, south: Home
) -> None:
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "attended")
        await stored(n, notice("exercise", exercise(stage)))
        await until(s.calendar, lambda c: c.activities, what="the exercise at SOUTH")
    for home in (north, south):
        db = apsw.Connection(str(home.database_path))
        db.execute("DELETE FROM matter; DELETE FROM thread; DELETE FROM deadline")
        db.close()
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "attended")
        replacement = {"kind": "exercise", **exercise(stage, 50 * DAY_S)}
        await stored(n, notice("amendment", {"target": "NORTH 1", "reason": "Weather.", "replacement": replacement}))
        for client in (n, s):
            calendar = await until(client.calendar, lambda c: c.activities[0].revision == 2, what="the amendment")
            assert calendar.activities[0].state == "amended"
