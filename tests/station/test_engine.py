"""The order of writing: commit, lock, sign, send; and that nothing is said after any of the first three has failed."""

import re
import threading
from concurrent.futures import Future
from functools import partial
from pathlib import Path

import pytest

from hotline import limits
from hotline.api.types import Submitted
from hotline.core.step import Event, Now, Send
from hotline.errors import DaemonError, NoticeError, StoreError
from hotline.store.queries import Reader
from tests.station.bench import Bench, benches, wait_for
from tests.station.pair import WITHIN_S

# A batch: c(ommit), l(ock), s(ign), x (send); the second commit keeps the signatures.
BATCH = re.compile(r"(c?(cls+)?x*c?)*")


def in_order(story: str) -> bool:
    """Every signature comes after a lock, which comes after a commit, with nothing between."""
    return re.search(r"(?<!cl)(?<!s)s", story) is None and BATCH.fullmatch(story) is not None


def all_stored(*pair: Bench) -> bool:
    """Whether nothing is on its way any more."""
    return all(
        b.port.machine.own.signed == b.port.machine.own.ledger.size
        and b.port.machine.mirror.head_size == b.port.machine.mirror.ledger.size
        for b in pair
    )


def test_nothing_is_signed_before_the_lock_nor_locked_before_the_commit_nor_sent_before_either(
    made: Path, tmp_path: Path
) -> None:
    with benches(made, tmp_path) as (north, south):
        for number in range(5):
            assert isinstance(north.submit(f"notice {number}").result(WITHIN_S), Submitted)
            assert isinstance(south.submit(f"notice {number}").result(WITHIN_S), Submitted)
        wait_for(lambda: north.port.machine.own.signed == 6 == south.port.machine.own.signed, "ten notices stored")
    for bench in (north, south):
        assert bench.story.count("s") >= 4
        assert in_order(bench.story), bench.story


@pytest.mark.parametrize("story", ["s", "cs", "lcs", "clcs", "cxs", "clxs", "ls"])
def test_the_rule_finds_a_signature_out_of_order(story: str) -> None:
    assert not in_order(story)


def test_a_call_returns_only_after_its_commit(made: Path, tmp_path: Path) -> None:
    with benches(made, tmp_path) as (north, _):
        for number in range(20):
            outcome = north.submit(f"notice {number}").result(WITHIN_S)
            assert isinstance(outcome, Submitted)
            with Reader.open(north.store.path) as reader:
                assert reader.sent(north.port.view.own.origin, notice_id=bytes.fromhex(outcome.id)) is not None


def test_a_failing_commit_stops_the_engine_and_nothing_more_is_signed_or_sent(made: Path, tmp_path: Path) -> None:
    with benches(made, tmp_path) as (north, _):
        sent: list[int] = []

        def fail(now: Now) -> None:
            north.store.fails = True
            north.store.event(north.port.identity.id, Event("test", "lost or not"), now.wall_ms)
            sent.append(len(north.sent))

        with pytest.raises(DaemonError, match="nobody knows whether it was kept"):
            north.engine.call(fail).result(WITHIN_S)
        assert isinstance(north.failure, StoreError)
        assert north.story.endswith("c"), "after the failing commit nothing was done"
        assert [len(north.sent)] == sent
        with pytest.raises(DaemonError, match="stopping"):
            north.submit("too late").result(WITHIN_S)


def test_a_failing_lock_file_stops_the_engine_and_nothing_is_signed(made: Path, tmp_path: Path) -> None:
    with benches(made, tmp_path) as (north, south):
        wait_for(lambda: all_stored(north, south), "quiet")
        south.locks.fails = True
        signed = south.story.count("s")
        north.submit("never receipted").result(WITHIN_S)
        assert isinstance(south.failure, StoreError)
        assert south.story.endswith("cl")
        assert south.story.count("s") == signed
        assert north.port.machine.own.receipted == 1


def test_a_refusal_is_the_callers_alone_and_the_batch_goes_on(made: Path, tmp_path: Path) -> None:
    def refuse(now: Now) -> None:
        raise NoticeError("No such field.", "Correct it.")

    with benches(made, tmp_path) as (north, _):
        refused, taken = north.engine.call(refuse), north.submit("all the same")
        assert isinstance(refused.exception(WITHIN_S), NoticeError)
        assert isinstance(taken.result(WITHIN_S), Submitted)


