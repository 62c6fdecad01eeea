"""A card that was signed anew: the running station takes it or says why not, and none running is no fault."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from hotline.cli.newcard import tell_station
from hotline.cli.output import Output
from hotline.errors import CardError
from hotline.home import Home
from tests.cli.calls import call, refused
from tests.cli.conftest import Pair, running


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with running(tmp_path_factory.mktemp("newcard")) as made:
        yield made


@contextmanager
def in_place_of(home: Home, text: bytes) -> Iterator[None]:
    """Another card in the home for a while."""
    held = home.card_path.read_bytes()
    home.card_path.write_bytes(text)
    try:
        yield
    finally:
        home.card_path.write_bytes(held)


def test_where_no_station_runs_the_peers_are_told_later(north: Home, capsys: pytest.CaptureFixture[str]) -> None:
    told = tell_station(north)
    assert (told.taken, told.refusal) == (False, None)
    told.finish(Output())
    assert "when it starts" in capsys.readouterr().out


@pytest.mark.integration
def test_the_same_card_is_taken_as_often_as_it_is_told(own: Pair, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert tell_station(own.north).taken
    tell_station(own.north).finish(Output())
    assert "goes by it now" in capsys.readouterr().out


@pytest.mark.integration
def test_a_station_that_does_not_take_the_card_says_why(own: Pair) -> None:
    with in_place_of(own.north, own.south.card_path.read_bytes()):
        told = tell_station(own.north)
    assert isinstance(told.refusal, CardError)
    assert "another station" in told.refusal.what
    assert tell_station(own.north).taken


@pytest.mark.integration
def test_a_card_that_was_signed_and_not_taken_ends_in_an_error_after_its_document(own: Pair) -> None:
    first = own.north.card_path.read_bytes()
    assert call("card", "--reissue", "--phone", "+1 555 0180", home=own.north).code == 0
    # An old card is put back behind the station's back, and signed anew under a number that the station has.
    with in_place_of(own.north, first):
        called = call("card", "--reissue", "--phone", "+1 555 0181", "--json", home=own.north)
    assert called.document["told"] is False
    assert "goes by number 2" in refused(called, 2)
