"""Judging an entry of the peer's log after it is safely stored (SPEC section 4.6).

Nothing here can refuse an entry: the worst that happens is INVALID with a reason, shown to the
officer and answered *cannot process*.
"""

from collections.abc import Callable
from dataclasses import dataclass

from hotline.core import entry as e
from hotline.core.identity import Line
from hotline.core.ledger import Ledger
from hotline.core.step import Answered, BodyFacts, Stored, Surface
from hotline.core.suite import Suite, verify_hybrid
from hotline.core.view import LineView
from hotline.errors import MalformedError

BodyReader = Callable[[bytes], BodyFacts]

_UNANSWERABLE = (e.GENESIS, e.OPENED, e.ACKNOWLEDGEMENT, e.REFUSAL)
_REFUSAL_VERDICTS = {
    "kind": e.REFUSED_KIND,
    "type": e.REFUSED_KIND,
    "version": e.REFUSED_KIND,
    "envelope": e.REFUSED_MALFORMED,
    "content": e.REFUSED_MALFORMED,
    "notice": e.REFUSED_MALFORMED,
}


# What an honest peer's entry may look like to a station that has lost a part of its own log.
_DOUBTFUL = ("seen", "target")


@dataclass(frozen=True, slots=True)
class Judgement:
    """One entry judged. `refusal` is the verdict to answer with, or 0."""

    surface: Surface
    answered: Answered | None
    refusal: int


