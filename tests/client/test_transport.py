"""Whatever answers on the socket, or does not, becomes one sentence with a remedy."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from hotline.api import bounds
from hotline.api.types import Status
from hotline.client import transport as transport_module
from hotline.client.http import Patience
from hotline.client.transport import Transport, find
from hotline.errors import BusyError, DaemonError
from hotline.home import Home


@asynccontextmanager
async def answering(path: Path, answer: bytes) -> AsyncIterator[Transport]:
    """A station that says the same to everybody, and then hangs up; or, with no answer, says nothing."""
    held: list[asyncio.StreamWriter] = []

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.append(writer)
        await reader.readuntil(b"\r\n\r\n")
        if answer:
            writer.write(answer)
            writer.close()

    server = await asyncio.start_unix_server(speak, path)
    transport = Transport(path)
    transport.start()
    try:
        yield transport
    finally:
        await transport.close()
        server.close()
        for writer in held:
            writer.close()
            await writer.wait_closed()


def http(body: bytes, status: str = "200 OK", length: int | None = None) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body) if length is None else length}\r\n\r\n".encode() + body


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "ended the connection"),
        (http(b"{}", length=500), "ended the connection"),
        (http(b"{}"), "not a station of this version"),
        (http(b"[" * 100_000), "not a station of this version"),
        (http(b"\xff"), "not a station of this version"),
        (http(b"<html>", "404 Not Found"), "not a station of this version"),
    ],
    ids=["ssh", "cut", "empty", "deep", "binary", "web-server"],
)
async def test_what_is_no_station_is_a_daemon_error(tmp_path: Path, answer: bytes, said: str) -> None:
    async with answering(tmp_path / "api.sock", answer) as transport:
        with pytest.raises(DaemonError, match=said) as raised:
            await transport.ask("GET", "/v1/status", Status)
    assert raised.value.remedy
    assert str(tmp_path) in raised.value.what


async def test_an_answer_without_end_is_not_read_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "ANSWER_BYTES", 1000)
    async with answering(tmp_path / "api.sock", http(b" " * 5000)) as transport:
        with pytest.raises(DaemonError, match="more than 1000 bytes"):
            await transport.ask("GET", "/v1/status", Status)


async def test_a_station_that_hangs_is_said_not_to_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport_module, "BRIEF", Patience(total_s=0.05))
    async with answering(tmp_path / "api.sock", b"") as transport:
        with pytest.raises(DaemonError, match="does not answer"):
            async with transport.open("GET", "/v1/status", patience=transport_module.BRIEF):
                pass


async def test_a_failure_is_raised_as_what_it_was(tmp_path: Path) -> None:
    failed = b'{"error":"Full.","remedy":"Wait.","reason":"busy","exit":4,"kind":"BusyError"}'
    async with answering(tmp_path / "api.sock", http(failed, "503 Busy")) as transport:
        with pytest.raises(BusyError, match=r"Full\. Wait\."):
            await transport.ask("GET", "/v1/status", Status)


async def test_a_path_that_no_socket_can_have_is_said_so(tmp_path: Path) -> None:
    transport = Transport(tmp_path / ("x" * 120 + ".sock"))
    transport.start()
    with pytest.raises(DaemonError, match="cannot be reached: AF_UNIX path too long"):
        await transport.ask("GET", "/v1/status", Status)
    await transport.close()


def test_a_station_is_named_by_its_home_the_path_of_one_or_a_socket(tmp_path: Path) -> None:
    inside = tmp_path / "api.sock"
    assert find(Home(tmp_path))[0] == find(tmp_path)[0] == find(str(tmp_path))[0] == find(inside)[0] == inside
    assert find(tmp_path)[1] == f"Start it with `hotline run --home {tmp_path}`."
    assert find(tmp_path / "not-there")[0] == tmp_path / "not-there" / "api.sock"
