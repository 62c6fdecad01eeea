"""Who may use an embedded relay, and how much: the bounds that amqtt does not have.

amqtt 0.12.1 has an `external` listener, to which we hand connections of our own accepting.
So this module, and not amqtt, decides on time limits, sizes and queues. What amqtt alone
would do: keep clients that fell silent, keep sessions of refused ones, collect any packet that a
client announces, and queue without end for a reader that does not read.
"""

import asyncio
import hmac
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from amqtt.adapters import ReaderAdapter, WriterAdapter
from amqtt.contexts import BaseContext
from amqtt.plugins.base import BaseAuthPlugin
from amqtt.session import Session

from hotline import limits
from hotline.relay import bounds

Address = tuple[str, int]

# amqtt reads a CONNECT of version 5 as one of 3.1.1, out of step, and waits for the rest.
_CONNECT_OF_5 = b"\x00\x04MQTT\x05"
_CONNACK_OF_5 = b"\x20\x03\x00\x84\x00"  # unsupported protocol version, in the form that a client of 5 reads


class Link(ReaderAdapter, WriterAdapter):  # type: ignore[misc]  # both are Any to mypy
    """One client's connection as amqtt sees it: reads end like an EOF once a bound is passed."""

    def __init__(self, broker: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._broker = broker
        self._reader = reader
        self._writer = writer
        self._loop = asyncio.get_running_loop()
        self._deadline = self._loop.time() + limits.RELAY_CONNECT_S  # for a whole CONNECT
        self._idle_s: float | None = None
        self._begun = b""  # the first bytes, until they say which version is spoken
        self.session: Session | None = None

    def admit(self, session: Session) -> None:
        """The client may stay; from now on it is cut off only when idle."""
        self.session = session
        stated_s = session.keep_alive * 1.5  # the MQTT specification's factor
        self._idle_s = stated_s if 0 < stated_s < bounds.IDLE_S else bounds.IDLE_S
        self._deadline = self._loop.time() + self._idle_s

    async def read(self, n: int = -1) -> bytes:
        """Return exactly `n` bytes, or none at the end, past a deadline, or if `n` is beyond any packet."""
        if not 0 <= n <= bounds.PACKET_BYTES:
            return self._end()
        await self._wait_for_backlog()
        try:
            async with asyncio.timeout_at(self._deadline):
                data = await self._reader.readexactly(n)
        except (TimeoutError, asyncio.IncompleteReadError, OSError):
            return self._end()
        if self._idle_s is not None:
            self._deadline = self._loop.time() + self._idle_s
        return data if self._idle_s is not None or self._is_ours(data) else self._end()

    def _is_ours(self, data: bytes) -> bool:
        """Whether a client, not admitted yet, may still turn out to speak 3.1.1; tells one that does not."""
        self._begun = (self._begun + data)[-len(_CONNECT_OF_5) :]
        if self._begun == _CONNECT_OF_5:
            self.write(_CONNACK_OF_5)
            return False
        return True

    def _end(self) -> bytes:
        self._deadline = 0.0  # amqtt reads on after an end in the middle of a packet
        return b""

    async def _wait_for_backlog(self) -> None:
        # The queue is protected in amqtt, which has no other sign of being behind, nor an event for it.
        while self._broker._broadcast_queue.qsize() > bounds.BACKLOG_MESSAGES or self._undelivered():  # noqa: ASYNC110
            await asyncio.sleep(bounds.BACKLOG_PAUSE_S)

    def _undelivered(self) -> bool:
        waiting = self.session.delivered_message_queue.qsize() if self.session is not None else 0
        return bool(waiting > bounds.BACKLOG_MESSAGES)

    def feed_eof(self) -> None:
        self._reader.feed_eof()

    def write(self, data: bytes) -> None:
        transport = self._writer.transport
        if transport.is_closing():
            return
        if transport.get_write_buffer_size() > bounds.UNSENT_BYTES:
            transport.abort()
        else:
            self._writer.write(data)

    async def drain(self) -> None:
        """Never waits: `write` bounds what a slow reader costs, and amqtt holds a lock meanwhile."""

    def get_peer_info(self) -> Address | None:
        peer = self._writer.get_extra_info("peername")
        return (peer[0], peer[1]) if peer else None

    def get_ssl_info(self) -> ssl.SSLObject | None:
        found: ssl.SSLObject | None = self._writer.get_extra_info("ssl_object")
        return found

    async def close(self) -> None:
        self._writer.close()


@dataclass
class Door:
    """What `Gate` needs, made by the embedded relay and shared with it. `users` maps names to passwords."""

    users: Mapping[str, str] = field(default_factory=dict, repr=False)
    allow_anonymous: bool = False
    links: dict[Address, Link] = field(default_factory=dict)

    def knows(self, username: str | None, password: str | None) -> bool:
        """Compare in time that does not depend on where the passwords differ."""
        expected = self.users.get(username or "")
        right = hmac.compare_digest((expected or "").encode(), (password or "").encode())
        return expected is not None and right


class Gate(BaseAuthPlugin):  # type: ignore[misc]  # Any to mypy
    """amqtt's plugin for names and passwords, and against what it would keep for clients."""

    @dataclass
    class Config:
        door: Any = None

    def __init__(self, context: BaseContext) -> None:
        super().__init__(context)
        self._door: Door = self.config.door

    async def authenticate(self, *, session: Session) -> bool:
        """Let known users in. Lasting sessions are refused too: they would queue for absent clients."""
        door = self._door
        anonymous = door.allow_anonymous and session.username is None
        if not session.clean_session or not (anonymous or door.knows(session.username, session.password)):
            return False
        link = door.links.get((session.remote_address, session.remote_port))
        if link is not None:
            link.admit(session)
        return link is not None

    async def on_broker_retained_message(self, *, client_id: str | None, retained_message: Any) -> None:  # noqa: ARG002 (amqtt's form)
        """Forget a message that a client asked to be retained: nothing may outlive its delivery here."""
        self.context.retained_messages.pop(retained_message.topic, None)
