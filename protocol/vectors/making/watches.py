"""Sections 4.6 and 4.7: watches and cards, by their form, in small logs, and in an exported line."""

from __future__ import annotations

from typing import Any

from protocol.vectors.making.entries import Log, envelope, salt_and_body, unpacked
from protocol.vectors.making.exports import exported_line
from protocol.vectors.making.identity import LINE, NORTH, SOUTH, WEST, H, Hybrid, L, armour, line_of, pack
from protocol.vectors.making.judging import judged
from protocol.vectors.making.sink import case, pieces, share
from protocol.vectors.making.tree import leaf

THIRD = ("Third officer", Hybrid("north.officer2"))
STRANGER = (H(L("officer"), WEST.log.public), WEST.log)
FIELDS = ("number", "name", "phone", "prefix", "log", "link", "seal", "address", "officers", "root")
PLACES = dict(zip(FIELDS, (1, 3, 4, 5, 7, 10, 11, 12, 13, 6), strict=True))


def changed(number: int, **fields: Any) -> list[Any]:
    """NORTH's card body with another number and other fields."""
    body = NORTH.body()
    for name, value in {"number": number, **fields}.items():
        body[PLACES[name]] = value
    return body


def officers(*more: tuple[str, Hybrid]) -> list[list[Any]]:
    return [[name, key.public] for name, key in (*NORTH.officers, *more)]


RENEWED = changed(2, officers=officers(THIRD), phone="+00 111 1111")
SIGNED = NORTH.signed_body(RENEWED)
share("north.card2.signature", SIGNED[-2484:])
CARD_2 = share("north.card2", armour(SIGNED))
THIRD_ID = H(L("officer"), THIRD[1].public)


def watch(log: Log, seen: tuple[int, bytes], by: Any = None, relieved: Any = None, **odd: Any) -> bytes:
    """Signed as it should be, but for what is odd."""
    officer, key = by or log.owner.officer()
    before, before_key = relieved or (b"", None)
    random, state, signed_ms = H(b"watch", officer)[:16], odd.get("state", 1), 1_732_700_000_000
    text = odd.get("text", "")
    said = [odd.get("line", LINE), odd.get("owner", log.owner.fp), random, odd.get("signed_state", state)]
    message = L("watch") + pack([*said, officer, before, signed_ms, text])
    signatures = [key.sign(message), before_key.sign(message) if before_key else b""]
    content = pack([*log.common(6, seen), random, state, officer, before, signed_ms, text, *signatures])
    return envelope(content, 5, H(L("body"), bytes(32), b"extra")) if odd.get("bodied") else envelope(content)


def card_entry(log: Log, seen: tuple[int, bytes], number: int, signed: bytes, **odd: Any) -> bytes:
    digest = odd.get("digest", H(L("card-digest"), signed[: -64 - 2420]))
    content = pack([*log.common(7, seen), number, digest])
    salt = H(b"salt of a card")
    return envelope(content, len(signed), H(L("body"), salt, signed)) if signed else envelope(content)


def watch_and_card_cases(north: Log, south: Log) -> None:
    form_cases(north, south)
    judge_watches(north, south)
    judge_cards(north, south)
    judge_what_came_later(north, south)
    export_case(north)


def form_cases(north: Log, south: Log) -> None:
    seen = (4, south.root(4))
    good = watch(north, seen, relieved=NORTH.officer(1), text="Nothing to report.")
    fields = unpacked(good)
    for at, place in enumerate((12, 13)):
        share(f"north.watch.signature{at}", fields[place])
    expect = {"type": 6, "body_size": 0, "state": 1, "officer": fields[8], "relieved": fields[9], "text": fields[11]}
    case("entry:watch", "entry", "4.6", entry=pieces(good), expect=expect)
    announced = card_entry(north, seen, 2, SIGNED)
    case("entry:card", "entry", "4.7", entry=announced, expect={"type": 7, "body_size": len(SIGNED), "number": 2})

    def bad(name: str, at: dict[int, Any], spec: str = "4.6", entry: bytes = good) -> None:
        odd = unpacked(entry)
        for place, value in at.items():
            odd[place] = value
        case(f"entry:{name}", "entry", spec, "content", entry=pieces(envelope(pack(odd))))

    bad("watch-state-2", {7: 2, 9: b"", 13: b""})
    bad("watch-relieves-itself", {9: fields[8]})
    bad("watch-off-relieves", {7: 0})
    bad("watch-relieved-unsigned", {13: b""})
    bad("watch-signature-of-nobody", {9: b""})
    bad("watch-text-257-bytes", {9: b"", 11: "x" * 257, 13: b""})
    bad("watch-unsigned", {9: b"", 12: b"", 13: b""})
    bad("card-number-0", {6: 0}, "4.7", announced)
    bad("card-digest-31-bytes", {7: bytes(31)}, "4.7", announced)


