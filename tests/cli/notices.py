"""Notices sent through the running pair, for tests that look at one."""

from typing import Any

from hotline.home import Home
from tests.cli.calls import call


def sent(home: Home, text: str = "Request your intentions.", *words: str) -> Any:
    """Send a consultation, wait until it is stored at the peer, and return the document of `send`."""
    called = call("send", "consultation", text, "--wait", "--timeout", "30", "--json", *words, home=home)
    assert called.code == 0, called
    return called.document


def arrived(home: Home, ref: str) -> Any:
    """Return the received notice, once it has come up in the inbox: the signed head follows the receipt."""
    for _ in range(500):
        called = call("show", ref, "--json", home=home)
        if called.code == 0:
            return called.document
    raise AssertionError(f"{ref} did not arrive")
