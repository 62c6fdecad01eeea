"""Each reason of INVALID (SPEC section 4.8), by the entry that has it, and what is answered."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from hotline.core import encoding, entry, queue, tree
from hotline.core.card import Card
from hotline.core.queue import QueuedAnswer
from hotline.core.step import BodyFacts, NoticeContext
from tests.simulation.keys import Keys, signed_card
from tests.simulation.liar import Liar

GENESIS = 0


def judged(liar: Liar) -> list[str]:
    """Send and sign what is new in the liar's log; return the reasons of the victim's inbox."""
    size = len(liar.log)
    liar.signed = size
    liar.say(liar.entries(liar.victim.line.mirror.ledger.size, size), liar.head(size))
    for _ in range(3):  # what is doubtful waits for the word of the peer
        liar.wait(2.5)
        liar.greet()
    return [row[0] for row in liar.victim.db._db.execute("SELECT reason FROM inbox ORDER BY idx")]


def refusals(liar: Liar) -> list[int]:
    own = liar.victim.view().own
    contents = [entry.decode_content(entry.envelope(s.entry).content) for s in own.entries(0, own.size())]
    queued = [row.what.verdict for row in liar.victim.view().queued(99) if isinstance(row.what, QueuedAnswer)]
    return [c.verdict for c in contents if isinstance(c, entry.Refusal)] + queued


@pytest.fixture
def liar() -> Liar:
    return Liar().meet(1)


def released(liar: Liar, *officers: bytes, role: int = 1) -> dict[str, Any]:
    signature = b"g" * 2484
    return {"what": {"releases": tuple(entry.Release(o, role, signature) for o in officers)}}


NOTICES: dict[str, Callable[[Liar], dict[str, Any]]] = {
    "recipient": lambda liar: {"what": {"recipient": b"x" * 32}},
    "serial": lambda liar: {"serial": 9},
    "seen": lambda liar: {"seen_size": 1, "seen_root": b"x" * 32},
    "release": lambda liar: released(liar, b"o" * 32),
    "kind": lambda liar: {"body": b"unknown kind"},
}


@pytest.mark.parametrize("reason", NOTICES)
def test_a_notice_is_invalid_for_its_first_fault_and_answered_with_a_refusal(liar: Liar, reason: str) -> None:
    liar.notice(**NOTICES[reason](liar))
    assert judged(liar)[-1] == reason
    assert refusals(liar) == [entry.REFUSED_KIND if reason == "kind" else entry.REFUSED_INVALID]
    assert liar.victim.alarms["invalid"] == 1


def test_a_seen_head_may_not_go_back(liar: Liar) -> None:
    root = liar.victim.line.own.ledger.root_at(1)
    liar.notice(seen_size=1, seen_root=root)
    liar.notice()
    assert judged(liar)[-2:] == ["", "seen"]


def test_the_serials_after_a_gap_count_from_the_largest(liar: Liar) -> None:
    liar.notice(serial=9)
    liar.notice(serial=10)
    liar.notice(serial=10)
    assert judged(liar)[-3:] == ["serial", "", "serial"]


def test_the_same_id_again_is_surfaced_as_a_duplicate_within_a_batch_and_after(liar: Liar) -> None:
    first = liar.notice()
    liar.notice(what={"id": first})
    assert judged(liar)[-2:] == ["", "duplicate-id"]
    liar.notice(what={"id": first})
    assert judged(liar)[-1] == "duplicate-id"


def test_releases_verify_only_by_certified_officers_once_each(liar: Liar) -> None:
    row = liar.row(b"i" * 16)
    facts = entry.ReleaseFacts(
        liar.identity.them, b"i" * 16, 0, 0, entry.commitment(row.salt, row.body), len(row.body), 0
    )
    good = liar.keys.release(liar.identity.id, facts)
    bad = msgspec.structs.replace(good, role=2)
    for serial, releases in enumerate([(good,), (good, good), (good, bad)], 2):
        what = msgspec.structs.replace(liar.row(bytes([serial]) * 16).what, releases=releases)
        if serial == 2:
            what = msgspec.structs.replace(what, id=b"i" * 16)
        content = queue.to_entry(
            queue.Queued(b"", 0, what, row.salt, row.body), serial=serial, time_ms=0, seen_size=0,
            seen_root=tree.EMPTY_ROOT,
        )  # fmt: skip
        liar.write(content, row.salt, row.body)
    assert judged(liar)[-3:] == ["", "release", "release"]
    (officers,) = next(liar.victim.db._db.execute("SELECT officers FROM inbox WHERE idx = 2"))
    assert officers == "duty"


RAW = {
    "envelope": b"\x02" + bytes(40),
    "content": entry.seal_envelope(b"\xc0"),
    "type": entry.seal_envelope(encoding.encode([8, 1, 0, 0, tree.EMPTY_ROOT, 0])),
}


@pytest.mark.parametrize("reason", RAW)
def test_an_entry_of_unknown_form_is_stored_shown_and_refused(liar: Liar, reason: str) -> None:
    liar.write(RAW[reason])
    assert judged(liar)[-1] == reason
    assert len(refusals(liar)) == 1


def test_a_content_version_of_the_future_is_told_apart(liar: Liar) -> None:
    row = liar.row(b"i" * 16)
    content = queue.to_entry(row, serial=2, time_ms=0, seen_size=0, seen_root=tree.EMPTY_ROOT)
    inside = entry.decode_content(entry.envelope(content).content)
    later = encoding.encode(msgspec.structs.replace(inside, version=2))
    liar.write(entry.seal_envelope(later, len(row.body), entry.commitment(row.salt, row.body)), row.salt, row.body)
    assert judged(liar)[-1] == "version"
    assert refusals(liar) == [entry.REFUSED_KIND]


def test_a_genesis_stands_at_the_beginning_and_nowhere_else(liar: Liar) -> None:
    liar.genesis()
    assert judged(liar)[-1] == "position"
    assert refusals(liar) == []


def test_a_log_may_begin_with_nothing_but_a_genesis_of_this_line() -> None:
    for first, reason in ((Liar.notice, "position"), (_foreign_genesis, "genesis")):
        liar = Liar()
        liar.wait(0.5)
        liar.greet()
        liar.say(liar.receipt(1))
        first(liar)
        assert judged(liar) == [reason]


def _foreign_genesis(liar: Liar) -> None:
    liar.genesis()
    content = entry.decode_content(entry.envelope(liar.log[0]).content)
    liar.log[0] = entry.seal_envelope(encoding.encode(msgspec.structs.replace(content, generation=2)))


def test_a_notice_without_a_body_and_an_answer_with_one_are_invalid(liar: Liar) -> None:
    row = liar.row(b"i" * 16)
    bare = queue.to_entry(row, serial=2, time_ms=0, seen_size=0, seen_root=tree.EMPTY_ROOT)
    liar.write(entry.seal_envelope(entry.envelope(bare).content))
    assert judged(liar)[-1] == "body"


# --- answers ---------------------------------------------------------------------------------------


def answer(liar: Liar, target: int, **changes: Any) -> None:
    """The liar acknowledges an entry of the victim's log."""
    own = liar.victim.line.own.ledger
    (leaf,) = liar.victim.view().own.leaves(target, target + 1) or [b"l" * 32]
    kind, origin = entry.ACKNOWLEDGEMENT, own.origin
    signature = liar.keys.answer_signature(kind, liar.identity.id, origin, target, leaf, 1)
    what = QueuedAnswer(kind, liar.rng.randbytes(16), target, leaf, 1, "", liar.keys.officer_id, signature)
    what = msgspec.structs.replace(what, **changes)
    row = queue.answer_row(what)
    liar.write(queue.to_entry(row, serial=0, time_ms=0, seen_size=0, seen_root=tree.EMPTY_ROOT))


