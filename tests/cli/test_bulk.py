"""`hotline send --bulk`: an outcome for each line, in order, and one wrong line stops no other."""

import json
from pathlib import Path

import pytest

from hotline import limits
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
