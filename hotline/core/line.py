"""One line: both logs, HELLO, freshness, prekeys, the queue and time, joined into one machine (SPEC section 7).

A driver feeds it bytes and time and carries out the steps that come back:

    step = line.receive(frame, now)      one frame from any relay
    step = line.tick(now)                when `next_tick` has come
    step = line.flush(now)               at the end of each batch, once its writes are applied to the view
    step = line.head_signed(…), line.receipt_signed(…)
    frames = line.render(send)           after the commit, for each Send

Every write of a step must be applied to the view before the next call, and committed to disk
before anything else of the step is done. Nothing here reads a clock, draws randomness but
through the suite, or waits.
"""

import hashlib
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from hotline import limits
from hotline.core import entry, frame, messages, queue, tree
from hotline.core.card import Card
from hotline.core.checkpoint import Checkpoint
from hotline.core.emergency import Emergencies
from hotline.core.forks import Telling, convicts
from hotline.core.freshness import Answers, Freshness, Repeats
from hotline.core.identity import Line as Identity
from hotline.core.judge import BodyReader, Judge
from hotline.core.ledger import Ledger
from hotline.core.messages import Emergency, Entries, Fork, Head, Hello, Message, Need, OwnState, Receipt, Seen
from hotline.core.mirror import Mirror
from hotline.core.ownlog import OwnLog
from hotline.core.prekeys import Maker, Prekeys
from hotline.core.rebuild import Lost, Rebuild
from hotline.core.render import Renderer
from hotline.core.step import Enqueue, Event, LockedHead, Now, Send, Step
from hotline.core.suite import HybridSigner, LinkSigner, Opener, Suite
from hotline.core.view import LineView, Lock
from hotline.errors import CardError, ConflictError, MalformedError, SignatureError

# The rules that both sides hold; no rules file is the built-in ones.
BUILT_IN_RULES = bytes(32)
# Reasons of INVALID by which nobody can tell whether the entry is itself a refusal.
UNKNOWN_FORM = ("envelope", "content", "type", "version")


