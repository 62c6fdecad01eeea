"""The tools of `make overload` measure what they say."""

import asyncio
import os
from pathlib import Path

from hotline.core.frame import SIZES
from tests.benchmarks.flooding import stranger
from tests.benchmarks.overload import cpu_s, rss_mib
from tests.brokers import Broker, mosquitto
from tests.relay.harness import running
from tests.relay.test_mqtt import path


def test_memory_and_processor_time_are_read_from_the_kernel() -> None:
    held = bytearray(64 * 1024 * 1024)
    held[::4096] = bytes(len(held) // 4096)
    assert rss_mib(os.getpid()) > 64
    before = cpu_s(os.getpid())
    while cpu_s(os.getpid()) == before:
        held[0] ^= 1


async def test_the_stranger_writes_frames_of_the_right_size_and_tells_how_many(tmp_path: Path) -> None:
    async with mosquitto(tmp_path) as broker, running(path(broker), "mine") as end:
        sent = await asyncio.to_thread(_flood, broker)
        await end.until_frames(sent)
        assert sent >= 50
        assert {len(frame) for frame in end.payloads} == {SIZES[0]}


def _flood(broker: Broker) -> int:
    return stranger(broker.port, broker.username, broker.password_file, "hotline/mine", 200, 2.0)
