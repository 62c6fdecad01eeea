"""What must hold between what one station accepted and what is at the other: the whole judgement, without I/O."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from hotline.api.types import Notice
from tests.chaos.consumer import PAGE
from tests.chaos.sender import Sent


@dataclass
class Verdict:
    """Sentences on what does not hold; ids of the lost and of those that came twice."""

    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not (self.lost or self.twice or self.faults)

    def __add__(self, other: "Verdict") -> "Verdict":
        return Verdict(self.lost + other.lost, self.twice + other.twice, self.faults + other.faults)


def judge_inbox(sent: Sent, inbox: Sequence[Notice]) -> Verdict:
    """The whole inbox of one side against all that the other was given."""
    count = Counter(notice.id for notice in inbox)
    verdict = Verdict(sorted(sent.due - set(count)), [key for key, times in count.items() if times > 1])
    faults = {
        "holds what nobody sent": set(count) - set(sent.attempted),
        "holds INVALID notices": [notice.id for notice in inbox if notice.invalid],
        "has gaps in its serials": [notice.serial for notice in inbox] != list(range(1, len(inbox) + 1)),
        "is not in the order of the log": not _ascends([notice.index for notice in inbox]),
        "has lost the order of submission": not all(_ascends(places) for places in _by_precedence(sent, inbox)),
    }
    verdict.faults = [f"the inbox {what}: {found}" for what, found in faults.items() if found]
    return verdict


def judge_handled(
    handled: Sequence[tuple[int, str]], inbox: Sequence[Notice], crashes: int, shown_again: int = 0
) -> Verdict:
    """What a consumer has handled against the whole inbox, after `crashes` of the consumer and of its station.

    `shown_again` is how many an old backup's cursor shows once more.
    """
    first = dict(reversed(handled))  # seq: id
    verdict = Verdict(twice=surfaced_twice(handled))
    faults = {
        "handled another notice under the same seq": [seq for seq, key in handled if first[seq] != key],
        "did not handle the inbox in its order": list(dict.fromkeys(seq for seq, _ in handled))
        != [notice.seq for notice in inbox],
        "handled other notices than those in the inbox": set(first.items()) ^ {(each.seq, each.id) for each in inbox},
        "handled more again than it had left unconfirmed": len(handled) - len(first) > crashes * PAGE + shown_again,
    }
    verdict.faults = [f"the consumer {what}: {found}" for what, found in faults.items() if found]
    return verdict


def surfaced_twice(handled: Sequence[tuple[int, str]]) -> list[str]:
    """The ids that a consumer was shown as two rows of the inbox."""
    return [key for key, rows in Counter(key for _, key in set(handled)).items() if rows > 1]


def _by_precedence(sent: Sent, inbox: Sequence[Notice]) -> list[list[int]]:
    """Places in the order of submission, apart: FLASH overtakes."""
    place = {key: number for number, key in enumerate(sent.attempted) if key not in sent.unordered}
    arrived = [notice.id for notice in inbox if notice.id in place]
    return [[place[key] for key in arrived if (key in sent.flash) is flash] for flash in (True, False)]


def _ascends(numbers: Sequence[int]) -> bool:
    return all(before < after for before, after in pairwise(numbers))
