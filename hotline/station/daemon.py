"""`hotline run`: put a station together from its home, run it until a signal or a failure, and stop it cleanly."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from typing import Any

import structlog

from hotline import config, limits, rules
from hotline.api.server import ApiServer
from hotline.core.step import Event, Now
from hotline.custody import files
from hotline.custody.keyfile import Unlock
from hotline.custody.keyring import Keyring
from hotline.custody.suite import RealSuite, require_algorithms
from hotline.errors import ConfigError, HotlineError
from hotline.home import Home, PeerLine
from hotline.recovery import state as recovery
from hotline.relay.base import Relay
from hotline.relay.mqtt import MqttRelay
from hotline.station import agreed, cards, changes, past
from hotline.station.bodies import read_body
from hotline.station.clock import Clock, SystemClock
from hotline.station.engine import Engine
from hotline.station.journal import Keeper
from hotline.station.logs import configure
from hotline.station.metrics import Metrics
from hotline.station.notify import notify
from hotline.station.past import Held, Past
from hotline.station.paths import OpenRelay, Paths
from hotline.station.port import Port, open_port
from hotline.station.printer import Printer
from hotline.station.record import Record
from hotline.station.service import StationService
from hotline.store.lockfile import LockFile
from hotline.store.store import Store

log = structlog.get_logger(__name__)

# A clean stop waits no longer than this for its engine to say its last word: milliseconds, unless it is busy.
_GOODBYE_S = 2.0
_WRITTEN_S = 0.1  # for the relays to write it


def run_daemon(home: Home, unlock: Unlock, *, attended: bool = True, officer: str = "") -> int:
    """Run the station of `home` in the foreground; return 0 after a clean stop. Raises HotlineError if it cannot run.

    `unlock` gives passphrases (`PassphraseSource.for_file`); it is asked before anything starts. With `attended`
    the key of `officer`, or of the only one here, is opened too, and the peer is told that somebody is there. Of
    several, with none named, nobody is on duty until `hotline duty on`.
    """
    require_algorithms()
    settings = config.load(home.require().config_path)
    configure(settings.station.log_level, settings.station.log_format)
    with home.lock():
        keys = Keyring.load(home, unlock, officers=attended, officer=officer)
        if attended and not keys.officers:
            _require_officers(keys)
        asyncio.run(Daemon(home, settings, keys, SystemClock(), attended=bool(keys.officers)).run())
    return 0


def _require_officers(keys: Keyring) -> None:
    names = keys.officers.names()
    if not names:
        raise ConfigError("No officer's key is here.", "Put it into keys/, or run with --unattended.")
    log.warning("nobody-on-duty", officers=names, remedy="hotline duty on --officer NAME")


class Daemon:
    """One run of one station."""

    def __init__(
        self,
        home: Home,
        settings: config.Config,
        keys: Keyring,
        clock: Clock,
        *,
        attended: bool,
        open_relay: OpenRelay = MqttRelay,
    ) -> None:
        self.home = home
        self._settings = settings
        self._keys = keys
        self._clock = clock
        self._attended = attended
        self._open_relay = open_relay
        self._relay_told: dict[str, str] = {}
        self._stop = asyncio.Event()
        self._defect: BaseException | None = None

    def stop(self) -> None:
        """Ask for a clean stop; `run` returns soon after."""
        self._stop.set()

    async def run(self) -> None:
        """Start everything, wait for `stop`, a signal or a failure, and stop everything."""
        self._loop = asyncio.get_running_loop()
        engine = self._engine()
        self._service = StationService(self.home, self._keys, engine, self._clock, self._relays)
        engine.on_event = self._happened
        self._make_paths(engine)
        self._service.on_reload = self._reload_relays
        engine.start()
        try:
            metrics = Metrics(self._settings, self._service)
            printer = Printer(self._settings.station.print_command, self._service, self._alarm)
            async with self._signals(), metrics, self._api(metrics), self._paths.running(), printer:
                engine.call(self._tell_attended)
                self._say_ready()
                await self._until_stopped(engine)
                await self._say_goodbye(engine)
        finally:
            await asyncio.to_thread(engine.stop, limits.STOP_S)
            log.info("stopped")
        error = engine.failed.exception() if engine.failed.done() else None
        if fault := error or self._defect:
            raise fault

    def _engine(self) -> Engine:
        peers = self.home.lines()
        recovery.require_store(self.home)
        self._recovery = recovery.leave_ended(self.home, [peer.id for peer in peers])
        store = Store(self.home.database_path, read_body)
        locks = LockFile(self.home.heads_lock_path)
        now = self._clock.now()
        try:
            record = Record(store)
            locks.forget([before.line for peer in peers for before in peer.generations.before])
            opened = [cards.newest(peer, store) for peer in peers if not peer.generations.closed]
            ports = [self._open(peer, store, locks, record, now) for peer in opened]
            record.past = self._past(peers)
            keeper = self._keeper(store, locks, ports, [p for p in record.past.values() if p.to_do])
            keeper.begin(self._keys.officers, now)
            for port in ports:
                _tell_of_lock(locks, port, store, now)
                record.carried(port, now)
                record.backfill(port)
                cards.announce(store, port, self._keys.card, now)
            store.commit()
            recovery.mark_begun(self.home)
        except BaseException:
            store.close()
            raise
        engine = Engine(store, locks, ports, self._clock, self._transmit, record)
        engine.keeper, engine.path_up = keeper, self._path_up
        set_limits(engine, self._settings.limits)
        engine.on_card = lambda port: cards.put_in_place(self.home, port)
        return engine

    def _past(self, peers: list[PeerLine]) -> dict[bytes, Past]:
        """What is only read: generations that have ended, and the present one of a line that is closed."""
        found: list[Past] = []
        for peer in peers:
            held = agreed.load(self.home, peer)
            found += past.ended(peer, held)
            if peer.generations.closed:
                found.append(past.closed(peer, self._keys.card, held))
        return {each.identity.id: each for each in found}

    def _keeper(self, store: Store, locks: LockFile, ports: list[Port], closed: list[Past]) -> Keeper:
        self._told_of = self._config_bytes(), self._settings

        def facts() -> dict[str, str]:
            held: list[Held] = [*ports, *closed]
            lines = [(each.identity, each.alias, rules.digest_of(each.rules)) for each in held]
            pairs = [each.identity.pair for each in closed]
            return changes.facts(*self._told_of, self._keys.card, lines, pairs)

        return Keeper(store, locks, self._keys.card, self._keys.log, facts)

    def _config_bytes(self) -> bytes:
        """As it stands now. What is changed while the station runs is told at the next start; its relays, when used."""
        return files.read(
            self.home.config_path, limit_bytes=limits.CONFIG_BYTES, holds="The configuration", refusal=ConfigError
        )

    def _path_up(self) -> bool:
        """On the engine's thread: a state is one reference, replaced whole. A clean stop is no outage."""
        return self._paths.hanging_up or bool(self._paths.up())

    def _open(self, peer: PeerLine, store: Store, locks: LockFile, record: Record, now: Now) -> Port:
        held = agreed.load(self.home, peer)
        return open_port(
            RealSuite(),
            peer,
            self._keys,
            store,
            locks,
            now,
            read=record.read_body,
            rules=held,
            lost=self._recovery.of(peer.id),
        )

    # --- relays -------------------------------------------------------------------------------------

    def _make_paths(self, engine: Engine) -> None:
        self._engine_ref = engine
        self._paths = Paths(self._open_relay, engine.frame, self._on_relay, list(engine.ports), self._deaf)
        engine.paths_up = self._paths.up
        for settings in self._settings.relay:
            self._paths.add(settings)

    async def _reload_relays(self) -> tuple[list[str], list[str]]:
        """Use the relays that `station.toml` now names; the names of the added and the removed."""
        file = await asyncio.to_thread(self._config_bytes)
        settings = await asyncio.to_thread(config.load, self.home.config_path)
        added, removed = await self._paths.change(settings.relay)

        def keep(now: Now) -> None:
            for name in removed:
                self._engine_ref.forget_path(name)
            self._told_of = file, settings
            self._engine_ref.note_changes(now)

        await asyncio.wrap_future(self._engine_ref.call(keep))
        log.info("relays", added=added, removed=removed)
        return added, removed

    def _deaf(self, defect: BaseException) -> None:
        self._defect = defect
        self._stop.set()

    def _on_relay(self, relay: Relay) -> None:
        state = relay.state
        level = log.warning if state.status in ("down", "refused") else log.info
        level("relay", relay=relay.name, state=state.status, detail=state.detail)
        if state.status == "up":
            self._engine_ref.call(self._tell_connected)
        self._note_relay(relay.name, state.status, state.detail)
        self._service.path_changed()

    def _note_relay(self, name: str, status: str, detail: str) -> None:
        """Up and down by turns: attempts that fail one after the other are one outage."""
        if self._paths.hanging_up or status == self._relay_told.get(name) or status not in ("up", "down"):
            return
        self._relay_told[name] = status
        why = f": {detail}" if detail and status == "down" else ""
        event = Event(f"relay-{status}", f"Relay {name} is {status}{why}.", fields=(("relay", name),))
        self._engine_ref.call(lambda now: self._engine_ref.store.event(b"", event, now.wall_ms))

    def _tell_attended(self, now: Now) -> None:
        for port in self._engine_ref.ports.values():
            port.machine.set_attended(bool(self._keys.officers), now)

    async def _say_goodbye(self, engine: Engine) -> None:
        """Tell the peers that nobody is here any more. Who misses it finds out by silence."""
        if engine.failed.done():
            return
        told = asyncio.wrap_future(engine.call(self._tell_leaving))
        await asyncio.wait([told], timeout=_GOODBYE_S)
        await asyncio.sleep(_WRITTEN_S)

    def _tell_leaving(self, now: Now) -> None:
        for port in self._engine_ref.ports.values():
            port.machine.leave(now)

    def _tell_connected(self, now: Now) -> None:
        for port in self._engine_ref.ports.values():
            port.machine.connected(now)

    def _rebuilt(self, port: Port) -> None:
        """Say what no peer could give back. Until the note is away, a start has the line rebuilt once more: no harm."""
        try:
            self._recovery = recovery.finish(self.home, port.identity.id)
        except HotlineError as e:
            log.warning("recovery-note", line=port.alias, text=e.what)
        text = f"The line with {port.alias} is rebuilt. Lost for good: {' '.join(self._recovery.lost)}"
        self._recovery = self._recovery.without(port.identity.id)

        def keep(now: Now) -> None:
            self._engine_ref.store.event(port.identity.id, Event("rebuilt", text, alarm=True), now.wall_ms)

        self._engine_ref.call(keep)

    def _alarm(self, text: str) -> None:
        """Of the station itself, not of a line."""

        def keep(now: Now) -> None:
            self._engine_ref.store.event(b"", Event("printer", text, alarm=True), now.wall_ms)

        self._engine_ref.call(keep)

    def _happened(self, last: int) -> None:
        """On the engine's thread: wake the listeners, and note which line is whole again."""
        for port in self._engine_ref.ports.values():
            if self._recovery.of(port.identity.id) and not port.machine.rebuild.active:
                self._rebuilt(port)
        with contextlib.suppress(RuntimeError):  # the loop has ended, and with it every listener
            self._loop.call_soon_threadsafe(self._service.happened, last)

    def _relays(self) -> list[Relay]:
        return self._paths.relays

    def _transmit(self, topic: str, frames: list[bytes]) -> None:
        """On the engine's thread: every frame goes to all relays that are up."""
        with contextlib.suppress(RuntimeError):  # the loop has ended; the peer will be told again
            self._loop.call_soon_threadsafe(self._paths.send, topic, frames)

    # --- API, signals -----------------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def _api(self, metrics: Metrics) -> AsyncIterator[None]:
        server = ApiServer(self._service, self.home.socket_path(create=True), metrics=metrics.text)
        await server.start()
        try:
            yield
        finally:
            await server.stop(limits.STOP_S)

    @contextlib.asynccontextmanager
    async def _signals(self) -> AsyncIterator[None]:
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self._stop.set)
        try:
            yield
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                self._loop.remove_signal_handler(number)

    def _say_ready(self) -> None:
        card = self._keys.card
        peers = [p.alias for p in self._engine_ref.ports.values()]
        log.info("ready", station=card.body.name, home=str(self.home.path), lines=peers, attended=self._attended)
        notify(f"READY=1\nSTATUS={card.body.name}: {len(peers)} lines")

    async def _until_stopped(self, engine: Engine) -> None:
        failed = asyncio.wrap_future(engine.failed)
        stopping = asyncio.ensure_future(self._stop.wait())
        either: set[asyncio.Future[Any]] = {failed, stopping}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        notify("STOPPING=1")
        if failed.done() and failed.exception():
            log.error("engine-stopped", reason=str(failed.exception()))


def set_limits(engine: Engine, given: config.LimitsConfig) -> None:
    """Put what the configuration says in the place of the defaults; before the engine starts."""
    engine.store.queue_notices = given.queue_notices
    engine.store.queue_bytes = given.queue_mib * 1024 * limits.KIB
    engine.openings_per_s = given.openings_per_s


def _tell_of_lock(locks: LockFile, port: Port, store: Store, now: Now) -> None:
    """The line's own alarm says that this station was restored; this one says which file made it think so."""
    if port.machine.own.lock.readable:
        return
    what = "is missing beside a database that holds heads" if locks.state == "missing" else "cannot be read"
    text = (
        f"{locks.path} {what}: nothing is signed until {port.alias} has shown what it holds of our log. "
        "It is then written anew; nothing needs to be done here."
    )
    log.warning("lock-file", line=port.alias, text=text)
    store.apply(port.identity.id, [Event("lock-file", text, alarm=True)], now.wall_ms)
