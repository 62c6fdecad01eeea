"""The generated configuration; that mosquitto takes it and works as a relay is shown in test_contract.py."""

import base64
import hashlib
from pathlib import Path

import pytest

from hotline.errors import ConfigError
from hotline.relay import bounds
from hotline.relay.mosquitto import MosquittoTls, mosquitto_conf, password_line
from tests.brokers import mosquitto


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_the_configuration_keeps_nothing_and_lets_nobody_in_without_a_name() -> None:
    given = lines(mosquitto_conf(port=1883, password_file="/etc/mosquitto/users"))
    assert given[0] == "listener 1883"
    for needed in (
        "allow_anonymous false",
        "password_file /etc/mosquitto/users",
        "set_tcp_nodelay true",
        "persistence false",
        "retain_available false",
        f"max_packet_size {bounds.PACKET_BYTES}",
        f"max_queued_messages {bounds.MOSQUITTO_QUEUED_MESSAGES}",
    ):
        assert needed in given
    assert not [line for line in given if line.startswith(("user ", "certfile"))]


def test_the_listener_is_the_first_option_so_that_what_follows_belongs_to_it() -> None:
    tls = MosquittoTls("cert.pem", "key.pem", "ca.pem")
    given = lines(mosquitto_conf(port=8883, host="192.0.2.1", password_file="users", tls=tls, user="relay"))
    assert given[0] == "listener 8883 192.0.2.1"
    assert {"certfile cert.pem", "keyfile key.pem", "cafile ca.pem", "require_certificate true"} <= set(given)
    assert "user relay" in given


def test_without_an_authority_clients_need_no_certificate() -> None:
    given = lines(mosquitto_conf(port=8883, password_file="users", tls=MosquittoTls("cert.pem", "key.pem")))
    assert not [line for line in given if line.startswith(("cafile", "require_certificate"))]


@pytest.mark.parametrize("path", ["", "users\nallow_anonymous true", "a\0b", "\x1b[2J"])
def test_a_value_that_would_break_out_of_its_line_is_refused(path: str) -> None:
    with pytest.raises(ConfigError, match="password_file"):
        mosquitto_conf(port=1883, password_file=path)


def test_a_path_may_hold_spaces() -> None:
    assert "password_file my users" in mosquitto_conf(port=1883, password_file="my users")


def test_a_password_line_holds_a_salted_hash_and_never_the_password() -> None:
    first, second = password_line("north", "hunter2"), password_line("north", "hunter2")
    assert first != second
    assert "hunter2" not in first
    name, _, rest = first.rstrip("\n").partition(":")
    _, kind, rounds, salt, digest = rest.split("$")
    assert (name, kind) == ("north", "7")
    made = hashlib.pbkdf2_hmac("sha512", b"hunter2", base64.b64decode(salt), int(rounds))
    assert base64.b64decode(digest) == made


@pytest.mark.parametrize("name", ["", "a:b", "a\nb"])
def test_a_name_that_the_password_file_cannot_hold_is_refused(name: str) -> None:
    with pytest.raises(ConfigError):
        password_line(name, "x")


@pytest.mark.integration
async def test_mosquitto_says_nothing_about_the_configuration_and_stops_when_told(tmp_path: Path) -> None:
    async with mosquitto(tmp_path) as broker:
        assert await broker.stop() == 0
        said = [line for line in broker.errors.splitlines() if "should not be run as root" not in line]
        assert said == []
