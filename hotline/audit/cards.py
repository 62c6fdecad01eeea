"""Which card of a log's owner held at which entry, told from the last one and from those that the log carries.

The log does not hold the card with which the line began. So what was signed before the first card entry is verified
by the card of that entry, and what was signed after the last one by the last card of all, which may have come by
courier (SPEC section 9).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from hotline.core import card, entry
from hotline.core.card import Card
from hotline.core.step import Stored
from hotline.core.suite import Suite
from hotline.errors import CardError, MalformedError


@dataclass(frozen=True, slots=True)
class Cards:
    """`last` is the owner's newest card; of those that its log carries, by index, `fitting` lead to it."""

    last: Card
    announced: dict[int, Card]
    fitting: dict[int, Card]

    @classmethod
    def of(cls, suite: Suite, last: Card, entries: Iterable[tuple[int, Stored]]) -> "Cards":
        """Read the card entries whose bodies are at hand."""
        announced, fitting = dict(_announced(suite, last, entries)), dict[int, Card]()
        latest: Card | None = None
        for index, found in announced.items():
            leads = found.raw == last.raw or last.carries_on(found)
            if leads and (latest is None or found.carries_on(latest)):
                fitting[index] = latest = found
        return cls(last, announced, fitting)

    def officers_at(self, index: int) -> Card:
        """The card whose officers may have signed entry `index`."""
        if not self.fitting or index > max(self.fitting):
            return self.last
        return self.held_at(index)

    def held_at(self, index: int) -> Card:
        """The card by which a card entry at `index` is judged."""
        before = [i for i in self.fitting if i < index]
        return self.fitting[max(before) if before else min(self.fitting)] if self.fitting else self.last

    def fits(self, index: int) -> bool:
        """Whether a card entry whose body is at hand is not INVALID for it: it fits, or changes nothing."""
        found, held = self.announced.get(index), self.held_at(index)
        if found is None:
            return False
        return index in self.fitting or found.body.number < held.body.number or found.raw == held.raw


def newest(suite: Suite, enrolled: Card, entries: Iterable[tuple[int, Stored]]) -> Card:
    """The card that holds after these entries, as the holder judges them in order (SPEC section 4.7)."""
    held = enrolled
    for _, found in _announced(suite, enrolled, entries):
        held = found if found.carries_on(held) else held
    return held


def _announced(suite: Suite, owner: Card, entries: Iterable[tuple[int, Stored]]) -> Iterable[tuple[int, Card]]:
    """Cards of this owner that section 3.2 accepts and that are those of their entries."""
    for index, stored in entries:
        if not stored.body or stored.entry[38:39] != bytes([entry.CARD]):  # the type, in an array of less than 16
            continue
        try:
            content = entry.decode_content(entry.envelope(stored.entry).content)
            found = card.unpack(suite, stored.body)
        except (MalformedError, CardError):
            continue
        stated = (owner.body.root, found.body.number, found.digest)
        if isinstance(content, entry.CardEntry) and (found.body.root, content.number, content.card) == stated:
            yield index, found