@pytest.fixture
def answering(liar: Liar) -> Liar:
    liar.submit(1)
    liar.say(liar.receipt(2))
    liar.mirror = liar.holds(2, 2)
    return liar


def test_a_valid_acknowledgement_is_noted_at_the_notice(answering: Liar) -> None:
    answer(answering, 1)
    assert judged(answering)[-1] == ""
    rows = list(answering.victim.db._db.execute("SELECT target, officer FROM answer WHERE mine = 0"))
    assert rows == [(1, "duty")]


@pytest.mark.parametrize(
    ("target", "changes", "reason"),
    [
        (0, {}, "target"),
        (7, {}, "target"),
        (1, {"target_leaf": b"x" * 32}, "target"),
        (1, {"officer": b"x" * 32}, "officer"),
        (1, {"signature": b"x" * 2484}, "signature"),
    ],
)
def test_an_answer_that_does_not_fit_is_shown_and_never_answered(
    answering: Liar, target: int, changes: dict[str, Any], reason: str
) -> None:
    answer(answering, target, **changes)
    assert judged(answering)[-1] == reason
    assert refusals(answering) == []
    assert not list(answering.victim.db._db.execute("SELECT 1 FROM answer WHERE mine = 0"))


def test_a_machine_refusal_needs_no_officer(answering: Liar) -> None:
    answer(answering, 1, type=entry.REFUSAL, verdict=entry.REFUSED_KIND, officer=b"", signature=b"")
    assert judged(answering)[-1] == ""
    assert list(answering.victim.db._db.execute("SELECT officer, verdict FROM answer WHERE mine = 0")) == [("", 1)]


