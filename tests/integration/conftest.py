"""What integration tests start from: homes made once, relays of both kinds, and a mark on every test here."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.brokers import Broker, embedded, mosquitto
from tests.station.pair import make_homes

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.integration)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the homes `north` and `south`; not to be changed."""
    folder = tmp_path_factory.mktemp("homes")
    make_homes(folder)
    return folder


@pytest.fixture(params=["embedded", "mosquitto"])
async def broker(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Broker]:
    """A relay of each kind in turn."""
    async with (embedded if request.param == "embedded" else mosquitto)(tmp_path) as running:
        yield running


@pytest.fixture
async def relay(tmp_path: Path) -> AsyncIterator[Broker]:
    """A relay, where its kind makes no difference."""
    async with mosquitto(tmp_path) as running:
        yield running
