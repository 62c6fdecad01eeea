"""Answers in our form, and a connection that can be cut. The bounds on connections are tested through the server."""

import asyncio

import msgspec
import pytest

from hotline.api import bounds
from hotline.api.server_connection import Connection, Connections, answered, failed
from hotline.api.types import Failure
from hotline.errors import BusyError, NotFoundError


def test_an_error_becomes_a_failure_with_the_status_of_its_blame() -> None:
    response = failed(NotFoundError("There is none.", "Look."))
    assert (response.status, response.content_type) == (404, "application/json")
    assert isinstance(response.body, bytes)
    assert msgspec.json.decode(response.body, type=Failure).remedy == "Look."
    assert "Retry-After" not in response.headers


def test_whoever_is_told_to_wait_is_told_how_long() -> None:
    assert failed(BusyError("Full.")).headers["Retry-After"] == "1"


def test_an_answer_is_json() -> None:
    assert answered({"a": 1}, 201).body == b'{"a":1}'


async def serve(_request: object) -> object:
    raise AssertionError


@pytest.fixture
async def connection() -> Connection:
    return Connections(serve)()  # type: ignore[arg-type]


async def test_each_connection_gets_our_bounds(connection: Connection) -> None:
    assert (connection.max_line_size, connection.max_headers) == (bounds.LINE_BYTES, bounds.HEADERS)
    assert connection.keepalive_timeout == bounds.IDLE_S


async def test_a_cut_ends_a_connection_though_its_client_does_not_read(connection: Connection) -> None:
    loop = asyncio.get_running_loop()
    connection.cut()  # before there is one: nothing
    transport = await _connect(connection)
    transport.write(b"x" * 1_000_000)
    transport.close()
    assert not connection.lost.done()
    connection.cut()
    async with asyncio.timeout(60):
        await connection.lost
    assert loop.time()


async def _connect(connection: Connection) -> asyncio.Transport:
    import socket

    ours, theirs = socket.socketpair()
    transport, _ = await asyncio.get_running_loop().connect_accepted_socket(lambda: connection, ours)
    connection.lost.add_done_callback(lambda _: theirs.close())
    return transport
