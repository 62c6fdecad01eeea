"""The journal of a running station: what is in it, that it is signed, and what it says of the run before."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hotline import limits
from hotline.api.types import Answer, Duty, JournalEntry
from hotline.audit import verify_home
from hotline.client import Client
from hotline.custody.suite import HybridKey
from hotline.home import Home
from hotline.recovery.recover import examine, prepare
from hotline.station.clock import SystemClock
from hotline.station.journal import Keeper
from hotline.store.lockfile import LockFile
from tests.station.pair import Stage, consultation, copy_home, line_is, stored, until
from tests.station.people import SECOND, WORDS, add_second
from tests.store import samples


async def entries(client: Client, kind: str = "") -> list[JournalEntry]:
    return (await client.journal(kind=kind, limit=limits.API_PAGE)).entries


async def kinds(client: Client) -> list[str]:
    return [entry.kind for entry in await entries(client)]


async def texts(client: Client, kind: str) -> list[str]:
    return [entry.text for entry in await entries(client, kind)]


async def has(client: Client, kind: str, count: int = 1) -> list[JournalEntry]:
    """Wait until there are so many entries of a kind."""
    return await until(lambda: entries(client, kind), lambda found: len(found) >= count, what=f"{count} of {kind}")


def keys_of(used: list[JournalEntry]) -> set[str]:
    return {entry.fields.get("key", "") for entry in used}


def holds(home: Home) -> int:
    """The journal's size, once it is verified to its last entry."""
    report = verify_home(home)
    assert report.all_problems() == []
    assert report.journal is not None
    assert report.journal.signed == report.journal.entries
    return report.journal.entries


async def test_a_first_run_begins_with_what_the_station_stands_on(stage: Stage, north: Home) -> None:
    async with stage.running(north) as client:
        told = await has(client, "relay-up")
        assert (await kinds(client))[:2] == ["start", "key"]
        for kind, text in (
            ("line-added", f"The line to SOUTH was added, id {north.lines()[0].id.hex()[:16]}…."),
            ("officer-added", "Duty officer stands in our card as an officer."),
            ("relay-added", "Relay first was added."),
        ):
            assert await texts(client, kind) == [text]
        assert told[0].fields == {"relay": "first"}
        page = await client.journal()
        assert page.size == len(page.entries)
    assert holds(north) == page.size + 1


async def test_a_clean_end_and_a_second_run_tell_nothing_but_that(stage: Stage, north: Home) -> None:
    async with stage.running(north) as client:
        await has(client, "relay-up")
    async with stage.running(north) as client:
        await has(client, "relay-up", 2)
        found = await kinds(client)
        assert found.count("start") == 2
        assert found[found.index("stop") :][:3] == ["stop", "start", "key"]
        assert "unclean-end" not in found
        assert found.count("relay-added") == found.count("line-added") == found.count("officer-added") == 1
    holds(north)


async def test_the_first_head_is_signed_at_the_start_and_the_next_a_minute_later(stage: Stage, north: Home) -> None:
    async with stage.running(north) as client:
        page = await until(client.journal, lambda page: page.signed > 0, what="a head at the start")
        first = page.signed
        await has(client, "relay-up")
        stage.broker.stop()
        await has(client, "relay-down")
        assert (await client.journal()).signed == first
        stage.clock.ahead_s += limits.JOURNAL_HEAD_S
        await until(client.journal, lambda page: page.signed > first, what="a head after a minute")
    holds(north)


async def test_every_use_of_an_officers_key_is_told_and_nothing_that_was_said(
    stage: Stage, north: Home, south: Home
) -> None:
    secret = "BLUE HERON AT DAWN"
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "attended")
        sent = await stored(n, consultation(secret))
        await until(s.inbox, lambda page: len(page.notices) == 1, what="the notice at SOUTH")
        await s.answer(Answer(ref="NORTH 1", verdict="refused", text=secret))
        await has(n, "refused")
        (released,) = await entries(n, "release")
        assert released.text == f"Notice {sent.id[:8]}, ROUTINE OPERATION, was signed by Duty officer as releaser."
        assert released.line == "SOUTH"
        assert [e.text for e in await has(s, "answer", 2)] == [
            "Duty officer answers entry 1 of the peer: opened.", "Duty officer answers entry 1 of the peer: refused."
        ]  # fmt: skip
        await until(lambda: entries(s, "key"), lambda used: {"log", "receipt"} <= keys_of(used), what="both keys used")
        add_second(north)
        await n.reload_card()
        await n.duty(Duty(on=True, officer=SECOND, passphrase=WORDS))
        assert await texts(n, "officer-added") == [
            "Duty officer stands in our card as an officer.", f"{SECOND} stands in our card as an officer."
        ]  # fmt: skip
        assert await texts(n, "own-card") == ["Our card has the number 2 now; it was 1."]
        assert f"{SECOND} is on duty." in (await texts(n, "watch"))
        await n.set_rules('title = "other rules"', officer=SECOND)
        assert len(await has(n, "rules-differ")) == 1
        (differ,) = await entries(n, "rules-differ")
        assert (differ.level, differ.phone) == ("alarm", "+7 000")
        await has(s, "card")
    for home in (north, south):
        holds(home)
    async with stage.running(north) as n:
        assert secret not in str(await entries(n))
        assert len(await texts(n, "rules")) == 1, "what was told when it happened is not told again at the next start"