# --- doubt -------------------------------------------------------------------------------------------


def test_what_speaks_of_a_part_of_my_log_that_is_not_there_waits_for_the_word_of_the_peer(answering: Liar) -> None:
    """A restored station used to judge the honest words of its peer INVALID, for good."""
    liar = answering
    liar.notice(seen_size=5, seen_root=b"x" * 32)
    liar.notice(seen_size=5, seen_root=b"x" * 32)
    liar.signed = len(liar.log)
    said = liar.say(liar.entries(2, 4), liar.head(4), liar.hello())
    assert liar.tables()["inbox"] == 2
    assert liar.victim.line.mirror.doubts
    assert liar.victim.line.mirror.next_tick() != 0.0, "it does not spin meanwhile"
    liar.say(liar.hello())
    assert liar.tables()["inbox"] == 2, "an echo of an older nonce proves nothing"
    said = liar.wait(2.5)
    assert said, "it asks"
    liar.say(liar.hello())
    assert liar.tables()["inbox"] == 4
    assert not liar.victim.line.mirror.doubts


# --- watches ---------------------------------------------------------------------------------------------


def watch(liar: Liar, keys: Keys | None = None, *, handover: bool = False, **changes: Any) -> None:
    what = (keys or liar.keys).watch(liar.identity.id, liar.rng.randbytes(16), 1, 77, handover=handover)
    liar.watch(msgspec.structs.replace(what, **changes))


def watches(liar: Liar) -> list[Any]:
    sql = "SELECT state, officer, relieved, signed_ms, text FROM watch WHERE mine = 0"
    return list(liar.victim.db._db.execute(sql))


def test_a_watch_names_the_officer_who_stands_it(liar: Liar) -> None:
    watch(liar)
    assert judged(liar)[-1] == ""
    assert watches(liar) == [(1, "duty", "", 77, "all quiet")]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"officer": b"x" * 32}, "officer"),
        ({"signature": b"x" * 2484}, "signature"),
        ({"text": "other"}, "signature"),
        ({"state": 0}, "signature"),
        ({"signed_ms": 78}, "signature"),
        ({"random": b"x" * 16}, "signature"),
        ({"relieved": b"x" * 32, "relieved_signature": b"x" * 2484}, "officer"),
        ({"relieved": b"x" * 31, "relieved_signature": b"x" * 2484}, "content"),
    ],
)
def test_a_watch_that_does_not_fit_is_shown_and_never_answered(
    liar: Liar, changes: dict[str, Any], reason: str
) -> None:
    watch(liar, **changes)
    assert judged(liar)[-1] == reason
    assert refusals(liar) == []
    assert watches(liar) == []


def test_a_handover_is_signed_by_both(liar: Liar) -> None:
    keys = liar.keys.renewed(liar.rng)
    liar.announce(keys.card)
    watch(liar, keys, handover=True)
    watch(liar, keys, handover=True, relieved_signature=b"x" * 2484)
    assert judged(liar)[-2:] == ["", "signature"]
    assert sorted(watches(liar)) == [(0, "duty", "", 77, ""), (1, "officer 2", "duty", 77, "all quiet")]


