"""HELLO, freshness, pacing, presence and refusals: what holds one line together."""

import msgspec
import pytest

from hotline import limits
from hotline.core import encoding, entry, messages, tree
from hotline.core.checkpoint import Checkpoint
from hotline.core.forks import convicts
from hotline.core.messages import Entries, Fork, Hello, Message, Need, OwnState, SignedHead
from hotline.core.prekeys import prekey_message
from hotline.core.queue import QueuedAnswer
from hotline.errors import CardError
from tests.simulation.liar import Liar
from tests.simulation.suite import NO_KEY
from tests.simulation.world import World


@pytest.fixture
def liar() -> Liar:
    return Liar().meet(1)


def hellos(said: list[Message]) -> list[Hello]:
    return [m for m in said if isinstance(m, Hello)]


# --- two honest stations ------------------------------------------------------------------------------


def idle(world: World, seconds: float) -> list[int]:
    before = [s.hellos for s in world.parties]
    sent = world.net.counts["sent"]
    world.advance(seconds)
    said = [s.hellos - n for s, n in zip(world.parties, before, strict=True)]
    assert world.net.counts["sent"] - sent == sum(said), "an idle line says nothing but HELLO"
    return said


def test_an_idle_pair_sends_at_most_four_frames_a_minute_each() -> None:
    world = World(3)
    world.advance(60)
    for _ in range(5):
        assert max(idle(world, 600)) <= 40


def test_replacing_prekeys_hourly_keeps_the_line_silent_and_working() -> None:
    world = World(3)
    world.advance(60)
    assert max(idle(world, 4 * limits.PREKEY_LIFE_S)) <= 4 * 4 * 60
    world.submit(0)
    assert world.settle() < 2.0
    assert not world.parties[0].rejected + world.parties[1].rejected


def test_one_round_of_hellos_suffices_when_either_or_both_restart() -> None:
    """A peer that held its prekey echoed no more showed none, and the restarted one waited for the next heartbeat."""
    for restarted in ((0,), (1,), (0, 1)):
        for seed in range(10):
            world = World(seed)
            world.advance(40)
            for party in restarted:
                world.crash(party)
            world.advance(0.2)
            for party in (0, 1):
                world.start(party)
            world.submit(0)
            world.submit(1)
            assert world.settle() < 4.0


def test_a_notice_is_stored_at_once_on_a_fair_line() -> None:
    world = World(3)
    world.advance(40)
    world.submit(0, 3)
    assert world.settle() <= 1.5


def test_a_quick_run_of_prompts_makes_one_hello_a_second_at_most(liar: Liar) -> None:
    """Each old frame that was played again used to make a HELLO."""
    old = [liar.sealed(liar.entries(0, 1)) for _ in range(200)]
    liar.restart()
    said = 0
    for data in old:
        liar.victim.receive([data], liar.now_s)
        said += len(hellos(liar.heard() + liar.wait(0.05, 0.05)))
    assert liar.victim.rejected["frame-key"] == 200
    assert said <= 11


# --- HELLO -------------------------------------------------------------------------------------------------


def test_only_a_hello_that_asks_is_answered_and_at_most_five_times_a_second(liar: Liar) -> None:
    assert hellos(liar.say(liar.hello())) == []
    answers = []
    for _ in range(100):
        liar.world.now_s += 0.01
        answers += hellos(liar.say(liar.hello(ask=True)))
    assert 4 <= len(answers) <= 6
    assert all(a.echo == liar.nonce and not a.ask for a in answers)


def test_state_counts_only_with_a_fresh_echo(liar: Liar) -> None:
    (answer,) = hellos(liar.say(liar.hello(echo=b"e" * 16, ask=True, attended=False, mirror=liar.holds(0))))
    assert not answer.ask, "a fresh one is held"
    assert liar.victim.line.peer_attended
    assert liar.victim.line.own.peer_size == 1


def test_a_hello_that_is_not_fresh_does_not_change_the_nonce_that_is_echoed(liar: Liar) -> None:
    liar.say(liar.hello(echo=b"e" * 16, nonce=b"o" * 16))
    liar.notice()
    liar.notice()
    (asked,) = [m for m in liar.say(liar.entries(3, 4)) if isinstance(m, Need)]
    assert asked.echo == liar.nonce


