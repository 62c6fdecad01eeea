"""`hotline journal`: sentences for people, documents for programs, and what happens as it happens."""

import contextlib
import json
import queue
import signal
import subprocess
import threading
import time

import pytest
from msgspec import structs

from hotline.api.types import JournalEntry
from hotline.cli import journal
from hotline.cli.output import Output
from tests.cli.calls import call, refused, spawn
from tests.cli.conftest import Pair
from tests.cli.notices import sent

_WITHIN_S = 120.0  # a minute is counted to its end
ENTRY = JournalEntry(
    index=4, time_ms=1732710600000, line="SOUTH", kind="peer-silent", level="alarm", text="Silent \x1b[2J.",
    fields={}, phone="+1 555 \u202e0100",
)  # fmt: skip


def test_an_entry_is_a_sentence_and_an_alarm_says_whom_to_telephone(capsys: pytest.CaptureFixture[str]) -> None:
    journal._tell(Output(), ENTRY)
    journal._tell(Output(), structs.replace(ENTRY, phone=""))
    journal._tell(Output(), structs.replace(ENTRY, level="cleared", kind="peer-heard", text="Heard."))
    journal._tell(Output(), structs.replace(ENTRY, level="happened", kind="start", text="Starts.", line=""))
    journal._tell(Output(), structs.replace(ENTRY, line=""))
    assert capsys.readouterr().out.splitlines() == [
        "271230Z NOV 24  ALARM: SOUTH: Silent \\u{1b}[2J. Telephone SOUTH: +1 555 \\u{202e}0100  [peer-silent]",
        "271230Z NOV 24  ALARM: SOUTH: Silent \\u{1b}[2J. SOUTH's card has no telephone number.  [peer-silent]",
        "271230Z NOV 24  OVER: SOUTH: Heard.  [peer-heard]",
        "271230Z NOV 24  Starts.  [start]",
        "271230Z NOV 24  ALARM: Silent \\u{1b}[2J. Telephone the peer: +1 555 \\u{202e}0100  [peer-silent]",
    ]


def test_whether_all_of_it_is_under_a_head_is_said() -> None:
    assert journal._covered(7, 7) == "All 7 entries are under a signed head."
    assert journal._covered(7, 5).startswith("7 entries; the first 5 are under a signed head")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--kind", "strat"], "no kind 'strat'"),
        (["--kind", "received"], "no kind"),
        (["--since", "yesterday"], "--since"),
    ],
)
def test_a_kind_or_time_that_is_none_is_refused(words: list[str], said: str) -> None:
    refused(call("journal", *words), 2, said)


@pytest.mark.integration
def test_the_newest_stands_last_and_options_choose(pair: Pair) -> None:
    document = call("journal", "--limit", "1000", "--json", home=pair.north).document
    indices = [entry["index"] for entry in document["entries"]]
    assert indices == sorted(indices)
    assert document["size"] == indices[-1] + 1
    assert document["entries"][0]["kind"] == "start"
    last = call("journal", "--limit", "1", "--json", home=pair.north).document
    assert [entry["index"] for entry in last["entries"]] == [last["size"] - 1]  # more may have happened since
    assert last["size"] >= document["size"]
    starts = call("journal", "--kind", "start", home=pair.north).out.splitlines()
    assert len(starts) == 2
    assert "NORTH starts, Hotline" in starts[0]
    assert call("journal", "--since", "010000ZJAN30", "--json", home=pair.north).document["entries"] == []
    alarms = call("journal", "--alarms", "--json", home=pair.north).document["entries"]
    assert all(entry["level"] != "happened" for entry in alarms)


def _lines_of(process: "subprocess.Popen[str]") -> "tuple[queue.Queue[str], threading.Thread]":
    """What a command prints, line by line, and who reads it beside the test, to its end."""
    lines: queue.Queue[str] = queue.Queue()

    def read() -> None:
        assert process.stdout is not None
        while line := process.stdout.readline():
            lines.put(line)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    return lines, reader


@pytest.mark.integration
def test_what_happens_is_shown_as_it_happens_until_ctrl_c(pair: Pair) -> None:
    before = call("journal", "--json", home=pair.north).document["size"]
    process = spawn("journal", "--follow", "--json", "--home", str(pair.north.path))
    lines, reader = _lines_of(process)
    deadline = time.monotonic() + _WITHIN_S
    new = False
    while not new:
        assert time.monotonic() < deadline, "nothing new was shown"
        # Past ten releases in a minute, which other tests may have made, the journal counts: then a later one shows.
        sent(pair.north)
        with contextlib.suppress(queue.Empty):
            while not new:
                new = json.loads(lines.get(timeout=3.0))["index"] >= before
    process.send_signal(signal.SIGINT)
    reader.join(_WITHIN_S)
    with process:
        assert process.wait(_WITHIN_S) == 130
    assert call("journal", "--json", home=pair.north).document["size"] > before