# --- cards -----------------------------------------------------------------------------------------------


def kept(liar: Liar) -> list[Any]:
    return list(liar.victim.db._db.execute("SELECT number, packed FROM card WHERE mine = 0"))


def test_a_fitting_card_certifies_officers_from_there_on_and_not_before(liar: Liar) -> None:
    keys = liar.keys.renewed(liar.rng)
    watch(liar, keys)
    liar.announce(keys.card)
    watch(liar, keys)
    assert judged(liar)[-3:] == ["officer", "", ""]
    assert kept(liar) == [(2, keys.card.packed)]
    assert liar.victim.line.identity.peer.body.number == 2


def test_a_card_holds_also_after_a_restart(liar: Liar) -> None:
    keys = liar.keys.renewed(liar.rng)
    liar.announce(keys.card)
    assert judged(liar)[-1] == ""
    liar.restart()
    liar.wait(0.5)
    liar.greet()
    watch(liar, keys)
    assert judged(liar)[-1] == ""
    assert watches(liar) == [(1, "officer 2", "", 77, "all quiet")]


def test_the_held_card_and_older_ones_change_nothing(liar: Liar) -> None:
    first, second = liar.keys.card, liar.keys.renewed(liar.rng).card
    signed_again = liar.keys.changed_card(name=first.body.name)
    for card in (first, signed_again, second, second, first):
        liar.announce(card)
    assert judged(liar)[-5:] == [""] * 5
    assert kept(liar) == [(2, second.packed)]


ODD_CARDS: dict[str, Callable[[Keys], Card]] = {
    "of the same number": lambda keys: keys.changed_card(phone="+2"),
    "without an officer": lambda keys: keys.changed_card(number=2, officers=()),
    "with another prefix": lambda keys: keys.changed_card(number=2, prefix="elsewhere"),
    "with another log key": lambda keys: keys.changed_card(number=2, log=keys.officer.public[:32] + b"x" * 1312),
    "with another address": lambda keys: keys.changed_card(number=2, address=b"a" * 32),
    "of another root": lambda keys: signed_card(keys.log, keys.changed_card(number=2, root=keys.log.public).body),
    "signed by another root": lambda keys: signed_card(keys.log, keys.changed_card(number=2, phone="+2").body),
}


@pytest.mark.parametrize("what", ODD_CARDS)
def test_a_card_that_changes_what_no_log_may_change_is_invalid_and_the_held_one_stays(liar: Liar, what: str) -> None:
    liar.announce(ODD_CARDS[what](liar.keys))
    assert judged(liar)[-1] == "card"
    assert kept(liar) == []
    assert refusals(liar) == []
    assert liar.victim.line.identity.peer.raw == liar.keys.card.raw


@pytest.mark.parametrize("changes", [{"number": 3}, {"card": b"x" * 32}, {"packed": b"x"}, {"packed": b"x" * 9000}])
def test_a_card_entry_that_is_not_as_its_body_is_invalid(liar: Liar, changes: dict[str, Any]) -> None:
    liar.announce(liar.keys.renewed(liar.rng).card, **changes)
    assert judged(liar)[-1] == "card"
    assert kept(liar) == []


def test_a_card_entry_without_a_body_is_invalid(liar: Liar) -> None:
    liar.announce(liar.keys.card)
    liar.log[-1] = entry.seal_envelope(entry.envelope(liar.log[-1]).content)
    liar.bodies[-1] = b"", b""
    assert judged(liar)[-1] == "body"


def test_a_card_of_a_number_that_its_entry_does_not_state_is_invalid_also_if_it_is_held(liar: Liar) -> None:
    liar.announce(liar.keys.card, number=7)
    assert judged(liar)[-1] == "card"


def test_nobody_answers_a_watch_or_a_card(liar: Liar) -> None:
    """The victim's own ones: an answer to them has no target."""
    liar.victim.watch(liar.victim.keys.watch(liar.identity.id, b"w" * 16, 1, 1, handover=False), liar.now_s)
    liar.victim.renew_card(liar.victim.keys.renewed(liar.rng), liar.now_s)
    liar.victim.tick(liar.now_s)
    liar.heard()
    liar.say(liar.receipt(3))
    liar.mirror = liar.holds(3, 3)
    for target in (1, 2):
        answer(liar, target, type=entry.REFUSAL, verdict=entry.REFUSED_KIND, officer=b"", signature=b"")
    assert judged(liar)[-2:] == ["target", "target"]