def test_a_side_that_only_answers_renews_its_nonce_so_that_a_hello_held_back_grows_stale(liar: Liar) -> None:
    """The one that never asks kept one nonce: an hour-old `attended` counted as fresh."""
    held_back = liar.sealed(liar.hello(attended=False))
    for _ in range(limits.NONCES + 1):
        liar.world.now_s += limits.HEARTBEAT_S - 1
        liar.say(liar.hello(ask=True))
        liar.world.now_s += 2
        liar.say(liar.hello(ask=True))
    liar.victim.receive([held_back], liar.now_s)
    assert liar.victim.line.peer_attended


def test_a_hello_with_an_improper_prekey_changes_nothing(liar: Liar) -> None:
    message = prekey_message(liar.keys.card.fingerprint, liar.identity.id, 1, NO_KEY)
    prekey = messages.Prekey(NO_KEY, 1, liar.keys.prekey_signer.sign(message, message))
    for bad in (prekey, msgspec.structs.replace(prekey, public=b"k" * 1216)):
        liar.say(liar.hello(prekey=(bad,), attended=False, mirror=liar.holds(0)))
    assert liar.victim.rejected == {"seal-key": 1, "prekey-signature": 1}
    assert liar.victim.line.peer_attended
    assert liar.victim.line.own.peer_size == 1


def test_a_later_generation_is_not_understood(liar: Liar) -> None:
    liar.say(liar.hello(own=OwnState(2, 1, 1)))
    assert liar.victim.rejected == {"generation": 1}


def rules_events(liar: Liar) -> list[str]:
    sql = "SELECT text FROM event WHERE kind IN ('rules-differ', 'rules-agree') ORDER BY seq"
    return [row[0] for row in liar.victim.db._db.execute(sql)]


def test_other_rules_alarm_once_for_each_pair_of_digests_and_name_who_holds_what(liar: Liar) -> None:
    for rules in (b"\xab" * 32, b"\xab" * 32, b"\xcd" * 32, b"\xcd" * 32):
        liar.say(liar.hello(rules=rules))
        assert liar.victim.line.rules_differ
    assert liar.victim.alarms["rules-differ"] == 2
    assert rules_events(liar) == [
        "The rules differ: this station holds the built-in rules, the peer rules abababab.",
        "The rules differ: this station holds the built-in rules, the peer rules cdcdcdcd.",
    ]


def test_rules_that_agree_again_are_told_of_and_may_differ_again(liar: Liar) -> None:
    for rules in (b"\xab" * 32, bytes(32), bytes(32), b"\xab" * 32):
        liar.say(liar.hello(rules=rules))
    assert [text[:16] for text in rules_events(liar)] == ["The rules differ", "Both stations ho", "The rules differ"]
    assert liar.victim.alarms["rules-differ"] == 2


def test_rules_that_change_here_are_shown_to_the_peer_and_compared_at_once(liar: Liar) -> None:
    liar.wait(2)
    line = liar.victim.line
    line.set_rules(b"\xab" * 32, liar.victim.now(liar.now_s))
    liar.victim.due_s = line.next_tick()
    (said,) = hellos(liar.wait(3))
    assert said.rules == b"\xab" * 32
    assert rules_events(liar) == ["The rules differ: this station holds rules abababab, the peer the built-in rules."]
    line.set_rules(bytes(32), liar.victim.now(liar.now_s))
    line.set_rules(bytes(32), liar.victim.now(liar.now_s))
    liar.victim.due_s = line.next_tick()
    liar.wait(3)
    assert rules_events(liar)[1:] == ["Both stations hold the built-in rules again."]
    assert not line.rules_differ


def test_rules_do_not_differ_from_those_of_a_peer_that_was_not_heard() -> None:
    liar = Liar()
    liar.victim.line.set_rules(b"\xab" * 32, liar.victim.now(liar.now_s))
    assert not liar.victim.line.rules_differ


def test_the_genesis_names_the_rules_that_hold_here() -> None:
    liar = Liar()
    liar.victim.line.set_rules(b"\xab" * 32, liar.victim.now(liar.now_s))
    liar.wait(0.5)
    liar.greet()
    (begun,) = liar.victim.view().own.entries(0, 1)
    genesis = entry.decode_content(entry.envelope(begun.entry).content)
    assert isinstance(genesis, entry.Genesis)
    assert genesis.rules == b"\xab" * 32


