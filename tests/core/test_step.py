"""What the core hands back keeps its order and says nothing twice."""

from hotline.core.step import Event, Now, Send, Step, Stored


def test_writes_keep_the_order_in_which_they_were_made() -> None:
    step = Step()
    step.write(Event("a", ""), Event("b", ""))
    step.alarm("c", "help")
    assert [(w.kind, w.alarm) for w in step.writes if isinstance(w, Event)] == [("a", False), ("b", False), ("c", True)]


def test_the_same_message_is_sent_once_a_step() -> None:
    step = Step()
    for send in (Send("head", "o"), Send("head", "o"), Send("head", "o", prior=3)):
        step.send(send)
    assert step.sends == [Send("head", "o"), Send("head", "o", prior=3)]


def test_a_stored_entry_weighs_what_it_and_its_body_have_in_bytes() -> None:
    stored = Stored(b"e" * 40, b"l" * 32, b"s" * 32, b"b" * 7)
    assert stored.size_bytes == 47
    assert (stored.item.entry, stored.item.salt, stored.item.body) == (stored.entry, stored.salt, stored.body)


def test_seconds_are_whole() -> None:
    assert Now(1999, 0.0).wall_s == 1
