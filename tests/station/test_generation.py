"""A line that goes on as a new generation: what waited arrives once, and what was said before stays readable."""

import shutil
from pathlib import Path

import pytest

from hotline.api.types import Answer, DraftNew, EmergencyNew, Notice, Release, Submit
from hotline.client import Client
from hotline.custody.generations import path_of
from hotline.errors import CallerError, NoticeError, StoreError, UsageError
from hotline.home import Home
from hotline.recovery import recover
from hotline.station.bodies import read_body
from hotline.store.queries import Reader
from hotline.store.store import Store
from tests.custody.ceremonies import close, go_on, open_
from tests.station.forked import forked
from tests.station.pair import Stage, consultation, copy_home, line_is, line_of, queue_one, stored, until


async def inbox(client: Client) -> list[Notice]:
    return (await client.inbox()).notices


async def arrived(client: Client, *texts: str) -> list[Notice]:
    """Wait until notices of these subjects are in the inbox, and return all that is there."""
    return await until(
        lambda: inbox(client), lambda all_: {n.subject for n in all_} >= {*texts}, what=f"{texts} in the inbox"
    )


def texts(notices: list[Notice]) -> list[str]:
    return [n.subject for n in notices]


async def said(client: Client, *words: str) -> None:
    """Submit notices of these words; an urgent one is FLASH."""
    for text in words:
        await client.submit(consultation(text, precedence="FLASH" if text == "urgent" else "ROUTINE"))


async def settled(client: Client) -> None:
    """Wait until all of ours is signed and stored there."""
    await until(lambda: line_of(client), lambda at: at.own.size == at.own.signed and not at.not_stored, what="settled")


async def talk(stage: Stage, north: Home, south: Home) -> None:
    """Two notices of NORTH, of which the first is acknowledged, and one of SOUTH; then NORTH alone, with all sorts."""
    async with stage.running(north) as n, stage.running(south) as s:
        await stored(n, consultation("one"))
        await stored(n, consultation("two"))
        await stored(s, consultation("from the south"))
        await s.answer(Answer(ref="NORTH 1", verdict="acknowledged"))
        await n.wait_for("NORTH 1", state="ACKNOWLEDGED", timeout_s=20)
        await arrived(n, "from the south")
        await settled(n)
        await settled(s)
    async with stage.running(north) as n:
        await said(n, "waits", "urgent")
        await n.draft(DraftNew(submit=consultation("drafted", officer="Duty officer")))
        await n.emergency(EmergencyNew(text="Telephone us."))


async def test_what_waits_arrives_once_flash_first_and_the_serials_go_on(
    stage: Stage, north: Home, south: Home
) -> None:
    await talk(stage, north, south)
    go_on(north, south)
    async with stage.running(north) as n, stage.running(south) as s:
        got = await arrived(s, "waits", "urgent")
        assert texts(got) == ["one", "two", "urgent", "waits"]
        assert [x.ref for x in got] == ["NORTH 1", "NORTH 2", "NORTH 3", "NORTH 4"]
        (draft,) = (await n.drafts()).drafts
        await n.release(Release(draft=draft.number))
        await arrived(s, "drafted")
        assert (await stored(s, consultation("again from the south"))).ref == "SOUTH 2"
        await until(s.emergencies, lambda e: [x.text for x in e] == ["Telephone us."], what="emergency")
        await until(n.emergencies, lambda e: e[0].seen_ms, what="its SEEN")
        for client in (n, s):
            line = await line_is(client, "attended")
            assert (line.generation, line.own.origin[-2:]) == (2, "/2")
            assert [e.kind for e in line.alarms] == (["not-carried"] if client is n else ["emergency", "not-carried"])
    async with stage.running(north), stage.running(south) as s:  # once more, and nothing comes twice
        assert texts(await inbox(s)) == ["one", "two", "urgent", "waits", "drafted"]
        assert len(await s.emergencies()) == 1


