"""The proof of a fork for a third party: made from our store, and verified with nothing of ours (SPEC section 9.1)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hotline import limits
from hotline.audit.eras import Era, era_of, eras
from hotline.core import messages
from hotline.core.forks import ForkProof
from hotline.core.messages import Fork
from hotline.custody.suite import RealSuite
from hotline.errors import CardError, CheckFailed, HostError, NotFoundError, PeerError, UsageError
from hotline.home import Home, PeerLine
from hotline.store.archive import Archive, ArchivedLog
from hotline.text import safe

Whose = Literal["ours", "theirs"]


@dataclass(frozen=True, slots=True)
class Convicted:
    """Who is convicted of broken custody of a log key, and by which two heads. `fingerprint` is the root's, in hex."""

    owner: str
    fingerprint: str
    phone: str
    origin: str
    sizes: tuple[int, int]
    roots: tuple[str, str]

    @classmethod
    def by(cls, proof: ForkProof) -> "Convicted":
        """What a verified proof says."""
        heads = proof.fork.first, proof.fork.second
        body = proof.card.body
        return cls(
            body.name, proof.card.fingerprint.hex(), body.phone, proof.fork.origin,
            (heads[0].size, heads[1].size), (heads[0].root.hex(), heads[1].root.hex()),
        )  # fmt: skip


def fork_proof(
    home: Home, line: str | None, whose: Whose | None = None, *, generation: int | None = None
) -> tuple[bytes, Convicted]:
    """Return the fork file of a frozen log, and what it says; of the latest generation that has one, if none is named.

    NotFoundError if no log of the line is frozen, UsageError if both are and it is not said which one.
    CheckFailed if what is on disk does not convict.
    """
    peer = one_line(home.require(), line)
    mine = home.card()
    known = eras(mine, peer) if generation is None else (era_of(mine, peer, generation),)
    with Archive.open(home.database_path) as archive:
        for era in reversed(known):
            frozen = [log for log in archive.logs(era.line) if log.frozen and whose in (None, _whose(log))]
            if frozen:
                return _proof(era, frozen)
    raise NotFoundError(f"No log of the line to {safe(peer.alias)} is frozen.", "There is nothing to prove.")


def _proof(era: Era, frozen: list[ArchivedLog]) -> tuple[bytes, Convicted]:
    if len(frozen) > 1:
        raise UsageError("Both logs of this line are frozen.", "Say which one: --whose ours, or --whose theirs.")
    (log,) = frozen
    ours, theirs = era.cards()
    try:
        data = ForkProof(ours if log.mine else theirs, _evidence(log)).encode()
        return data, Convicted.by(ForkProof.parse(RealSuite(), data))
    except PeerError as e:
        raise CheckFailed(
            f"The fork that is kept on disk convicts nobody: {e.what}", "Ask the other side for its fork file."
        ) from None


def one_line(home: Home, line: str | None) -> PeerLine:
    """The line of this name, or the only one; NotFoundError if that is none, or several."""
    lines = [p for p in home.lines() if line is None or p.alias == line]
    if len(lines) == 1:
        return lines[0]
    names = ", ".join(safe(p.alias) for p in home.lines()) or "none yet"
    raise NotFoundError("Which line?" if lines else f"There is no line to {line!r}.", f"The lines here: {names}.")


def verify_fork(file: Path) -> Convicted:
    """Verify a fork file, without any home; CheckFailed if it convicts nobody, HostError if it cannot be read."""
    try:
        with file.open("rb") as f:
            data = f.read(limits.FORK_BYTES + 1)
    except (OSError, ValueError) as e:
        why = e.strerror if isinstance(e, OSError) else "it is no path"
        raise HostError(
            f"{safe(str(file))} cannot be read: {why}.", "Give the file that `hotline fork` made."
        ) from None
    try:
        return Convicted.by(ForkProof.parse(RealSuite(), data))
    except (PeerError, CardError) as e:
        raise CheckFailed(f"{safe(str(file))} convicts nobody: {e.what}", "Ask for the file again.") from None


def _whose(log: ArchivedLog) -> Whose:
    return "ours" if log.mine else "theirs"


def _evidence(log: ArchivedLog) -> Fork:
    kept = messages.unpack(messages.pack_code(Fork), log.frozen)
    if not isinstance(kept, Fork):
        raise CheckFailed("What froze this log is no FORK.", "Run `hotline verify`.")
    return kept
