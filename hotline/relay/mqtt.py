"""A path over an MQTT broker, 3.1.1 or 5, TCP or TLS."""

import asyncio
import math
import random
import time
from concurrent.futures import Executor

from msgspec import structs
from paho.mqtt.client import MQTTMessage

from hotline import limits
from hotline.relay import bounds
from hotline.relay.base import BasePath, Deliver, OnState
from hotline.relay.config import RelayConfig
from hotline.relay.connection import Connection
from hotline.relay.faults import FAULTS, Fault, explain
from hotline.relay.secret_file import read_private
from hotline.relay.threads import Abandonable
from hotline.relay.tls import client_context

# Jitter keeps stations from returning to a restarted relay at the same instant. Nothing secret hangs on it.
_JITTER = random.Random()  # noqa: S311


class MqttRelay(BasePath):
    """One path to one broker; see `hotline.relay.base.Relay`.

    Nothing is retained and the retain flag is never read: bridges and clusters set it on
    live messages, and an old frame is harmless. With MQTT 5 we ask for none on subscribing.
    `delay_s` is the time from a SUBSCRIBE to its SUBACK, as aiomqtt shows no pings: on connecting, and again
    every PROBE_S for a topic that we have already, which changes nothing at a relay that still knows us and
    mends one that has forgotten. It is shown to people and decides nothing.
    """

    def __init__(self, config: RelayConfig, deliver: Deliver, on_state: OnState) -> None:
        super().__init__(config.name, deliver, on_state)
        self.config = config
        # What is spoken now: with `auto` 5 first, because it tells the largest packet that the relay takes.
        self._spoken = structs.replace(config, version="5") if config.version == "auto" else config
        self._prefix = config.topic_prefix + "/"
        self._asked_s: float | None = None  # monotonic, of a measurement under way

    @property
    def delay_s(self) -> float | None:
        """See the class; a relay that has stopped answering shows ever more."""
        if self._asked_s is None:
            return self._answered_s
        return max(time.monotonic() - self._asked_s, self._answered_s or 0.0)

    async def run(self) -> None:
        # Threads of its own: relays that do not answer must not hold those that others sign and hash on.
        threads = Abandonable()
        pause_s = limits.RELAY_BACKOFF_FIRST_S
        try:
            while True:
                began = time.monotonic()
                fault = await self._connect_and_serve(threads)
                if self.state.status == "up" and time.monotonic() - began >= bounds.STEADY_S:
                    pause_s = limits.RELAY_BACKOFF_FIRST_S
                if fault.other_version and self._try_other_version():
                    continue
                self._go_down(fault)
                most_s = limits.RELAY_BACKOFF_MOST_S
                wait_s = most_s if fault.slow else pause_s
                await asyncio.sleep(wait_s * _JITTER.uniform(0.5, 1.0))
                pause_s = min(pause_s * 2, most_s)
        finally:
            self._forget_queued()
            self._become("down", f"relay {self.name} is not in use")

    def _try_other_version(self) -> bool:
        """Speak 3.1.1 from now on, if that is left open and 5 was refused."""
        if self.config.version != "auto" or self._spoken.version != "5":
            return False
        self._spoken = structs.replace(self.config, version="3.1.1")
        return True

    def _go_down(self, fault: Fault) -> None:
        self.counters.failures += 1
        self._forget_queued()
        self._asked_s = None
        self._become("refused" if fault.slow else "down", fault.detail)

    async def _connect_and_serve(self, threads: Executor) -> Fault:
        """One connection, from the first byte to its end, which is always a fault."""
        connection: Connection | None = None
        try:
            connection = await self._new_connection(threads)
            await connection.open(threads)
            self.counters.connects += 1
            error = await self._serve(connection)
        except FAULTS as fault:
            error = fault
        finally:
            if connection is not None:
                await connection.close()
        if connection is not None and connection.failure is not None:
            raise connection.failure
        return explain(self._spoken, error)

    async def _new_connection(self, threads: Executor) -> Connection:
        loop = asyncio.get_running_loop()
        password = await loop.run_in_executor(threads, self._read_password)
        tls = await loop.run_in_executor(threads, client_context, self.config) if self.config.tls else None
        return Connection(self._spoken, password, tls, self._on_message)

    def _read_password(self) -> str | None:
        path = self.config.password_file
        if path is None:
            return None
        holds = f"the password file of relay {self.name}"
        return read_private(path, limit_bytes=bounds.PASSWORD_BYTES, holds=holds).rstrip("\r\n")

    async def _serve(self, connection: Connection) -> BaseException:
        """Send and subscribe until the connection is lost; return why. A fault of our own is raised."""
        overhead = len(self._prefix) + bounds.PACKET_OVERHEAD_BYTES
        self.max_frame_bytes = max(0, min(bounds.FRAME_MOST_BYTES, connection.max_packet_bytes - overhead))
        qos = min(self.config.qos, connection.max_qos)
        senders = max(1, connection.receive_maximum) if qos else 1
        work = [connection.lost(), self._keep_subscribed(connection, qos), self._keep_measuring(connection, qos)]
        work += [self._keep_sending(connection, qos) for _ in range(senders)]
        return await _first_error([asyncio.create_task(each) for each in work])

    async def _keep_subscribed(self, connection: Connection, qos: int) -> None:
        """Make what the relay holds for us equal to what is wanted, and the path up once it first is."""
        held: set[str] = set()
        refused: set[str] = set()
        while True:
            self._wanted_changed.clear()
            missing, surplus = self._wanted - held, held - self._wanted
            refused = (refused & self._wanted) | await self._listen(connection, sorted(missing), qos)
            if surplus:
                await connection.leave([self._prefix + topic for topic in sorted(surplus)])
            held = (held | missing) - surplus
            if refused:
                self._become("up", f"relay {self.name} refuses to pass on {len(refused)} of {len(held)} topics to us")
            else:
                self._become("up")
            await self._wanted_changed.wait()

    async def _listen(self, connection: Connection, topics: list[str], qos: int) -> set[str]:
        """Subscribe to `topics`, measuring the path on the way; return those that were refused."""
        refused: set[str] = set()
        for first in range(0, len(topics), bounds.TOPICS_IN_ONE_SUBSCRIBE):
            some = [self._prefix + topic for topic in topics[first : first + bounds.TOPICS_IN_ONE_SUBSCRIBE]]
            asked = time.monotonic()
            refused.update(await connection.listen(some, qos))
            self._answered_s = time.monotonic() - asked
        self.counters.topics_refused += len(refused)
        return {topic.removeprefix(self._prefix) for topic in refused}

    async def _keep_measuring(self, connection: Connection, qos: int) -> None:
        """Ask for a topic that we have already; that it hangs costs nothing but the figure."""
        while True:
            await asyncio.sleep(bounds.PROBE_S)
            if self.state.status != "up" or self.state.detail or not self._wanted:
                continue
            self._asked_s = asked = time.monotonic()
            await connection.listen([self._prefix + min(self._wanted)], qos, patience_s=math.inf)
            self._answered_s, self._asked_s = time.monotonic() - asked, None

    async def _keep_sending(self, connection: Connection, qos: int) -> None:
        while True:
            await self._outbound_ready.wait()
            for topic, frame in self._queued():
                await connection.put(self._prefix + topic, frame, qos)
                self.counters.sent += 1

    def _on_message(self, message: MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = ""
        if topic.startswith(self._prefix):
            self._take(topic.removeprefix(self._prefix), bytes(message.payload))
        else:
            self.counters.wrong_topic += 1


async def _first_error(tasks: list[asyncio.Task[None]]) -> BaseException:
    """Wait for the first of `tasks`, which all end by an error alone, and end the others.

    Returns one of FAULTS; raises any other error. Not a TaskGroup: up to Python 3.12 that loses a
    cancellation from outside which meets an error within, and the path would never end.
    """
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    errors = [error for task in tasks if not task.cancelled() and (error := task.exception()) is not None]
    for error in errors:
        if not isinstance(error, FAULTS):
            raise error
    return errors[0]