async def test_what_was_said_before_is_shown_and_nothing_refers_to_it(stage: Stage, north: Home, south: Home) -> None:
    await talk(stage, north, south)
    go_on(north, south)
    async with stage.running(north) as n, stage.running(south) as s:
        await arrived(s, "waits")
        mine = await n.show("NORTH 1")
        assert (mine.state, mine.subject) == ("ACKNOWLEDGED", "one")
        assert mine.remarks[-1] == "Of generation 1 of the line, which has ended"
        theirs = await s.show("NORTH 2")
        assert theirs.text
        assert (mine.past, theirs.past, theirs.read_back) == (True, True, [])
        assert not (await s.show("NORTH 3")).past
        assert theirs.remarks[-1] == "Of generation 1 of the line, which has ended"
        assert (await s.thread("NORTH 2")).ref == "NORTH 2"
        assert (await s.calendar()).activities == []
        assert texts((await n.outbox()).notices)[-2:] == ["two", "one"]
        with pytest.raises(CallerError, match="NORTH 2 is of generation 1 of the line with NORTH, which has ended"):
            await s.answer(Answer(ref=theirs.id, verdict="acknowledged"))
        for ref in ("NORTH 2", theirs.id):
            about = Submit(kind="consultation", notice={"text": "about it", "answers": ref})
            with pytest.raises(NoticeError, match="which has ended") as caught:
                await s.submit(about)
            assert "new notice" in caught.value.remedy


async def test_an_acknowledgement_that_did_not_arrive_is_told_and_can_be_given_where_the_notice_comes_again(
    stage: Stage, north: Home, south: Home, tmp_path: Path
) -> None:
    async with stage.running(north) as n, stage.running(south):
        await stored(n, consultation("before"))
    queue_one(north, "went already")
    old = copy_home(north, tmp_path / "old")
    async with stage.running(north) as n, stage.running(south) as s:
        notice_id = (await arrived(s, "went already"))[-1].id
        await settled(n)
    async with stage.running(south) as s:
        for ref in ("NORTH 1", "NORTH 2"):
            await s.answer(Answer(ref=ref, verdict="acknowledged"))
    go_on(old, south)
    async with stage.running(south) as s:
        told = [e.text for e in (await line_of(s)).alarms if e.kind == "not-carried"]
        wanted = "Our acknowledgement of NORTH {} did not reach NORTH before generation 1 ended"
        assert sorted(text.split(":")[0] for text in told) == [wanted.format(1), wanted.format(2)]
        shown = await s.show("NORTH 1")
        assert "NOT CARRIED OVER: our acknowledgement did not reach NORTH" in shown.remarks[0]
        with pytest.raises(CallerError, match="NORTH 1 is of generation 1 of the line with NORTH, which has ended"):
            await s.answer(Answer(ref=shown.id, verdict="acknowledged"))
    async with stage.running(old) as n, stage.running(south) as s:
        await settled(n)
        again = await until(lambda: s.show(notice_id), lambda x: x.ref == "NORTH 3", what="the repeat")
        assert (again.state, again.remarks) == ("STORED", ["Came first in generation 1, as NORTH 2"])
        await s.answer(Answer(ref="NORTH 2", verdict="acknowledged"))
        await n.wait_for(notice_id, state="ACKNOWLEDGED", timeout_s=20)


