"""One connection of aiomqtt, with what 2.5.1 does not offer in public.

`aiomqtt.Client` hides the CONNACK's properties, connects on the threads that everybody
shares, leaks the socket of a failed attempt, keeps a queue that drops after the PUBACK, and
lets a relay announce a packet of 256 MB. This subclass is the one place that reaches into its
protected members to change that; a test names them all, so that an upgrade cannot change them unseen.
"""

import asyncio
import logging
import math
import secrets
import socket
import ssl
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

import aiomqtt
from paho.mqtt.client import Client as Paho
from paho.mqtt.client import ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from hotline import limits
from hotline.relay import bounds
from hotline.relay.config import RelayConfig

# Its faults become states and counters, so that its own lines would only repeat them.
_SILENT = logging.Logger("hotline.relay.silent", level=logging.CRITICAL)


class Connection(aiomqtt.Client):
    """One use only: `open`, then publish and subscribe until `lost` raises, then `close`."""

    def __init__(
        self, config: RelayConfig, password: str | None, tls: ssl.SSLContext | None, take: Callable[[MQTTMessage], None]
    ) -> None:
        five = config.version == "5"
        super().__init__(
            config.host,
            config.port,
            username=config.username,
            password=password,
            logger=_SILENT,
            identifier=secrets.token_hex(11),  # random: nothing to follow us by; 22 of 3.1.1's 23 characters
            protocol=aiomqtt.ProtocolVersion.V5 if five else aiomqtt.ProtocolVersion.V311,
            clean_session=None if five else True,  # in 5 the first connection is clean, and each of ours is a first
            timeout=limits.RELAY_CONNECT_S,
            keepalive=config.keepalive_s,
            properties=_connect_properties() if five else None,
            tls_context=tls,
        )
        self.max_packet_bytes = bounds.PACKET_BYTES
        self.max_qos = 1
        self.receive_maximum = bounds.INFLIGHT_QOS1
        self.failure: Exception | None = None  # a fault of ours, not of the network
        self._five = five
        self._take = take
        self._abandoned = False
        self._client.connect_timeout = limits.RELAY_CONNECT_S
        self._read_packets = self._client.loop_read
        self._client.loop_read = self._read_bounded  # type: ignore[method-assign]
        if tls is not None:
            self._tls = tls
            self._client._ssl_wrap_socket = self._handshake  # type: ignore[method-assign, assignment]

    async def open(self, threads: Executor) -> None:
        """Connect, on one of `threads`. Raises OSError or aiomqtt.MqttError; `close` is due in any case."""
        await self._loop.run_in_executor(threads, self._client_connect)
        answers = (self._connected, self._disconnected)
        await asyncio.wait(answers, timeout=limits.RELAY_CONNECT_S, return_when=asyncio.FIRST_COMPLETED)
        if self._disconnected.done():
            raise self._reason()
        if not self._connected.done():
            raise TimeoutError
        self._connected.result()

    async def lost(self) -> None:
        """Wait until the connection ends; raises the reason, an OSError or aiomqtt.MqttError."""
        await asyncio.wait((self._disconnected,))
        raise self._reason()

    def _reason(self) -> Exception:
        error = self._disconnected.exception()
        if error is None:
            return aiomqtt.MqttError("it closed the connection")
        if isinstance(error, (aiomqtt.MqttError, OSError)):
            return error
        # `failure`, or whatever paho's decoders raise on bytes that a hostile relay made up.
        return aiomqtt.MqttError("it sent what is not MQTT")

    async def close(self) -> None:
        """Say goodbye if there is anybody to say it to, and free the socket in any case."""
        self._abandoned = True
        if self._connected.done() and not self._disconnected.done() and self._connected.exception() is None:
            self._client.disconnect()
            await asyncio.wait((self._disconnected,), timeout=bounds.GOODBYE_S)
        self._free()

    async def listen(self, topics: list[str], qos: int, *, patience_s: float = limits.RELAY_CONNECT_S) -> list[str]:
        """Subscribe to full `topics`; return those that the relay refused. aiomqtt.MqttError after `patience_s`."""
        wanted: Any = [(t, SubscribeOptions(qos, retainHandling=2) if self._five else qos) for t in topics]
        codes = await self.subscribe(wanted, timeout=patience_s)
        heed_cancellation()
        values = [code.value if isinstance(code, ReasonCode) else code for code in codes]
        return [topic for topic, value in zip(topics, values, strict=False) if value >= 0x80]

    async def leave(self, topics: list[str]) -> None:
        """Unsubscribe from full `topics`."""
        await self.unsubscribe(topics)
        heed_cancellation()

    async def put(self, topic: str, frame: bytes, qos: int) -> None:
        """Publish `frame`; returns once it is written, at QoS 1 once it is acknowledged. Raises aiomqtt.MqttError."""
        # At QoS 0 only the keepalive ends a publish that makes no headway: a slow line may need minutes for one.
        patience_s = bounds.PUBACK_S if qos else math.inf
        try:
            await self.publish(topic, frame, qos=qos, timeout=patience_s)
        except RuntimeError:
            # aiomqtt's, when all 65,535 numbers were used since one that still waits.
            raise aiomqtt.MqttError("it left a publish without its acknowledgement") from None
        heed_cancellation()

    def _free(self) -> None:
        for future in (self._connected, self._disconnected):
            if future.done() and not future.cancelled():
                future.exception()  # seen: asyncio would log it as never retrieved
        if self._misc_task is not None:
            self._misc_task.cancel()
        self._client._sock_close()

    # --- called on a connecting thread ---

    def _client_connect(self) -> None:
        super()._client_connect()
        opened = self._client.socket()
        if isinstance(opened, socket.socket):
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._abandoned:  # cancelled meanwhile; a thread cannot be
            self._loop.call_soon_threadsafe(self._free)

    def _handshake(self, plain: socket.socket) -> ssl.SSLSocket:
        """paho's would leave the socket open when it fails, and go on without a host name when that is no name."""
        wrapped = self._tls.wrap_socket(plain, server_hostname=self._hostname, do_handshake_on_connect=False)
        try:
            wrapped.settimeout(limits.RELAY_CONNECT_S)
            wrapped.do_handshake()
        except BaseException:
            wrapped.close()
            raise
        return wrapped

    # --- called by paho, on the loop ---

    def _on_connect(
        self,
        client: Paho,
        userdata: Any,
        flags: ConnectFlags,
        reason_code: ReasonCode,
        properties: Properties | None = None,
    ) -> None:
        self.max_packet_bytes = min(self.max_packet_bytes, getattr(properties, "MaximumPacketSize", 2**32))
        self.max_qos = min(self.max_qos, getattr(properties, "MaximumQoS", 2))
        self.receive_maximum = min(self.receive_maximum, getattr(properties, "ReceiveMaximum", 2**16))
        super()._on_connect(client, userdata, flags, reason_code, properties)

    def _on_disconnect(
        self,
        client: Paho,
        userdata: Any,
        flags: DisconnectFlags,
        reason_code: ReasonCode,
        properties: Properties | None = None,
    ) -> None:
        if not self._connected.done() and not self._disconnected.done():
            # aiomqtt would leave us waiting for the whole timeout.
            self._disconnected.set_exception(aiomqtt.MqttError("it closed the connection before answering"))
        super()._on_disconnect(client, userdata, flags, reason_code, properties)

    def _on_message(self, client: Paho, userdata: Any, message: MQTTMessage) -> None:  # noqa: ARG002 (paho's form)
        try:
            self._take(message)
        except Exception as bug:
            # paho and aiomqtt would turn it into a lost connection, and hide it.
            self.failure = bug
            raise

    def _on_socket_register_write(self, client: Paho, userdata: Any, sock: Any) -> None:  # noqa: ARG002 (paho's form)
        """aiomqtt's would watch a file descriptor that may be closed, or another's, when the loop comes to it."""
        self._loop.call_soon_threadsafe(self._watch_writable, sock)

    def _watch_writable(self, sock: Any) -> None:
        is_open = self._client.socket() is sock
        if is_open and self._client._registered_write:  # still wanted
            self._loop.add_writer(sock, self._write)

    def _write(self) -> None:
        try:
            self._client.loop_write()
        except Exception as e:  # noqa: BLE001 (whatever it is, the connection is of no more use: `lost` tells it)
            if not self._disconnected.done():
                self._disconnected.set_exception(e)

    def _read_bounded(self, max_packets: int = 1) -> MQTTErrorCode:
        """paho's loop_read, which would collect any packet that the relay announces."""
        code = self._read_packets(max_packets)
        if self._client._in_packet["remaining_length"] > bounds.PACKET_BYTES:
            raise aiomqtt.MqttError("it announced a packet larger than any frame")
        return code


def heed_cancellation() -> None:
    """Raise CancelledError if this task was cancelled and something it awaited took no notice.

    Up to Python 3.11 `asyncio.wait_for`, which aiomqtt uses, forgets a cancellation that meets an answer,
    and a task that forgets it never ends.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _connect_properties() -> Properties:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho has not typed it
    properties.MaximumPacketSize = bounds.PACKET_BYTES
    return properties
