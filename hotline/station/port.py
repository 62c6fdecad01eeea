"""One line inside the engine: its state machine, its view, and the keys that sign for it."""

from dataclasses import dataclass, field

from hotline.core import checkpoint
from hotline.core.identity import Line as Identity
from hotline.core.line import Line
from hotline.core.messages import Prekey
from hotline.core.prekeys import prekey_message
from hotline.core.step import Now, Send, SignHead, SignReceipt, Step
from hotline.core.suite import Opener, Suite
from hotline.core.view import never_signed
from hotline.custody.keyring import Keyring
from hotline.custody.suite import SealKey
from hotline.home import PeerLine
from hotline.station.bodies import read_body
from hotline.store.lockfile import LockFile
from hotline.store.store import Store
from hotline.store.views import SqlLine


@dataclass(slots=True)
class Port:
    """Owned by the engine's thread. `alias` is what people here call the peer."""

    alias: str
    identity: Identity
    machine: Line
    view: SqlLine
    keys: Keyring
    outgoing_topic: str
    incoming_topic: str
    pending: list[Send] = field(default_factory=list)

    def sign(self, request: SignHead | SignReceipt) -> Step:
        """Sign what was committed and locked, and give the result to the machine."""
        cp = request.checkpoint
        if isinstance(request, SignHead):
            return self.machine.head_signed(cp, self.keys.log.sign(*checkpoint.log_messages(cp)))
        messages = checkpoint.receipt_messages(cp, self.identity.mine.receipt_name, request.timestamp_s)
        return self.machine.receipt_signed(cp, request.timestamp_s, self.keys.receipt.sign(*messages))


def open_port(suite: Suite, peer: PeerLine, keys: Keyring, store: Store, locks: LockFile, now: Now) -> Port:
    """Load a line from the store. The lock file decides whether this store is an old one (SPEC section 7.7)."""
    identity = keys.line(peer.card)
    view = store.line(identity.id, identity.my_origin(), identity.peer_origin())
    machine = Line(
        suite,
        identity,
        view,
        locks.lock(identity.id, fresh=never_signed(view)),
        link=keys.link,
        log=keys.log,
        seal=keys.seal,
        make_prekey=lambda created_ms: _prekey(identity, keys, created_ms),
        read_body=read_body,
        now=now,
    )
    return Port(peer.alias, identity, machine, view, keys, identity.outgoing.topic_id, identity.incoming.topic_id)


def _prekey(identity: Identity, keys: Keyring, created_ms: int) -> tuple[Opener, Prekey]:
    key = SealKey.generate()
    message = prekey_message(identity.me, identity.id, created_ms, key.public)
    return key, Prekey(key.public, created_ms, keys.prekey_signer.sign_one(message))
