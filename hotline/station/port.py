"""One line inside the engine: its state machine, its view, and the keys that sign for it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from hotline.core import checkpoint
from hotline.core.identity import Line as Identity
from hotline.core.judge import BodyReader
from hotline.core.line import Line
from hotline.core.messages import Prekey
from hotline.core.prekeys import prekey_message
from hotline.core.rebuild import Lost
from hotline.core.step import Event, Now, Send, SignHead, SignReceipt, Step
from hotline.core.suite import Opener, Suite
from hotline.core.view import never_signed
from hotline.custody.generations import Before
from hotline.custody.keyring import Keyring
from hotline.custody.suite import SealKey
from hotline.errors import StoreError
from hotline.home import PeerLine
from hotline.rules import BUILT_IN, Rules, digest_of
from hotline.station.bodies import read_body
from hotline.store.lockfile import LockFile
from hotline.store.store import Store
from hotline.store.views import SqlLine


@dataclass(slots=True)
class Port:
    """Owned by the engine's thread. `alias` is what people here call the peer."""

    alias: str
    machine: Line
    view: SqlLine
    keys: Keyring
    outgoing_topic: str
    incoming_topic: str
    rules: Rules = BUILT_IN
    holding: bool = False  # whether notices are held back, because the rules differ
    pending: list[Send] = field(default_factory=list)
    told: list[Event] = field(default_factory=list)  # what went over from the generation before, to be told once

    @property
    def identity(self) -> Identity:
        """The fixed facts of the line, with the cards that hold now."""
        return self.machine.identity

    @property
    def mine_names(self) -> set[str]:
        """What notices of this station are called by."""
        return {self.identity.mine.body.name}

    @property
    def peer_names(self) -> set[str]:
        """What notices of the peer are called by; our own name is ours, whatever the peer calls itself."""
        return {self.alias, self.identity.peer.body.name} - self.mine_names

    def sign(self, request: SignHead | SignReceipt) -> Step:
        """Sign what was committed and locked, and give the result to the machine."""
        cp = request.checkpoint
        if isinstance(request, SignHead):
            return self.machine.head_signed(cp, self.keys.log.sign(*checkpoint.log_messages(cp)))
        messages = checkpoint.receipt_messages(cp, self.identity.mine.receipt_name, request.timestamp_s)
        return self.machine.receipt_signed(cp, request.timestamp_s, self.keys.receipt.sign(*messages))


def open_port(
    suite: Suite, peer: PeerLine, keys: Keyring, store: Store, locks: LockFile, now: Now,
    *, read: BodyReader = read_body, rules: Rules = BUILT_IN, lost: Lost | None = None,
) -> Port:  # fmt: skip
    """Load a line from the store. The lock file decides whether this store is an old one (SPEC section 7.7).

    With `lost` the line is rebuilt from its peer; a lock file that does not name it is then no sign of a new line.
    """
    identity = keys.line(peer.card, peer.generations.agreed)
    store.carrier.require_latest(identity.pair, identity.generation)
    _require_latest(locks, peer)
    fresh = not store.carrier.begun(identity.id)
    view = store.line(
        identity.id, identity.my_origin(), identity.peer_origin(),
        pair=identity.pair, generation=identity.generation, first=(identity.my_serial, identity.peer_serial),
    )  # fmt: skip
    before = peer.generations.before
    told = _carried_over(store, peer.alias, identity, before) if fresh and before else []
    machine = Line(
        suite,
        identity,
        view,
        locks.lock(identity.id, fresh=lost is None and never_signed(view)),
        link=keys.link,
        log=keys.log,
        receipt=keys.receipt,
        seal=keys.seal,
        make_prekey=lambda created_ms: _prekey(identity, keys, created_ms),
        read_body=read,
        now=now,
        rules=digest_of(rules),
        lost=lost,
    )
    topics = identity.outgoing.topic_id, identity.incoming.topic_id
    return Port(peer.alias, machine, view, keys, *topics, rules, told=told)


def _require_latest(locks: LockFile, peer: PeerLine) -> None:
    """The lock file outlives a database: beside an empty one it tells that what would begin anew is closed."""
    named = locks.generation_with(peer.card.fingerprint)
    if named > peer.generations.number:
        raise StoreError(
            f"{locks.path} names generation {named} of the line with {peer.alias}, of which the files here begin only"
            f" {peer.generations.number}.",
            "Put the folder lines/….generations back as it was: in what is closed nothing is said any more.",
        )


def _carried_over(store: Store, peer: str, identity: Identity, before: Sequence[Before]) -> list[Event]:
    body = identity.mine.body
    told = store.carrier.lacking(identity.id, [each.my_closing.closing for each in before])
    closings, officers = [each.peer_closing.closing for each in before], [officer.id for officer in body.officers]
    return told + store.carrier.carry_over(identity.id, closings, (body.name, peer), officers)


def _prekey(identity: Identity, keys: Keyring, created_ms: int) -> tuple[Opener, Prekey]:
    key = SealKey.generate()
    message = prekey_message(identity.me, identity.id, created_ms, key.public)
    return key, Prekey(key.public, created_ms, keys.prekey_signer.sign_one(message))
