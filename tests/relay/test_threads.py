"""The thread of a call that hangs ends with the process, not before it."""

import subprocess
import sys
import threading
import time

import pytest

from hotline.relay.threads import Abandonable
from tests.brokers import ROOT

HANGS = """
import threading
from hotline.relay.threads import Abandonable
Abandonable().submit(threading.Event().wait, 60)
"""


def test_a_call_returns_its_result_from_another_thread() -> None:
    assert Abandonable().submit(lambda: threading.current_thread() is threading.main_thread()).result(60) is False


def test_what_a_call_raises_comes_out_of_its_future() -> None:
    def fail() -> None:
        raise OSError("no network")

    with pytest.raises(OSError, match="no network"):
        Abandonable().submit(fail).result(60)


def test_a_process_ends_while_a_call_still_hangs() -> None:
    began = time.monotonic()
    assert subprocess.run([sys.executable, "-c", HANGS], cwd=ROOT, timeout=50, check=False).returncode == 0
    assert time.monotonic() - began < 30
