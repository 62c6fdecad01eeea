"""Generations of a line that this station only reads: what has ended, and what is closed (SPEC section 7.13).

They have no machine: nothing is sent, taken or signed in them. What was said in them stays readable, under the cards
of then.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from hotline.core import identity
from hotline.core.card import Card
from hotline.custody.generations import Generations
from hotline.errors import CallerError, NoticeError
from hotline.home import PeerLine
from hotline.rules import Rules


class Log(Protocol):
    """One of the two logs: where its rows are found."""

    origin: str


class Logs(Protocol):
    """Both."""

    @property
    def own(self) -> Log: ...

    @property
    def mirror(self) -> Log: ...


class Parties(Protocol):
    """Whose line it is, by the cards of this generation."""

    @property
    def mine(self) -> Card: ...

    @property
    def peer(self) -> Card: ...

    @property
    def id(self) -> bytes: ...

    @property
    def pair(self) -> bytes: ...

    @property
    def generation(self) -> int: ...


class Held(Protocol):
    """What showing needs of a generation of a line: a `Port` (the present one), or a `Past`."""

    @property
    def alias(self) -> str: ...

    @property
    def rules(self) -> Rules: ...

    @property
    def identity(self) -> Parties: ...

    @property
    def view(self) -> Logs: ...

    @property
    def mine_names(self) -> set[str]: ...

    @property
    def peer_names(self) -> set[str]: ...


@dataclass(frozen=True, slots=True)
class PastLine:
    """The facts of a generation that has no machine."""

    mine: Card
    peer: Card
    id: bytes
    pair: bytes
    generation: int


@dataclass(slots=True)
class _Log:
    origin: str


@dataclass(frozen=True, slots=True)
class _Logs:
    own: _Log
    mirror: _Log


@dataclass(frozen=True, slots=True)
class Past:
    """One generation. `to_do` says what people do next where it is the present one and closed; else it is empty."""

    alias: str
    identity: PastLine
    rules: Rules = field(repr=False)
    to_do: str = ""

    @property
    def view(self) -> _Logs:
        """Where its rows stand."""
        i = self.identity
        own, mirror = (identity.origin(card, i.id, i.generation) for card in (i.mine, i.peer))
        return _Logs(_Log(own), _Log(mirror))

    @property
    def mine_names(self) -> set[str]:
        """What notices of this station were called by."""
        return {self.identity.mine.body.name}

    @property
    def peer_names(self) -> set[str]:
        """What notices of the peer were called by."""
        return {self.alias, self.identity.peer.body.name} - self.mine_names


def closed(peer: PeerLine, mine: Card, rules: Rules) -> Past:
    """The present generation of a line that is closed."""
    g = peer.generations
    line = PastLine(mine, peer.card, peer.id, peer.pair, g.number)
    return Past(peer.alias, line, rules, _to_do(peer.alias, g))


def ended(peer: PeerLine, rules: Rules) -> list[Past]:
    """The generations before, the oldest first; of those that this home never held there is nothing to read."""
    return [
        Past(peer.alias, PastLine(b.mine, b.peer, b.line, peer.pair, b.generation), rules)
        for b in peer.generations.before
        if b.mine is not None and b.peer is not None
    ]


def _to_do(alias: str, g: Generations) -> str:
    if g.awaits:
        return (
            f"This home was made anew from its root, and has no part in the line yet: get {alias}'s closing file by"
            " hand. What then: `hotline generation --help`."
        )
    return (
        f"Generation {g.number} is closed: nothing is sent or taken. Hand our closing file to {alias} by hand, get"
        f" {alias}'s, stop this station, then: `hotline generation open {alias} FILE`."
    )


def refuse_closed(held: Held) -> CallerError:
    """The error of whoever would say something on a line that is closed."""
    to_do = held.to_do if isinstance(held, Past) else ""
    return CallerError(
        f"The line with {held.alias} is closed: it carries nothing, until its next generation has begun.",
        f"Telephone. {to_do}".rstrip(),
        reason="closed",
    )


def refuse_ended(ref: str, held: Held) -> NoticeError:
    """The error of whoever would answer, or refer to, what was said in a generation that has ended."""
    return NoticeError(
        f"{ref} is of generation {held.identity.generation} of the line with {held.alias}, which has ended: nothing"
        " refers to it any more.",
        "Say in a new notice what still holds.",
        reason="generation",
    )


def of_pair(lines: Mapping[bytes, Held], pair: bytes) -> list[Held]:
    """All generations of one line, the present one first."""
    found = [held for held in lines.values() if held.identity.pair == pair]
    return sorted(found, key=lambda held: -held.identity.generation)


def pairs(lines: Collection[Held]) -> list[bytes]:
    """Each line once, in the order of these."""
    return list(dict.fromkeys(held.identity.pair for held in lines))
