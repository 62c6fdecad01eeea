"""Every endpoint, and every way to use it wrongly, over a real Unix socket against a station in memory."""

import asyncio
import json
import os
import socket
import stat
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from structlog.testing import capture_logs
from yarl import URL

from hotline import limits
from hotline.api import bounds, openapi
from hotline.api.server import ApiServer
from hotline.api.types import Answer
from hotline.errors import BusyError, HostError, MalformedError, StoreError
from tests.api.fake import FakeStation, serving

NOTICE = {"kind": "line-test", "notice": {"text": "radio check"}}


async def get(http: aiohttp.ClientSession, path: str) -> tuple[int, Any]:
    async with http.get(path) as answer:
        return answer.status, await answer.json()


async def post(http: aiohttp.ClientSession, path: str, body: object) -> tuple[int, Any]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with http.post(path, data=data) as answer:
        return answer.status, await answer.json() if answer.status != 204 else None


async def test_the_status_is_told(http: aiohttp.ClientSession) -> None:
    code, status = await get(http, "/v1/status")
    assert (code, status["name"], status["officers"]) == (200, "NORTH", ["Berg"])


async def test_a_submitted_notice_is_answered_as_created_and_its_repeat_as_known(http: aiohttp.ClientSession) -> None:
    notice = {**NOTICE, "id": "ab" * 16}
    assert await post(http, "/v1/notices", notice) == (
        201,
        {"id": "ab" * 16, "line": "SOUTH", "state": "QUEUED", "repeated": False},
    )
    code, again = await post(http, "/v1/notices", notice)
    assert (code, again["repeated"]) == (200, True)


async def test_a_notice_that_the_station_refuses_is_the_callers_fault_and_names_the_field(
    http: aiohttp.ClientSession,
) -> None:
    code, failed = await post(http, "/v1/notices", {"kind": "poem", "notice": {}})
    assert code == 400
    assert failed == {
        "error": "There is no kind 'poem'.",
        "remedy": "Use line-test.",
        "reason": "kind",
        "exit": 2,
        "field": "kind",
        "kind": "NoticeError",
        "number": 0,
    }


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", ""),
        (b"{", ""),
        (b"\xff\xfe", ""),
        (b"[" * 100_000, ""),
        (b"[]", ""),
        (b'{"kind": "line-test"}', "notice"),
        (b'{"kind": "line-test", "notice": {}, "presedence": "FLASH"}', "presedence"),
        (b'{"kind": "line-test", "notice": {}, "precedence": "URGENT"}', "precedence"),
        (b'{"kind": "line-test", "notice": {}, "expires_s": -1}', "expires_s"),
        (b'{"kind": "line-test", "notice": {}, "id": "short"}', "id"),
        (b'{"kind": "line-test", "notice": {"a": ' + b"[" * 50 + b"]" * 50 + b"}}", "notice"),
    ],
)
async def test_a_body_that_does_not_fit_is_refused_with_one_sentence_that_names_the_field(
    http: aiohttp.ClientSession, station: FakeStation, body: bytes, field: str
) -> None:
    code, failed = await post(http, "/v1/notices", body)
    assert (code, failed["field"], failed["exit"]) == (400, field, 2)
    assert failed["error"].startswith("The notice")
    assert failed["remedy"]
    assert station.batches == []


async def test_a_body_over_the_bound_is_refused_before_it_is_sent(
    http: aiohttp.ClientSession, station: FakeStation
) -> None:
    code, failed = await post(http, "/v1/notices", b" " * (limits.API_REQUEST_BYTES + 1))
    assert (code, failed["reason"]) == (413, "too-large")


