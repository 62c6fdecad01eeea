"""What people are told of a path's faults, and which of them are worth hurrying about."""

import socket
import ssl

import pytest
from aiomqtt import MqttCodeError, MqttError
from aiomqtt.exceptions import MqttConnectError
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from hotline.errors import RelayError
from hotline.relay.config import RelayConfig
from hotline.relay.faults import FAULTS, explain

CONFIG = RelayConfig(name="north", url="mqtt://relay.example:1884", version="5")


def connack(name: str) -> ReasonCode:
    return ReasonCode(PacketTypes.CONNACK, name)


def unverified(why: str) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "x")
    error.verify_message = why
    return error


CASES: list[tuple[BaseException, str, bool]] = [
    (MqttConnectError(connack("Bad user name or password")), "refused the user name or password", True),
    (MqttConnectError(connack("Not authorized")), "refused the user name or password", True),
    (MqttConnectError(connack("Unsupported protocol version")), 'set its version to "3.1.1"', True),
    (MqttConnectError(connack("Server busy")), "refused the connection", True),
    (MqttConnectError(3), "refused the connection", True),
    (RelayError("the password file of relay north is missing.", "Make it."), "Make it.", True),
    (unverified("self-signed certificate"), "is not accepted: self-signed certificate", True),
    (ssl.SSLError(1, "x"), "TLS with relay north failed", True),
    (socket.gaierror(-2, "x"), "no host relay.example", False),
    (ConnectionRefusedError(111, "x"), "nothing listens at relay.example:1884", False),
    (TimeoutError(), "does not answer", False),
    (OSError(101, "Network is unreachable"), "cannot be reached: Network is unreachable", False),
    (MqttCodeError(7, "x"), "was lost", False),
    (MqttError("it closed the connection"), "ended: it closed the connection", False),
]


@pytest.mark.parametrize(("error", "says", "slow"), CASES, ids=lambda value: type(value).__name__)
def test_a_fault_is_told_in_one_safe_sentence_that_names_the_relay(error: BaseException, says: str, slow: bool) -> None:
    assert isinstance(error, FAULTS)
    fault = explain(CONFIG, error)
    assert says in fault.detail
    assert "north" in fault.detail
    assert fault.slow is slow


def test_text_from_outside_is_made_safe() -> None:
    assert "\x1b" not in explain(CONFIG, OSError(1, "\x1b[2J")).detail
    assert "\x1b" not in explain(CONFIG, unverified("\x1b[2J")).detail


def test_a_relay_of_the_older_version_is_told_to_a_path_of_the_older_version_too() -> None:
    older = RelayConfig(name="north", url="mqtt://relay.example", version="3.1.1")
    fault = explain(older, MqttConnectError(connack("Unsupported protocol version")))
    assert 'set its version to "5"' in fault.detail
