"""Waiting frames: bounded, and no flood on one topic or relay costs another its frames."""

from hotline import limits
from hotline.station.inbound import Frame, Inbound


def frames(path: str, topic: str, count: int) -> list[Frame]:
    return [Frame(path, topic, bytes([i % 256])) for i in range(count)]


def test_frames_of_one_queue_come_out_in_their_order() -> None:
    inbound = Inbound()
    sent = frames("a", "x", 5)
    assert [inbound.add(f) for f in sent] == [[]] * 5
    assert inbound
    assert inbound.take(10) == sent
    assert not inbound


def test_a_relay_holds_no_more_than_its_bound_and_loses_the_oldest_of_its_longest_queue() -> None:
    inbound = Inbound()
    for f in frames("flooded", "x", limits.RELAY_INBOUND_FRAMES):
        inbound.add(f)
    quiet = Frame("flooded", "quiet", b"q")
    (dropped,) = inbound.add(quiet)
    assert dropped.topic == "x"
    assert inbound.held("flooded") == limits.RELAY_INBOUND_FRAMES
    assert quiet in inbound.take(2)


def test_a_relay_holds_no_more_bytes_than_its_bound_however_large_its_frames() -> None:
    inbound = Inbound()
    large = bytes(limits.FRAME_BYTES)
    dropped = [f for _ in range(limits.RELAY_INBOUND_FRAMES) for f in inbound.add(Frame("flooded", "x", large))]
    fitting = limits.RELAY_INBOUND_BYTES // limits.FRAME_BYTES
    assert inbound.held("flooded") == fitting
    assert len(dropped) == limits.RELAY_INBOUND_FRAMES - fitting
    assert inbound.add(Frame("other", "x", large)) == []
    inbound.take(limits.RELAY_INBOUND_FRAMES)
    assert inbound.add(Frame("flooded", "x", large)) == []


def test_one_frame_of_each_relay_and_line_is_taken_in_turn() -> None:
    inbound = Inbound()
    for f in frames("a", "x", 100) + frames("a", "y", 1) + frames("b", "x", 1):
        inbound.add(f)
    assert [(f.path, f.topic) for f in inbound.take(3)] == [("a", "x"), ("a", "y"), ("b", "x")]
    assert inbound.held("a") == 99
