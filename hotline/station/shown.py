"""Rows of the store as the API shows them: names instead of ids, states, and a ladder that says whose clock it is."""

from collections.abc import Mapping
from typing import Literal

from hotline import notices
from hotline.api.types import Notice, NoticeState, Step
from hotline.core import entry
from hotline.core.step import Now
from hotline.errors import HotlineError, MalformedError
from hotline.station.answering import STATES
from hotline.station.port import Port
from hotline.store.queries import Given, Reader, Received, Sent
from hotline.text import safe

_PRECEDENCE = ("ROUTINE", "PRIORITY", "IMMEDIATE", "FLASH")
_MODE = ("OPERATION", "DRILL", "TEST")
_ORDER: tuple[NoticeState, ...] = ("QUEUED", "STORED", "OPENED", "ACKNOWLEDGED", "REFUSED", "EXPIRED")


class Shown:
    """Bound to one snapshot and one moment."""

    def __init__(self, reader: Reader, ports: Mapping[bytes, Port], now: Now) -> None:
        self._reader = reader
        self._ports = ports
        self._now = now

    def sent(self, row: Sent, **more: object) -> Notice:
        """One of mine, with its ladder."""
        port = self._ports[row.line]
        ladder = self._sent_ladder(row, port)
        return Notice(
            direction="sent",
            line=port.alias,
            ref=f"{port.identity.mine.body.name} {row.serial}" if row.serial and row.index >= 0 else "",
            id=row.id.hex(),
            kind=row.kind,
            subject=row.subject,
            precedence=_PRECEDENCE[row.precedence],
            mode=_MODE[row.mode],
            state=self._state(ladder, row.expires_s),
            time_ms=row.submitted_ms,
            index=row.index,
            serial=row.serial if row.index >= 0 else 0,
            expires_s=row.expires_s,
            ladder=ladder,
            **more,  # type: ignore[arg-type]  # the three fields of `whole`
        )

    def _sent_ladder(self, row: Sent, port: Port) -> list[Step]:
        steps = [Step(state="QUEUED", time_ms=row.submitted_ms, clock="ours")]
        if row.stored_ms:
            steps.append(Step(state="STORED", time_ms=row.stored_ms, clock="ours", proof="receipt"))
        if row.index >= 0:
            given = [g for g in self._reader.answers(row.origin, row.index) if not g.mine]
            steps += [
                self._step(g, "peer", f"entry {int.from_bytes(g.key, 'big')} of {port.alias}'s log") for g in given
            ]
        return steps

    def received(self, row: Received, **more: object) -> Notice:
        """One of the peer's, with what we answered."""
        port = self._ports[row.line]
        ladder = [Step(state="STORED", time_ms=row.surfaced_ms, clock="ours", proof="receipt")]
        if row.type in (entry.NOTICE, 0):
            given = [g for g in self._reader.answers(row.origin, row.index) if g.mine]
            ladder += [self._step(g, "ours", "") for g in given]
        return Notice(
            direction="received",
            line=port.alias,
            ref=f"{port.alias} {row.serial}" if row.serial else "",
            id=row.id.hex(),
            kind=row.kind or _TYPE_NAMES.get(row.type, "unreadable"),
            subject=row.subject,
            precedence=_PRECEDENCE[row.precedence],
            mode=_MODE[row.mode],
            state=self._state(ladder, row.expires_s),
            time_ms=row.time_ms,
            index=row.index,
            serial=row.serial,
            expires_s=row.expires_s,
            seq=row.seq,
            invalid=row.reason,
            recovered=row.recovered,
            officers=list(row.officers),
            ladder=ladder,
            **more,  # type: ignore[arg-type]  # the three fields of `whole`
        )

    def _step(self, given: Given, clock: Literal["ours", "peer"], proof: str) -> Step:
        time_ms = given.time_ms
        state = STATES[given.type]
        return Step(
            state=state,
            time_ms=time_ms,
            clock=clock,
            officer=given.officer,
            text=safe(given.text),
            proof=proof,
        )

    def _state(self, ladder: list[Step], expires_s: int) -> NoticeState:
        reached = max((s.state for s in ladder), key=_ORDER.index)
        over = expires_s and expires_s <= self._now.wall_s and reached in ("QUEUED", "STORED", "OPENED")
        return "EXPIRED" if over else reached

    def whole(self, row: Sent | Received) -> Notice:
        """One notice with body: the friendly form where the kind is known, the raw bytes always, the formatted text."""
        body = (
            self._reader.body(row.origin, row.index) if row.index >= 0 else self._reader.queued_body(row.line, row.id)
        )
        friendly, text = self._read(row, body)
        more = {"notice": friendly, "raw": body.hex(), "text": text}
        return self.sent(row, **more) if isinstance(row, Sent) else self.received(row, **more)

    def _read(self, row: Sent | Received, body: bytes) -> tuple[dict[str, object] | None, str]:
        try:
            decoded = notices.decode_body(body)
        except MalformedError as e:
            return None, f"This notice cannot be read: {safe(e.what)} Its bytes are kept as they came."
        port = self._ports[row.line]
        names = (port.identity.mine.body.name, port.alias)
        sender, recipient = names if isinstance(row, Sent) else names[::-1]
        envelope = notices.Envelope(
            sender=sender,
            recipient=recipient,
            precedence=notices.Precedence(row.precedence),
            mode=notices.Mode(row.mode),
            serial=row.serial or None,
            notice_id=row.id.hex(),
            expires_s=row.expires_s or None,
            released_by=row.officers if isinstance(row, Received) else (),
        )
        try:
            text = notices.render(decoded, envelope)
            return (None if isinstance(decoded, notices.Unknown) else notices.to_mapping(decoded)), text
        except HotlineError as e:
            return None, f"This notice cannot be shown: {safe(e.what)}"


_TYPE_NAMES = {
    entry.GENESIS: "genesis",
    entry.OPENED: "opened",
    entry.ACKNOWLEDGEMENT: "acknowledgement",
    entry.REFUSAL: "refusal",
}
