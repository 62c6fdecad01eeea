"""TLS between a path and mosquitto, and between a path and our own relay: who is believed, and what is said if not."""

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from hotline.errors import RelayError
from hotline.relay.config import RelayConfig
from hotline.relay.mosquitto import MosquittoTls
from hotline.relay.mqtt import MqttRelay
from hotline.relay.tls import ServerTls, client_context, server_context
from tests.brokers import HOST, Broker, embedded, mosquitto
from tests.relay.certificates import Authority, Pair
from tests.relay.harness import Make, running

ELSEWHERE = "192.0.2.1"

pytestmark = pytest.mark.integration


def path(broker: Broker, **fields: Any) -> Make:
    return lambda deliver, on_state: MqttRelay(broker.config("north", **fields), deliver, on_state)


def with_tls(kind: str, folder: Path, server: Pair, client_ca: str | None) -> AbstractAsyncContextManager[Broker]:
    if kind == "mosquitto":
        return mosquitto(folder, tls=MosquittoTls(server.cert, server.key, client_ca))
    return embedded(folder, tls=ServerTls(server.cert, server.key, client_ca))


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture(params=["mosquitto", "embedded"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@asynccontextmanager
async def mutual(kind: str, folder: Path, authority: Authority) -> AsyncIterator[Broker]:
    async with with_tls(kind, folder, authority.server(HOST), authority.ca_file) as broker:
        yield broker


async def test_frames_pass_when_both_sides_show_certificates_of_the_authority(
    kind: str, tmp_path: Path, authority: Authority
) -> None:
    client = authority.client()
    async with mutual(kind, tmp_path, authority) as broker:
        assert broker.url.startswith("mqtts://")
        make = path(broker, ca_file=authority.ca_file, client_cert_file=client.cert, client_key_file=client.key)
        async with running(make, "t") as north:
            frame = bytes(100_000)
            assert north.relay.send("t", frame)
            await north.until_frames(1)
            assert north.payloads == [frame]


async def test_a_path_without_its_certificate_is_not_let_in(kind: str, tmp_path: Path, authority: Authority) -> None:
    async with (
        mutual(kind, tmp_path, authority) as broker,
        running(path(broker, ca_file=authority.ca_file), wait_for="down") as north,
    ):
        assert "relay north" in north.relay.state.detail
        assert north.relay.counters.connects == 0


async def test_a_client_certificate_of_another_authority_is_not_let_in(
    kind: str, tmp_path: Path, authority: Authority
) -> None:
    client = Authority(tmp_path, "stranger").client("other")
    async with mutual(kind, tmp_path, authority) as broker:
        make = path(broker, ca_file=authority.ca_file, client_cert_file=client.cert, client_key_file=client.key)
        async with running(make, wait_for="down") as north:
            assert north.relay.counters.connects == 0


@pytest.mark.parametrize("ca", ["stranger", "the machine's"])
async def test_a_relay_whose_authority_is_not_trusted_is_left(ca: str, tmp_path: Path, authority: Authority) -> None:
    ca_file = Authority(tmp_path, "stranger").ca_file if ca == "stranger" else None
    async with (
        mosquitto(tmp_path, tls=mosquitto_pair(authority.server(HOST))) as broker,
        running(path(broker, ca_file=ca_file), wait_for="down") as north,
    ):
        assert "the certificate of relay north is not accepted" in north.relay.state.detail


async def test_a_relay_with_the_certificate_of_another_host_is_left(tmp_path: Path, authority: Authority) -> None:
    async with (
        mosquitto(tmp_path, tls=mosquitto_pair(authority.server(ELSEWHERE))) as broker,
        running(path(broker, ca_file=authority.ca_file), wait_for="down") as north,
    ):
        assert "the certificate of relay north is not accepted" in north.relay.state.detail
        assert HOST in north.relay.state.detail


async def test_a_wrong_password_is_told_over_tls_too(tmp_path: Path, authority: Authority) -> None:
    async with (
        mosquitto(tmp_path, tls=mosquitto_pair(authority.server(HOST))) as broker,
        running(path(broker, ca_file=authority.ca_file, username="nobody"), wait_for="down") as north,
    ):
        assert "refused the user name or password" in north.relay.state.detail


async def test_tls_to_a_relay_without_tls_fails_with_a_reason(tmp_path: Path) -> None:
    async with mosquitto(tmp_path) as broker:
        url = broker.url.replace("mqtt://", "mqtts://")
        async with running(path(broker, url=url), wait_for="down") as north:
            assert "relay north" in north.relay.state.detail


def mosquitto_pair(server: Pair) -> MosquittoTls:
    return MosquittoTls(server.cert, server.key)


def client_config(**fields: Any) -> RelayConfig:
    return RelayConfig(name="north", url="mqtts://relay.example", **fields)


def test_a_client_speaks_tls_1_2_at_least_and_checks_certificate_and_host(authority: Authority) -> None:
    context = client_context(client_config(ca_file=authority.ca_file))
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname


def test_a_server_speaks_tls_1_2_at_least_and_asks_for_certificates_when_it_knows_their_authority(
    authority: Authority,
) -> None:
    pair = authority.server(HOST)
    closed = server_context(ServerTls(pair.cert, pair.key, authority.ca_file))
    assert closed.minimum_version == ssl.TLSVersion.TLSv1_2
    assert closed.verify_mode == ssl.CERT_REQUIRED
    assert server_context(ServerTls(pair.cert, pair.key)).verify_mode == ssl.CERT_NONE


def test_files_that_cannot_be_used_are_named(tmp_path: Path, authority: Authority) -> None:
    pair = authority.server(HOST)
    none = str(tmp_path / "none.pem")
    empty = tmp_path / "empty.pem"
    empty.touch()
    attempts: list[Callable[[], ssl.SSLContext]] = [
        lambda: client_context(client_config(ca_file=none)),
        lambda: client_context(client_config(ca_file=str(empty))),
        lambda: client_context(client_config(client_cert_file=pair.cert, client_key_file=none)),
        lambda: server_context(ServerTls(none, pair.key)),
        lambda: server_context(ServerTls(pair.cert, pair.key, none)),
    ]
    for make in attempts:
        with pytest.raises(RelayError, match=r"\.pem") as caught:
            make()
        assert caught.value.reason == "tls-file"


def test_a_key_with_a_passphrase_is_refused_and_nobody_is_asked_for_it(authority: Authority) -> None:
    pair = authority.server(HOST, passphrase=b"x")
    with pytest.raises(RelayError) as caught:
        server_context(ServerTls(pair.cert, pair.key))
    assert "no passphrase" in caught.value.remedy