# --- rules between notices ---------------------------------------------------------------------------------


def ruled(liar: Liar, broken: Callable[[NoticeContext], bool]) -> list[NoticeContext | None]:
    """The victim's reader finds that notices break a rule; returns what it is asked about."""
    asked: list[NoticeContext | None] = []

    def read(_: bytes, context: NoticeContext | None) -> BodyFacts:
        asked.append(context)
        return BodyFacts("ruled", "", "rule" if context is not None and broken(context) else "")

    liar.victim.line.mirror._judge._read = read
    return asked


def test_a_notice_that_breaks_a_rule_waits_until_it_is_certain_what_it_refers_to(liar: Liar) -> None:
    asked = ruled(liar, lambda context: context.index == 2)
    liar.notice()
    liar.notice()
    liar.say(liar.entries(2, 4), liar.head(4))
    assert liar.victim.line.mirror.doubts
    assert liar.tables()["inbox"] == 2
    assert judged(liar)[-2:] == ["rule", ""], "nothing was remembered: the next serial is as it should be"
    assert refusals(liar) == [entry.REFUSED_INVALID]
    assert asked[0] == NoticeContext(liar.identity.my_origin(), 2, asked[0].id, 0, 0) if asked[0] else False


def test_a_notice_is_judged_by_the_rules_only_once_all_before_it_is_in_the_store(liar: Liar) -> None:
    """What it refers to may have come in the same batch: nothing says INVALID of it, and nobody is asked."""
    db = liar.victim.db._db
    ruled(liar, lambda context: next(db.execute("SELECT count(*) FROM inbox"))[0] < context.index)
    for _ in range(3):
        liar.notice()
    size = len(liar.log)
    liar.say(liar.entries(2, size), liar.head(size))
    said = liar.wait(0.3, 0.05)
    assert liar.tables()["inbox"] == size
    assert not said
    assert liar.victim.alarms["invalid"] == 0


def test_a_rule_is_judged_anew_in_the_next_batch_also_where_all_else_is_certain(liar: Liar) -> None:
    db = liar.victim.db._db
    ruled(liar, lambda context: next(db.execute("SELECT count(*) FROM inbox"))[0] < context.index)
    liar.notice(seen_size=5, seen_root=b"x" * 32)
    liar.notice()
    liar.notice()
    assert judged(liar)[-3:] == ["seen", "", ""]


def test_no_rule_is_asked_of_a_notice_that_is_invalid_already(liar: Liar) -> None:
    asked = ruled(liar, lambda _: True)
    liar.notice(serial=9)
    assert judged(liar)[-1] == "serial"
    assert set(asked) == {None}


# --- a later generation -------------------------------------------------------------------------------------------


class Again:
    """A peer whose first notices were surfaced in generation 1, and that begins generation 2 with an empty log."""

    def __init__(self, *first: dict[str, Any]) -> None:
        self.liar = Liar().meet()
        for changes in first:
            self.liar.notice(**changes)
        judged(self.liar)
        self.said = list(zip(self.liar.log, self.liar.bodies, strict=True))
        self.liar.go_on()

    def say(self, index: int, *, body: bytes = b"", **changes: Any) -> None:
        """The notice that had this index, under the next serial, with its salt and body or with changes."""
        old, (salt, words) = self.said[index]
        content = entry.decode_content(entry.envelope(old).content)
        row = queue.from_entry(content, salt, body or words)
        assert row is not None
        row = replace(row, what=msgspec.structs.replace(row.what, **changes))
        self.liar.serial += 1
        said = queue.to_entry(row, serial=self.liar.serial, time_ms=0, seen_size=0, seen_root=tree.EMPTY_ROOT)
        self.liar.write(said, row.salt, row.body)

    def shown(self) -> list[tuple[str, int, int]]:
        """Reason, serial and whether it is a repeat, of each notice of generation 2, once all is judged."""
        judged(self.liar)
        sql = "SELECT reason, serial, repeat FROM inbox WHERE log = ? AND type = 2 ORDER BY idx"
        return list(self.liar.victim.db._db.execute(sql, (self.liar.victim.view().mirror.log,)))


