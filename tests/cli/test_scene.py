"""What the demo plays, and the notice that it sends."""

import tomllib
from importlib import resources

from hotline import notices
from tests.house.source import ROOT


def test_the_notice_of_the_demo_is_that_of_the_examples() -> None:
    packaged = tomllib.loads((resources.files("hotline.cli") / "data" / "exercise.toml").read_text(encoding="utf-8"))
    example = tomllib.loads((ROOT / "examples" / "notices" / "exercise.toml").read_text(encoding="utf-8"))
    assert packaged["envelope"].get("expires") is None
    assert packaged == example


def test_the_notice_of_the_demo_is_valid() -> None:
    with resources.as_file(resources.files("hotline.cli") / "data" / "exercise.toml") as path:
        assert notices.from_file(path).notice.kind == "exercise"