async def test_settings_that_were_changed_are_named_and_their_values_are_not(stage: Stage, north: Home) -> None:
    async with stage.running(north):
        pass
    before = north.config_path.read_text()
    north.config_path.write_text(before + "\n# only a remark\n")
    async with stage.running(north, relays=("first", "second")) as client:
        (changed,) = await entries(client, "config")
        assert "setting" not in changed.text
        assert "relay.second.url" in changed.fields["settings"]
        assert len(changed.fields["digest"]) == 64
        assert "memory:1" not in str(await entries(client))
        assert (await texts(client, "relay-added"))[-1] == "Relay second was added."
    north.config_path.write_text(before + "\n# another remark\n")
    async with stage.running(north, relays=("first", "second")) as client:
        assert (await texts(client, "config"))[-1].endswith("no setting, only how it is written.")
    async with stage.running(north) as client:
        assert await texts(client, "relay-removed") == ["Relay second was removed."]
    holds(north)


async def test_a_line_that_was_removed_is_told_by_the_name_that_it_had(stage: Stage, north: Home) -> None:
    async with stage.running(north):
        pass
    line = north.lines()[0]
    for path in north.line_paths(line.id):
        path.unlink()
    async with stage.running(north) as client:
        (removed,) = await entries(client, "line-removed")
        assert removed.text == f"The line to SOUTH was removed, id {line.id.hex()[:16]}…."
        assert removed.line == line.id.hex()[:16]


async def test_frames_that_are_rejected_are_one_entry_a_minute_with_the_count_of_each_reason(
    stage: Stage, north: Home
) -> None:
    async with stage.running(north) as client:
        await has(client, "relay-up")
        engine = stage.engine(north)
        (topic,) = engine.ports
        stage.clock.ahead_s += 61
        for number in range(500):
            engine.frame("first", topic, number.to_bytes(2048, "big"))
        await has(client, "rejected")
        for number in range(300):
            engine.frame("first", topic, number.to_bytes(1000, "big"))
        await until(client.status, lambda s: sum(s.lines[0].rejected.values()) == 800, what="800 rejected frames")
        first = await entries(client, "rejected")
        assert len(first) == 1
        stage.clock.ahead_s += 61
        both = await has(client, "rejected", 2)
        assert len(both) == 2
        assert sum(int(n) for e in both for n in e.fields.values()) == 800
        assert both[0].line == "SOUTH"
    holds(north)


async def test_a_store_put_back_from_a_backup_is_told_and_signs_under_another_origin(
    stage: Stage, north: Home, tmp_path: Path
) -> None:
    async with stage.running(north):
        pass
    old = copy_home(north, tmp_path / "backup")
    async with stage.running(north) as client:
        page = await client.journal()
    lost = holds(north)
    (north.database_path).write_bytes(old.database_path.read_bytes())
    async with stage.running(north) as client:
        (alarm,) = await entries(client, "journal-restored")
        assert alarm.text.startswith(
            f"An older journal was put back: it has {page.entries[0].index + holds(old)} entries"
        )
        assert f"the head of size {lost}, root " in alarm.text
        assert (alarm.level, alarm.phone) == ("alarm", "+7 000")
    holds(north)
    head = LockFile(north.heads_lock_path).journal
    assert head is not None
    assert head.origin.endswith("/journal/2")
    async with stage.running(north) as client:
        assert len(await entries(client, "journal-restored")) == 1
    assert LockFile(north.heads_lock_path).journal.origin.endswith("/journal/2")  # type: ignore[union-attr]  # as before


async def test_a_database_that_was_lost_begins_a_journal_of_another_origin(stage: Stage, north: Home) -> None:
    async with stage.running(north):
        pass
    for path in north.path.glob("station.db*"):
        path.unlink()
    prepare(north, examine(north), stage.clock.now().wall_ms)
    async with stage.running(north) as client:
        assert (await kinds(client))[0] == "journal-restored"
    holds(north)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [(lambda p: p.unlink(), "the lock file is missing"), (lambda p: p.write_bytes(b"x"), "the lock file is damaged")],
    ids=["missing", "damaged"],
)
async def test_without_its_lock_file_nobody_knows_which_journal_was_the_last(
    stage: Stage, north: Home, spoil: Callable[[Path], Any], words: str
) -> None:
    async with stage.running(north):
        pass
    spoil(north.heads_lock_path)
    async with stage.running(north) as client:
        (alarm,) = await entries(client, "journal-restored")
        assert words in alarm.text
    holds(north)


def test_the_lock_file_names_a_head_before_it_is_signed(tmp_path: Path, north: Home) -> None:
    """Else a crash and a backup together would let the log key sign two heads of one origin."""
    store = samples.opened(tmp_path / "station.db")
    locks = LockFile(tmp_path / "heads.lock")
    card, key = north.card(), HybridKey.generate()
    named: list[int] = []

    class Watched:
        public = key.public

        def sign(self, first: bytes, second: bytes) -> bytes:
            head = LockFile(tmp_path / "heads.lock").journal
            named.append(head.size if head else 0)
            return key.sign(first, second)

    keeper = Keeper(store, locks, card, Watched(), dict)
    now = SystemClock().now()
    keeper.begin({}, now)
    assert keeper.due(now)
    store.commit()
    keeper.seal(now)
    assert named == [store.journal.size]
    assert not keeper.due(now)
    store.close()