class Line:
    """The state machine of one line, for both directions; it does not know which side it plays."""

    def __init__(
        self,
        suite: Suite,
        identity: Identity,
        view: LineView,
        lock: Lock,
        *,
        link: LinkSigner,
        log: HybridSigner,
        receipt: HybridSigner,
        seal: Opener,
        make_prekey: Maker,
        read_body: BodyReader,
        now: Now,
        rules: bytes = BUILT_IN_RULES,
        lost: Lost | None = None,
    ) -> None:
        self._suite = suite
        self.identity = identity
        self._view = view
        self._link = link
        self._seal = seal
        self._seal_id = frame.key_id(identity.mine.body.seal)
        own = Ledger(identity.my_origin(), view.own)
        mirror = Ledger(identity.peer_origin(), view.mirror)
        self.freshness = Freshness(suite)
        self.own = OwnLog(suite, identity, own, view, lock, self.freshness)
        judge = Judge(suite, identity, own, mirror, view, read_body)
        self.mirror = Mirror(suite, identity, mirror, view, lock, judge)
        self.rebuild = Rebuild(self.own, self.mirror, lost)
        self.prekeys = Prekeys(suite, make_prekey, identity.id, identity.peer)
        self.prekeys.start(now)
        self._forks = Telling()
        self.emergencies = Emergencies(suite, identity, view, receipt, now)
        self._repeats = Repeats()
        self._renderer = Renderer(suite, identity, view, own, mirror, log, self.freshness)
        self.openings = 0  # frames that cost an opening, of any outcome: what a driver budgets
        self.attended = False
        self.peer_attended = False
        self.peer_seen_s: float | None = None  # when the last fresh HELLO came, monotonic
        self.peer_rules: bytes | None = None  # the digest that the peer's latest fresh HELLO told
        self._rules = rules
        self._rules_alarmed: tuple[bytes, bytes] | None = None  # mine and the peer's, while they differ
        self._asks: deque[tuple[int, float]] = deque(maxlen=limits.NONCES)  # number of a nonce, when it was sent
        self._round_s = 0.0  # how long answers take of late
        self._reconnected = False  # since the last fresh HELLO
        self._unsigned_alarmed = False
        self._next_hello_s = now.mono_s
        self._answers = Answers()
        self._last_hello_s: float | None = None
        self._untold = False  # whether my attendance or rules have changed since then
        self._nonce_s: float | None = None
        self._asked = 0  # HELLOs sent since something was learnt from the peer
        self._prompted = False  # the next HELLO was prompted by a frame
        self._prompts = 0  # such HELLOs since something was learnt
        self._prompted_s = now.mono_s  # when the last such one went
        self._refused: deque[float] = deque(maxlen=limits.REFUSALS_OF_UNKNOWN)
        self._served: dict[str, tuple[tuple[int, int], float]] = {}
        self._wake_s: float | None = now.mono_s
        self._boot(now)

    def _boot(self, now: Now) -> None:
        self._pending = Step()
        self._forks.soon(now)
        self.mirror.resume(now)
        self.rebuild.announce(self._pending)
        self.own.start_signing_again(self._pending)

    # --- frames in --------------------------------------------------------------------------------

    def receive(self, data: bytes, now: Now) -> Step:
        """Take one frame; a repeat is an empty step. Raises PeerError, having changed nothing, if any check fails."""
        key_id = frame.check_outside(self._suite, self.identity, data)
        digest = hashlib.sha256(data).digest()
        if digest in self._repeats:
            return Step()
        hello = key_id == self._seal_id
        opener = self._seal if hello else self.prekeys.opener(key_id)
        if opener is None:
            self._prompt_hello(now)
            raise MalformedError("A frame is sealed to a prekey that is no more.", reason="frame-key")
        self.openings += 1
        opened = frame.open_frame(self._suite, self.identity, data, opener, for_hello=hello)
        step = self._dispatch(messages.unpack(opened.type, opened.payload), now)
        self._repeats.add(digest)
        return step

    def knocks(self, data: bytes) -> bool:
        """Whether a frame says that it is sealed to my card's key, as HELLOs are; nothing of it is checked."""
        return data[1 : 1 + frame.KEY_ID_BYTES] == self._seal_id

    def _dispatch(self, message: Message, now: Now) -> Step:
        handlers: dict[type[Message], Callable[..., None]] = {
            Hello: self._on_hello,
            Entries: self._on_entries,
            Receipt: self._on_receipt,
            Head: self._on_head,
            Need: self._on_need,
            Fork: self._on_fork,
            Emergency: self._on_emergency,
            Seen: self._on_seen,
        }
        step = Step()
        try:
            handlers[type(message)](message, now, step)
        except ConflictError as error:
            self._prompt_hello(now)
            if not step.writes and not step.sends:
                raise
            step.write(Event("conflict", f"{error.reason}: {error.what}"))
        return step

    def _on_hello(self, hello: Hello, now: Now, step: Step) -> None:
        fresh = self.freshness.fresh(hello.echo)
        if fresh:
            self._on_fresh(hello, now, step)
        if hello.ask and self._answers.due(fresh=fresh, current=self._current(hello, now), now_s=now.mono_s):
            self._renew_nonce(now)
            step.send(Send("hello", echo=hello.nonce, ask=self._was_away(now)))

    def _current(self, hello: Hello, now: Now) -> bool:
        """Whether a HELLO that is not fresh may come from the process of the peer that now runs.

        One that has just started shows a prekey newer than all before; one that lost touch names a prekey of mine.
        Hardly any that a relay recorded does either.
        """
        if hello.prekey and self._answers.new_prekey(hello.prekey[0].created_ms):
            return True
        return self._was_away(now) and self.prekeys.opener(hello.prekey_seen) is not None

    def _renew_nonce(self, now: Now) -> None:
        """A side that only answers would keep one nonce, and a HELLO held back for hours would count as fresh."""
        if _elapsed(self._nonce_s, now, limits.HEARTBEAT_S):
            self._nonce_s = now.mono_s
            self.freshness.new()

    def _on_fresh(self, hello: Hello, now: Now, step: Step) -> None:
        """State counts only from here on (SPEC section 7.8)."""
        if {hello.own.generation, hello.mirror.generation} != {self.identity.generation}:
            raise MalformedError("The peer speaks of another generation of a log.", reason="generation")
        learnt = self.prekeys.take(hello.prekey, hello.prekey_seen, now)
        self.freshness.peers = hello.nonce
        if learnt or self._reconnected or self._was_away(now):
            self._reconnected = False
            self._answers.learnt(hello.prekey[0].created_ms if hello.prekey else None)
            self.own.hurry(now)
            self.mirror.hurry(now)
            self._forks.soon(now)
            self.emergencies.hurry(now)
        self._note_presence(hello, now, step)
        self.mirror.on_owner(hello.own, now, step)
        before = self.own.in_step
        self.own.on_mirror(hello.mirror, self.freshness.number(hello.echo), now, step)
        if self.own.lock.readable and not self.mirror.lock.readable:
            self.mirror.lock = Lock(True)
        if learnt or before != self.own.in_step:
            self._asked = self._prompts = 0
        pause_s = now.mono_s + self._hello_pause(now)
        self._next_hello_s = min(self._next_hello_s, pause_s) if self._untold else pause_s

    def _was_away(self, now: Now) -> bool:
        """Whether a heartbeat is missing: what was sent meanwhile may all be lost."""
        return (
            self.peer_seen_s is None or now.mono_s - self.peer_seen_s > limits.HEARTBEAT_S + limits.RETRANSMIT_FIRST_S
        )

    def _note_presence(self, hello: Hello, now: Now, step: Step) -> None:
        if self._was_away(now) or self.peer_attended != hello.attended:
            step.write(Event("peer", "attended" if hello.attended else "unattended"))
        if not hello.ask:  # an answer: one that asks may echo a nonce that it has had for long
            answered = self.freshness.number(hello.echo)
            took_s = next((now.mono_s - at_s for number, at_s in self._asks if number == answered), 0.0)
            self._round_s = max(took_s, self._round_s / 2)
        self.peer_seen_s = now.mono_s
        self.peer_attended, self.peer_rules = hello.attended, hello.rules
        self._compare_rules(step)

    def _compare_rules(self, step: Step) -> None:
        """Alarm once for each pair of digests that differ; it never stops the line (DESIGN section 5)."""
        if not self.rules_differ:
            if self._rules_alarmed and self.peer_rules is not None:
                self._rules_alarmed = None
                step.write(Event("rules-agree", f"Both stations hold {_rules_name(self._rules)} again."))
            return
        pair = self._rules, self.peer_rules or BUILT_IN_RULES
        if pair != self._rules_alarmed:
            self._rules_alarmed = pair
            mine, peers = map(_rules_name, pair)
            step.alarm("rules-differ", f"The rules differ: this station holds {mine}, the peer {peers}.")

    def _on_entries(self, e: Entries, now: Now, step: Step) -> None:
        if e.origin == self.mirror.ledger.origin:
            self.mirror.on_entries(e, now, step)
        elif e.origin == self.own.ledger.origin and self.freshness.fresh(e.echo):
            if not self.own.asks:
                raise MalformedError("Entries of my own log, for which I have not asked.", reason="not-asked")
            self.own.adopt(e, now, step)
            if step.writes:
                self._asked = 0
                self._show_hello_soon(now)
        else:
            raise MalformedError("Entries of a log that is not of this line, or not asked for.", reason="origin")

    def _on_receipt(self, receipt: Receipt, now: Now, step: Step) -> None:
        if receipt.origin != self.own.ledger.origin:
            raise MalformedError("A receipt for another log.", reason="origin")
        receipted = self.own.receipted
        self.own.on_receipt(receipt, now, step)
        if self.own.receipted > receipted:
            self._renderer.room.progressed()

    def _on_head(self, head: Head, now: Now, step: Step) -> None:
        if head.origin != self.mirror.ledger.origin:
            raise MalformedError("A head of another log.", reason="origin")
        self.mirror.on_head(head, now, step)

    def _on_need(self, need: Need, now: Now, step: Step) -> None:
        """SPEC section 7.9."""
        if not self.freshness.fresh(need.echo):
            raise MalformedError("A NEED that answers nothing recent.", reason="stale")
        if need.origin not in (self.own.ledger.origin, self.mirror.ledger.origin):
            raise MalformedError("A NEED for another log.", reason="origin")
        if not self._may_serve(need, now):
            return
        if need.origin == self.own.ledger.origin and self.own.restored:
            return  # every frame of it would be a proposal
        if need.origin == self.own.ledger.origin and not self.own.knows_need(
            need.start, self.freshness.number(need.echo), step
        ):
            self._prompt_hello(now)  # with a new nonce: the refill must not hide the loss
            return
        held = self.own.ledger if need.origin == self.own.ledger.origin else self.mirror.ledger
        end = min(need.end, held.size, need.start + limits.WINDOW_ENTRIES)
        if need.start < end:
            step.send(Send("entries", need.origin, need.start, end, echo=self.freshness.peers))

    def _may_serve(self, need: Need, now: Now) -> bool:
        """An answer is a hundred times what asks for it: the same range twice a second, any range fifty times."""
        what = (need.start, need.end)
        served, at_s = self._served.get(need.origin, (None, None))
        if not _elapsed(at_s, now, limits.NEED_MIN_S if served == what else limits.NEED_ANSWER_MIN_S):
            return False
        self._served[need.origin] = (what, now.mono_s)
        return True

    def _on_fork(self, fork: Fork, _: Now, step: Step) -> None:
        """The peer convicts one of the two logs: believed only with both signatures and the demonstration."""
        mine = fork.origin == self.own.ledger.origin
        if not mine and fork.origin != self.mirror.ledger.origin:
            raise MalformedError("A FORK of another log.", reason="origin")
        if fork.origin in self.frozen:
            return  # the first that was kept stays
        owner = self.identity.mine if mine else self.identity.peer
        if not convicts(self._suite, owner.body.log, fork):
            raise SignatureError("A FORK does not convict.", reason="fork-evidence")
        if mine:
            self.own.freeze(fork, step)
        else:
            self.mirror.freeze(fork, step)

    @property
    def frozen(self) -> list[str]:
        """The origins of the logs that are frozen, my own first."""
        return [side.ledger.origin for side in (self.own, self.mirror) if side.frozen]

    def _on_emergency(self, e: Emergency, now: Now, step: Step) -> None:
        """Whatever the state of both logs is (SPEC section 7.11)."""
        self.emergencies.on_emergency(e, self.mirror.card, now, step)

    def _on_seen(self, seen: Seen, _: Now, step: Step) -> None:
        self.emergencies.on_seen(seen, step)

    # --- time and batches ----------------------------------------------------------------------------

    def tick(self, now: Now) -> Step:
        """Do what is due: heartbeat, retransmission, prekeys, alarms."""
        step = Step()
        if self.prekeys.tick(now):
            self._next_hello_s = now.mono_s
        if now.mono_s >= self._next_hello_s:
            self._last_hello_s = self._nonce_s = now.mono_s
            self._untold = False
            if self._prompted:
                self._prompted, self._prompted_s, self._prompts = False, now.mono_s, self._prompts + 1
            self._asked += 1
            self._asks.append((self.freshness.made + 1, now.mono_s))
            self._next_hello_s = now.mono_s + self._hello_pause(now)
            step.send(Send("hello", ask=True))
        jitter = self._suite.random(1)[0] / 127.5 - 1
        tries = self.own.tries
        self.own.tick(now, jitter, step)
        if self.own.tries > tries:
            self._renderer.room.tried(self.own.tries)
        self.mirror.tick(now, step)
        self._forks.tick(self.frozen, now, step)
        self.emergencies.tick(now, step)
        self._watch(now, step)
        return step

    def _hello_pause(self, now: Now) -> float:
        """While something is to be learnt from the peer, ask every second or so at first, then with the heartbeat."""
        if self.own.in_step and not (self.own.unsure or self.mirror.doubts or self.prekeys.lacking):
            self._asked = 0
            return self._heartbeat_pause(now)
        return float(min(limits.HEARTBEAT_S, limits.RETRANSMIT_FIRST_S * 2 ** min(self._asked, 8) / 2))

    def _heartbeat_pause(self, now: Now) -> float:
        """A heartbeat after the peer was heard; then three times more within its bound: a lost HELLO is no silence."""
        late_s = limits.HEARTBEAT_S if self.peer_seen_s is None else now.mono_s - self.peer_seen_s - limits.HEARTBEAT_S
        if late_s < 0:
            return -late_s
        if late_s >= limits.PEER_SILENT_S - limits.HEARTBEAT_S:
            return limits.HEARTBEAT_S
        return max(limits.HELLO_MISSED_S, 2 * self._round_s)

    def _watch(self, now: Now, step: Step) -> None:
        waiting = self.unsigned(now)
        if waiting and not self._unsigned_alarmed:
            step.alarm("proposed-unsigned", f"{waiting} entries of the peer are proposed and not signed by it yet.")
        self._unsigned_alarmed = bool(waiting)

    def flush(self, now: Now) -> Step:
        """End a batch: surface and cosign what it brought, refuse what nobody can read, move the queue into the log."""
        step, self._pending = self._pending, Step()
        doubted = self.mirror.doubts
        self.rebuild.watch(now, step)
        self.mirror.flush(now, step, nonces=self.freshness.made, confirmed=self.own.confirmed)
        if self.mirror.card is not self.identity.peer:
            self.identity = replace(self.identity, peer=self.mirror.card)
        if self.mirror.doubts and not doubted:
            self._show_hello_soon(now)
        self._refuse(now, step)
        if self.own.may_append:
            if self.own.ledger.size == 0:
                self.own.append_genesis(self._genesis(now), now, step)
            else:
                self.own.note_seen(self.mirror)
                self.own.append_queued(now, step)
        return step

    def _refuse(self, now: Now, step: Step) -> None:
        """Machine refusals go through the durable queue like everything else (SPEC section 4.8)."""
        taken, self.mirror.to_refuse = self.mirror.to_refuse, []
        held: list[int] = []
        for index, verdict, reason in taken:
            if reason in UNKNOWN_FORM and not self._may_refuse(now):
                held.append(index)
                continue
            (leaf,) = self._view.mirror.leaves(index, index + 1)
            random = self._suite.random(16)
            answer = queue.QueuedAnswer(entry.REFUSAL, random, index, leaf, verdict, reason, b"", b"")
            step.write(Enqueue(random, queue.RANK_CONTROL, queue.payload(answer), b"", b""))
            self._wake_s = 0.0
        if held:
            step.alarm(
                "refusals-held",
                f"The peer sends much that this station cannot read: {len(held)} entries from {held[0]} on are not"
                " refused.",
            )

    def _may_refuse(self, now: Now) -> bool:
        """Two stations that cannot read each other's refusals would refuse them for ever: so many an hour."""
        if (
            len(self._refused) == limits.REFUSALS_OF_UNKNOWN
            and now.mono_s < self._refused[0] + limits.REFUSALS_PERIOD_S
        ):
            return False
        self._refused.append(now.mono_s)
        return True

    def _genesis(self, now: Now) -> entry.Genesis:
        i = self.identity
        return entry.Genesis(
            entry.CONTENT_VERSION, now.wall_ms, 0, tree.EMPTY_ROOT, 0,
            self._suite.random(16), i.me, i.them, i.generation, i.mine.digest, self._rules,
        )  # fmt: skip

    def next_tick(self) -> float:
        """The monotonic second at which `tick` and `flush` have something to do."""
        times = [self._next_hello_s, self.own.next_tick(), self.mirror.next_tick(), self._wake_s]
        times += [self._forks.next_tick(self.frozen), self.emergencies.next_tick(), self.rebuild.next_tick()]
        self._wake_s = None
        if self.mirror.unsigned_since is not None and not self._unsigned_alarmed:
            times.append(self.mirror.unsigned_since + limits.UNSIGNED_SHOWN_AFTER_S)
        return min(t for t in times if t is not None)

    def set_attended(self, attended: bool, now: Now) -> None:
        """An officer has come on or gone off duty: the peer is told at once."""
        if attended != self.attended:
            self.attended, self._untold = attended, True
            self._show_hello_soon(now)

    def set_rules(self, digest: bytes, now: Now) -> None:
        """Other rules hold here from now on (32 bytes): the peer is told soon, the next `flush` compares anew."""
        if digest != self._rules:
            self._rules, self._untold = digest, True
            self._compare_rules(self._pending)
            self._wake_s = 0.0
            self._show_hello_soon(now)

    @property
    def rules_differ(self) -> bool:
        """Whether the peer has told its rules and they are not mine."""
        return self.peer_rules is not None and self.peer_rules != self._rules

    def set_mine(self, card: Card) -> None:
        """My own card was signed anew: it stands in `identity` from now on. The peer learns of it by a card entry.

        CardError if more than number, name, telephone number and officers differ, or an officer is missing.
        """
        if card.raw != self.identity.mine.raw and not card.carries_on(self.identity.mine):
            raise CardError(
                "This card changes what the line stands on, lacks an officer, or is not newer than the present one.",
                "Sign a card of a higher number with the same keys and every officer of the present one.",
            )
        self.identity = replace(self.identity, mine=card)

    def wake(self) -> None:
        """The driver has put a row into the queue between two batches: `flush` has something to do."""
        self._wake_s = 0.0

    def leave(self, now: Now) -> None:
        """The station is about to stop: the peer shall see at once that nobody is here, not after its bound."""
        self.attended, self._untold = False, True
        self._next_hello_s = now.mono_s

    def connected(self, now: Now) -> None:
        """A relay has come up: ask at once instead of at the next heartbeat."""
        self._reconnected = True
        self._show_hello_soon(now)

    def _prompt_hello(self, now: Now) -> None:
        """Old frames played again, or an endless quarrel, must not make a HELLO each: they keep a growing distance."""
        if now.mono_s > self._prompted_s + 2 * limits.HELLO_OLD_MOST_S:
            self._prompts = 0
        self._prompted = True
        self._show_hello_soon(now, self._prompts)

    def _show_hello_soon(self, now: Now, prompts: int = 0) -> None:
        """Something has changed here, or a frame prompted it for the n-th time."""
        earliest = now.mono_s + limits.HELLO_ANSWER_MIN_S
        if self._last_hello_s is not None:
            distance_s = limits.HELLO_PROMPTED_MIN_S * 2 ** min(max(self._asked, prompts), 5)
            earliest = max(earliest, self._last_hello_s + distance_s)
        self._next_hello_s = min(self._next_hello_s, earliest)

    # --- results of signing --------------------------------------------------------------------------

    def head_signed(self, cp: Checkpoint, signature: bytes) -> Step:
        """The log key has signed what a SignHead asked for."""
        step = Step()
        self.own.head_signed(cp, signature, step)
        self._wake_s = 0.0  # after the genesis the queue may move
        return step

    def receipt_signed(self, cp: Checkpoint, timestamp_s: int, signature: bytes) -> Step:
        """The receipt key has signed what a SignReceipt asked for."""
        step = Step()
        self.mirror.receipt_signed(cp, timestamp_s, signature, step)
        return step

    def locked(self) -> Lock:
        """What the lock file must say of this line once the present step is committed."""
        own, peer = self.own.locked_head, self.mirror.locked_head
        return Lock(True, LockedHead(self.own.ledger.origin, *own), LockedHead(self.mirror.ledger.origin, *peer))

    # --- frames out ------------------------------------------------------------------------------------

    def render(self, send: Send) -> list[bytes]:
        """Return the sealed frames of a Send; none while no prekey of the peer is known (HELLO excepted)."""
        if send.kind == "hello":
            return [self._sealed(self.identity.peer.body.seal, self._hello(send))]
        if self.prekeys.peers is None:
            return []
        public = self.prekeys.peers.public
        render = self.emergencies.messages if send.kind in ("emergency", "seen") else self._renderer.messages
        return [self._sealed(public, m) for m in render(send)]

    def _sealed(self, public: bytes, message: Message) -> bytes:
        kind, payload = messages.pack(message)
        return frame.seal(self._suite, self.identity, self._link, public, kind, payload)

    def _hello(self, send: Send) -> Hello:
        return Hello(
            nonce=self.freshness.latest() if send.echo else self.freshness.new(),
            echo=send.echo or self.freshness.peers,
            ask=send.ask,
            own=OwnState(self.identity.generation, self.own.ledger.size, self.own.signed),
            mirror=self.mirror.state,
            prekey=self.prekeys.to_show(),
            prekey_seen=self.prekeys.seen(),
            attended=self.attended,
            rules=self._rules,
            card_number=self.identity.peer.body.number,
        )

    # --- what people see ---------------------------------------------------------------------------------

    def unsigned(self, now: Now) -> int:
        """How many entries of the peer are proposed and unsigned for longer than the bound."""
        since = self.mirror.unsigned_since
        if since is None or now.mono_s - since < limits.UNSIGNED_SHOWN_AFTER_S:
            return 0
        return self.mirror.ledger.size - self.mirror.head_size

    def state(self, now: Now, path_up: bool) -> str:
        """The state of the line, told apart because people act differently (DESIGN section 5)."""
        if self.own.frozen or self.mirror.frozen:
            return "frozen"
        if not path_up:
            return "path down"
        if self.peer_seen_s is None or now.mono_s - self.peer_seen_s > self._silent_s():
            return "peer silent"
        if not self.own.in_step or self.own.restored:
            return "stalled"
        return "attended" if self.peer_attended else "peer unattended"

    def _silent_s(self) -> float:
        """How long the peer may go unheard: a heartbeat, and then twice as long as answers take, 5 s at least."""
        if self.own.tries >= limits.TRIES_OF_SILENCE:
            return limits.PEER_SILENT_UNANSWERED_S
        return min(max(limits.PEER_SILENT_S, limits.HEARTBEAT_S + 2 * self._round_s), limits.PEER_SILENT_MOST_S)


def _rules_name(digest: bytes) -> str:
    return "the built-in rules" if digest == BUILT_IN_RULES else f"rules {digest.hex()[:8]}"


def _elapsed(since_s: float | None, now: Now, least_s: float) -> bool:
    return since_s is None or now.mono_s >= since_s + least_s
