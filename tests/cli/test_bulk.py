"""`hotline send --bulk`: an outcome for each line, in order, and one wrong line stops no other."""

import json
import uuid
from collections.abc import AsyncGenerator, Iterable
from pathlib import Path

import pytest

from hotline import limits
from hotline.api.types import Submit, Submitted
from hotline.client import Client
from hotline.errors import DaemonError
from hotline.home import Home
from tests.cli.calls import call
from tests.cli.conftest import Pair

pytestmark = pytest.mark.integration
GOOD = b'{"kind": "consultation", "notice": {"text": "Many."}}'


def test_every_line_gets_its_outcome_in_order_with_its_number(pair: Pair) -> None:
    lines = [GOOD, b"", b"{", b'{"kind": "consultation", "notice": {}}', GOOD, b"[1]", b"\xff"]
    called = call("send", "--bulk", "-", "--json", home=pair.north, stdin=b"\n".join(lines) + b"\n")
    assert called.code == 1
    assert [(d["number"], "id" in d) for d in called.documents] == [
        (1, True), (3, False), (4, False), (5, True), (6, False), (7, False),
    ]  # fmt: skip
    assert "4 of 6 notices were refused" in called.err


def test_a_file_is_streamed_and_counted(pair: Pair, tmp_path: Path) -> None:
    file = tmp_path / "many.ndjson"
    file.write_bytes(b"".join(GOOD + b"\n" for _ in range(300)))
    called = call("send", "--bulk", str(file), home=pair.north)
    assert called.code == 0
    assert "300 queued, NOT at the peer yet; 0 refused." in called.out


def test_a_line_that_is_too_long_is_refused_and_the_next_one_goes_on(pair: Pair) -> None:
    long = json.dumps({"kind": "consultation", "notice": {"text": "x" * limits.API_REQUEST_BYTES * 3}}).encode()
    called = call("send", "--bulk", "-", "--json", home=pair.north, stdin=long + b"\n" + GOOD)
    assert ["error" in document for document in called.documents] == [True, False]
    assert "longer than" in called.documents[0]["error"]


def test_an_empty_file_is_no_fault(pair: Pair) -> None:
    called = call("send", "--bulk", "-", home=pair.north)
    assert (called.code, called.out) == (0, "0 queued, NOT at the peer yet; 0 refused.\n")


def test_a_folder_is_no_file_of_notices(pair: Pair, tmp_path: Path) -> None:
    called = call("send", "--bulk", str(tmp_path), home=pair.north)
    assert called.code == 2
    assert "cannot be read" in called.err


def test_a_line_of_another_shape_is_told_the_right_one(pair: Pair) -> None:
    called = call("send", "--bulk", "-", home=pair.north, stdin=b'{"kind": "consultation", "text": "Wrong."}')
    assert '{"kind": "consultation", "notice": {"text"' in called.out
    assert "precedence" in called.out


def test_what_was_sent_before_is_counted_apart(pair: Pair) -> None:
    line = GOOD[:-1] + b', "id": "%s"}' % uuid.uuid4().hex.encode()
    call("send", "--bulk", "-", home=pair.north, stdin=line)
    again = call("send", "--bulk", "-", home=pair.north, stdin=line + b"\n" + GOOD)
    assert "1 queued, NOT at the peer yet; 1 sent before; 0 refused." in again.out


def test_a_station_that_ends_in_between_leaves_no_doubt_about_the_lines_before(
    north: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ended(_client: Client, notices: Iterable[Submit]) -> AsyncGenerator[Submitted]:
        next(iter(notices))
        yield Submitted(id="ab" * 16, line="SOUTH", state="QUEUED", repeated=False)
        raise DaemonError("The station ended the connection.")

    monkeypatch.setattr(Client, "submit_many", ended)
    called = call("send", "--bulk", "-", home=north, stdin=GOOD + b"\n" + GOOD)
    assert called.code == 4
    assert "1 queued, NOT at the peer yet; 0 refused." in called.out
    assert "not queued twice" in called.out
