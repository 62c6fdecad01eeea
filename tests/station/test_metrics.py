"""Figures for Prometheus: of the latest status, on a port only if that is asked for, and never old ones."""

import asyncio
import socket
import urllib.request
from typing import Any

import pytest

from hotline.api.types import Status
from hotline.config import Config, StationConfig
from hotline.errors import DaemonError, HostError
from hotline.home import Home
from hotline.station.metrics import Metrics
from tests.brokers import HOST, eventually, free_port
from tests.station.pair import Stage, line_of, until


class _Service:
    """A station whose status is what the test says."""

    def __init__(self, status: Status | None) -> None:
        self.answer = status
        self.asked = 0

    async def status(self) -> Status:
        self.asked += 1
        if self.answer is None:
            raise DaemonError("The station is stopping.", "")
        return self.answer


async def a_status(stage: Stage, north: Home, south: Home) -> Status:
    async with stage.running(north) as client, stage.running(south):
        await until(lambda: line_of(client), lambda line: line.own.signed == 1, what="the genesis")
        return await client.status()


def metrics(service: _Service, listen: str | None = None) -> Metrics:
    station: Any = service
    return Metrics(Config(station=StationConfig(metrics=listen)), station)


async def test_the_figures_are_those_of_the_status(stage: Stage, north: Home, south: Home) -> None:
    service = _Service(await a_status(stage, north, south))
    async with metrics(service) as shown:
        await asyncio.sleep(0)  # a turn of the loop for its task
        text = shown.text().decode()
    assert 'hotline_path_up{relay="first"} 1.0' in text
    assert 'hotline_own_signed{line="SOUTH"} 1.0' in text
    assert 'hotline_not_stored{line="SOUTH"} 0.0' in text


async def test_a_status_that_cannot_be_had_gives_no_figures_and_is_asked_for_again(
    stage: Stage, north: Home, south: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Metrics, "EVERY_S", 0.001)
    service = _Service(None)
    status = await a_status(stage, north, south)
    async with metrics(service) as shown:
        await eventually(lambda: service.asked >= 3)
        assert b"hotline_path_up{" not in shown.text()
        service.answer = status
        await eventually(lambda: b"hotline_path_up{" in shown.text())


async def test_a_port_is_opened_only_where_the_settings_name_one(stage: Stage, north: Home, south: Home) -> None:
    service = _Service(await a_status(stage, north, south))
    listen = f"{HOST}:{free_port()}"
    async with metrics(service, listen):
        await asyncio.sleep(0)
        page = await asyncio.to_thread(_get, f"http://{listen}/metrics")
        assert b"hotline_path_up" in page
    with pytest.raises(OSError, match="refused"):
        await asyncio.to_thread(_get, f"http://{listen}/metrics")


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 (our own address)
        page: bytes = answer.read()
        return page


async def test_a_port_that_is_taken_is_named(stage: Stage) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        listen = f"{HOST}:{taken.getsockname()[1]}"
        with pytest.raises(HostError, match=listen):
            await metrics(_Service(None), listen).__aenter__()
