"""Verifying an exported line without any home (SPEC section 9): what `hotline verify FOLDER` does.

`protocol/reference.py` does the same with nothing of Hotline; the two are held to the same vectors.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hotline import limits
from hotline.audit.cards import Cards
from hotline.audit.chain import agreed_by
from hotline.audit.held import HeldLine, HeldLog
from hotline.core import card, checkpoint, entry, identity, judge, note, tree
from hotline.core.card import Card
from hotline.core.checkpoint import Checkpoint
from hotline.core.generation import Agreed
from hotline.core.judge import BodyReader
from hotline.core.ledger import Ledger
from hotline.core.step import BodyFacts, Stored
from hotline.custody.suite import RealSuite
from hotline.errors import CardError, HostError, MalformedError, SignatureError

_SUITE = RealSuite()
_STEM_BYTES = 16
# An exported log is read whole; this is some million notices.
FILE_BYTES = 2 * 1024**3


@dataclass(frozen=True, slots=True)
class ExportedLog:
    """One verified log. `invalid` maps an index to the reason of INVALID; `bodies` counts those at hand.

    `watches` and `cards` count the entries of these types. Of a `generation` above 1 the closing files lead to `line`.
    """

    owner: Card
    head: Checkpoint
    timestamp_s: int
    bodies: int
    invalid: dict[int, str]
    watches: int
    cards: int
    line: bytes
    generation: int


def verify_export(folder: Path) -> list[ExportedLog]:
    """Verify the files of `hotline export`; both logs, ordered by owner's fingerprint.

    Raises MalformedError, SignatureError or CardError, naming the file, at the first fault.
    """
    try:
        files = {path.name: _read(path) for path in sorted(folder.iterdir()) if path.is_file()}
    except OSError as e:
        raise HostError(
            f"{folder} cannot be read: {e.strerror}.", "Give the folder that `hotline export` made."
        ) from None
    return verify_files(files, lambda _body, _context: BodyFacts("", "", ""))


def _read(path: Path) -> bytes:
    if path.stat().st_size > FILE_BYTES:
        raise MalformedError(f"{path.name} has more than {FILE_BYTES} bytes.", reason="too-large")
    return path.read_bytes()


def verify_files(files: Mapping[str, bytes], read_body: BodyReader) -> list[ExportedLog]:
    """Verify the same from memory, by file name. `read_body` judges bodies that are at hand.

    The rules between notices are not judged: they rest on what the holder had surfaced, and on both sides' rules.
    """
    first, second = _cards(files)
    begun = agreed_by(files, first, second)
    other = Agreed(begun.generation, begun.line, begun.peer_serial, begun.my_serial)  # as the other side has it
    held = {owner: _entries(files, owner) for owner in (first, second)}
    return [
        _log(files, owner, holder, agreed, held[owner], held[holder], read_body)
        for owner, holder, agreed in ((first, second, begun), (second, first, other))
    ]


def _cards(files: Mapping[str, bytes]) -> list[Card]:
    cards = [card.parse(_SUITE, data, source=name) for name, data in files.items() if name.endswith(".card")]
    if len({c.fingerprint for c in cards}) != 2 or len(cards) != 2:
        raise CardError("An exported line has the cards of its two sides.", "Export the line again.")
    for c in cards:
        if _stem(c) + ".card" not in files:
            raise CardError(f"The card of {c.body.name} is not under its own name.", "Export the line again.")
    return sorted(cards, key=lambda c: c.fingerprint)


def _stem(owner: Card) -> str:
    return owner.fingerprint[:_STEM_BYTES].hex()


def _file(files: Mapping[str, bytes], name: str) -> bytes:
    if name not in files:
        raise MalformedError(f"{name} is missing.", "Export the line again.", reason="file-missing")
    return files[name]


def _entries(files: Mapping[str, bytes], owner: Card) -> list[Stored]:
    name = _stem(owner) + ".entries"
    data, at, found = _file(files, name), 0, []
    while at < len(data):
        parts = []
        for bound in (limits.ENTRY_BYTES, 32, limits.BODY_BYTES):
            size = int.from_bytes(data[at : at + 4], "big")
            if size > bound or at + 4 + size > len(data):
                raise MalformedError(f"{name}: a record at byte {at} is cut short or too long.", reason="record")
            parts.append(data[at + 4 : at + 4 + size])
            at += 4 + size
        found.append(Stored(parts[0], tree.leaf_hash(parts[0]), parts[1], parts[2]))
    return found


def _log(
    files: Mapping[str, bytes], owner: Card, holder: Card, agreed: Agreed,
    entries: list[Stored], others: list[Stored], read_body: BodyReader,
) -> ExportedLog:  # fmt: skip
    """`agreed` as the owner has it."""
    name = _stem(owner) + ".checkpoint"
    origin = identity.origin(owner, agreed.line, agreed.generation)
    cp, timestamp_s = _signed(_file(files, name), name, origin, owner, holder)
    if cp.size != len(entries) or tree.root([s.leaf for s in entries]) != cp.root:
        raise SignatureError(f"{name}: its head is not that of the entries.", reason="root")
    for index, stored in enumerate(entries):
        erased = not stored.body and not stored.salt
        if not erased and not entry.body_fits(stored.entry, stored.salt, stored.body):
            raise SignatureError(f"{name}: the body of entry {index} does not fit its commitment.", reason="commitment")
    invalid = judge_log(owner, holder, agreed, entries, others, read_body)
    kinds = [entry.peek_type(entry.envelope(s.entry).content) for s in entries]
    return ExportedLog(
        owner, cp, timestamp_s, sum(1 for s in entries if s.body), invalid,
        kinds.count(entry.WATCH), kinds.count(entry.CARD), agreed.line, agreed.generation,
    )  # fmt: skip


def _signed(data: bytes, name: str, origin: str, owner: Card, holder: Card) -> tuple[Checkpoint, int]:
    shown = note.Note.parse(data)
    cp, _ = checkpoint.parse_head_note(_SUITE, shown, owner.body.log)
    if cp.origin != origin:
        raise SignatureError(f"{name}: its origin is not that of the cards.", reason="origin")
    timestamp_s, _ = checkpoint.parse_receipt(_SUITE, shown, holder.body.receipt, holder.receipt_name)
    return cp, timestamp_s


def judge_log(
    owner: Card, holder: Card, agreed: Agreed, entries: list[Stored], others: list[Stored], read_body: BodyReader
) -> dict[int, str]:
    """Judge as the holder did, with the holder's whole log known and `owner` as the last card; reasons by index.

    `agreed` is the generation as the owner has it. Ids of earlier generations are not known here, and not judged.
    """
    nothing = identity.Direction(b"", "")
    pair = identity.pair_id(owner.fingerprint, holder.fingerprint)
    facts = identity.Line(
        holder, owner, agreed.line, nothing, nothing, pair, agreed.generation, agreed.peer_serial, agreed.my_serial
    )
    view = HeldLine(HeldLog(others, agreed.peer_serial), HeldLog(entries, agreed.my_serial))
    own = Ledger(facts.my_origin(), view.own)
    mirror = Ledger(facts.peer_origin(), view.mirror)
    judged = judge.Judge(_SUITE, facts, own, mirror, view, read_body)
    judged.begin()
    cards = Cards.of(_SUITE, owner, enumerate(entries))
    found = ((i, _reason(judged, cards, i, s)) for i, s in enumerate(entries))
    return {i: reason for i, reason in found if reason}


def _reason(judged: judge.Judge, cards: Cards, index: int, stored: Stored) -> str:
    """One entry, by the card that held then. A card whose body is not at hand is not judged."""
    judged.card = cards.officers_at(index)
    # `certain`: an exported log of the holder is all that there is to know.
    judgement = judged.judge(index, stored, False, certain=True)
    surface = judgement.surface if judgement else None
    if surface is None or surface.type != entry.CARD or surface.reason not in ("", "card"):
        return surface.reason if surface else ""
    return "" if not stored.body or cards.fits(index) else "card"