async def test_a_closed_line_does_nothing_and_says_what_to_do(stage: Stage, north: Home, south: Home) -> None:
    await talk(stage, north, south)
    ours = close(north)
    async with stage.running(north) as n, stage.running(south) as s:
        line = await line_is(n, "closed")
        assert (line.phone, line.queued, line.generation, line.own.size) == ("+7 000", 2, 1, 3)
        assert "hotline generation open SOUTH" in line.to_do
        for call in (
            n.submit(consultation("more")),
            n.emergency(EmergencyNew(text="help")),
            n.answer(Answer(ref="SOUTH 1", verdict="acknowledged")),
        ):
            with pytest.raises(CallerError, match="The line with SOUTH is closed"):
                await call
        (draft,) = (await n.drafts()).drafts
        with pytest.raises(CallerError, match="is closed"):
            await n.release(Release(draft=draft.number))
        assert texts((await n.outbox()).notices) == ["urgent", "waits", "two", "one"]
        shown = await n.show("SOUTH 1")
        assert (shown.remarks, shown.past) == ([], True)
        kinds = [e.kind for e in (await n.journal()).entries]
        assert kinds.count("generation-closed") == 1
        assert "line-removed" not in kinds
        await line_is(s, "peer silent")
        assert "waits" not in texts(await inbox(s))
    theirs = close(south)
    open_(north, theirs)
    open_(south, ours)
    async with stage.running(north) as n, stage.running(south) as s:
        await arrived(s, "waits")
        entries = (await n.journal()).entries
        assert [e.kind for e in entries if e.kind.startswith(("generation", "carried"))] == [
            "generation-closed", "generation-begun", "carried-over",
        ]  # fmt: skip
        assert {e.line for e in entries if e.kind.startswith(("generation", "carried"))} == {"SOUTH"}


async def test_a_side_that_opens_later_is_only_not_heard(stage: Stage, north: Home, south: Home) -> None:
    await talk(stage, north, south)
    ours, theirs = close(north), close(south)
    open_(north, theirs)
    async with stage.running(north) as n:
        await n.submit(consultation("early"))
    async with stage.running(south) as s:
        await line_is(s, "closed")
    open_(south, ours)
    async with stage.running(north), stage.running(south) as s:
        assert texts(await arrived(s, "early"))[2:] == ["urgent", "waits", "early"]


async def test_a_forked_line_goes_on_with_what_the_peer_never_saw(made: Path, tmp_path: Path) -> None:
    stage = Stage()
    north, south = await forked(made, tmp_path)
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "frozen")
        await line_is(s, "frozen")
        await said(n, "queued while frozen", "urgent")
        assert texts(await inbox(s)) == ["before", "one history"]
    go_on(north, south)
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "attended")
        got = await arrived(s, "queued while frozen")
        assert sorted(texts(got)) == sorted({*texts(got)}), "each once"
        assert "urgent" in texts(got)
        await settled(n)
        assert (await stored(n, consultation("after"))).serial > 2
        assert not (await line_of(s)).mirror.frozen


async def restored_sender(stage: Stage, north: Home, south: Home, tmp_path: Path) -> tuple[Home, str]:
    """NORTH's home of before it sent, whose queue holds what SOUTH has read already; and the id of that."""
    async with stage.running(north) as n, stage.running(south):
        await stored(n, consultation("before"))
    queue_one(north, "went already")
    old = copy_home(north, tmp_path / "old")
    async with stage.running(north) as n, stage.running(south) as s:
        got = await arrived(s, "went already")
        await settled(n)
    return old, got[-1].id


async def test_what_was_shown_before_is_not_shown_printed_or_counted_again_and_can_be_answered(
    stage: Stage, north: Home, south: Home, tmp_path: Path
) -> None:
    old, notice_id = await restored_sender(stage, north, south, tmp_path)
    go_on(old, south)
    async with stage.running(old) as n, stage.running(south) as s:
        await settled(n)
        line = await until(lambda: line_of(s), lambda at: at.last_received == 3, what="the repeat at SOUTH")
        assert line.unread == 0
        got = await inbox(s)
        assert texts(got) == ["before", "went already"]
        assert texts((await s.inbox(everything=True)).notices).count("went already") == 1
        assert [n.remarks for n in got if n.id == notice_id] == [["Came first in generation 1, as NORTH 2"]]
        for ref in ("NORTH 2", "NORTH 3", notice_id):
            shown = await s.show(ref)
            assert (shown.id, shown.ref) == (notice_id, "NORTH 3")
        await s.answer(Answer(ref="NORTH 2", verdict="acknowledged"))
        assert (await n.wait_for(notice_id, state="ACKNOWLEDGED", timeout_s=20)).ref == "NORTH 3"
        assert (await inbox(s))[-1].state == "ACKNOWLEDGED"
    with Reader.open(south.database_path) as reader:
        (second,) = [r for r in (reader.received(line.mirror.origin, notice_id=bytes.fromhex(notice_id)),) if r]
        assert second.subject == "went already"
        after = [e for e in reader.events(0, 1000) if e.line == second.line and e.kind == "received" and e.index == 2]
        assert after == [], "the repeat, entry 1 of the new log, made no event"


