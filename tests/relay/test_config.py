"""A relay's table in the configuration: what it refuses, and that each refusal names the field and a remedy."""

from typing import Any

import msgspec
import pytest

from hotline import limits
from hotline.errors import ConfigError
from hotline.relay.config import RelayConfig

NAME = "Café north"


def config(**fields: Any) -> RelayConfig:
    return RelayConfig(**({"name": NAME, "url": "mqtt://relay.example:1884"} | fields))


def test_the_least_table_has_the_defaults_of_the_design() -> None:
    read = msgspec.toml.decode(b'name = "north"\nurl = "mqtt://relay.example"', type=RelayConfig)
    assert (read.host, read.port, read.tls) == ("relay.example", 1883, False)
    assert (read.version, read.qos, read.topic_prefix) == ("auto", 0, "hotline")
    assert read.keepalive_s == limits.RELAY_KEEPALIVE_S


@pytest.mark.parametrize(
    ("url", "host", "port", "tls"),
    [
        ("mqtt://relay.example:1884", "relay.example", 1884, False),
        ("mqtts://relay.example", "relay.example", 8883, True),
        ("mqtts://192.0.2.1:9000", "192.0.2.1", 9000, True),
        ("mqtt://[2001:db8::1]:1884", "2001:db8::1", 1884, False),
        ("mqtt://relay.example/", "relay.example", 1883, False),
    ],
)
def test_an_url_is_a_scheme_a_host_and_perhaps_a_port(url: str, host: str, port: int, tls: bool) -> None:
    read = config(url=url)
    assert (read.host, read.port, read.tls) == (host, port, tls)


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("name", {"name": ""}),
    ("name", {"name": " "}),
    ("name", {"name": "north\x1b[2J"}),
    ("name", {"name": "n\u202eorth"}),
    ("name", {"name": "n" * (limits.NAME_BYTES + 1)}),
    ("url", {"url": ""}),
    ("url", {"url": "relay.example:1883"}),
    ("url", {"url": "http://relay.example"}),
    ("url", {"url": "mqtt://"}),
    ("url", {"url": "mqtt://:1883"}),
    ("url", {"url": "mqtt://relay.example:0"}),
    ("url", {"url": "mqtt://relay.example:65536"}),
    ("url", {"url": "mqtt://relay.example:x"}),
    ("url", {"url": "mqtt://[::1"}),
    ("url", {"url": "mqtt://relay.example/topic"}),
    ("url", {"url": "mqtt://relay.example?a=b"}),
    ("url", {"url": "mqtt://relay example"}),
    ("url", {"url": "mqtt://user:hunter2@relay.example"}),
    ("url", {"url": "mqtt://user@relay.example"}),
    ("version", {"version": "3.1"}),
    ("username", {"username": ""}),
    ("username", {"username": "a\nb"}),
    ("username", {"username": "u" * (limits.NAME_BYTES + 1)}),
    ("password_file", {"password_file": "secret"}),
    ("password_file", {"username": "u", "password_file": ""}),
    ("qos", {"qos": 2}),
    ("qos", {"qos": -1}),
    ("keepalive_s", {"keepalive_s": 0}),
    ("keepalive_s", {"keepalive_s": 100_000}),
    ("ca_file", {"ca_file": "ca.pem"}),
    ("ca_file", {"url": "mqtts://relay.example", "ca_file": "a\0b"}),
    ("client_cert_file", {"url": "mqtts://relay.example", "client_cert_file": "c.pem"}),
    ("client_key_file", {"url": "mqtts://relay.example", "client_key_file": "k.pem"}),
    ("topic_prefix", {"topic_prefix": ""}),
    ("topic_prefix", {"topic_prefix": "a/#"}),
    ("topic_prefix", {"topic_prefix": "$share"}),
    ("topic_prefix", {"topic_prefix": "a//b"}),
    ("topic_prefix", {"topic_prefix": "p" * 65}),
]


@pytest.mark.parametrize(("field", "fields"), REFUSED)
def test_a_value_that_does_not_fit_is_refused_with_its_field_and_a_remedy(field: str, fields: dict[str, Any]) -> None:
    with pytest.raises(ConfigError) as caught:
        config(**fields)
    assert field in caught.value.what
    assert field in caught.value.remedy or caught.value.remedy
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(("field", "fields"), REFUSED)
def test_the_same_refusal_comes_out_of_a_configuration_file(field: str, fields: dict[str, Any]) -> None:
    table = {"name": NAME, "url": "mqtt://relay.example"} | fields
    with pytest.raises((ConfigError, msgspec.ValidationError), match=field):
        msgspec.convert(table, RelayConfig)


def test_a_password_in_an_url_is_not_repeated_in_the_refusal() -> None:
    with pytest.raises(ConfigError) as caught:
        config(url="mqtt://user:hunter2@relay.example")
    assert "hunter2" not in str(caught.value)
    assert "password_file" in caught.value.remedy


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="retain"):
        msgspec.toml.decode(b'name = "north"\nurl = "mqtt://relay.example"\nretain = true', type=RelayConfig)