async def test_a_body_over_the_bound_is_refused_also_if_its_length_is_not_stated(
    http: aiohttp.ClientSession,
) -> None:
    async def endless() -> Any:
        for _ in range(limits.API_REQUEST_BYTES // 4096 + 1):
            yield b" " * 4096

    async with http.post("/v1/answers", data=endless()) as answer:
        assert answer.status == 413


async def test_the_inbox_passes_on_what_is_asked_for(http: aiohttp.ClientSession, station: FakeStation) -> None:
    code, page = await get(http, "/v1/inbox?after=2&limit=3&all=1")
    assert (code, [row["seq"] for row in page["notices"]], page["next"]) == (200, [3, 4, 5], 5)
    assert station.asked == [{"after": 2, "consumer": "", "limit": 3, "notices_only": False}]


async def test_the_inbox_gives_the_latest_or_goes_on_at_the_consumers_cursor(
    http: aiohttp.ClientSession, station: FakeStation
) -> None:
    assert await post(http, "/v1/inbox/confirm", {"consumer": "gateway", "seq": 5}) == (204, None)
    _, confirmed = await get(http, "/v1/inbox?consumer=gateway")
    _, all_of_it = await get(http, "/v1/inbox")
    assert [row["seq"] for row in confirmed["notices"]] == [6, 7]
    assert [row["seq"] for row in all_of_it["notices"]] == [1, 2, 3, 4, 5, 6, 7]
    assert [asked["after"] for asked in station.asked] == [None, None]


@pytest.mark.parametrize(
    "query",
    [
        "after=2&consumer=gateway",
        "after=-1",
        "after=two",
        "limit=0",
        "limit=1001",
        "afer=2",
        "after=1&after=2",
        "consumer=%ff",
        "consumer=" + "x" * 65,
    ],
)
async def test_a_query_that_does_not_fit_is_refused(
    http: aiohttp.ClientSession, station: FakeStation, query: str
) -> None:
    async with http.get(URL(f"http://hotline/v1/inbox?{query}", encoded=True)) as answer:
        failed = await answer.json()
    assert (answer.status, failed["exit"]) == (400, 2)
    assert "quer" in failed["error"] or "twice" in failed["error"]
    assert station.asked == []


async def test_the_outbox_passes_on_what_is_asked_for(http: aiohttp.ClientSession, station: FakeStation) -> None:
    await post(http, "/v1/notices", NOTICE)
    code, page = await get(http, "/v1/outbox?limit=5&before=9&newest_first=false")
    assert (code, len(page["notices"])) == (200, 1)
    assert station.asked == [{"limit": 5, "newest_first": False, "before": 9}]


@pytest.mark.parametrize("path", ["/v1/notices/SOUTH%207", "/v1/notices/" + f"{7:032x}"])
async def test_a_notice_is_shown_by_reference_and_by_id(http: aiohttp.ClientSession, path: str) -> None:
    code, shown = await get(http, path)
    assert (code, shown["ref"]) == (200, "SOUTH 7")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/v1/notices/SOUTH%2099", 404),
        ("/v1/notices/SOUTH%2F7", 404),
        ("/v1/notices/" + "x" * 129, 414),
        ("/v1/notices/%ff", 400),
        ("/v1/notices/", 404),
        ("/v1/notices/a/b", 404),
        ("/v2/status", 404),
        ("/", 404),
    ],
)
async def test_what_is_not_there_is_said_not_to_be_there(http: aiohttp.ClientSession, path: str, code: int) -> None:
    async with http.get(URL(f"http://hotline{path}", encoded=True)) as answer:
        assert answer.status == code
        assert (await answer.json())["remedy"]


@pytest.mark.parametrize(("method", "path"), [("DELETE", "/v1/status"), ("GET", "/v1/answers"), ("PUT", "/metrics")])
async def test_another_method_is_refused_and_the_right_one_named(
    http: aiohttp.ClientSession, method: str, path: str
) -> None:
    async with http.request(method, path) as answer:
        assert answer.status == 405
        assert (await answer.json())["remedy"] in {"Use GET.", "Use POST."}


async def test_an_answer_reaches_the_station(http: aiohttp.ClientSession, station: FakeStation) -> None:
    code, step = await post(http, "/v1/answers", {"ref": "SOUTH 7", "verdict": "acknowledged"})
    assert (code, step["state"]) == (201, "ACKNOWLEDGED")
    assert station.answers == [Answer(ref="SOUTH 7", verdict="acknowledged")]