def test_what_the_store_cannot_do_within_a_call_stops_the_engine(made: Path, tmp_path: Path) -> None:
    """It may be half done: committing the rest of the batch would keep that half."""

    def half(now: Now) -> None:
        raise StoreError("The disk is full.", "Free some space.")

    with benches(made, tmp_path) as (north, _):
        assert isinstance(north.engine.call(half).exception(WITHIN_S), DaemonError)
        assert isinstance(north.failure, StoreError)


def test_a_defect_in_a_call_stops_the_engine_and_nobody_waits_for_ever(made: Path, tmp_path: Path) -> None:
    def defect(now: Now) -> None:
        raise ZeroDivisionError

    with benches(made, tmp_path) as (north, _):
        assert isinstance(north.engine.call(defect).exception(WITHIN_S), DaemonError)
        assert isinstance(north.failure, ZeroDivisionError)


def test_a_call_that_was_cancelled_before_its_turn_has_no_effect_and_does_no_harm(made: Path, tmp_path: Path) -> None:
    ran: list[str] = []
    with benches(made, tmp_path) as (north, _):
        entered, go_on = threading.Event(), threading.Event()

        def block(now: Now) -> None:
            entered.set()
            assert go_on.wait(WITHIN_S)

        first = north.engine.call(block)
        assert entered.wait(WITHIN_S)
        assert not first.cancel(), "it is under way"
        waiting: list[Future[None]] = [north.engine.call(lambda now: ran.append("ran")) for _ in range(3)]
        assert waiting[0].cancel()
        go_on.set()
        waiting[2].result(WITHIN_S)
        assert ran == ["ran", "ran"]
        assert isinstance(north.submit("goes on").result(WITHIN_S), Submitted)


def test_stopping_refuses_what_waits_even_where_some_of_it_was_cancelled(made: Path, tmp_path: Path) -> None:
    with benches(made, tmp_path) as (north, _):
        entered, go_on = threading.Event(), threading.Event()

        def block(now: Now) -> None:
            entered.set()
            assert go_on.wait(WITHIN_S)

        north.engine.call(block)
        assert entered.wait(WITHIN_S)
        waiting = [north.engine.call(lambda now: None) for _ in range(2)]
        assert waiting[0].cancel()
        stopping = threading.Thread(target=north.engine.stop, args=(WITHIN_S,))
        stopping.start()
        wait_for(lambda: north.engine._stopping, "the stop")
        go_on.set()
        stopping.join(WITHIN_S)
        assert isinstance(waiting[1].exception(WITHIN_S), DaemonError)
        assert north.failure is None


def test_frames_past_the_bound_of_a_path_drop_the_oldest_and_are_counted(made: Path, tmp_path: Path) -> None:
    with benches(made, tmp_path) as (north, _):
        entered, go_on = threading.Event(), threading.Event()

        def block(now: Now) -> None:
            entered.set()
            assert go_on.wait(WITHIN_S)

        blocked = north.engine.call(block)
        assert entered.wait(WITHIN_S)
        for _ in range(limits.RELAY_INBOUND_FRAMES + 7):
            north.engine.frame("flooded", north.port.incoming_topic, b"x")
        assert north.engine._inbound.held("flooded") == limits.RELAY_INBOUND_FRAMES
        go_on.set()
        blocked.result(WITHIN_S)

        def counted() -> dict[str, int]:
            with Reader.open(north.store.path) as reader:
                return reader.rejected(north.port.identity.id)

        wait_for(lambda: sum(counted().values()) == limits.RELAY_INBOUND_FRAMES + 7, "all of them counted")
        assert counted() == {"overload": 7, "frame-size": limits.RELAY_INBOUND_FRAMES}


def test_a_flooded_path_does_not_starve_another(made: Path, tmp_path: Path) -> None:
    with benches(made, tmp_path) as (north, _):
        wait_for(lambda: all_stored(north), "quiet")
        engine = north.engine
        with engine._wake:  # nothing is taken while we fill
            for _ in range(limits.RELAY_INBOUND_FRAMES):
                engine.frame("flooded", north.port.incoming_topic, b"x")
            engine.frame("quiet", north.port.incoming_topic, b"the only one")
            _, taken = engine._take()
        assert len(taken) <= limits.COMMIT_BATCH + 1
        assert [frame.path for frame in taken[:2]] == ["flooded", "quiet"]