def test_a_notice_that_an_earlier_generation_has_shown_is_a_repeat_if_its_words_are_the_same() -> None:
    again = Again({}, {})
    again.say(1)
    again.say(2, body=b"other words")
    again.liar.notice()
    assert again.shown() == [("", 3, 1), ("duplicate-id", 4, 0), ("", 5, 0)]


def test_a_repeat_is_one_once_in_its_generation() -> None:
    again = Again({})
    again.say(1)
    again.say(1)
    assert again.shown() == [("", 2, 1), ("duplicate-id", 3, 0)]


def test_what_was_invalid_in_an_earlier_generation_or_is_now_is_no_repeat() -> None:
    again = Again({"what": {"recipient": b"x" * 32}}, {})
    again.say(1, recipient=again.liar.identity.them)
    again.say(2, releases=(entry.Release(b"o" * 32, 1, b"g" * 2484),))
    assert again.shown() == [("", 3, 0), ("release", 4, 0)]


def test_a_repeat_stays_one_in_the_generation_after() -> None:
    again = Again({})
    again.say(1)
    assert again.shown() == [("", 2, 1)]
    again.liar.go_on()
    again.say(1)
    assert again.shown() == [("", 3, 1)]


def test_serials_go_on_where_the_generation_before_has_ended() -> None:
    again = Again({}, {}, {})
    again.liar.notice(serial=1)
    again.liar.notice(serial=4)
    assert again.shown() == [("serial", 1, 0), ("", 4, 0)]


class SameGenesis(Liar):
    """Begins each generation with the genesis of the first."""

    first = b""

    def genesis(self) -> None:
        if self.first:
            self.write(self.first)
            return
        super().genesis()
        self.first = self.log[0]


def test_a_genesis_of_another_generation_is_invalid() -> None:
    liar = SameGenesis().meet()
    assert judged(liar)[-1] == ""
    liar.go_on()
    assert judged(liar)[-1] == "genesis"


def test_a_release_of_generation_1_holds_in_generation_2_and_an_answer_does_not() -> None:
    """Releases name the pair of stations, answers the log in which their target stands."""
    liar = Liar().meet(1)
    row = liar.row(b"i" * 16)
    body = (len(row.body), entry.commitment(row.salt, row.body))
    facts = entry.ReleaseFacts(liar.identity.them, b"i" * 16, 0, 0, body[1], body[0], 0)
    good, old = liar.keys.release(liar.identity.pair, facts), liar.identity
    leaf = liar.victim.view().own.leaves(0, 1)[0]
    liar.go_on()
    what = queue.QueuedNotice(liar.identity.them, b"i" * 16, 0, 0, 0, (good,))
    liar.serial += 1
    row = replace(row, what=what)
    content = queue.to_entry(row, serial=liar.serial, time_ms=0, seen_size=0, seen_root=tree.EMPTY_ROOT)
    liar.write(content, row.salt, row.body)
    assert judged(liar)[-1] == ""
    (officers,) = next(liar.victim.db._db.execute("SELECT officers FROM inbox WHERE id = ?", (b"i" * 16,)))
    assert officers == "duty"
    liar.submit(1)
    liar.say(liar.receipt(2))
    liar.mirror = liar.holds(2, 2)
    (now,) = liar.victim.view().own.leaves(1, 2)
    for line, origin, target in (
        (old.id, old.peer_origin(), leaf),
        (liar.identity.id, liar.identity.peer_origin(), now),
    ):
        signature = liar.keys.answer_signature(entry.ACKNOWLEDGEMENT, line, origin, 1, target, 1)
        said = queue.QueuedAnswer(
            entry.ACKNOWLEDGEMENT, liar.rng.randbytes(16), 1, now, 1, "", liar.keys.officer_id, signature
        )
        root = liar.victim.line.own.ledger.root_at(2)
        liar.write(queue.to_entry(queue.answer_row(said), serial=0, time_ms=0, seen_size=2, seen_root=root))
    assert judged(liar)[-2:] == ["signature", ""]
