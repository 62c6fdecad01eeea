"""Section 4.8: small logs, each with the reasons that judging it must give."""

from __future__ import annotations

from typing import Any

from protocol.vectors.making.entries import TIME_MS, Log, envelope, uuid7
from protocol.vectors.making.identity import NORTH, SOUTH, WEST, H, L, line_of, origin_of, pack
from protocol.vectors.making.sink import SHARED, case, pieces
from protocol.vectors.making.tree import leaf


def judge_cases(north: Log, south: Log) -> None:
    judged("north-log", north, north.entries, south, {2: "type"}, "The third entry is of a type that is unknown here.")
    judged("south-log", south, south.entries, north, {})
    seen = (4, south.root(4))
    stranger = (H(L("officer"), WEST.log.public), WEST.log)
    three, after = north.entries[:2], [*north.entries[:2]]

    def third(name: str, spec: str, reason: str, entry: bytes, about: str = "") -> None:
        judged(name, north, [*three, entry], south, {2: reason}, about, spec)

    third("valid-second-notice", "4.8", "", north.notice(2, seen))
    third("envelope-of-version-2", "4.8", "envelope", b"\x02" + north.entries[1][1:])
    third("content-cut", "4.8", "content", north.entries[1][:-1])
    third("type-reserved", "4.8", "type", envelope(pack([8, 1, TIME_MS, *seen, 0])))
    third("version-2", "4.8", "version", north.notice(2, seen, version=2))
    third("genesis-again", "4.8", "position", north.genesis())
    third("notice-without-body", "4.8", "body", north.notice(2, seen, bodiless=True))
    third("seen-larger-than-log", "4.8", "seen", north.notice(2, (9, seen[1])))
    third("seen-other-root", "4.8", "seen", north.notice(2, (4, south.root(3))))
    third("to-another-recipient", "4.4", "recipient", north.notice(2, seen, recipient=WEST.fp))
    third("serial-gap", "4.4", "serial", north.notice(3, seen))
    third("serial-again", "4.4", "serial", north.notice(1, seen, notice_id=uuid7(77)))
    third("notice-id-again", "4.8", "duplicate-id", north.notice(2, seen, notice_id=uuid7(1)))
    third("released-by-stranger", "4.4", "release", north.notice(2, seen, by=[(0, 1)], officer=stranger))
    third("released-twice", "4.4", "release", north.notice(2, seen, by=[(0, 1), (0, 1)]))
    third("released-on-another-line", "4.4", "release", north.notice(2, seen, by=[(0, 1)], line=line_of(NORTH, WEST)))
    third("released-as-drill", "4.4", "release", north.notice(2, seen, by=[(0, 1)], released_mode=1))
    judged("notice-at-0", north, [north.notice(1, seen)], south, {0: "position"})
    judged("genesis-other-peer", north, [north.genesis(peer=WEST.fp)], south, {0: "genesis"}, spec="4.3")
    judged("genesis-other-generation", north, [north.genesis(generation=2)], south, {0: "genesis"}, spec="4.3")
    after += [north.notice(2, seen), north.notice(3, (1, south.root(1)))]
    judged("seen-backwards", north, after, south, {3: "seen"})
    judge_answers(north, south)


def judge_answers(north: Log, south: Log) -> None:
    seen, target = (3, north.root(3)), (north.origin, 1, leaf(north.entries[1]))
    stranger = (H(L("officer"), WEST.log.public), WEST.log)
    forged = (SOUTH.officer()[0], WEST.log)

    def second(name: str, reason: str, kind: int, verdict: int, target: tuple[str, int, bytes], **odd: Any) -> None:
        entry = south.answer(kind, verdict, target, seen, **odd)
        judged(name, south, [south.entries[0], entry], north, {1: reason}, spec="4.5")

    second("refused-by-machine", "", 5, 3, target, by=False)
    second("refused-by-officer", "", 5, 4, target, text="No.")
    second("answer-with-body", "body", 4, 1, target, bodied=True)
    second("answer-to-nothing", "target", 4, 1, (north.origin, 40, target[2]))
    second("answer-to-other-leaf", "target", 4, 1, (north.origin, 1, bytes(32)))
    second("answer-to-genesis", "target", 4, 1, (north.origin, 0, leaf(north.entries[0])))
    second("answer-by-stranger", "officer", 4, 1, target, officer=stranger)
    second("answer-forged", "signature", 4, 1, target, officer=forged)
    second("refusal-turned-into-another", "signature", 5, 4, target, signed_verdict=1)
    second("answer-of-another-generation", "signature", 4, 1, (origin_of(NORTH, 2), 1, target[2]))
    to_answer = north.answer(4, 1, (south.origin, 1, leaf(south.entries[1])), (4, south.root(4)))
    judged("answer-to-an-answer", north, [*north.entries[:2], to_answer], south, {2: "target"}, spec="4.5")


def judged(
    name: str, log: Log, entries: list[bytes], other: Log, invalid: dict[int, str], about: str = "", spec: str = "4.8",
    bodies: dict[str, Any] | None = None, author_card: bytes = b"", held_card: bytes = b"",
) -> None:  # fmt: skip
    """The expected reasons, entry by entry; empty where the entry is valid. A fault is in the last entry."""
    reasons = [invalid.get(at, "") for at in range(len(entries))]
    own = {"author_card": author_card or log.owner.card, "held_card": held_card or log.owner.card}
    cards = {**own, "holder_card": other.owner.card, "bodies": bodies or {}}
    shown = [one if one in SHARED else pieces(one) for one in entries]
    logs = {"generation": 1, "entries": shown, "other_generation": 1, "other_entries": other.entries}
    fault = reasons[-1]
    case(f"judge:{name}", "judge", spec, fault, **cards, **logs, expect={"reasons": reasons}, about=about)
