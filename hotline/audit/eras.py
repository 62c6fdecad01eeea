"""The generations of one line, each with what its logs are verified by: line id, cards of then, first serials.

SPEC sections 7.13 and 9.
"""

from dataclasses import dataclass

from hotline.core.card import Card
from hotline.core.generation import Agreed, Closing, ClosingFile, Held, agree
from hotline.errors import CheckFailed, NotFoundError
from hotline.home import PeerLine
from hotline.text import safe


@dataclass(frozen=True, slots=True)
class Era:
    """One generation. A card is None where this home never held it; `begun` says that the next has begun here.

    The serials are those before the first notice of each log. `closing` is our statement about it, if there is one.
    """

    number: int
    line: bytes
    pair: bytes
    mine: Card | None
    peer: Card | None
    my_serial: int
    peer_serial: int
    closing: Closing | None = None
    ended: bool = False

    def first(self, *, mine: bool) -> int:
        """The serial before the first notice of one log."""
        return self.my_serial if mine else self.peer_serial

    def stated(self, *, mine: bool) -> Held | None:
        """Where our statement says that one log has ended."""
        if self.closing is None:
            return None
        return self.closing.own if mine else self.closing.mirror

    def cards(self) -> tuple[Card, Card]:
        """Ours and the peer's. NotFoundError if one is not here: nothing of it can be verified then, or shown."""
        if self.mine is None or self.peer is None:
            raise NotFoundError(
                f"The cards of generation {self.number} are not in this home.", "The other side can show that one."
            )
        return self.mine, self.peer


def eras(mine: Card, peer: PeerLine) -> tuple[Era, ...]:
    """All that this home knows of, the oldest first. None while it awaits the peer's statement about the one now."""
    held, found = peer.generations, list[Era]()
    now = Agreed(1, peer.pair, 0, 0)
    for b in held.before:
        mine_said, peer_said = b.my_closing.closing, b.peer_closing.closing
        serials = (now.my_serial, now.peer_serial) if now.line == b.line else (0, 0)
        found.append(Era(b.generation, b.line, peer.pair, b.mine, b.peer, *serials, mine_said, ended=True))
        now = agree(mine_said, peer_said)
    if not held.awaits:
        closing = held.closing.closing if held.closing else None
        found.append(Era(now.generation, now.line, peer.pair, mine, peer.card, now.my_serial, now.peer_serial, closing))
    return tuple(found)


def era_of(mine: Card, peer: PeerLine, number: int | None) -> Era:
    """The generation of this number, the present one if None. NotFoundError if this home knows of none."""
    found = eras(mine, peer)
    chosen = [era for era in found if number in (None, era.number)]
    if chosen:
        return chosen[-1]
    numbers = ", ".join(str(era.number) for era in found) or "none yet"
    which = "any generation" if number is None else f"generation {number}"
    raise NotFoundError(f"The line to {safe(peer.alias)} has not {which} here.", f"The generations here: {numbers}.")


def closings_before(peer: PeerLine, number: int) -> list[ClosingFile]:
    """Both closing files of each generation below `number`, the oldest first; CheckFailed if they are not all here."""
    before = [b for b in peer.generations.before if b.generation < number]
    if [b.generation for b in before] != list(range(1, number)):
        raise CheckFailed(
            "This home was made anew, and has not the closing files of all generations before.",
            "Let the other side export this line: without these files nobody can tell who began the generation.",
        )
    return [file for b in before for file in (b.my_closing, b.peer_closing)]
