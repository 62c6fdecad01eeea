"""A command's coroutine runs, and an interrupt while its loop is built waits until it is whole."""

import asyncio
import signal
import threading

import pytest

from hotline.cli import loop


async def answer() -> int:
    await asyncio.sleep(0)
    return 7


def test_the_result_comes_back_and_no_loop_is_left() -> None:
    assert loop.run(answer) == 7
    assert loop.run(answer) == 7


def test_an_interrupt_while_the_loop_is_built_comes_when_it_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    whole: list[bool] = []
    build = asyncio.Runner.get_loop

    def interrupted(self: asyncio.Runner) -> asyncio.AbstractEventLoop:
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)
        made = build(self)
        whole.append(True)
        return made

    monkeypatch.setattr(asyncio.Runner, "get_loop", interrupted)
    with pytest.raises(KeyboardInterrupt):
        loop.run(answer)
    assert whole == [True]