async def test_what_was_acknowledged_to_nobody_is_owed_again_where_it_comes_again(
    stage: Stage, north: Home, south: Home, tmp_path: Path
) -> None:
    old, notice_id = await restored_sender(stage, north, south, tmp_path)
    async with stage.running(south) as s:
        await s.answer(Answer(ref="NORTH 2", verdict="acknowledged"))
    go_on(old, south)
    async with stage.running(old) as n, stage.running(south) as s:
        await settled(n)
        shown = await until(lambda: s.show(notice_id), lambda x: x.ref == "NORTH 3", what="the repeat")
        assert [d.state for d in shown.due if d.what == "acknowledge"] == ["open"]
        assert (await line_of(s)).due == 1


async def test_an_id_that_was_used_before_is_the_same_notice_or_refused(stage: Stage, north: Home, south: Home) -> None:
    given = consultation("with an id", id="ab" * 16)
    async with stage.running(north) as n, stage.running(south):
        await stored(n, given)
    go_on(north, south)
    async with stage.running(north) as n:
        again = await n.submit(given)
        assert (again.repeated, again.state) == (True, "STORED")
        with pytest.raises(NoticeError, match="in an earlier generation, with another text"):
            await n.submit(consultation("other words", id="ab" * 16))
        assert (await line_of(n)).queued == 0


async def test_a_database_of_before_the_start_is_seen_as_restored_and_sends_nothing_twice(
    stage: Stage, north: Home, south: Home, tmp_path: Path
) -> None:
    await talk(stage, north, south)
    go_on(north, south)
    old = tmp_path / "old.db"
    shutil.copy(north.database_path, old)
    async with stage.running(north) as n, stage.running(south) as s:
        await arrived(s, "waits", "urgent")
        await stored(n, consultation("new"))
        await settled(n)
    for suffix in ("-wal", "-shm"):
        north.database_path.with_name(f"station.db{suffix}").unlink(missing_ok=True)
    shutil.copy(old, north.database_path)
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "attended")
        await settled(n)
        assert "restored" in [e.kind for e in (await line_of(n)).alarms]
        await stored(n, consultation("last"))
        assert texts(await arrived(s, "last")) == ["one", "two", "urgent", "waits", "new", "last"]
        assert (await n.show("NORTH 3")).subject == "urgent"


async def test_a_database_put_back_between_closing_and_opening_is_told_for_nobody_carries_what_it_lacks(
    stage: Stage, north: Home, south: Home, tmp_path: Path
) -> None:
    await talk(stage, north, south)
    shutil.copy(north.database_path, tmp_path / "old.db")
    async with stage.running(north), stage.running(south) as s:
        await arrived(s, "waits", "urgent")
    go_on(north, south)
    shutil.copy(tmp_path / "old.db", north.database_path)
    for _ in range(2):  # told once
        async with stage.running(north) as n, stage.running(south) as s:
            told = [e.text for e in (await line_of(n)).alarms if "older than our closing statement" in e.text]
            assert [text.split(": ")[1][:8] for text in told] == ["it holds"]
            assert texts(await arrived(s, "waits", "urgent")) == ["one", "two", "urgent", "waits"]


async def test_files_that_were_taken_away_let_nothing_be_said_in_what_is_closed(
    stage: Stage, north: Home, south: Home
) -> None:
    go_on(north, south)
    async with stage.running(north):
        pass
    (folder,) = north.lines_path.glob("*.generations")
    shutil.move(folder, north.path / "elsewhere")
    with pytest.raises(StoreError, match=r"Put the folder lines/.*generations back"):
        await stage.daemon(north).run()


