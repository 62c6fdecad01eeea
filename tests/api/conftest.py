"""A served station, and two ways to speak to it: aiohttp, and bytes that are not HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.api.fake import FakeStation, serving


@pytest.fixture
def socket_path(tmp_path: Path) -> Path:
    return tmp_path / "api.sock"


@pytest.fixture
async def station() -> FakeStation:
    return FakeStation()


@pytest.fixture
async def http(station: FakeStation, socket_path: Path) -> AsyncIterator[aiohttp.ClientSession]:
    connector = aiohttp.UnixConnector(path=str(socket_path))
    async with (
        serving(station, socket_path, metrics=lambda: b"hotline_up 1\n"),
        aiohttp.ClientSession("http://hotline", connector=connector) as session,
    ):
        yield session