class Judge:
    """Judges the mirror's entries in index order; remembers what the next one depends on."""

    def __init__(self, suite: Suite, line: Line, own: Ledger, mirror: Ledger, view: LineView, read: BodyReader) -> None:
        self._suite = suite
        self._line = line
        self._own = own
        self._mirror = mirror
        self._view = view
        self._read = read
        self.serial = view.mirror.last_serial()
        self.size, self.seen_size = view.mirror.judged()
        self._ids: dict[bytes, int] = {}

    def begin(self) -> None:
        """A new run over entries whose rows are not in the view yet."""
        self._ids = {}

    def judge(self, index: int, stored: Stored, recovered: bool, *, certain: bool) -> Judgement | None:
        """Judge entry `index`, which must be the next one.

        None, and nothing remembered, if it speaks of something that my log has not, and it is not `certain` that
        my log is as the peer knows it.
        """
        content: e.AnyContent | None = None
        body: BodyFacts | None = None
        unseen = ""
        parts = e.envelope(stored.entry)
        try:
            if not parts.sound:
                raise MalformedError("The envelope is not as specified.", reason="envelope")
            content = e.decode_content(parts.content)
            unseen = self._seen(content)  # also where another reason comes first: it binds the entries after this one
            reason = self._common(index, content, parts.body_bytes) or unseen
        except MalformedError as error:
            reason = error.reason
        if content is not None and not isinstance(content, e.Genesis | e.Notice):
            reason = reason or self._answer(content)
        if (unseen or reason in _DOUBTFUL) and not certain:
            return None
        answered = None
        if isinstance(content, e.Notice):
            body = self._read(stored.body)
            in_order = content.serial == self.serial + 1
            self.serial = max(self.serial, content.serial)
            reason = reason or self._notice(index, content, parts, in_order) or body.reason
            self._ids.setdefault(content.id, index)
        elif content is not None and not isinstance(content, e.Genesis):
            answered = None if reason else self._answered(index, content)
        self.size = index + 1
        return Judgement(
            self._surface(index, content, body, reason, recovered), answered, self._refusal(content, reason)
        )

    def _common(self, index: int, content: e.AnyContent, body_bytes: int) -> str:
        if isinstance(content, e.Genesis) != (index == 0):
            return "position"
        if isinstance(content, e.Genesis) and not self._genesis_fits(content):
            return "genesis"
        if isinstance(content, e.Notice) != (body_bytes > 0):
            return "body"
        return ""

    def _genesis_fits(self, genesis: e.Genesis) -> bool:
        return (genesis.owner, genesis.peer, genesis.generation) == (self._line.them, self._line.me, 1)

    def _seen(self, content: e.AnyContent) -> str:
        if content.seen_size < self.seen_size or not self._own.holds(content.seen_size, content.seen_root):
            return "seen"
        self.seen_size = content.seen_size
        return ""

    def _notice(self, index: int, notice: e.Notice, parts: e.Envelope, in_order: bool) -> str:
        if notice.recipient != self._line.me:
            return "recipient"
        if not in_order:
            return "serial"
        if notice.id in self._ids or self._view.mirror.has_notice(notice.id, index):
            return "duplicate-id"
        facts = e.ReleaseFacts(
            notice.recipient,
            notice.id,
            notice.precedence,
            notice.mode,
            parts.commitment,
            parts.body_bytes,
            notice.expires_s,
        )
        return "" if self._releases_verify(notice, facts) else "release"

    def _releases_verify(self, notice: e.Notice, facts: e.ReleaseFacts) -> bool:
        if len({(r.officer, r.role) for r in notice.releases}) != len(notice.releases):
            return False
        return all(self._release_verifies(r, facts) for r in notice.releases)

    def _release_verifies(self, release: e.Release, facts: e.ReleaseFacts) -> bool:
        officer = self._line.peer.officer(release.officer)
        if officer is None:
            return False
        message = e.release_message(self._line.id, facts, release.officer, release.role)
        return verify_hybrid(self._suite, officer.public, message, release.signature)

    def _answer(self, answer: e.Answer) -> str:
        if not self._target_fits(answer):
            return "target"
        if not answer.officer:
            return ""
        officer = self._line.peer.officer(answer.officer)
        if officer is None:
            return "officer"
        message = e.answer_message(
            e.type_of(answer), self._line.id, self._own.origin, answer.target, answer.target_leaf,
            answer.verdict, answer.text, answer.officer,
        )  # fmt: skip
        return "" if verify_hybrid(self._suite, officer.public, message, answer.signature) else "signature"

    def _target_fits(self, answer: e.Answer) -> bool:
        """Geneses and answers are not answered; what is of no known type may be, by a refusal."""
        if answer.target >= self._own.size:
            return False
        (target,) = self._view.own.entries(answer.target, answer.target + 1)
        kind = e.peek_type(e.envelope(target.entry).content)
        return target.leaf == answer.target_leaf and kind not in _UNANSWERABLE

    def _answered(self, index: int, answer: e.Answer) -> Answered:
        officer = self._line.peer.officer(answer.officer)
        return Answered(
            self._own.origin, answer.target, e.type_of(answer), index, answer.time_ms,
            answer.verdict, officer.name if officer else "", answer.text,
        )  # fmt: skip

    def _surface(
        self, index: int, content: e.AnyContent | None, body: BodyFacts | None, reason: str, recovered: bool
    ) -> Surface:
        origin = self._mirror.origin
        if content is None:
            return Surface(origin, index, 0, 0, reason, recovered)
        kind = e.type_of(content)
        if not isinstance(content, e.Notice):
            return Surface(origin, index, kind, content.time_ms, reason, recovered)
        n = content
        return Surface(
            origin, index, kind, n.time_ms, reason, recovered, n.id, n.serial, n.precedence, n.mode, n.expires_s,
            self._names(n), body,
        )  # fmt: skip

    def _names(self, notice: e.Notice) -> tuple[str, ...]:
        """The certified officers who released it, by name; unknown ones are already the reason of INVALID."""
        released = (r for r in notice.releases if r.role == e.ROLE_RELEASER)
        found = (self._line.peer.officer(r.officer) for r in released)
        return tuple(o.name for o in found if o is not None)

    def _refusal(self, content: e.AnyContent | None, reason: str) -> int:
        """Answers and geneses are never refused, or two broken stations would refuse each other for ever."""
        if not reason or (content is not None and not isinstance(content, e.Notice)):
            return 0
        return _REFUSAL_VERDICTS.get(reason, e.REFUSED_INVALID)
