"""What every part of the API's service stands on: reading, writing, and finding lines and notices.

Reading goes through read-only connections on worker threads; writing through calls into the engine, which answer once
the write is on disk.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from hotline.audit.reference import Ref, not_found, parse_ref
from hotline.core.step import Event, Now
from hotline.custody.keyring import Keyring
from hotline.custody.passphrase import Passphrase
from hotline.custody.suite import HybridKey
from hotline.errors import CallerError, KeyError_, NotFoundError
from hotline.home import Home
from hotline.relay.base import Relay
from hotline.station import submission
from hotline.station.clock import Clock
from hotline.station.engine import Engine
from hotline.station.past import Held, Past, of_pair, pairs, refuse_closed, refuse_ended
from hotline.station.port import Port
from hotline.station.shown import Shown
from hotline.store.queries import Reader, Received, Sent

_T = TypeVar("_T")


class StationBase:
    """One per daemon; its methods run on the loop."""

    def __init__(
        self, home: Home, keys: Keyring, engine: Engine, clock: Clock, relays: Callable[[], list[Relay]]
    ) -> None:
        self._home = home
        self._keys = keys
        self._engine = engine
        self._clock = clock
        self._relays = relays
        self._started_ms = clock.now().wall_ms
        self._ports = {port.identity.id: port for port in engine.ports.values()}
        # Present ones and those that are only read: what has ended, what is closed.
        self._lines: dict[bytes, Held] = {**engine.record.past, **self._ports}
        self._record = engine.record
        self._changed = asyncio.Event()
        self._last_event = engine.told
        self._readers = asyncio.Semaphore(4)
        self.on_reload: Callable[[], Awaitable[tuple[list[str], list[str]]]]  # given by the daemon
        self._answering = asyncio.Lock()  # between looking whether it was said already, and saying it

    # --- telling listeners ------------------------------------------------------------------------

    def happened(self, last: int) -> None:
        """Events up to `last` are on disk: wake who waits for one. On the loop."""
        self._last_event = last
        self._changed.set()
        self._changed = asyncio.Event()

    def path_changed(self) -> None:
        """A relay's state has changed; it shows in `status`, which is computed when asked."""

    async def _read(self, query: Callable[[Reader], _T]) -> _T:
        def run() -> _T:
            with Reader.open(self._home.database_path) as reader:
                return query(reader)

        async with self._readers:
            return await asyncio.to_thread(run)

    async def _write(self, run: Callable[[Now], _T]) -> _T:
        return await asyncio.wrap_future(self._engine.call(run))

    # --- finding -------------------------------------------------------------------------------------

    def _port(self, name: str) -> Port:
        """The line of this name; the only one if no name is given. CallerError if it is closed."""
        return self._open(self._line_named(name).identity.id, name)

    def _open(self, line: bytes, ref: str) -> Port:
        """The present generation of a line that carries something. CallerError if it is closed, or has ended."""
        if (port := self._ports.get(line)) is not None:
            return port
        held = self._lines[line]
        present = of_pair(self._lines, held.identity.pair)[0]
        raise refuse_closed(present) if present is held or isinstance(present, Past) else refuse_ended(ref, held)

    def _present(self) -> list[Held]:
        """Each line once: the ports, and what is closed."""
        return [of_pair(self._lines, pair)[0] for pair in pairs([*self._ports.values(), *self._lines.values()])]

    def _line_named(self, name: str) -> Held:
        """The present generation of the line of this name; the only one if no name is given."""
        lines = self._present()
        chosen = [p for p in lines if name in ("", p.alias)] or [p for p in lines if name == p.identity.peer.body.name]
        if len(chosen) == 1:
            return chosen[0]
        names = ", ".join(p.alias for p in lines)
        if not lines:
            raise NotFoundError("This station has no line yet.", "Enrol the peer's card: hotline pair CARD.")
        if not name:
            raise CallerError(f"This station has {len(lines)} lines: {names}.", "Say which one with --to.")
        raise NotFoundError(f"There is no line to {name!r}.", f"The lines here: {names}.")

    def _find(self, reader: Reader, ref: str) -> Sent | Received:
        wanted = parse_ref(ref)
        found = [row for held in self._present() for row in self._on_line(reader, held.identity.pair, wanted)]
        if len(found) > 1:
            # Serials are counted for each line, so that each peer can see that there is no gap.
            names = ", ".join(f"{row.id.hex()} with {self._lines[row.line].alias}" for row in found)
            raise CallerError(f"{ref} is said on {len(found)} lines.", f"Use the id: {names}.")
        if not found:
            raise not_found(ref)
        return self._shown(reader).again(found[0])

    def _on_line(self, reader: Reader, pair: bytes, wanted: Ref) -> list[Sent | Received]:
        """What this reference means on one line: in its present generation, else in the latest that has it."""
        for held in of_pair(self._lines, pair):
            if found := self._candidates(reader, held, wanted):
                return found
        return []

    def _candidates(self, reader: Reader, port: Held, wanted: Ref) -> list[Sent | Received]:
        """What it means in one generation: mine by my name, the peer's by what it or we call it, either by id."""
        aliases = {p.alias for p in self._lines.values()}
        called = port.identity.peer.body.name
        theirs = {port.alias} if called in aliases else {port.alias, called}
        found: list[Sent | Received | None] = []
        if wanted.id or wanted.name == port.identity.mine.body.name:
            found.append(reader.sent(port.view.own.origin, serial=wanted.serial, notice_id=wanted.id))
        # A peer may use an id of mine: it cannot hide my notice by that, and its own has a serial.
        if (wanted.id and found == [None]) or wanted.name in theirs:
            found.append(reader.received(port.view.mirror.origin, serial=wanted.serial, notice_id=wanted.id))
        return [row for row in found if row is not None]

    def _shown(self, reader: Reader) -> Shown:
        return Shown(reader, self._lines, self._clock.now())

    async def _signer(self, name: str, passphrase: str) -> tuple[str, HybridKey]:
        """An officer on duty, or one who gives the passphrase for this signature. KeyError_ says what is missing."""
        name = name or ("" if self._keys.officers else self._keys.officers.only() or "")
        if name in self._keys.officers or not name:
            return submission.officer(self._keys, name)
        if not passphrase and await asyncio.to_thread(self._keys.officers.sealed, name):
            raise KeyError_(
                f"{name} is not on duty here, and no passphrase was given.",
                "Give the passphrase of that officer's key, or come on duty: hotline duty on.",
                reason="no-passphrase",
            )
        given = Passphrase(passphrase) if passphrase else None
        key = await asyncio.to_thread(self._keys.officers.unlock, name, given)
        event = Event("key", f"{name}'s key was opened, to sign once.", fields=(("officer", name),))
        await self._write(lambda now: self._engine.store.event(b"", event, now.wall_ms))
        return name, key