def judge_watches(north: Log, south: Log) -> None:
    seen, second = (4, south.root(4)), NORTH.officer(1)

    def third(name: str, reason: str, entry: bytes) -> None:
        judged(f"watch-{name}", north, [*north.entries[:2], entry], south, {2: reason}, spec="4.6")

    third("on", "", watch(north, seen))
    third("off", "", watch(north, seen, state=0, text="No relief came."))
    third("handed-over", "", watch(north, seen, by=second, relieved=NORTH.officer()))
    third("with-body", "body", watch(north, seen, bodied=True))
    third("by-stranger", "officer", watch(north, seen, by=STRANGER))
    third("relieves-a-stranger", "officer", watch(north, seen, relieved=STRANGER))
    third("forged", "signature", watch(north, seen, by=(NORTH.officer()[0], WEST.log)))
    third("handover-forged", "signature", watch(north, seen, relieved=(second[0], WEST.log)))
    third("off-turned-into-on", "signature", watch(north, seen, signed_state=0))
    third("of-the-other-station", "signature", watch(north, seen, owner=SOUTH.fp))
    third("on-another-line", "signature", watch(north, seen, line=line_of(NORTH, WEST)))
    answers(north, south)


def answers(north: Log, south: Log) -> None:
    """Nobody answers these, nor what begins as one of them, whatever its form."""
    begun = Log(NORTH, SOUTH, 1, north.entries[:1])
    targets = {"watch": watch(begun, (0, H(b""))), "card": card_entry(begun, (0, H(b"")), 1, b"")}
    targets["what-begins-as-an-answer"] = envelope(pack([3, 1, "cut"]))
    for name, target in targets.items():
        other = Log(NORTH, SOUTH, 1, [*north.entries[:1], target])
        said = south.answer(5, 2, (north.origin, 1, leaf(target)), (2, other.root()), by=False)
        judged(f"answer-to-{name}", south, [south.genesis(), said], other, {1: "target"}, spec="4.8")


def judge_cards(north: Log, south: Log) -> None:
    seen = (0, H(b""))
    mine = NORTH.card

    def second(name: str, reason: str, signed: bytes, number: int = 2, card: bytes = mine, **odd: Any) -> None:
        entry = card_entry(north, seen, number, signed, **odd)
        bodies = {"1": pieces(signed)} if signed else {}
        log, invalid = [north.entries[0], entry], {1: reason}
        judged(f"card-{name}", north, log, south, invalid, spec="4.7", bodies=bodies, author_card=card, held_card=mine)

    def odd_card(name: str, **fields: Any) -> None:
        second(name, "card", NORTH.signed_body(changed(2, **fields)))

    second("with-an-officer-more", "", SIGNED, card=CARD_2)
    second("held-again", "", NORTH.signed_body(NORTH.body()), 1)
    second("without-body", "body", b"", digest=bytes(32))
    second("number-differs", "card", SIGNED, 3)
    second("digest-differs", "card", SIGNED, digest=bytes(32))
    second("not-signed", "card", SIGNED[:-1] + bytes([SIGNED[-1] ^ 1]))
    second("is-no-card", "card", b"no card", digest=bytes(32))
    second("signed-by-another-root", "card", pack(RENEWED) + WEST.root.sign(L("card") + pack(RENEWED)))
    second("of-another-station", "card", WEST.signed_body([1, 2, *WEST.body()[2:]]))
    second("of-the-same-number", "card", NORTH.signed_body(changed(1, phone="+00 111 1111")), 1)
    odd_card("lacks-an-officer", officers=officers()[:1])
    odd_card("with-other-prefix", prefix="elsewhere")
    odd_card("with-other-log-key", log=WEST.log.public)
    odd_card("with-other-link-key", link=WEST.link.public)
    odd_card("with-other-seal-key", seal=WEST.seal.public)
    odd_card("with-other-address", address=WEST.address_public)