async def test_without_the_closing_files_nothing_is_closed_twice_or_begun_anew(
    stage: Stage, north: Home, south: Home
) -> None:
    await talk(stage, north, south)
    go_on(north, south)
    async with stage.running(north) as n, stage.running(south) as s:
        await stored(s, consultation("in the second"))
        await arrived(n, "in the second")
        await settled(s)
    (folder,) = north.lines_path.glob("*.generations")
    shutil.move(folder, north.path / "elsewhere")
    with pytest.raises(StoreError, match="has been in generation 2 of the line with SOUTH"):
        close(north)
    north.database_path.unlink()
    with pytest.raises(StoreError, match="has been in generation 2 of the line with SOUTH"):
        recover.examine(north)
    Store(north.database_path, read_body).close()  # as if it had been rebuilt: an empty one
    with pytest.raises(StoreError, match=r"heads.lock names generation 2 of the line with SOUTH"):
        await stage.daemon(north).run()
    folder.mkdir(0o700)  # nor as a home that was made anew
    with pytest.raises(StoreError, match="has been in generation 2 of the line with SOUTH"):
        close(north)


async def test_a_lost_database_is_rebuilt_in_the_present_generation(stage: Stage, north: Home, south: Home) -> None:
    await talk(stage, north, south)
    go_on(north, south)
    async with stage.running(north) as n, stage.running(south) as s:
        await arrived(s, "waits", "urgent")
        await settled(n)
        await stored(s, consultation("to be given back"))
        await settled(s)
    north.database_path.unlink()
    found = recover.examine(north)
    assert found.strangers == ()
    prepared = recover.prepare(north, found, 1_732_710_600_000)
    assert any("Generation 1 of the line with SOUTH: it is not rebuilt" in loss for loss in prepared.lost)
    async with stage.running(north) as n, stage.running(south):
        await until(lambda: line_of(n), lambda at: at.rebuild is None and at.state == "attended", what="rebuilt")
        assert texts(await arrived(n, "to be given back")) == ["to be given back"]
        assert texts((await n.outbox()).notices) == ["waits", "urgent"]
        assert (await stored(n, consultation("goes on"))).ref == "NORTH 5"


async def test_a_sound_database_is_not_given_up_for_what_no_peer_gives_back(
    stage: Stage, north: Home, south: Home, tmp_path: Path
) -> None:
    await talk(stage, north, south)
    shutil.copy(north.database_path, tmp_path / "old.db")
    async with stage.running(north), stage.running(south) as s:
        await arrived(s, "waits", "urgent")
    go_on(north, south)
    card = path_of(north, north.lines()[0].file_stem, 1, "peer.card")
    shutil.move(card, tmp_path / card.name)
    with pytest.raises(UsageError, match="is sound"):
        recover.examine(north)
    shutil.move(tmp_path / card.name, card)
    shutil.copy(tmp_path / "old.db", north.database_path)  # it is an older one
    with pytest.raises(UsageError, match="is sound"):
        recover.examine(north)


async def test_a_rebuild_that_stood_still_is_over_with_its_generation(stage: Stage, north: Home, south: Home) -> None:
    await talk(stage, north, south)
    north.database_path.unlink()
    recover.prepare(north, recover.examine(north), 1_732_710_600_000)
    assert north.recovery_path.exists()
    go_on(north, south)
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "attended")
        await stored(n, consultation("anew"))
        assert "anew" in texts(await arrived(s, "anew"))
    assert not north.recovery_path.exists()


async def test_the_next_generation_but_one_carries_what_waited_in_the_first(
    stage: Stage, north: Home, south: Home
) -> None:
    await talk(stage, north, south)
    go_on(north, south)
    ours, theirs = close(north, number=2), close(south, number=2)  # before either has started in it
    open_(north, theirs)
    open_(south, ours)
    async with stage.running(north) as n, stage.running(south) as s:
        assert texts(await arrived(s, "waits", "urgent")) == ["one", "two", "urgent", "waits"]
        assert (await line_of(n)).generation == 3
        assert (await n.show("NORTH 2")).remarks[-1] == "Of generation 1 of the line, which has ended"
        assert (await n.show("NORTH 3")).subject == "urgent"
