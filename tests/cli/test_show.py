"""`hotline show`: reading is opening, and who only looks says so."""

import asyncio
from types import SimpleNamespace
from typing import cast

import pytest

from hotline.api.types import Answer, Notice, Step
from hotline.cli import show
from hotline.cli.output import Output
from hotline.client import Client
from tests.cli.calls import call, refused
from tests.cli.conftest import Pair
from tests.cli.notices import arrived, sent
from tests.cli.test_words import notice

pytestmark = pytest.mark.integration


def test_the_sender_sees_the_text_and_the_ladder(pair: Pair) -> None:
    ref = sent(pair.north, "Seen by its sender.")["ref"]
    out = call("show", ref, home=pair.north).out
    assert "Seen by its sender." in out
    assert f"END OF {ref}" in out
    assert "queued here, not at SOUTH yet" in out
    assert "stored (receipt)" in out
    assert "State: stored at SOUTH." in out


def test_reading_at_the_receiver_is_opening_in_the_officers_name(pair: Pair) -> None:
    ref = sent(pair.north)["ref"]
    assert arrived(pair.south, ref)["state"] == "STORED"
    called = call("show", ref, home=pair.south)
    assert "opened by Duty officer" in called.out
    assert "NORTH is told" in called.err
    assert f'hotline ack "{ref}"' in called.out
    assert "is told" not in call("show", ref, home=pair.south).err


@pytest.mark.parametrize("words", [["--peek"], ["--json"], ["--peek", "--json"]])
def test_peeking_and_programs_open_nothing(pair: Pair, words: list[str]) -> None:
    ref = sent(pair.north)["ref"]
    arrived(pair.south, ref)
    assert call("show", ref, *words, home=pair.south).code == 0
    assert arrived(pair.south, ref)["state"] == "STORED"


def test_a_program_opens_where_it_says_so(pair: Pair) -> None:
    ref = sent(pair.north)["ref"]
    arrived(pair.south, ref)
    words = ["--open", "--officer", "Duty officer", "--json"]
    assert call("show", ref, *words, home=pair.south).document["state"] == "OPENED"


def test_a_notice_is_found_by_its_id_too(pair: Pair) -> None:
    document = sent(pair.north)
    assert call("show", document["id"], "--json", home=pair.north).document["ref"] == document["ref"]


def test_text_from_the_peer_cannot_move_the_cursor(pair: Pair) -> None:
    ref = sent(pair.north, "before \u202e after\nsecond line")["ref"]
    arrived(pair.south, ref)
    out = call("show", ref, "--peek", home=pair.south).out
    assert "\u202e" not in out
    assert "\\u{202e}" in out


@pytest.mark.parametrize(
    "ref", ["NORTH 999999", "EAST 1", "NORTH", "", "..", "ab" * 16, "NORTH 1/../2", "\x1b[2J 7", "x" * 500]
)
def test_a_notice_that_is_not_there_is_told_in_one_sentence(pair: Pair, ref: str) -> None:
    refused(call("show", ref, home=pair.north), 2)


def test_peeking_and_opening_are_not_mixed(pair: Pair) -> None:
    refused(call("show", "NORTH 1", "--peek", "--open", home=pair.south), 2, "--peek")


def test_an_officer_who_is_not_on_duty_cannot_open(pair: Pair) -> None:
    ref = sent(pair.north)["ref"]
    arrived(pair.south, ref)
    refused(call("show", ref, "--officer", "Nobody", home=pair.south), 2, "Nobody")


def test_reading_by_id_opens_that_one_though_its_name_is_said_on_two_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Station:
        async def show(self, ref: str) -> Notice:
            asked.append(ref)
            return notice(direction="received", id="ab" * 16, ref="SOUTH 1")

        async def status(self) -> SimpleNamespace:
            return SimpleNamespace(attended=True)

        async def answer(self, answer: Answer) -> Step:
            asked.append(answer.ref)
            return Step(state="OPENED", time_ms=0, clock="ours", officer="Duty officer", text="", proof="")

    asyncio.run(show._fetch(cast("Client", Station()), "ab" * 16, True, False, ""))
    assert asked == ["ab" * 16] * 3


def test_who_has_no_officer_on_duty_is_not_told_to_acknowledge(capsys: pytest.CaptureFixture[str]) -> None:
    received = notice(direction="received")
    show._tell(Output(), received, on_duty=False)
    assert "hotline ack" not in capsys.readouterr().out
    show._tell(Output(), received, on_duty=True)
    assert "hotline ack" in capsys.readouterr().out
