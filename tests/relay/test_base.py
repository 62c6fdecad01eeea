"""The half of a relay that does not know what carries it."""

import pytest

from hotline import limits
from hotline.relay import bounds
from hotline.relay.base import BasePath, Status, check_topic


class Bare(BasePath):
    """A path whose carrier is the test."""

    def __init__(self) -> None:
        self.delivered: list[tuple[str, str, bytes]] = []
        self.told: list[tuple[str, str]] = []
        super().__init__(
            "north",
            lambda *frame: self.delivered.append(frame),
            lambda relay: self.told.append((relay.state.status, relay.state.detail)),
        )

    async def run(self) -> None:
        """The test is what happens to it."""

    def become(self, status: Status, detail: str = "") -> None:
        self._become(status, detail)

    def arrive(self, topic: str, frame: bytes) -> None:
        self._take(topic, frame)

    def queued(self) -> list[bytes]:
        return [frame for _, frame in self._queued()]

    def lose_connection(self) -> None:
        self._forget_queued()


async def test_a_path_begins_by_connecting_and_tells_nobody() -> None:
    path = Bare()
    assert path.state.status == "connecting"
    assert path.told == []


async def test_a_change_is_told_once_and_a_repetition_not_at_all() -> None:
    path = Bare()
    for detail in ("refused", "refused", "gone"):
        path.become("down", detail)
    path.become("up")
    path.become("up")
    assert path.told == [("down", "refused"), ("down", "gone"), ("up", "")]


async def test_another_reason_for_being_down_leaves_the_time_since_when() -> None:
    path = Bare()
    path.become("down", "refused")
    since = path.state.since
    path.become("down", "gone")
    assert path.state.since == since
    path.become("up")
    assert path.state.since >= since


async def test_a_frame_of_another_topic_is_counted_and_goes_nowhere() -> None:
    path = Bare()
    path.subscribe("mine")
    path.arrive("other", b"x")
    assert (path.delivered, path.counters.wrong_topic, path.counters.received) == ([], 1, 0)


async def test_a_frame_up_to_the_slack_is_delivered_and_a_larger_one_counted() -> None:
    path = Bare()
    path.subscribe("mine")
    path.arrive("mine", bytes(limits.FRAME_BYTES + bounds.FRAME_SLACK_BYTES))
    path.arrive("mine", bytes(limits.FRAME_BYTES + bounds.FRAME_SLACK_BYTES + 1))
    assert [len(frame) for _, _, frame in path.delivered] == [bounds.FRAME_MOST_BYTES]
    assert path.counters.oversized_in == 1


async def test_an_empty_frame_is_a_frame() -> None:
    path = Bare()
    path.subscribe("mine")
    path.arrive("mine", b"")
    assert path.delivered == [("north", "mine", b"")]


async def test_what_waits_when_the_connection_goes_is_dropped_and_counted() -> None:
    path = Bare()
    path.become("up")
    for number in range(3):
        assert path.send("t", bytes([number]))
    path.lose_connection()
    assert path.queued() == []
    assert path.counters.dropped == 3


async def test_a_relay_that_hangs_holds_few_bytes_and_the_newest_frames() -> None:
    path = Bare()
    path.become("up")
    large = [bytes([number]) * limits.FRAME_BYTES for number in range(100)]
    for frame in large:
        assert path.send("t", frame)
    fitting = limits.RELAY_OUTBOUND_BYTES // limits.FRAME_BYTES
    assert (path.pending, path.counters.dropped) == (fitting, 100 - fitting)
    assert path.queued() == large[-fitting:]
    assert path.send("t", large[0])
    assert path.queued() == large[:1]


async def test_the_queue_gives_oldest_first() -> None:
    path = Bare()
    path.become("up")
    for number in range(3):
        assert path.send("t", bytes([number]))
    assert path.queued() == [b"\0", b"\1", b"\2"]


async def test_a_path_shows_its_name_and_state_alone() -> None:
    assert repr(Bare()) == "<Bare 'north' connecting>"


def test_a_path_without_a_carrier_cannot_be_made() -> None:
    with pytest.raises(TypeError, match="abstract"):
        BasePath("north", lambda *_: None, lambda _: None)  # type: ignore[abstract]  # what is tested


@pytest.mark.parametrize("topic", ["a", "line/0f3a/in", "x" * bounds.TOPIC_BYTES, "~!*()-_.;"])
def test_words_that_are_topics_pass(topic: str) -> None:
    check_topic(topic)
