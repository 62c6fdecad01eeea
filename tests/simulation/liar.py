"""A party whose keys are right and whose words need not be: what the machine must stand without an honest peer."""

import random
from dataclasses import replace
from typing import Any

import msgspec

from hotline.core import encoding, entry, frame, messages, queue, tree
from hotline.core.card import Card
from hotline.core.checkpoint import Checkpoint
from hotline.core.generation import OTHER
from hotline.core.messages import Entries, Head, Hello, Item, Message, MirrorState, OwnState, Receipt, SignedHead
from hotline.core.queue import Queued
from hotline.core.step import Event
from tests.simulation.station import Station
from tests.simulation.world import World


class _Blind:
    """The oracle of honest pairs has nothing to say here: each test asserts for itself."""

    def head_signed(self, station: Station, cp: Checkpoint) -> None: ...
    def receipt_signing(self, station: Station, cp: Checkpoint, timestamp_s: int) -> None: ...
    def committed(self, station: Station, events: list[Event]) -> None: ...


class Liar:
    """Speaks with the keys of party 1, whose station is dead, to party 0. Keeps a log of its own making."""

    def __init__(self, world: World | None = None) -> None:
        self.world = world or World(1)
        self.world.crash(1)
        dead = self.world.parties[1]
        self.keys, self.identity = dead.keys, dead.identity
        self.victim = self.world.parties[0]
        self.victim._watcher = _Blind()
        self.rng = random.Random(5)
        self.suite = self.keys.crypto.suite(self.rng)
        self._begin()

    def _begin(self) -> None:
        """Nothing is said yet in this generation."""
        self._opener, self.prekey = self.keys.prekey_maker(self.rng, self.identity.id)(1)
        self.nonce = self.rng.randbytes(16)
        self.theirs = b""  # the victim's latest nonce
        self.log: list[bytes] = []
        self.bodies: list[tuple[bytes, bytes]] = []
        self.serial = self.identity.my_serial
        self.mirror = MirrorState(self.identity.generation, 0, tree.EMPTY_ROOT, 0, 0)  # what it claims to hold
        self.signed = 0  # what it claims to have signed

    # --- the wire -----------------------------------------------------------------------------------

    @property
    def now_s(self) -> float:
        return self.world.now_s

    def heard(self) -> list[Message]:
        """What the victim has said since; its frames go no further."""
        found, self.victim.outbox[:] = list(self.victim.outbox), []
        opened = [self._open(data) for data in found]
        for message in opened:
            if isinstance(message, Hello):
                self.theirs = message.nonce
        return opened

    def _open(self, data: bytes) -> Message:
        hello = frame.check_outside(self.suite, self.identity, data) == frame.key_id(self.identity.mine.body.seal)
        opener = self.keys.seal if hello else self._opener
        opened = frame.open_frame(self.suite, self.identity, data, opener, for_hello=hello)
        return messages.unpack(opened.type, opened.payload)

    def sealed(self, message: Message) -> bytes:
        kind, payload = messages.pack(message)
        return self.sealed_raw(kind, payload)

    def sealed_raw(self, kind: int, payload: bytes) -> bytes:
        line = self.victim.line
        public = line.prekeys._own[line.prekeys._newest].prekey.public
        if kind == frame.HELLO:
            public = self.identity.peer.body.seal
        return frame.seal(self.suite, self.identity, self.keys.link, public, kind, payload)

    def say(self, *said: Message) -> list[Message]:
        """One batch to the victim; returns what it answers."""
        self.victim.receive([self.sealed(m) for m in said], self.now_s)
        return self.heard()

    def wait(self, seconds: float, step_s: float = 0.25) -> list[Message]:
        """Let the victim's clock run alone."""
        found, end = [], self.world.now_s + seconds
        while self.world.now_s < end:
            self.world.now_s += step_s
            if self.victim.due_s <= self.world.now_s:
                self.victim.tick(self.world.now_s)
                found += self.heard()
        return found

    # --- words -----------------------------------------------------------------------------------------

    def hello(self, **changes: Any) -> Hello:
        """A HELLO that tells the claims, fresh."""
        seen = self.victim.line.prekeys._newest
        told = Hello(
            self.nonce, self.theirs, False, OwnState(self.identity.generation, len(self.log), self.signed), self.mirror,
            (self.prekey,), seen, True, bytes(32), 1,
        )  # fmt: skip
        return msgspec.structs.replace(told, **changes)

    def greet(self, **changes: Any) -> list[Message]:
        """Ask for a nonce, then tell the claims with it."""
        self.victim.receive([self.sealed(self.hello(echo=b"", ask=True))], self.now_s)
        self.heard()
        self.world.now_s += 1.0
        self.victim.tick(self.now_s)  # only a HELLO of its own brings a nonce that is newer than what it waits for
        self.heard()
        return self.say(self.hello(**changes))

    def write(self, content: bytes, salt: bytes = b"", body: bytes = b"") -> None:
        """Append raw bytes to my log."""
        self.log.append(content)
        self.bodies.append((salt, body))

    def genesis(self) -> None:
        i = self.identity
        self.write(
            entry.seal_envelope(
                encoding.encode(
                    entry.Genesis(
                        1,
                        0,
                        0,
                        tree.EMPTY_ROOT,
                        0,
                        self.rng.randbytes(16),
                        i.me,
                        i.them,
                        i.generation,
                        i.mine.digest,
                        bytes(32),
                    )
                )
            )
        )

    def notice(self, **changes: Any) -> bytes:
        """Append a notice; returns its id."""
        self.serial += 1
        row = self.row(self.rng.randbytes(16))
        fields: dict[str, Any] = {"serial": self.serial, "time_ms": 0, "seen_size": 0, "seen_root": tree.EMPTY_ROOT}
        body = changes.pop("body", row.body)
        row = replace(row, body=body, what=msgspec.structs.replace(row.what, **changes.pop("what", {})))
        self.write(queue.to_entry(row, **(fields | changes)), row.salt, body)
        return row.key

    def announce(self, told: Card, packed: bytes | None = None, **changes: Any) -> None:
        """Append a card entry; `packed` is another body than the card's."""
        body = told.packed if packed is None else packed
        what = queue.QueuedCard(told.body.number, told.digest)
        row = Queued(b"", 0, msgspec.structs.replace(what, **changes), self.rng.randbytes(32), body)
        self.write(queue.to_entry(row, **self._unseen()), row.salt, body)

    def watch(self, what: queue.QueuedWatch) -> None:
        """Append a watch."""
        self.write(queue.to_entry(queue.watch_row(what), **self._unseen()))

    def _unseen(self) -> dict[str, Any]:
        return {"serial": 0, "time_ms": 0, "seen_size": 0, "seen_root": tree.EMPTY_ROOT}

    def row(self, notice_id: bytes) -> Queued:
        what = queue.QueuedNotice(self.identity.them, notice_id, 0, 0, 0, ())
        return queue.notice_row(what, self.rng.randbytes(32), b"words")

    def leaves(self, size: int) -> list[bytes]:
        return [tree.leaf_hash(e) for e in self.log[:size]]

    def checkpoint(self, size: int) -> Checkpoint:
        return Checkpoint(self.identity.my_origin(), size, tree.root(self.leaves(size)))

    def entries(self, start: int, size: int, **changes: Any) -> Entries:
        cp = self.checkpoint(size)
        items = tuple(Item(e, *b) for e, b in zip(self.log[start:size], self.bodies[start:size], strict=True))
        proposal = self.keys.sign_proposal(cp.origin, size, cp.root)
        return msgspec.structs.replace(Entries(cp.origin, start, items, cp.root, proposal, b""), **changes)

    def head(self, size: int, prior: int = 0) -> Head:
        cp = self.checkpoint(size)
        leaves = self.leaves(size)
        proof = tuple(tree.consistency_proof(leaves, prior, size))
        root = tree.root(leaves[:prior]) if prior else b""
        return Head(cp.origin, size, cp.root, self.keys.sign_head(cp), prior, root, proof)

    def signed_head(self, size: int) -> SignedHead:
        h = self.head(size)
        return SignedHead(h.size, h.root, h.signature)

    def receipt(self, size: int, root: bytes | None = None, timestamp_s: int = 5) -> Receipt:
        """My receipt for the victim's log at this size."""
        own = self.victim.line.own.ledger
        cp = Checkpoint(own.origin, size, own.root_at(size) if root is None else root)
        return Receipt(cp.origin, size, cp.root, timestamp_s, self.keys.sign_receipt(cp, timestamp_s))

    def holds(self, size: int, head: int = 0) -> MirrorState:
        """The honest claim of a mirror of so many of the victim's entries."""
        return MirrorState(self.identity.generation, size, self.victim.line.own.ledger.root_at(size), size, head)

    # --- setting the scene ------------------------------------------------------------------------------

    def meet(self, entries: int = 0) -> "Liar":
        """Both logs begun: the victim's genesis receipted, mine sent and signed with so many notices after it."""
        self.wait(0.5)
        self.greet()
        self.say(self.receipt(1))
        self.genesis()
        for _ in range(entries):
            self.notice()
        self.mirror = self.holds(1, 1)
        self.signed = len(self.log)
        self.say(self.entries(0, len(self.log)), self.head(len(self.log)))
        return self

    def go_on(self, entries: int = 0) -> "Liar":
        """Officers of both sides begin the next generation; its logs are begun as in `meet`."""
        dead = self.world.parties[1]
        for station in (self.victim, dead):
            station.close(OTHER, self.now_s)
        self.victim.begin(dead.closings[-1].text())
        dead.begin(self.victim.closings[-1].text())
        dead.die()
        self.identity = dead.identity
        self._begin()
        self.victim.start(self.now_s)
        return self.meet(entries)

    def submit(self, count: int = 1, precedence: int = 0) -> list[bytes]:
        """The victim's client submits; the victim proposes, and is not answered."""
        ids = [self.rng.randbytes(16) for _ in range(count)]
        for notice_id in ids:
            self.victim.submit(self.victim.notice(notice_id, precedence, b"text", False), self.now_s)
        self.victim.tick(self.now_s)
        return ids

    def restart(self) -> None:
        """The victim's process dies and starts again."""
        self.victim.die()
        self.victim.start(self.now_s)

    def tables(self) -> dict[str, int]:
        """How many rows the victim keeps, where a lie could have left one."""
        names = ("entry", "body", "head", "receipt", "intent", "proposal", "displaced", "queue", "inbox", "answer")
        db = self.victim.db._db
        return {t: next(db.execute(f"SELECT count(*) FROM {t}"))[0] for t in names}  # noqa: S608  # fixed names

    def frozen(self) -> tuple[bool, bool]:
        return self.victim.line.own.frozen, self.victim.line.mirror.frozen
