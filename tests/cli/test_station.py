"""The way to the daemon."""

from pathlib import Path

import pytest

from hotline.cli.station import ask
from hotline.errors import DaemonError, NotFoundError
from hotline.home import Home


def test_a_station_that_does_not_run_is_told_with_how_to_start_it(north: Home) -> None:
    with pytest.raises(DaemonError, match="hotline run"):
        ask(north.path, lambda client: client.status())


def test_a_home_that_is_none_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="hotline init"):
        ask(tmp_path, lambda client: client.status())