# --- cards --------------------------------------------------------------------------------------------------


def test_hello_names_the_number_of_the_card_that_the_log_has_brought(liar: Liar) -> None:
    keys = liar.keys.renewed(liar.rng)
    liar.announce(keys.card)
    size = len(liar.log)
    liar.say(liar.entries(size - 1, size), liar.head(size))
    assert liar.victim.line.identity.peer.raw == keys.card.raw
    said = hellos(liar.say(liar.hello(ask=True)))
    assert [h.card_number for h in said] == [2]


def test_the_own_card_is_replaced_by_one_that_carries_on_and_by_no_other(liar: Liar) -> None:
    line, keys = liar.victim.line, liar.victim.keys
    newer = keys.renewed(liar.rng)
    line.set_mine(newer.card)
    line.set_mine(newer.card)
    assert line.identity.mine is newer.card
    for bad in (keys.card, keys.changed_card(number=9, prefix="elsewhere"), keys.changed_card(number=9, officers=())):
        with pytest.raises(CardError):
            line.set_mine(bad)
    assert line.identity.mine is newer.card


# --- presence ------------------------------------------------------------------------------------------------


def test_the_states_of_a_line_are_told_apart(liar: Liar) -> None:
    line, victim = liar.victim.line, liar.victim

    def state(path_up: bool = True) -> str:
        return line.state(victim.now(liar.now_s), path_up)

    assert (state(), state(path_up=False)) == ("attended", "path down")
    liar.say(liar.hello(attended=False))
    assert state() == "peer unattended"
    heard_s = liar.now_s
    liar.wait(limits.PEER_SILENT_S - 1, 1.0)
    assert state() == "peer unattended"
    liar.wait(limits.PEER_SILENT_S + heard_s - liar.now_s + 0.1, 0.1)
    assert state() == "peer silent"
    liar.greet(mirror=messages.MirrorState(1, 9, b"r" * 32, 9, 1))
    assert state() == "stalled"
    line.own.frozen = True
    assert state() == "frozen"


def test_a_peer_that_comes_back_may_be_silent_again(liar: Liar) -> None:
    for _ in range(2):
        liar.wait(limits.PEER_SILENT_S + 1, 1.0)
        assert liar.victim.line.state(liar.victim.now(liar.now_s), path_up=True) == "peer silent"
        liar.greet()
        assert liar.victim.line.state(liar.victim.now(liar.now_s), path_up=True) == "attended"


def test_a_peer_that_is_not_heard_is_asked_three_times_more_within_the_bound_and_then_with_each_heartbeat(
    liar: Liar,
) -> None:
    liar.greet()
    heard_s, asked = liar.now_s, list[float]()
    before = liar.victim.line.freshness.made
    while liar.now_s < heard_s + 100:
        liar.wait(0.1, 0.1)
        if liar.victim.line.freshness.made > before:
            before = liar.victim.line.freshness.made
            asked.append(liar.now_s - heard_s)
    assert asked[0] == pytest.approx(limits.HEARTBEAT_S, abs=0.2)
    assert len([at_s for at_s in asked if at_s < limits.PEER_SILENT_S - 0.5]) == 3
    assert len([at_s for at_s in asked if at_s < limits.PEER_SILENT_S + 2]) == 4
    assert len(asked) <= 7


def test_on_a_slow_line_the_bound_grows_with_the_time_that_answers_take(liar: Liar) -> None:
    line, victim = liar.victim.line, liar.victim
    liar.greet()
    liar.wait(limits.HEARTBEAT_S + 0.5, 0.5)  # it has just asked
    nonce = line.freshness.latest()
    liar.wait(14, 0.5)
    liar.say(liar.hello(echo=nonce, ask=False))
    heard_s = liar.now_s
    liar.wait(limits.HEARTBEAT_S + 27, 0.5)
    assert line.state(victim.now(liar.now_s), path_up=True) != "peer silent"
    liar.wait(heard_s + limits.PEER_SILENT_MOST_S + 1 - liar.now_s, 0.5)
    assert line.state(victim.now(liar.now_s), path_up=True) == "peer silent"


def test_an_officer_who_comes_on_duty_is_told_to_the_peer_at_once(liar: Liar) -> None:
    liar.wait(2)
    now = liar.victim.now(liar.now_s)
    liar.victim.line.set_attended(True, now)
    liar.victim.line.set_attended(True, now)
    liar.victim.due_s = liar.victim.line.next_tick()
    (said,) = hellos(liar.wait(3))
    assert said.attended


