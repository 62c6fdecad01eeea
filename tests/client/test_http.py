"""What a socket may answer, and how it may end: read whole and used again, or a ConnectionError, nothing else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.api import bounds
from hotline.client import http as http_module
from hotline.client.http import Http, NotReached, Patience

OK = b"HTTP/1.1 200 OK\r\n"
BRIEF = Patience(total_s=10)


class Server:
    """Answers each request with the next of `answers`; None hangs up at once. `got` is what came, a connection each."""

    def __init__(self, answers: list[bytes | None], *, hang_up: bool) -> None:
        self.answers = answers
        self.hang_up = hang_up
        self.got: list[bytearray] = []
        self.writers: list[asyncio.StreamWriter] = []

    async def speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        got = bytearray()
        self.got.append(got)
        while self.answers:
            try:
                got += await reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, ConnectionError):
                return
            answer = self.answers.pop(0)
            writer.write(answer or b"")
            if answer is None or self.hang_up:
                writer.close()
                return


@asynccontextmanager
async def served(path: Path, *answers: bytes | None, hang_up: bool = False) -> AsyncIterator[tuple[Http, Server]]:
    server = Server(list(answers), hang_up=hang_up)
    listening = await asyncio.start_unix_server(server.speak, path)
    http = Http(path)
    try:
        yield http, server
    finally:
        await http.close()
        listening.close()
        for writer in server.writers:
            writer.close()
            await writer.wait_closed()


async def ask(http: Http, method: str = "GET", body: bytes | None = None, patience: Patience = BRIEF) -> bytes:
    async with http.exchange(method, "/x", body=body, kind="text/plain", patience=patience) as answer:
        return b"".join([piece async for piece in answer.chunks()])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "s"


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (OK + b"Content-Length: 5\r\n\r\nhello", b"hello"),
        (OK + b"content-length:0\r\n\r\n", b""),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n", b"hello"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
    ],
    ids=["length", "empty", "chunked", "none"],
)
async def test_an_answer_is_read_whole_and_its_connection_used_again(path: Path, answer: bytes, body: bytes) -> None:
    async with served(path, answer, answer) as (http, server):
        assert [await ask(http), await ask(http)] == [body, body]
    assert len(server.got) == 1


async def test_an_answer_without_length_ends_with_its_connection(path: Path) -> None:
    async with served(path, OK + b"\r\nhello", OK + b"\r\nagain", hang_up=True) as (http, server):
        assert [await ask(http), await ask(http)] == [b"hello", b"again"]
    assert len(server.got) == 2


async def test_a_connection_that_the_server_closes_is_not_used_again(path: Path) -> None:
    answer = OK + b"Connection: close\r\nContent-Length: 2\r\n\r\nhi"
    async with served(path, answer, answer) as (http, server):
        assert [await ask(http), await ask(http)] == [b"hi", b"hi"]
    assert len(server.got) == 2


async def test_a_connection_that_was_idle_for_long_is_not_used_again(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "REUSE_S", 0.0)
    answer = OK + b"Content-Length: 2\r\n\r\nhi"
    async with served(path, answer, answer) as (http, server):
        assert [await ask(http), await ask(http)] == [b"hi", b"hi"]
    assert len(server.got) == 2


async def test_a_question_is_asked_again_where_a_kept_connection_ended_and_an_order_is_not(path: Path) -> None:
    answer = OK + b"Content-Length: 2\r\n\r\nhi"
    async with served(path, answer, None, answer, None) as (http, server):
        assert [await ask(http), await ask(http)] == [b"hi", b"hi"]
        with pytest.raises(ConnectionError):
            await ask(http, "POST", b"x")
    assert [bytes(got).count(b" /x ") for got in server.got] == [2, 2]


async def test_a_new_connection_that_ends_without_an_answer_is_not_tried_for_ever(path: Path) -> None:
    async with served(path, None, None) as (http, server):
        with pytest.raises(ConnectionError):
            await ask(http)
    assert len(server.got) == 1


async def test_a_half_read_answer_ends_its_connection(path: Path) -> None:
    answer = OK + b"Content-Length: 2\r\n\r\nhi"
    async with served(path, answer, answer) as (http, server):
        async with http.exchange("GET", "/x", body=None, kind="", patience=BRIEF) as unread:
            assert unread.status == 200
        assert await ask(http) == b"hi"
    assert len(server.got) == 2


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n\r\n",
        b"HTTP/1.1\r\n\r\n",
        b"HTTP/1.1 two OK\r\n\r\n",
        OK + b"no header\r\n\r\n",
        OK + b"X: " + b"x" * 20_000 + b"\r\n\r\n",
        OK + b"Content-Length: -1\r\n\r\n",
        OK + b"Content-Length: " + b"9" * 40 + b"\r\n\r\n",
        OK + b"Content-Length: \xb2\r\n\r\n",
        OK + b"Content-Length: 5\r\n\r\nhe",
        OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nhe",
        OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\nno number\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"1" * 20_000,
        OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\nTrailer: x\r\n\r\n",
    ],
)
async def test_what_is_no_http_or_is_cut_short_is_a_connection_error(path: Path, answer: bytes) -> None:
    async with served(path, answer, hang_up=True) as (http, _):
        with pytest.raises(ConnectionError):
            await ask(http)


@given(st.binary(max_size=80), st.sampled_from([b"", OK, OK + b"Transfer-Encoding: chunked\r\n\r\n"]))
def test_whatever_bytes_come_they_are_an_answer_or_a_connection_error(rest: bytes, start: bytes) -> None:
    async def read() -> bytes:
        reader = asyncio.StreamReader(limit=1024)
        reader.feed_data(start + rest)
        reader.feed_eof()
        connection = http_module._Connection(reader, None)  # type: ignore[arg-type]  # nothing is written here
        return b"".join([piece async for piece in (await connection.answer()).chunks()])

    with suppress(ConnectionError):  # nothing else may come out
        assert isinstance(asyncio.run(read()), bytes)


async def test_silence_and_slowness_end_with_patience(path: Path) -> None:
    async with served(path, b"", b"") as (http, _):
        for patience in (Patience(total_s=0.05), Patience(silence_s=0.05)):
            with pytest.raises(TimeoutError):
                await ask(http, patience=patience)


async def test_nobody_there_is_told_apart_from_an_end(path: Path) -> None:
    with pytest.raises(NotReached) as raised:
        await ask(Http(path))
    assert isinstance(raised.value.error, FileNotFoundError)


async def test_a_streamed_body_goes_in_chunks_and_what_it_raises_ends_the_connection(path: Path) -> None:
    async def breaks() -> AsyncIterator[bytes]:
        yield b"hello"
        raise LookupError("mine")

    async with served(path, b"") as (http, server):
        with pytest.raises(ConnectionError):
            async with http.exchange("POST", "/x", body=breaks(), kind="text/plain", patience=BRIEF):
                pass
    assert b"Transfer-Encoding: chunked\r\n" in server.got[0]
