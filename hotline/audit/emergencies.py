"""Re-reading the emergency texts of a line: what is listed is what an officer signed (SPEC section 7.11)."""

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


def emergency_faults(archive: Archive, line: bytes, mine: Card, theirs: Card) -> list[str]:
    """What does not hold of the kept emergency texts, both directions; empty if all do."""
    faults = []
    for kept in archive.emergencies(line):
        sender, receiver = (mine, theirs) if kept.mine else (theirs, mine)
        faults += [f"emergency text {kept.id.hex()}: {fault}" for fault in _faults(kept, sender, receiver)]
    return faults


def _faults(kept: KeptEmergency, sender: Card, receiver: Card) -> list[str]:
    try:
        e = messages.unpack(messages.pack_code(Emergency), kept.payload)
    except MalformedError:
        return ["what was signed cannot be read."]
    if not isinstance(e, Emergency) or (e.id, e.time_ms, e.text) != (kept.id, kept.time_ms, kept.text):
        return ["it is listed with other facts than were signed: that row was altered."]
    line, officer = pair_id(sender.fingerprint, receiver.fingerprint), sender.officer(e.officer)
    message = emergency_message(line, sender.fingerprint, e.id, e.time_ms, e.officer, e.text)
    faults = []
    if officer is None or not verify_hybrid(_SUITE, officer.public, message, e.signature):
        faults.append("the officer's signature does not verify.")
    said = seen_message(line, receiver.fingerprint, kept.payload)
    if kept.mine and kept.seen_ms and not verify_hybrid(_SUITE, receiver.body.receipt, said, kept.seen):
        faults.append("the peer's SEEN does not verify.")
    return faults
