"""Too much is told once when it begins and once when it is over, and each kind of it in its own words."""

from hotline import limits
from hotline.core.step import Event
from hotline.station.load import LoadWatch

LINE, OTHER = b"l" * 32, b"o" * 32
MANY = 2 * limits.FLOOD_FRAMES_PER_S


def flooded(watch: LoadWatch, at_s: float, count: int = MANY, path: str = "first") -> list[Event]:
    counts = {(LINE, path, "frame-mac"): count} if count else {}
    return [event for _, event in watch.rejected(counts, at_s)]


def test_a_flood_is_one_alarm_for_as_long_as_it_lasts_and_one_event_when_it_is_over() -> None:
    watch = LoadWatch()
    told = [event for second in range(600) for event in flooded(watch, 100.0 + second)]
    assert [(event.kind, event.alarm) for event in told] == [("flood", True)]
    assert "first" in told[0].text
    assert "frame-mac" in told[0].text
    assert watch.standing(LINE) == {"flood"}
    quiet = [event for second in range(100) for event in flooded(watch, 700.0 + second, 0)]
    assert [(event.kind, event.alarm) for event in quiet] == [("flood-over", False)]
    assert f"frame-mac {600 * MANY}" in quiet[0].text
    assert watch.standing(LINE) == set()


def test_a_stray_frame_now_and_then_is_no_flood() -> None:
    watch = LoadWatch()
    assert [flooded(watch, 100.0 + second, 5) for second in range(60)] == [[]] * 60


def test_a_flood_that_pauses_for_a_moment_is_still_the_same_flood() -> None:
    watch = LoadWatch()
    told = [e for turn in range(40) for e in flooded(watch, 100.0 + 5 * turn, 0 if turn % 2 else 5 * MANY)]
    assert [event.kind for event in told] == ["flood"]


def test_each_relay_that_floods_is_told_of_and_a_name_of_control_characters_is_made_safe() -> None:
    watch = LoadWatch()
    told = flooded(watch, 100.0) + flooded(watch, 101.0, path="second\x1b")
    assert ["first" in told[0].text, "second" in told[1].text, "\x1b" in told[1].text] == [True, True, False]


def test_a_queue_that_fills_is_told_of_once_while_there_is_room_and_again_only_after_it_has_drained() -> None:
    watch = LoadWatch()
    told = [e for share in (0.1, 0.79, 0.8, 0.9, 1.0, 0.7, 0.9, 0.3, 0.85) for e in watch.queue(LINE, share)]
    assert [event.kind for event in told] == ["queue-filling", "queue-drained", "queue-filling"]
    assert [event.alarm for event in told] == [True, False, True]
    assert watch.standing(LINE) == {"queue-filling"}
    assert watch.standing(OTHER) == set()


def test_a_peer_that_answers_and_signs_for_nothing_is_told_of_until_it_does() -> None:
    watch = LoadWatch()

    def after(second: float, receipted: int = 5, size: int = 9, *, heard: bool = True) -> list[str]:
        return [e.kind for e in watch.receipts(LINE, size, receipted, 100.0 + second, heard=heard)]

    assert after(0) + after(limits.NO_RECEIPTS_S - 1) == []
    assert after(limits.NO_RECEIPTS_S) == ["no-receipts"]
    assert after(limits.NO_RECEIPTS_S + 1) == []
    assert watch.standing(LINE) == {"no-receipts"}
    assert after(limits.NO_RECEIPTS_S + 2, receipted=6) == ["receipts-again"]
    assert after(limits.NO_RECEIPTS_S + 3, receipted=6, size=6) == []


def test_a_peer_that_is_slow_but_goes_on_or_is_not_heard_at_all_is_not_said_to_give_no_receipts() -> None:
    watch = LoadWatch()
    for second in range(0, 10 * limits.NO_RECEIPTS_S, 30):
        assert list(watch.receipts(LINE, 1000, second, 100.0 + second, heard=True)) == []
    for second in range(0, 10 * limits.NO_RECEIPTS_S, 30):  # that one is `peer silent`
        assert list(watch.receipts(OTHER, 9, 5, 100.0 + second, heard=False)) == []