@pytest.mark.parametrize("change", ["attended", "rules", "leaves"])
def test_a_change_is_told_at_once_also_where_the_peer_is_heard_before_it_could_be(liar: Liar, change: str) -> None:
    """An answer of the peer puts the next heartbeat off, and tells the peer nothing."""
    liar.wait(2)
    now, line = liar.victim.now(liar.now_s), liar.victim.line
    line.set_attended(change == "leaves", now)
    liar.wait(2)
    now = liar.victim.now(liar.now_s)
    if change == "attended":
        line.set_attended(True, now)
    elif change == "rules":
        line.set_rules(bytes([7]) * 32, now)
    else:
        line.leave(now)
    assert hellos(liar.say(liar.hello(ask=False))) == []
    liar.victim.due_s = line.next_tick()
    (said,) = hellos(liar.wait(3))
    assert (said.attended, said.rules == bytes([7]) * 32) == (change == "attended", change == "rules")


def test_a_relay_that_comes_up_is_used_at_once(liar: Liar) -> None:
    liar.wait(2)
    liar.victim.line.connected(liar.victim.now(liar.now_s))
    liar.victim.due_s = liar.victim.line.next_tick()
    assert len(hellos(liar.wait(1.5))) == 1


def test_the_time_of_an_unsigned_proposal_wakes_the_line(liar: Liar) -> None:
    liar.notice()
    liar.say(liar.entries(2, 3))
    line = liar.victim.line
    assert line.next_tick() <= liar.now_s + limits.UNSIGNED_SHOWN_AFTER_S


# --- NEED ------------------------------------------------------------------------------------------------------


def need(liar: Liar, start: int, end: int) -> list[Message]:
    origin = liar.identity.peer_origin()
    return [m for m in liar.say(Need(origin, start, end, liar.theirs)) if isinstance(m, Entries)]


def test_the_same_range_is_handed_out_twice_a_second_at_most_and_any_range_fifty_times(liar: Liar) -> None:
    liar.submit(40)
    liar.heard()
    assert len(need(liar, 1, 9)) == 1
    assert need(liar, 1, 9) == []
    assert need(liar, 2, 9) == []
    liar.world.now_s += limits.NEED_ANSWER_MIN_S
    assert len(need(liar, 2, 9)) == 1
    liar.world.now_s += limits.NEED_MIN_S
    assert len(need(liar, 2, 9)) == 1
    assert need(liar, 50, 60) == []


def test_a_need_for_what_was_receipted_is_a_loss_only_if_it_was_asked_after_the_receipt(liar: Liar) -> None:
    """A refill can be quicker than the next HELLO: else the sender would never learn that its peer lost data."""
    old = liar.theirs
    assert need(liar, 0, 1) == [], "it may have been asked before it had it"
    assert liar.victim.alarms["peer-lost-data"] == 0
    liar.world.now_s += 4
    liar.victim.tick(liar.now_s)
    liar.heard()
    assert liar.theirs != old, "it is asked again, with a new nonce"
    assert len(need(liar, 0, 1)) == 1
    assert liar.victim.alarms["peer-lost-data"] == 1


def test_a_need_without_a_fresh_echo_or_for_another_log_is_refused(liar: Liar) -> None:
    origin = liar.identity.peer_origin()
    liar.say(Need(origin, 0, 1, b""), Need("hotline/x/1", 0, 1, liar.theirs))
    assert liar.victim.rejected == {"stale": 1, "origin": 1}


def test_held_entries_of_the_asker_are_handed_back_with_its_own_proposal(liar: Liar) -> None:
    (said,) = [m for m in liar.say(Need(liar.identity.my_origin(), 0, 9, liar.theirs)) if isinstance(m, Entries)]
    assert (said.start, said.size, said.echo) == (0, 2, liar.nonce)
    assert said.proposal == liar.entries(0, 2).proposal


# --- refusals of what nobody can read ---------------------------------------------------------------------------


