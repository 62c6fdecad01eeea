"""Re-reading the emergency texts of a line: what is listed is what an officer signed (SPEC section 7.11)."""

from collections.abc import Sequence

from hotline.core import messages
from hotline.core.card import Card
from hotline.core.emergency import emergency_message, seen_message
from hotline.core.identity import pair_id
from hotline.core.messages import Emergency
from hotline.core.suite import verify_hybrid
from hotline.custody.suite import RealSuite
from hotline.errors import MalformedError
from hotline.store.archive import Archive
from hotline.store.emergencies import KeptEmergency

_SUITE = RealSuite()


def emergency_faults(archive: Archive, line: bytes, mine: Sequence[Card], theirs: Sequence[Card]) -> list[str]:
    """What does not hold of the kept emergency texts, both directions; empty if all do.

    A text that waits goes over to the next generation as it was signed: so of each side those cards count that were
    held up to now, the newest last.
    """
    faults = []
    for kept in archive.emergencies(line):
        senders, receivers = (mine, theirs) if kept.mine else (theirs, mine)
        faults += [f"emergency text {kept.id.hex()}: {fault}" for fault in _faults(kept, senders, receivers)]
    return faults


def _faults(kept: KeptEmergency, senders: Sequence[Card], receivers: Sequence[Card]) -> list[str]:
    try:
        e = messages.unpack(messages.pack_code(Emergency), kept.payload)
    except MalformedError:
        return ["what was signed cannot be read."]
    if not isinstance(e, Emergency) or (e.id, e.time_ms, e.text) != (kept.id, kept.time_ms, kept.text):
        return ["it is listed with other facts than were signed: that row was altered."]
    sender, receiver = senders[-1].fingerprint, receivers[-1].fingerprint
    pair = pair_id(sender, receiver)
    message = emergency_message(pair, sender, e.id, e.time_ms, e.officer, e.text)
    faults = []
    officers = {o.public for card in senders if (o := card.officer(e.officer)) is not None}
    if not any(verify_hybrid(_SUITE, public, message, e.signature) for public in officers):
        faults.append("the officer's signature does not verify.")
    said, keys = seen_message(pair, receiver, kept.payload), {card.body.receipt for card in receivers}
    if kept.mine and kept.seen_ms and not any(verify_hybrid(_SUITE, key, said, kept.seen) for key in keys):
        faults.append("the peer's SEEN does not verify.")
    return faults
