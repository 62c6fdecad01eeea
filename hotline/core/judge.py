"""Judging an entry of the peer's log after it is safely stored (SPEC section 4.8).

Nothing here can refuse an entry: the worst that happens is INVALID with a reason, shown to the
officer and answered *cannot process*.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from hotline.core import card as cards
from hotline.core import entry as e
from hotline.core.card import Card
from hotline.core.identity import Line
from hotline.core.ledger import Ledger
from hotline.core.step import Answered, BodyFacts, KeepCard, NoticeContext, Stored, Surface, Watched
from hotline.core.suite import Suite, verify_hybrid
from hotline.core.view import LineView
from hotline.errors import CardError, MalformedError

# Reads a body without ever raising. Without a context, which an entry has that is INVALID already, the rules between
# notices are not judged. What the earlier batches surfaced can be read in the store by then.
BodyReader = Callable[[bytes, NoticeContext | None], BodyFacts]
# What a valid entry brings beside its place in the inbox.
Effect = Answered | Watched | KeepCard

_REFUSAL_VERDICTS = {
    "kind": e.REFUSED_KIND,
    "type": e.REFUSED_KIND,
    "version": e.REFUSED_KIND,
    "envelope": e.REFUSED_MALFORMED,
    "content": e.REFUSED_MALFORMED,
    "notice": e.REFUSED_MALFORMED,
}


# What an honest peer's entry may look like to a station that has lost a part of its own log.
_DOUBTFUL = ("seen", "target", "rule")


@dataclass(frozen=True, slots=True)
class Judgement:
    """One entry judged. `refusal` is the verdict to answer with, or 0."""

    surface: Surface
    effect: Effect | None
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
        self.serial = view.mirror.last_serial()  # the first serial of the generation, where there is no notice yet
        self.size, self.seen_size = view.mirror.judged()
        self.card = line.peer  # the newest that fits, of those enrolled or carried by the log up to here
        self._ids: dict[bytes, int] = {}
        self._began = self.size

    def begin(self) -> None:
        """A new run over entries whose rows are not in the view yet."""
        self._ids = {}
        self._began = self.size

    def judge(self, index: int, stored: Stored, recovered: bool, *, certain: bool) -> Judgement | None:
        """Judge entry `index`, which must be the next one.

        None, and nothing remembered, if it speaks of something that my log has not, and it is not `certain` that
        my log is as the peer knows it; also if it breaks a rule, maybe only because what it refers to was surfaced
        in this run and cannot be read yet: then it is to come first in the next one.
        """
        content: e.AnyContent | None = None
        body: BodyFacts | None = None
        new: Card | None = None
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
        if isinstance(content, e.Notice):
            reason = reason or self._notice(index, content, parts)
            body = self._read(stored.body, None if reason else self._context(index, content))
            reason = reason or body.reason
        elif isinstance(content, e.CardEntry) and not reason:
            new, reason = self._card(content, stored.body)
        elif isinstance(content, e.Watch):
            reason = reason or self._watch(content)
        elif isinstance(content, e.Answer):
            reason = reason or self._answer(content)
        if (unseen or reason in _DOUBTFUL) and not certain:
            return None
        if reason == "rule" and index > self._began:
            return None
        if isinstance(content, e.Notice):
            self.serial = max(self.serial, content.serial)
            self._ids.setdefault(content.id, index)
        self.card = new or self.card
        self.size = index + 1
        surface = self._surface(index, content, body, reason, recovered)
        if isinstance(content, e.Notice) and not reason:
            surface = replace(surface, repeat=bool(self._view.earlier(content.id)))
        effect = None if reason else self._effect(index, content, new)
        return Judgement(surface, effect, self._refusal(stored.entry, reason))

    def _context(self, index: int, notice: e.Notice) -> NoticeContext:
        return NoticeContext(self._mirror.origin, index, notice.id, notice.precedence, notice.mode)

    def _common(self, index: int, content: e.AnyContent, body_bytes: int) -> str:
        if isinstance(content, e.Genesis) != (index == 0):
            return "position"
        if isinstance(content, e.Genesis) and not self._genesis_fits(content):
            return "genesis"
        if isinstance(content, e.WITH_BODY) != (body_bytes > 0):
            return "body"
        return ""

    def _genesis_fits(self, genesis: e.Genesis) -> bool:
        return (genesis.owner, genesis.peer, genesis.generation) == (
            self._line.them, self._line.me, self._line.generation,
        )  # fmt: skip

    def _seen(self, content: e.AnyContent) -> str:
        if content.seen_size < self.seen_size:
            return "seen"
        if not self._own.holds(content.seen_size, content.seen_root) and not self._view.own.frozen():
            return "seen"  # not so where my log is forked: the peer may have seen the other head that I signed
        self.seen_size = content.seen_size
        return ""

    def _notice(self, index: int, notice: e.Notice, parts: e.Envelope) -> str:
        if notice.recipient != self._line.me:
            return "recipient"
        if notice.serial != self.serial + 1:
            return "serial"
        if notice.id in self._ids or self._view.mirror.has_notice(notice.id, index):
            return "duplicate-id"
        if self._view.earlier(notice.id) not in (b"", parts.commitment):
            return "duplicate-id"  # said in an earlier generation, in other words
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
        message = e.release_message(self._line.pair, facts, release.officer, release.role)
        return not self._signed(release.officer, message, release.signature)

    def _signed(self, officer_id: bytes, message: bytes, signature: bytes) -> str:
        """Why an officer's signature does not count, or an empty string."""
        officer = self.card.officer(officer_id)
        if officer is None:
            return "officer"
        return "" if verify_hybrid(self._suite, officer.public, message, signature) else "signature"

    def _answer(self, answer: e.Answer) -> str:
        if not self._target_fits(answer):
            return "target"
        if not answer.officer:
            return ""
        message = e.answer_message(
            e.type_of(answer), self._line.id, self._own.origin, answer.target, answer.target_leaf,
            answer.verdict, answer.text, answer.officer,
        )  # fmt: skip
        return self._signed(answer.officer, message, answer.signature)

    def _target_fits(self, answer: e.Answer) -> bool:
        """Nothing but notices is answered, and what is of no known type may be, by a refusal."""
        if answer.target >= self._own.size:
            return False
        (target,) = self._view.own.entries(answer.target, answer.target + 1)
        return target.leaf == answer.target_leaf and not e.unanswerable(target.entry)

    def _watch(self, watch: e.Watch) -> str:
        """SPEC section 4.6."""
        signed = [(watch.officer, watch.signature), (watch.relieved, watch.relieved_signature)]
        if any(officer and self.card.officer(officer) is None for officer, _ in signed):
            return "officer"
        message = e.watch_message(
            self._line.id, self._line.them, watch.random, watch.state, watch.officer, watch.relieved,
            watch.signed_ms, watch.text,
        )  # fmt: skip
        return next((why for who, sig in signed if who and (why := self._signed(who, message, sig))), "")

    def _card(self, announced: e.CardEntry, body: bytes) -> tuple[Card | None, str]:
        """SPEC section 4.7: the card that holds from here on, or None if none does; and the reason of INVALID.

        The held card again, which a peer may say as often as it likes, costs one comparison.
        """
        held = self.card
        if body == held.packed:
            return None, "" if (announced.number, announced.card) == (held.body.number, held.digest) else "card"
        try:
            card = cards.unpack(self._suite, body)
        except CardError:
            return None, "card"
        stated = (card.fingerprint, card.body.number, card.digest)
        if stated != (self._line.them, announced.number, announced.card):
            return None, "card"
        if card.body.number < held.body.number or card.raw == held.raw:
            return None, ""
        return (card, "") if card.carries_on(held) else (None, "card")

    def _effect(self, index: int, content: e.AnyContent | None, new: Card | None) -> Effect | None:
        """What a valid entry brings."""
        if new is not None:
            return KeepCard(self._mirror.origin, index, new.body.number, new.packed)
        if isinstance(content, e.Watch):
            w = content
            return Watched(
                self._mirror.origin, index, w.state, self._name(w.officer), self._name(w.relieved), w.time_ms,
                w.signed_ms, w.text,
            )  # fmt: skip
        return self._answered(index, content) if isinstance(content, e.Answer) else None

    def _answered(self, index: int, answer: e.Answer) -> Answered:
        return Answered(
            self._own.origin, answer.target, e.type_of(answer), index, answer.time_ms,
            answer.verdict, self._name(answer.officer), answer.text,
        )  # fmt: skip

    def _name(self, officer_id: bytes) -> str:
        """What the card calls an officer; empty if it knows none."""
        officer = self.card.officer(officer_id)
        return officer.name if officer else ""

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
        released = (self._name(r.officer) for r in notice.releases if r.role == e.ROLE_RELEASER)
        return tuple(name for name in released if name)

    def _refusal(self, entry: bytes, reason: str) -> int:
        """Only notices and what is of no known type are refused, or two broken stations would refuse for ever."""
        if not reason or e.unanswerable(entry):
            return 0
        return _REFUSAL_VERDICTS.get(reason, e.REFUSED_INVALID)