def test_two_stations_that_cannot_read_each_other_stop_refusing(liar: Liar) -> None:
    """Each refusal in an unknown form used to be refused in turn, for ever."""
    for count in range(limits.REFUSALS_OF_UNKNOWN + 40):
        liar.write(entry.seal_envelope(encoding.encode([9, count])))
    size = len(liar.log)
    liar.say(liar.entries(2, size), liar.head(size))
    liar.wait(1)
    assert refused(liar) == limits.REFUSALS_OF_UNKNOWN
    assert liar.victim.alarms["refusals-held"] == 1
    liar.world.now_s += limits.REFUSALS_PERIOD_S
    liar.write(entry.seal_envelope(b"\xc0"))
    liar.say(liar.entries(size, size + 1), liar.head(size + 1))
    liar.wait(1)
    assert refused(liar) == limits.REFUSALS_OF_UNKNOWN + 1


def refused(liar: Liar) -> int:
    view = liar.victim.view()
    queued = [row for row in view.queued(999) if isinstance(row.what, QueuedAnswer)]
    contents = [entry.envelope(s.entry).content for s in view.own.entries(0, view.own.size())]
    return len(queued) + sum(entry.peek_type(c) == entry.REFUSAL for c in contents)


# --- FORK ---------------------------------------------------------------------------------------------------------


def heads(liar: Liar, origin: str, sizes: list[tuple[int, bytes]]) -> list[SignedHead]:
    return [SignedHead(n, root, liar.keys.sign_head(Checkpoint(origin, n, root))) for n, root in sizes]


def fork(liar: Liar) -> Fork:
    """The liar's log signed at 2, and another history at 3."""
    origin = liar.identity.my_origin()
    other = [b"x" * 32, b"y" * 32, b"z" * 32]
    first, second = heads(liar, origin, [(2, tree.root(liar.leaves(2))), (3, tree.root(other))])
    return Fork(origin, first, second, tree.root(other[:2]), tuple(tree.consistency_proof(other, 2, 3)))


def test_a_fork_of_the_peers_log_freezes_it_with_the_evidence_kept(liar: Liar) -> None:
    liar.say(fork(liar))
    liar.say(fork(liar))
    assert liar.frozen() == (False, True)
    assert liar.victim.alarms["fork"] == 1
    assert liar.victim.view().mirror.frozen() == messages.pack(fork(liar))[1]


def test_a_fork_convicts_only_with_both_signatures_and_a_proof_of_another_prefix(liar: Liar) -> None:
    suite, public, good = liar.suite, liar.keys.card.body.log, fork(liar)
    assert convicts(suite, public, good)
    unsigned = msgspec.structs.replace(good.second, signature=b"s" * 2484)
    for bad in (
        msgspec.structs.replace(good, second=unsigned),
        msgspec.structs.replace(good, first=unsigned),
        msgspec.structs.replace(good, prior_root=good.first.root),
        msgspec.structs.replace(good, proof=()),
        msgspec.structs.replace(good, first=good.second, second=good.first),
    ):
        assert not convicts(suite, public, bad)
    liar.say(msgspec.structs.replace(good, origin="hotline/x/1"))
    assert liar.victim.rejected == {"origin": 1}


# --- a later generation -------------------------------------------------------------------------------------------


def test_a_hello_tells_the_generation_and_one_of_another_changes_nothing(liar: Liar) -> None:
    liar.go_on()
    said = hellos(liar.wait(40))
    assert {(h.own.generation, h.mirror.generation) for h in said} == {(2, 2)}
    heard = liar.victim.line.peer_seen_s
    liar.wait(5)
    for changes in ({"own": OwnState(1, 1, 1)}, {"mirror": msgspec.structs.replace(liar.mirror, generation=3)}):
        liar.say(liar.hello(**changes))
    assert liar.victim.rejected["generation"] == 2
    assert liar.victim.line.peer_seen_s == heard


def test_a_log_that_was_frozen_is_followed_by_one_that_is_not(liar: Liar) -> None:
    before = liar.head(2)
    signed = SignedHead(2, tree.root([b"x" * 32, b"y" * 32]), b"")
    cp = Checkpoint(before.origin, 2, signed.root)
    other = msgspec.structs.replace(signed, signature=liar.keys.sign_head(cp))
    liar.say(Fork(before.origin, SignedHead(2, before.root, before.signature), other, other.root, ()))
    assert liar.frozen() == (False, True)
    liar.go_on(1)
    assert liar.frozen() == (False, False)
    assert liar.victim.view().mirror.judged()[0] == 2
