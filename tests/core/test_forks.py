"""When FORKs are shown, and the file that convicts for a third party."""

import random

import pytest

from hotline.core import card as cards
from hotline.core import tree
from hotline.core.checkpoint import Checkpoint, log_messages
from hotline.core.forks import ForkProof, Telling
from hotline.core.identity import origin
from hotline.core.messages import Fork, SignedHead
from hotline.core.step import Now, Send, Step
from hotline.custody.suite import RealSuite
from hotline.errors import HotlineError, MalformedError, SignatureError
from tests.custody.cards import Station

SUITE = RealSuite()
STATION = Station()
CARD = cards.parse(SUITE, STATION.text())
ORIGIN = origin(CARD, bytes(32), 1)
LEAVES = [tree.leaf_hash(bytes([n])) for n in range(7)]
OTHERS = [*LEAVES[:2], *[tree.leaf_hash(bytes([n, n])) for n in range(5)]]


def head(leaves: list[bytes], of: str = ORIGIN) -> SignedHead:
    cp = Checkpoint(of, len(leaves), tree.root(leaves))
    return SignedHead(cp.size, cp.root, STATION.log.sign(*log_messages(cp)))


def fork(first: int = 3, second: int = 7) -> Fork:
    proof = tuple(tree.consistency_proof(OTHERS[:second], first, second))
    return Fork(ORIGIN, head(LEAVES[:first]), head(OTHERS[:second]), tree.root(OTHERS[:first]), proof)


@pytest.mark.parametrize("sizes", [(3, 7), (4, 7), (3, 3), (6, 7)])
def test_a_file_gives_back_what_was_put_into_it_with_any_sizes(sizes: tuple[int, int]) -> None:
    proof = ForkProof(CARD, fork(*sizes))
    assert ForkProof.parse(SUITE, proof.encode()) == proof


def test_no_altered_or_cut_file_is_accepted() -> None:
    whole, rng = ForkProof(CARD, fork()).encode(), random.Random(7)
    cut = [whole[: rng.randrange(len(whole))] for _ in range(50)]
    flipped = [bytes([*whole[:at], whole[at] ^ 1, *whole[at + 1 :]]) for at in rng.sample(range(len(whole)), 150)]
    for data in [*cut, *flipped, b"", whole + b"\n", whole + whole, b"x" * 200_000]:
        with pytest.raises(HotlineError):
            ForkProof.parse(SUITE, data)


def test_two_heads_of_one_history_convict_nobody() -> None:
    proof = tuple(tree.consistency_proof(LEAVES, 3, 7))
    honest = Fork(ORIGIN, head(LEAVES[:3]), head(LEAVES), tree.root(LEAVES[:3]), proof)
    with pytest.raises(SignatureError) as error:
        ForkProof.parse(SUITE, ForkProof(CARD, honest).encode())
    assert error.value.reason == "fork-evidence"


def test_the_card_of_another_station_convicts_nobody() -> None:
    other = cards.parse(SUITE, Station().text())
    with pytest.raises(SignatureError):
        ForkProof.parse(SUITE, ForkProof(other, fork()).encode())


def test_heads_under_an_origin_that_is_not_of_the_cards_owner_convict_nobody() -> None:
    of = ORIGIN.replace(CARD.fingerprint.hex(), "00" * 32)
    alien = Fork(of, head(LEAVES[:3], of), head(OTHERS[:3], of), tree.root(OTHERS[:3]), ())
    with pytest.raises(SignatureError) as error:
        ForkProof.parse(SUITE, ForkProof(CARD, alien).encode())
    assert error.value.reason == "origin"


def test_another_word_above_the_card_is_refused() -> None:
    data = ForkProof(CARD, fork()).encode()
    for changed in (data.replace(b"@v1", b"@v2"), data.replace(b"prior ", b"Prior "), data.replace(b"prior ", b"")):
        with pytest.raises(MalformedError):
            ForkProof.parse(SUITE, changed)


def shown(telling: Telling, origins: list[str], until_s: int) -> list[int]:
    """The seconds at which something was shown."""
    times = []
    for second in range(until_s):
        step = Step()
        telling.tick(origins, Now(0, float(second)), step)
        times += [second] * bool(step.sends)
    return times


def test_a_fork_is_shown_less_and_less_often_and_never_given_up() -> None:
    telling = Telling()
    telling.soon(Now(0, 0.0))
    assert shown(telling, ["a"], 130) == [0, 1, 3, 7, 15, 31, 61, 91, 121]


def test_nothing_is_due_while_no_log_is_frozen_and_at_once_when_one_is() -> None:
    telling = Telling()
    telling.soon(Now(0, 0.0))
    assert shown(telling, [], 60) == []
    assert telling.next_tick([]) is None
    assert telling.next_tick(["a"]) == 0.0
    step = Step()
    telling.tick(["a"], Now(0, 100.0), step)  # who found it has shown it already
    assert (step.sends, telling.next_tick(["a"])) == ([], 101.0)
    telling.tick(["a", "b"], Now(0, 101.0), step)
    assert step.sends == [Send("fork", "a"), Send("fork", "b")]
