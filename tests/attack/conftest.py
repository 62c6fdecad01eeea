"""The homes of the station's tests, for attacks on whole stations."""

from tests.station.conftest import made, north, south, stage

__all__ = ["made", "north", "south", "stage"]
