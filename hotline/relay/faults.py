"""What went wrong with a path, in one safe sentence for people, and whether trying again soon can help."""

import socket
import ssl
from dataclasses import dataclass

from aiomqtt import MqttCodeError, MqttError
from aiomqtt.exceptions import MqttConnectError
from paho.mqtt.reasoncodes import ReasonCode

from hotline import limits
from hotline.errors import RelayError
from hotline.relay.config import RelayConfig
from hotline.text import safe

# Everything that a network, a relay or a file of the relay's settings can do to us. The rest is a fault of ours.
FAULTS = (MqttError, OSError, RelayError)

_NOT_LET_IN = {0x86, 0x87}  # bad user name or password, not authorized; paho maps 3.1.1's 4 and 5 to these
_OTHER_VERSION = 0x84  # unsupported protocol version


@dataclass(frozen=True, slots=True)
class Fault:
    detail: str
    slow: bool  # only a person can end it, so that hurry would only fill the relay's logs
    other_version: bool = False  # the relay does not speak the version of MQTT that was tried


def explain(config: RelayConfig, error: BaseException) -> Fault:
    """Return what to say about `error`, one of FAULTS, met on the path of `config`."""
    relay = f"relay {config.name}"
    if isinstance(error, RelayError):
        return Fault(str(error), slow=True)
    if isinstance(error, MqttConnectError):
        return _refused(config, relay, error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return Fault(f"the certificate of {relay} is not accepted: {safe(error.verify_message)}", slow=True)
    if isinstance(error, ssl.SSLError):
        return Fault(f"TLS with {relay} failed: {safe(tls_reason(error))}", slow=True)
    return Fault(_network(config, relay, error), slow=False)


def tls_reason(error: ssl.SSLError) -> str:
    """OpenSSL's word for `error`, which has none when the connection was only cut."""
    return str(getattr(error, "reason", None) or "the connection was cut").lower().replace("_", " ")


def _refused(config: RelayConfig, relay: str, error: MqttConnectError) -> Fault:
    code = error.rc.value if isinstance(error.rc, ReasonCode) else error.rc
    if code in _NOT_LET_IN:
        return Fault(f"{relay} refused the user name or password", slow=True)
    if code == _OTHER_VERSION:
        other = "5" if config.version == "3.1.1" else "3.1.1"
        return Fault(
            f'{relay} does not speak MQTT {config.version}: set its version to "{other}"', slow=True, other_version=True
        )
    return Fault(f"{relay} refused the connection: {safe(str(error))}", slow=True)


def _network(config: RelayConfig, relay: str, error: BaseException) -> str:
    at = f"{safe(config.host)}:{config.port}"
    if isinstance(error, socket.gaierror):
        return f"the address of {relay} is unknown: no host {safe(config.host)}"
    if isinstance(error, ConnectionRefusedError):
        return f"{relay} does not run: nothing listens at {at}"
    if isinstance(error, TimeoutError):
        return f"{relay} at {at} does not answer within {limits.RELAY_CONNECT_S} s"
    if isinstance(error, MqttCodeError):
        return f"the connection to {relay} was lost: {safe(str(error))}"
    if isinstance(error, OSError):
        return f"{relay} at {at} cannot be reached: {safe(error.strerror or str(error))}"
    return f"the connection to {relay} ended: {safe(str(error))}"