async def test_an_answer_with_an_unknown_verdict_is_refused(http: aiohttp.ClientSession, station: FakeStation) -> None:
    code, failed = await post(http, "/v1/answers", {"ref": "SOUTH 7", "verdict": "maybe"})
    assert (code, failed["reason"]) == (400, "usage")
    assert "verdict" in failed["error"]
    assert station.answers == []


async def test_the_description_is_served_as_it_is_committed(http: aiohttp.ClientSession) -> None:
    async with http.get("/v1/openapi.json") as answer:
        assert await answer.read() == openapi.text()


async def test_metrics_are_served_as_the_station_gives_them(http: aiohttp.ClientSession) -> None:
    async with http.get("/metrics") as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        assert await answer.read() == b"hotline_up 1\n"


async def test_without_metrics_there_are_none(station: FakeStation, socket_path: Path) -> None:
    connector = aiohttp.UnixConnector(path=str(socket_path))
    async with (
        serving(station, socket_path),
        aiohttp.ClientSession("http://hotline", connector=connector) as session,
        session.get("/metrics") as answer,
    ):
        assert answer.status == 404


@pytest.mark.parametrize(
    ("error", "code"),
    [(BusyError("Full."), 503), (MalformedError("Bad bytes."), 502), (StoreError("No disk."), 500)],
)
async def test_an_error_of_the_station_has_the_status_of_whoever_has_to_act(
    http: aiohttp.ClientSession, station: FakeStation, error: Exception, code: int
) -> None:
    station.failure = error
    answered, failed = await get(http, "/v1/status")
    assert (answered, failed["error"], failed["kind"]) == (code, str(error), type(error).__name__)


async def test_a_fault_of_ours_is_a_plain_sentence_for_the_client_and_a_traceback_for_the_log(
    http: aiohttp.ClientSession, station: FakeStation
) -> None:
    station.failure = ZeroDivisionError("secret detail")
    with capture_logs() as logs:
        code, failed = await get(http, "/v1/status")
    assert (code, failed["reason"]) == (500, "internal")
    assert "secret" not in json.dumps(failed)
    assert [(entry["event"], entry["path"]) for entry in logs] == [("request failed", "/v1/status")]


async def raw(path: Path, sent: bytes) -> bytes:
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(sent)
    await writer.drain()
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    await writer.wait_closed()
    return answer


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100),
        b"hello\r\n\r\n",
        b"GET /v1/status HTTP/9.9\r\n\r\n",
        b"GET /" + b"a" * (bounds.LINE_BYTES + 1) + b" HTTP/1.1\r\nHost: h\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: h\r\nX: " + b"a" * (bounds.HEADER_BYTES + 1) + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: h\r\n" + b"".join(b"X%d: a\r\n" % n for n in range(bounds.HEADERS + 1)) + b"\r\n",
        b"POST /v1/notices HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nnot a length\r\n",
        b"POST /v1/notices HTTP/1.1\r\nHost: h\r\nContent-Length: -5\r\n\r\n",
    ],
    ids=["tls", "no-http", "version", "long-line", "long-header", "many-headers", "bad-chunk", "negative-length"],
)
async def test_garbage_is_answered_once_in_our_form_and_the_connection_ends(
    http: aiohttp.ClientSession, socket_path: Path, sent: bytes
) -> None:
    answer = await raw(socket_path, sent)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith((b"HTTP/1.1 400", b"HTTP/1.0 400"))
    assert json.loads(body)["kind"] == "UsageError"
    assert (await get(http, "/v1/status"))[0] == 200


async def test_a_client_that_asks_leave_to_send_is_told_to_go_on(
    http: aiohttp.ClientSession, socket_path: Path
) -> None:
    body = json.dumps(NOTICE).encode()
    head = f"POST /v1/notices HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: {len(body)}\r\n"
    answer = await raw(socket_path, head.encode() + b"Expect: 100-continue\r\n\r\n" + body)
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\n")


