"""`hotline outbox`: how far each notice has come."""

import pytest

from hotline.api.types import Page
from hotline.cli import outbox
from hotline.cli.output import Output
from hotline.home import Home
from tests.cli.calls import call, refused
from tests.cli.conftest import Pair
from tests.cli.notices import sent
from tests.cli.test_words import line, notice

pytestmark = pytest.mark.integration


def test_the_latest_comes_first_with_what_it_has_reached(pair: Pair) -> None:
    older, newer = (sent(pair.north)["ref"] for _ in range(2))
    out = call("outbox", "--limit", "2", home=pair.north).out
    assert out.index(newer) < out.index(older)
    assert "stored at SOUTH" in out


def test_the_list_goes_on_where_it_ended(pair: Pair) -> None:
    older, newer = (sent(pair.north)["ref"] for _ in range(2))
    first = call("outbox", "--limit", "1", "--json", home=pair.north).document
    second = call("outbox", "--limit", "1", "--before", str(first["next"]), "--json", home=pair.north).document
    assert [page["notices"][0]["ref"] for page in (first, second)] == [newer, older]
    assert "There is more: --before" in call("outbox", "--limit", "1", home=pair.north).out


def test_what_the_rules_hold_back_is_said_and_the_last_serial(capsys: pytest.CaptureFixture[str]) -> None:
    held = notice(state="QUEUED", remarks=["HELD: the rules differ"])
    outbox._tell(Output(), Page(notices=[held], next=0), [line(held=1, last_sent=7)])
    out = capsys.readouterr().out
    assert "Last to SOUTH: 7." in out
    assert f"1 HELD: the rules differ from SOUTH's. Let one go:\n  hotline release {held.id} --despite-rules\n" in out
    assert out.splitlines()[1].endswith("HELD")
    assert "Not all" not in out
    outbox._tell(Output(), Page(notices=[held, notice()], next=0), [line(held=2)])
    assert "Not all of them are in this list" in capsys.readouterr().out


def test_where_nothing_was_sent_it_says_so(pair: Pair) -> None:
    assert call("outbox", home=pair.south).out == "Nothing was sent.\n"


def test_a_station_that_does_not_run_is_told(north: Home) -> None:
    refused(call("outbox", home=north), 4, "hotline run")


def test_a_limit_of_none_is_refused(pair: Pair) -> None:
    refused(call("outbox", "--limit", "0", home=pair.north), 2, "--limit")
