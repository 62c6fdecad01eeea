"""Our own relay as a process: who is let in, what it keeps (nothing), and how it starts and stops."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from hotline.errors import ConfigError, RelayError, UsageError
from hotline.relay.embedded import main, read_users, serve
from hotline.relay.gate import Link
from hotline.relay.mqtt import MqttRelay
from tests.brokers import HOST, Broker, embedded, eventually
from tests.relay.harness import Make, running

FENCE = b"nothing arrives after this"

pytestmark = pytest.mark.integration


def path(broker: Broker, name: str = "north", **fields: Any) -> Make:
    return lambda deliver, on_state: MqttRelay(broker.config(name, **fields), deliver, on_state)


def client(broker: Broker, **fields: Any) -> aiomqtt.Client:
    given: dict[str, Any] = {"username": broker.username, "password": broker.password} | fields
    return aiomqtt.Client(broker.host, broker.port, **given)


def users_file(folder: Path, text: str) -> str:
    file = folder / "given-users"
    file.touch(0o600)
    file.write_text(text)
    return str(file)


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
async def test_it_stops_cleanly_and_silently_with_clients_connected(by: signal.Signals, tmp_path: Path) -> None:
    async with embedded(tmp_path) as broker, running(path(broker), "t") as north:
        assert north.relay.send("t", b"x")
        await north.until_frames(1)
        assert await broker.stop(by) == 0
        assert broker.errors == ""
        assert broker.output == f"ready {broker.port}\n"


async def test_it_says_nothing_of_those_that_come_go_or_are_refused(tmp_path: Path) -> None:
    async with embedded(tmp_path) as broker:
        async with running(path(broker, username="nobody"), wait_for="down"):
            pass
        for garbage in (b"", b"\x10", b"GET / HTTP/1.0\r\n\r\n", b"\x10\xff\xff\xff\xff\xff", b"\xff" * 100):
            reader, writer = await asyncio.open_connection(broker.host, broker.port)
            writer.write(garbage)
            writer.write_eof()
            await reader.read()
            writer.close()
        async with running(path(broker)):
            pass
        assert await broker.stop() == 0
        assert broker.errors == ""


async def test_a_message_left_to_be_retained_is_passed_on_once_and_forgotten(tmp_path: Path) -> None:
    async with embedded(tmp_path) as broker, running(path(broker, "early"), "t") as early:
        async with client(broker) as stranger:
            await stranger.publish("hotline/t", b"old", qos=1, retain=True)
        await early.until_frames(1)
        async with running(path(broker, "late"), "t") as late:
            assert early.relay.send("t", FENCE)
            await late.until_frames(1)
            assert late.payloads == [FENCE]


async def test_a_client_that_wants_to_be_remembered_is_refused(tmp_path: Path) -> None:
    async with embedded(tmp_path) as broker:
        with pytest.raises(aiomqtt.MqttError):
            async with client(broker, identifier="lasting", clean_session=False):
                pass


async def test_anonymous_clients_are_let_in_only_where_that_was_asked_for(tmp_path: Path) -> None:
    async with embedded(tmp_path, options=("--allow-anonymous",)) as broker:
        async with running(path(broker, username=None, password_file=None)):
            pass
        async with running(path(broker, username="nobody"), wait_for="down"):
            pass  # a name that is given must still be right


async def test_connections_beyond_the_bound_are_closed_and_a_place_that_becomes_free_is_given_again(
    tmp_path: Path,
) -> None:
    async with embedded(tmp_path, options=("--max-connections", "1")) as broker:
        async with running(path(broker, "first")), running(path(broker, "second"), wait_for="down") as second:
            assert second.relay.counters.connects == 0
        async with running(path(broker, "third")):
            pass


async def test_refused_clients_leave_no_place_taken(tmp_path: Path) -> None:
    async with embedded(tmp_path, options=("--max-connections", "2")) as broker:
        for _ in range(10):
            async with running(path(broker, username="nobody"), wait_for="down") as north:
                assert "refused the user name or password" in north.relay.state.detail
        async with running(path(broker)):
            pass


async def test_a_second_relay_on_the_same_port_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with embedded(tmp_path) as broker:
        with pytest.raises(RelayError, match="already listens") as caught:
            await serve(HOST, broker.port, users={"u": "p"}, ready=lambda _: None)
        assert "another port" in caught.value.remedy
        users = users_file(tmp_path, "u:p\n")
        code = await asyncio.to_thread(main, ["--port", str(broker.port), "--users-file", users])
        assert code == RelayError.exit_code
        assert "already listens" in capsys.readouterr().err


async def test_an_address_that_is_not_of_this_machine_is_refused() -> None:
    with pytest.raises(RelayError, match="cannot listen"):
        await serve("192.0.2.1", 0, users={"u": "p"}, ready=lambda _: None)


async def test_a_relay_that_would_let_nobody_in_is_refused() -> None:
    nobody: list[dict[str, str] | None] = [None, {}]
    for users in nobody:
        with pytest.raises(UsageError):
            await serve(HOST, 0, users=users, ready=lambda _: None)


@asynccontextmanager
async def in_this_process(host: str = HOST) -> AsyncIterator[int]:
    ports: list[int] = []
    task = asyncio.create_task(serve(host, 0, users={"u": "p"}, ready=ports.append))
    await eventually(lambda: ports or task.done())
    if task.done():
        task.result()
    try:
        yield ports[0]
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_a_name_that_may_have_several_addresses_gets_one_port() -> None:
    async with in_this_process("localhost") as port:
        _, writer = await asyncio.open_connection("localhost", port)
        writer.close()


async def test_accepted_sockets_do_not_wait_to_fill_packets(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def link(broker: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Any:
        made = Link(broker, reader, writer)
        plain = writer.get_extra_info("socket")
        asyncio.get_running_loop().call_soon(
            lambda: seen.append(plain.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        )
        return made

    monkeypatch.setattr("hotline.relay.embedded.Link", link)
    async with in_this_process() as port:
        _, writer = await asyncio.open_connection(HOST, port)
        await eventually(lambda: seen)
        writer.close()
    assert seen[0]


def test_users_are_lines_of_name_and_password(tmp_path: Path) -> None:
    text = "# stations\n\nnorth:a:b c\nsouth: x\n"
    assert read_users(users_file(tmp_path, text)) == {"north": "a:b c", "south": " x"}


@pytest.mark.parametrize("line", ["north", "north:", ":hunter2", "good:again"])
def test_a_line_that_is_no_user_is_refused_by_its_number_and_not_shown(tmp_path: Path, line: str) -> None:
    with pytest.raises(ConfigError, match="line 2 ") as caught:
        read_users(users_file(tmp_path, f"good:one\n{line}\n"))
    assert "hunter2" not in str(caught.value)


def test_a_users_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = users_file(tmp_path, "u:p\n")
    Path(file).chmod(0o644)
    with pytest.raises(RelayError, match="can be read by others"):
        read_users(file)


def test_the_program_ends_with_the_errors_exit_code_and_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    users = users_file(tmp_path, "u:p\n")
    for words, code, says in (
        ([], UsageError.exit_code, "let nobody in"),
        (["--users-file", str(tmp_path / "none")], RelayError.exit_code, "cannot be read"),
        (["--users-file", users, "--cert-file", "x"], UsageError.exit_code, "--key-file"),
        (["--users-file", users, "--cert-file", "x", "--key-file", "y"], RelayError.exit_code, "cannot be used"),
    ):
        assert main(["--port", "0", *words]) == code
        assert says in capsys.readouterr().err