async def test_a_body_that_does_not_come_is_not_waited_for_for_ever(
    http: aiohttp.ClientSession, socket_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "BODY_S", 0.05)
    answer = await raw(socket_path, b"POST /v1/notices HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n{")
    assert answer.startswith(b"HTTP/1.1 408")


async def test_a_client_that_leaves_before_its_answer_disturbs_nobody(
    http: aiohttp.ClientSession, station: FakeStation, socket_path: Path
) -> None:
    station.gate.clear()
    _, writer = await asyncio.open_unix_connection(socket_path)
    body = json.dumps(NOTICE).encode()
    writer.write(b"POST /v1/notices HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    await station.entered.wait()
    writer.close()
    await writer.wait_closed()
    station.gate.set()
    assert (await get(http, "/v1/status"))[0] == 200
    assert len(station.sent) == 1


async def test_connections_past_the_bound_are_told_so(
    http: aiohttp.ClientSession, socket_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "CONNECTIONS", 1)
    assert (await get(http, "/v1/status"))[0] == 200
    answer = await raw(socket_path, b"GET /v1/status HTTP/1.1\r\nHost: h\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 503")
    assert b"Retry-After: 1" in answer


async def test_connections_far_past_the_bound_are_cut_off(
    http: aiohttp.ClientSession, socket_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "CONNECTIONS_CUT", 1)
    assert (await get(http, "/v1/status"))[0] == 200
    reader, writer = await asyncio.open_unix_connection(socket_path)
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()


def mode_of(path: Path) -> int | None:
    return path.lstat().st_mode if path.exists() else None


async def test_the_socket_is_its_owners_alone_and_is_gone_after_a_stop(station: FakeStation, socket_path: Path) -> None:
    old = os.umask(0)  # the least favourable one
    try:
        async with serving(station, socket_path):
            assert mode_of(socket_path) == stat.S_IFSOCK | 0o600
    finally:
        os.umask(old)
    assert mode_of(socket_path) is None


async def test_the_socket_of_a_dead_daemon_is_replaced(station: FakeStation, socket_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(socket_path))
    async with serving(station, socket_path):
        answer = await raw(socket_path, b"GET /v1/status HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200")


async def test_a_path_that_is_too_long_is_named_with_a_remedy(station: FakeStation, tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 120)
    folder.mkdir()
    with pytest.raises(HostError, match=r"cannot listen on .*x{120}.*shorter path"):
        await ApiServer(station, folder / "api.sock").start()


async def test_a_stop_lets_a_request_under_way_finish(
    http: aiohttp.ClientSession, station: FakeStation, tmp_path: Path
) -> None:
    path = tmp_path / "second.sock"
    server = ApiServer(station, path)
    await server.start()
    station.gate.clear()
    asking = asyncio.create_task(raw(path, b"GET /v1/status HTTP/1.1\r\nHost: h\r\n\r\n"))
    await station.entered.wait()
    stopping = asyncio.create_task(server.stop(5))
    await asyncio.sleep(0)  # its first step, up to where it waits
    assert mode_of(path) is None
    station.gate.set()
    assert (await asking).startswith(b"HTTP/1.1 200")
    await stopping


async def test_a_stop_does_not_wait_longer_than_it_was_given(station: FakeStation, socket_path: Path) -> None:
    server = ApiServer(station, socket_path)
    await server.start()
    station.gate.clear()
    asking = asyncio.create_task(raw(socket_path, b"GET /v1/status HTTP/1.1\r\nHost: h\r\n\r\n"))
    await station.entered.wait()
    async with asyncio.timeout(30):
        await server.stop(0.1)
    assert await asking == b""


async def test_a_stop_may_come_twice_or_after_a_start_that_failed(
    station: FakeStation, socket_path: Path, tmp_path: Path
) -> None:
    failing = ApiServer(station, tmp_path / "missing" / "api.sock")
    with pytest.raises(HostError):
        await failing.start()
    await failing.stop(1)
    server = ApiServer(station, socket_path)
    await server.start()
    await server.stop(1)
    await server.stop(1)
    assert mode_of(socket_path) is None