def judge_what_came_later(north: Log, south: Log) -> None:
    """Officers are certified from the card entry on that brings them."""
    seen, third = (0, H(b"")), (THIRD_ID, THIRD[1])
    log = Log(NORTH, SOUTH, 1, north.entries[:1])
    old = NORTH.signed_body(NORTH.body())
    share("north.card1.signature", old[-2484:])
    first, card_2 = card_entry(log, seen, 1, old), card_entry(log, seen, 2, SIGNED)
    relief = watch(log, seen, by=third, relieved=NORTH.officer())
    released = log.notice(1, seen, by=[(0, 1)], officer=third)
    for at, signature in enumerate([*unpacked(relief)[12:], unpacked(released)[12][0][2]]):
        share(f"north.officer2.signature{at}", signature)

    def shown(name: str, rest: list[bytes], invalid: dict[int, str], about: str = "") -> None:
        bodies = {first: old, card_2: SIGNED}
        at = {str(i): pieces(bodies[entry]) for i, entry in enumerate(rest, 1) if entry in bodies}
        entries, last = [*log.entries, *rest], CARD_2
        judged(f"card-{name}", north, entries, south, invalid, about, "4.7", at, author_card=last, held_card=NORTH.card)

    shown("then-its-officer", [card_2, relief, released], {})
    shown("then-an-older-one", [card_2, first, relief], {})
    about = "The third officer released it before a card that certifies her had come."
    shown("after-its-officer", [first, released, card_2, relief], {2: "release"}, about)
    shown("after-its-watch", [first, relief, card_2], {2: "officer"})


def export_case(north: Log) -> None:
    """Both sides' logs, the owner's newest card, its card entry and a handover to the officer whom it certifies."""
    log, bare = Log(NORTH, SOUTH, 1, north.entries[:1], north.bodies[:1]), Log(SOUTH, NORTH)
    bare.entries.append(bare.genesis())
    bare.bodies.append((b"", b""))
    seen = (0, H(b""))
    log.entries.append(card_entry(log, seen, 2, SIGNED))
    log.bodies.append((H(b"salt of a card"), SIGNED))
    log.entries.append(watch(log, seen, by=(THIRD_ID, THIRD[1]), relieved=NORTH.officer()))
    log.bodies.append((b"", b""))
    log.entries.append(log.notice(1, seen, by=[(0, 1)], officer=(THIRD_ID, THIRD[1])))
    log.bodies.append(salt_and_body(1))
    rows = {NORTH.fp.hex(): {"size": 4, "bodies": 2, "invalid": {}}}
    rows[SOUTH.fp.hex()] = {"size": 1, "bodies": 0, "invalid": {}}
    for at, entry in enumerate(log.entries[1:], 1):
        share(f"north.export.entry{at}", entry)
    files = exported_line(log, bare)
    for stem in (NORTH.fp[:16].hex(), SOUTH.fp[:16].hex()):
        share(f"{stem}.checkpoint", files[f"{stem}.checkpoint"])
    files[f"{NORTH.fp[:16].hex()}.card"] = CARD_2
    case("export:with-a-card-and-a-watch", "export", "9", files=files, expect={"logs": rows})
    name = f"{NORTH.fp[:16].hex()}.entries"
    erased = exported_line(Log(NORTH, SOUTH, 1, log.entries, [(b"", b"")] * 4), bare)[name]
    about = "A card whose body was erased is not judged; the exported one certifies its officers."
    rows[NORTH.fp.hex()]["bodies"] = 0
    case("export:card-erased", "export", "9", files=files | {name: erased}, expect={"logs": rows}, about=about)
