"""Notices sent through the running pair, for tests that look at one."""

import json
import re
import time
from collections.abc import Callable
from typing import Any

from hotline.home import Home
from hotline.notices.dtg import format_time, parse_time
from tests.cli.calls import Called, call
from tests.house.source import ROOT

EXERCISE = ROOT / "examples" / "notices" / "exercise.toml"
# Of the header, what is said of the act of telling, and not of what is told.
OF_THE_TELLING = ("originator", "action", "info", "references", "drafter", "releaser", "acknowledge_by", "reply_by")


WITHIN_S = 60  # for what takes milliseconds on an idle machine


def once(ask: Callable[[], Called], holds: Callable[[Called], object]) -> Called:
    """Call again and again until the answer holds; fail with the last one when none did in time."""
    end = time.monotonic() + WITHIN_S
    while not holds(called := ask()):
        assert time.monotonic() < end, called
        time.sleep(0.01)
    return called


def sent(home: Home, text: str = "Request your intentions.", *words: str) -> Any:
    """Send a consultation, wait until it is stored at the peer, and return the document of `send`."""
    called = call("send", "consultation", text, "--wait", "--timeout", "60", "--json", *words, home=home)
    assert called.code == 0, called
    return called.document


def arrived(home: Home, ref: str) -> Any:
    """Return the received notice, once it has come up in the inbox: the signed head follows the receipt."""
    return once(lambda: call("show", ref, "--json", home=home), lambda called: called.code == 0).document


def exercise(first_s: int) -> str:
    """Return the example of 2024 as a file whose first day begins at `first_s`, not yet dated, with no reason given."""
    text = EXERCISE.read_text(encoding="utf-8")
    text, times = re.subn(r'^dtg = "[^"]*"\n', "", text, flags=re.MULTILINE)
    assert times == 1
    text, times = re.subn(r'^late_reason = """.*?"""\n', "", text, flags=re.MULTILINE | re.DOTALL)
    assert times == 1
    shift_s = first_s - parse_time("010000Z DEC 24", "first")
    return re.sub(r"\d{6}Z DEC 24", lambda found: format_time(parse_time(found[0], "time") + shift_s), text)


def exercise_sent(home: Home, *words: str, waits: bool = True) -> Any:
    """Send an exercise far enough ahead to be in time, wait until it is stored, and return the document of `send`."""
    wait = ["--wait", "--timeout", "60"] if waits else []
    data = exercise(parse_time("010000Z DEC 30", "first")).encode()
    called = call("send", "exercise", "--from", "-", *wait, *words, "--json", home=home, stdin=data)
    assert called.code == 0, called
    return called.document


def amended(home: Home, ref: str, **changes: Any) -> Any:
    """Amend a notice of ours with these fields changed, wait until it is stored, and return the document of `send`."""
    shown = arrived(home, ref)["notice"]
    left_out = (*OF_THE_TELLING, "version", "dtg")
    replacement = {name: value for name, value in shown.items() if name not in left_out} | changes
    data = json.dumps({"target": ref, "reason": "The plan has changed.", "replacement": replacement}).encode()
    given = ("send", "amendment", "--from", "-", "--wait", "--timeout", "60", "--json")
    called = call(*given, home=home, stdin=data)
    assert called.code == 0, called
    return called.document