def test_a_frame_for_a_topic_that_is_no_lines_changes_nothing(made: Path, tmp_path: Path) -> None:
    with benches(made, tmp_path) as (north, _):
        north.engine.frame("memory", "somewhere/else", b"x")
        assert isinstance(north.submit("goes on").result(WITHIN_S), Submitted)


def _state_told(bench: Bench) -> bool:
    """Whether the state of the line was told; other entries may have come before or after."""
    sql = "SELECT 1 FROM journal WHERE kind = 'line-state'"
    return bench.engine.call(lambda _: bool(bench.store._db.execute(sql).fetchall())).result(WITHIN_S)


def test_listeners_are_woken_by_what_was_written_and_not_by_idle_ticks(made: Path, tmp_path: Path) -> None:
    with benches(made, tmp_path) as (north, south):
        woken: list[int] = []
        north.engine.on_event = woken.append
        north.submit("wakes").result(WITHIN_S)
        wait_for(lambda: north.port.machine.own.signed == 2 and all_stored(north, south), "it stored")
        wait_for(lambda: woken, "the waking")
        assert woken == sorted(set(woken))
        wait_for(lambda: _state_told(north), "the first look, which tells the state of the line")
        for _ in range(2):  # the second look is one at which all has been said
            woken.clear()
            looked = north.engine._watched_at
            north.clock.ahead_s += 2
            wait_for(partial(lambda at: north.engine._watched_at > at, looked), "a look for what is overdue")
        assert woken == []


def test_counts_of_the_last_moment_are_kept_by_a_clean_stop(made: Path, tmp_path: Path) -> None:
    with benches(made, tmp_path) as (north, _):
        north.engine.frame("memory", north.port.incoming_topic, b"x")
        wait_for(lambda: not north.engine._inbound.held("memory"), "the frame taken")
        north.engine.call(lambda now: None).result(WITHIN_S)
        north.engine.stop(WITHIN_S)
        with Reader.open(north.store.path) as reader:
            assert reader.rejected(north.port.identity.id) == {"frame-size": 1}


def test_hellos_past_their_own_openings_use_up_none_that_other_frames_need(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with benches(made, tmp_path) as (north, south):
        wait_for(lambda: all_stored(north), "quiet")
        monkeypatch.setattr(limits, "HELLO_DECAPSULATIONS_PER_S", 0)
        south.engine._budgets.clear()
        machine = north.port.machine
        hellos = north.engine.call(lambda _: [f for _ in range(50) for f in machine.render(Send("hello"))])
        for frame in hellos.result(WITHIN_S):
            south.engine.frame("memory", north.port.outgoing_topic, frame)
        wait_for(lambda: south.engine.rejected_on("memory").get("overload", 0) >= 50, "every HELLO dropped")
        north.submit("all the same").result(WITHIN_S)
        wait_for(lambda: all_stored(north), "stored")


def test_garbage_is_one_alarm_on_its_line_and_the_relay_that_brings_it_is_named(made: Path, tmp_path: Path) -> None:
    with benches(made, tmp_path) as (north, _):
        for _ in range(5 * limits.FLOOD_FRAMES_PER_S):
            north.engine.frame("flooded", north.port.incoming_topic, bytes(2048))

        def alarms() -> list[str]:
            with Reader.open(north.store.path) as reader:
                return [alarm.text for alarm in reader.alarms(north.port.identity.id, 9) if alarm.kind == "flood"]

        wait_for(alarms, "the alarm")
        assert len(alarms()) == 1
        assert "flooded" in alarms()[0]
        assert north.engine.load.standing(north.port.identity.id) == {"flood"}
        whole = {"frame-version": 5 * limits.FLOOD_FRAMES_PER_S}  # the alarm may come in the middle of it
        wait_for(lambda: north.engine.rejected_on("flooded") == whole, "all of them counted")
        north.engine.forget_path("flooded")
        assert north.engine.rejected_on("flooded") == {}
