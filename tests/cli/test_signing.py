"""The passphrase of an officer: asked only where the station asks for it, and never taken from another's place."""

from pathlib import Path

import pytest

from hotline.cli.signing import signed
from hotline.custody.passphrase import VARIABLE
from hotline.errors import KeyError_
from hotline.home import Home
from tests.cli.secrets import secret

WORDS = "tamarind hexagon 41"


def needs(wanted: str, given: list[str]) -> str:
    """As the station: refuses until the passphrase is there."""
    given.append(wanted)
    if not wanted:
        raise KeyError_("Colonel B is not on duty here.", "Give the passphrase.", reason="no-passphrase")
    return "signed"


def test_an_officer_on_duty_is_not_asked(north: Home) -> None:
    assert signed(north.path, "Colonel B", Path("nowhere"), lambda secret: secret or "none") == "none"


def test_the_file_is_read_once_the_station_asks(north: Home, tmp_path: Path) -> None:
    given: list[str] = []
    file = Path(secret(tmp_path, WORDS))
    assert signed(north.path, "Colonel B", file, lambda words: needs(words, given)) == "signed"
    assert given == ["", WORDS]


def test_the_variable_of_the_station_is_not_an_officers_passphrase(
    north: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "the station's")
    monkeypatch.setattr("hotline.custody.passphrase.os.open", _no_terminal)
    given: list[str] = []
    with pytest.raises(KeyError_, match="no terminal"):
        signed(north.path, "Colonel B", None, lambda words: needs(words, given))
    assert given == [""]


def test_another_refusal_asks_for_nothing(north: Home) -> None:
    def act(_: str) -> str:
        raise KeyError_("2 officers are on duty.", "Say which one signs.")

    with pytest.raises(KeyError_, match="2 officers"):
        signed(north.path, "", Path("nowhere"), act)


def _no_terminal(*_: object) -> int:
    raise OSError
