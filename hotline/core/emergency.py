"""Emergency text: an officer's signed words that need no log and pass whatever the logs' state is (SPEC section 7.11).

It is no notice and no entry. SEEN says that the peer's software has stored and shown it, and nothing of a person.
"""

from collections import deque
from dataclasses import dataclass

from hotline import limits
from hotline.core import encoding, messages
from hotline.core.card import Card
from hotline.core.identity import Line
from hotline.core.messages import Emergency, Message, Seen
from hotline.core.step import EmergencySeen, Event, KeepEmergency, Now, Send, Step
from hotline.core.suite import HybridSigner, Suite, label, verify_hybrid
from hotline.core.view import LineView
from hotline.errors import BusyError, MalformedError, SignatureError


def emergency_message(
    line: bytes, sender: bytes, emergency_id: bytes, time_ms: int, officer: bytes, text: str
) -> bytes:
    """Return what an officer signs (SPEC section 6.6)."""
    return label("emergency") + encoding.encode([line, sender, emergency_id, time_ms, officer, text])


def seen_message(line: bytes, holder: bytes, payload: bytes) -> bytes:
    """Return what the receipt key of who has stored and shown an EMERGENCY signs (SPEC section 6.6)."""
    return label("seen") + encoding.encode([line, holder, payload])


@dataclass(slots=True)
class _Waiting:
    payload: bytes
    since_s: float
    next_s: float
    pause_s: float = limits.RETRANSMIT_FIRST_S
    alarmed: bool = False


class Emergencies:
    """Both directions of one line. What waits is on disk, and begins anew with each start."""

    def __init__(self, suite: Suite, line: Line, view: LineView, receipt: HybridSigner, now: Now) -> None:
        self._suite = suite
        self._line = line
        self._view = view
        self._receipt = receipt
        self._said: dict[bytes, bytes] = {}  # signatures of the latest SEENs, by id
        self._waiting = {key: _Waiting(payload, now.mono_s, now.mono_s) for key, payload in view.unseen_emergencies()}
        self._taken: deque[float] = deque(maxlen=limits.EMERGENCIES)

    # --- mine -----------------------------------------------------------------------------------------

    def submit(self, e: Emergency, officer: str, now: Now) -> Step:
        """Keep one that `officer` has signed; it is sent by the next `tick`. BusyError if too many wait already."""
        if len(self._waiting) >= limits.EMERGENCIES:
            raise BusyError(
                f"{len(self._waiting)} emergency texts wait until the peer's station has them; it takes no more.",
                "Use the telephone.",
            )
        step, payload = Step(), messages.pack(e)[1]
        step.write(
            KeepEmergency(e.id, True, payload, e.time_ms, officer, e.text),
            Event(
                "emergency-sent",
                f"EMERGENCY from {officer} to the peer: {e.text}",
                plain=f"{officer} sends an EMERGENCY text.",
            ),
        )
        self._waiting[e.id] = _Waiting(payload, now.mono_s, now.mono_s)
        return step

    def on_seen(self, seen: Seen, step: Step) -> None:
        """The peer's station has stored and shown one of mine."""
        waits = self._waiting.get(seen.id)
        if waits is None:
            return
        message = seen_message(self._line.pair, self._line.them, waits.payload)
        if not verify_hybrid(self._suite, self._line.peer.body.receipt, message, seen.signature):
            raise SignatureError("A SEEN does not verify with the peer's receipt key.", reason="seen-signature")
        del self._waiting[seen.id]
        step.write(EmergencySeen(seen.id, seen.signature))
        step.write(Event("emergency-seen", "The peer's station has stored and shown the emergency text."))

    def tick(self, now: Now, step: Step) -> None:
        """Send what is due, and alarm what nobody has seen for too long."""
        for key, waits in self._waiting.items():
            if now.mono_s >= waits.next_s:
                step.send(Send("emergency", key.hex()))
                waits.next_s = now.mono_s + waits.pause_s
                waits.pause_s = min(2 * waits.pause_s, limits.RETRANSMIT_MOST_S)
            if not waits.alarmed and now.mono_s >= waits.since_s + limits.EMERGENCY_UNSEEN_S:
                waits.alarmed = True
                step.alarm(
                    "emergency-unseen",
                    f"An EMERGENCY text was not seen by the peer's station for {limits.EMERGENCY_UNSEEN_S} s.",
                )

    def next_tick(self) -> float | None:
        """When `tick` has something to do, on the monotonic clock."""
        return min((waits.next_s for waits in self._waiting.values()), default=None)

    def hurry(self, now: Now) -> None:
        """The peer is there again."""
        for waits in self._waiting.values():
            waits.next_s, waits.pause_s = now.mono_s, limits.RETRANSMIT_FIRST_S

    # --- the peer's -------------------------------------------------------------------------------------

    def on_emergency(self, e: Emergency, card: Card, now: Now, step: Step) -> None:
        """Keep and show it once; say SEEN each time. Raises PeerError, having kept nothing, for what is refused."""
        payload, held = messages.pack(e)[1], self._view.emergency(e.id, mine=False)
        if held and held != payload:
            raise MalformedError("Another emergency text came under an id that is known.", reason="emergency-id")
        if not held:
            self._take(e, payload, card, now, step)
        step.send(Send("seen", e.id.hex()))

    def _take(self, e: Emergency, payload: bytes, card: Card, now: Now, step: Step) -> None:
        if len(self._taken) == limits.EMERGENCIES and now.mono_s < self._taken[0] + limits.EMERGENCY_PERIOD_S:
            raise MalformedError("More emergency texts came than are taken in a minute.", reason="emergency-rate")
        officer = card.officer(e.officer)
        if officer is None:
            raise SignatureError("An emergency text is by an officer whom the card does not name.", reason="officer")
        message = emergency_message(self._line.pair, self._line.them, e.id, e.time_ms, e.officer, e.text)
        if not verify_hybrid(self._suite, officer.public, message, e.signature):
            raise SignatureError("An emergency text's signature does not verify.", reason="emergency-signature")
        self._taken.append(now.mono_s)
        step.write(KeepEmergency(e.id, False, payload, e.time_ms, officer.name, e.text))
        plain = f"An EMERGENCY text of {officer.name} has come."
        step.alarm("emergency", f"EMERGENCY from {officer.name}: {e.text}", plain=plain)

    # --- frames out -------------------------------------------------------------------------------------

    def messages(self, send: Send) -> list[Message]:
        """What a Send of kind `emergency` or `seen` says; nothing if it is not on disk."""
        key = bytes.fromhex(send.origin)
        payload = self._view.emergency(key, mine=send.kind == "emergency")
        if not payload:
            return []
        if send.kind == "seen":
            return [Seen(key, self._signature(key, payload))]
        return [messages.unpack(messages.pack_code(Emergency), payload)]

    def _signature(self, key: bytes, payload: bytes) -> bytes:
        """Signed once, however often the same text comes again."""
        if key not in self._said:
            message = seen_message(self._line.pair, self._line.me, payload)
            self._said[key] = self._receipt.sign(message, message)
        if len(self._said) > limits.EMERGENCIES:
            del self._said[next(iter(self._said))]
        return self._said[key]
