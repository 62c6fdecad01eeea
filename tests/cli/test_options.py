"""The options that commands share mean the same everywhere."""

import importlib
import inspect
from typing import get_type_hints

import pytest

from hotline.cli import options
from hotline.cli.group import NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_command_takes_home_json_and_no_color_as_they_are_declared_once(name: str) -> None:
    module = name.replace("-", "_")
    function = getattr(importlib.import_module(f"hotline.cli.{module}"), module)
    hints = get_type_hints(function, include_extras=True)
    shared = {"home": options.HomeOption, "json": options.JsonOption, "no_color": options.NoColorOption}
    assert {key: hints[key] for key in shared} == shared
    assert list(inspect.signature(function).parameters)[-3:] == list(shared)
