"""`hotline emergency`: sent, seen, listed, and loud in `status`, `inbox` and on paper."""

import pytest

from hotline import limits
from hotline.api.types import Emergency
from hotline.cli import emergency
from hotline.cli.output import Output
from tests.cli.calls import call, refused
from tests.cli.conftest import Pair
from tests.cli.test_words import line

pytestmark = pytest.mark.integration


def test_a_text_is_seen_by_the_peers_station_and_listed_at_both_ends(pair: Pair) -> None:
    text = "Our station was cloned. Telephone us."
    called = call("emergency", text, "--to", "SOUTH", "--wait", home=pair.north)
    assert called.code == 0
    assert "SEEN" in called.out
    assert "of no person" in called.out
    for words in (["emergency"], ["inbox"], ["status"]):
        assert "EMERGENCY from NORTH, " in call(*words, home=pair.south).out
        assert text in call(*words, home=pair.south).out
    listed = call("emergency", "--json", home=pair.south).document["emergencies"]
    assert listed[-1]["text"] == text
    assert call("follow", "--after", "0", "--until-now", "--alarms", home=pair.south).out.count(text) == 1


def test_the_document_of_a_text_says_what_became_of_it(pair: Pair) -> None:
    document = call("emergency", "Second.", "--wait", "--json", home=pair.north).document
    assert (document["direction"], document["line"], document["text"]) == ("sent", "SOUTH", "Second.")
    assert document["seen_ms"] > 0


def test_a_text_that_is_too_long_and_a_line_that_is_not_there_are_refused(pair: Pair) -> None:
    refused(call("emergency", "é" * limits.EMERGENCY_BYTES, home=pair.north), 2, "1024")
    refused(call("emergency", "x", "--to", "WEST", home=pair.north), 2, "WEST")


def test_escapes_in_a_text_are_made_harmless(pair: Pair) -> None:
    call("emergency", "\x1b[2Jred", "--wait", home=pair.north)
    assert "\x1b" not in call("emergency", home=pair.south).out


@pytest.mark.parametrize(
    ("state", "said"),
    [("attended", "it goes on being sent."), ("closed", "it waits for the next generation of this line,")],
)
def test_what_nobody_has_seen_waits_while_its_line_is_closed(
    capsys: pytest.CaptureFixture[str], state: str, said: str
) -> None:
    unseen = Emergency(
        seq=1, line="SOUTH", direction="sent", id="00" * 16, time_ms=5, officer="Duty officer", text="Help.", at_ms=5,
        seen_ms=0,
    )  # fmt: skip
    emergency.show(Output(), [unseen], emergency.closed([line(state=state), line(name="WEST", state="closed")]))
    assert f"NOT SEEN by SOUTH's station yet; {said}" in capsys.readouterr().out
