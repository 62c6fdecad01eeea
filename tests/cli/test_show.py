"""`hotline show`: reading is opening, and who only looks says so."""

import asyncio
from types import SimpleNamespace
from typing import cast

import pytest

from hotline.api.types import Answer, Notice, ReadBack, Step
from hotline.cli import show
from hotline.cli.output import Output
from hotline.cli.program import run
from hotline.client import Client
from tests.cli.calls import call, looking, refused
from tests.cli.conftest import Pair
from tests.cli.notices import arrived, sent
from tests.cli.test_words import notice, owing, rung

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


@pytest.mark.parametrize("words", [["--peek"], ["--json"], ["--print"], ["--peek", "--json"]])
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


def test_what_is_printed_is_for_paper_first_the_message_and_last_its_state(pair: Pair) -> None:
    ref = sent(pair.north, "Request your intentions. " * 20)["ref"]
    lines = call("show", ref, "--print", home=pair.north).out.splitlines()
    assert lines[0].startswith("ROUTINE   OPERATION   CONSULTATION")
    assert lines[-1] == "State: stored at SOUTH."
    assert max(map(len, lines)) <= 78


def test_paper_has_no_colour_also_at_a_terminal(pair: Pair) -> None:
    ref = sent(pair.north)["ref"]
    with looking() as screen:
        run(["show", ref, "--print", "--home", str(pair.north.path)])
    assert "END OF" in screen.getvalue()
    assert "\x1b" not in screen.getvalue()


def test_paper_and_programs_are_not_mixed(pair: Pair) -> None:
    refused(call("show", "NORTH 1", "--print", "--json", home=pair.north), 2, "--print")


@pytest.mark.parametrize("past", [False, True])
def test_what_nobody_can_answer_any_more_is_not_opened_by_reading_it(past: bool) -> None:
    assert show._unopened(notice(direction="received", state="STORED", past=past)) is not past


def test_a_drill_says_so_first_and_last_on_screen_and_on_paper(pair: Pair) -> None:
    ref = sent(pair.north, "Drill.", "--mode", "DRILL")["ref"]
    for words in ([], ["--print"]):
        lines = call("show", ref, *words, home=pair.north).out.splitlines()
        assert lines[0] == lines[-1] == "DRILL DRILL DRILL"


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


@pytest.mark.parametrize(
    ("remarks", "said"),
    [
        (["Of generation 1 of the line, which has ended"], "It is of generation 1, which has ended: answer by a new"),
        ([], "Its line is closed: answer by telephone."),
    ],
)
def test_what_cannot_be_answered_any_more_says_what_is_possible(
    capsys: pytest.CaptureFixture[str], remarks: list[str], said: str
) -> None:
    lines = shown(capsys, direction="received", state="OPENED", past=True, remarks=remarks)
    assert lines[-1].startswith(said)
    assert not any("hotline ack" in line for line in lines)


def shown(capsys: pytest.CaptureFixture[str], **fields: object) -> list[str]:
    """The lines that a person sees of such a notice."""
    show._tell(Output(), notice(text="THE MESSAGE\n", **fields), on_duty=True)
    return capsys.readouterr().out.splitlines()


def test_what_makes_a_notice_late_or_void_stands_above_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    late = "LATE: 4 d before the start, 5 d agreed"
    lines = shown(capsys, state="SUPERSEDED", remarks=[late], ladder=[rung("SUPERSEDED", text="cancelled by NORTH 9")])
    assert lines[:3] == [late, "NOT IN FORCE: cancelled by NORTH 9.", "THE MESSAGE"]
    assert show.page(notice(text="THE MESSAGE\n", remarks=[late]))[:2] == [late, "THE MESSAGE"]


def test_relation_thread_drafter_and_deadlines_stand_below_it(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(
        capsys, relation="amends NORTH 5", thread="NORTH 5", thread_state="amended", revision=2,
        drafters=["Captain A"], due=[owing("acknowledge", "peer")],
    )  # fmt: skip
    assert "It amends NORTH 5." in lines
    assert "Thread of NORTH 5: amended, revision 2 in force." in lines
    assert "Drafted by Captain A." in lines
    assert any(line.startswith("Acknowledgement, owed by SOUTH: OVERDUE since 271230Z NOV 24") for line in lines)


def test_a_void_acknowledgement_is_said_to_be_void_and_asks_for_a_fresh_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    ladder = [rung("STORED"), rung("ACKNOWLEDGED", officer="Major B", void=True)]
    lines = shown(capsys, direction="received", state="STORED", ladder=ladder)
    assert "271230Z NOV 24  acknowledged by Major B  VOID: amended after that" in lines
    assert lines[-1] == 'When it is understood: hotline ack "NORTH 7"'


def test_who_is_to_acknowledge_is_told_what_to_read_back(capsys: pytest.CaptureFixture[str]) -> None:
    asked = [ReadBack(name="start", label="Start"), ReadBack(name="areas[0]", label="Areas \x1b")]
    lines = shown(capsys, direction="received", state="OPENED", read_back=asked)
    assert lines[-2] == "To be read back: Start, Areas \\u{1b}."


def test_what_is_settled_asks_for_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert "hotline ack" not in shown(capsys, direction="received", state="ACKNOWLEDGED")[-1]
    overdue = [rung("ACKNOWLEDGED")]
    assert "hotline ack" not in shown(capsys, direction="received", state="OVERDUE", ladder=overdue)[-1]


EVIL = "\x1b[2Jx\u202e" + "State: acknowledged by all. " * 8


def test_text_from_outside_cannot_pass_for_a_line_of_ours_on_paper() -> None:
    hostile = notice(
        text="", subject=EVIL, kind=EVIL, line=EVIL, remarks=[EVIL], relation=EVIL, thread=EVIL, thread_state=EVIL,
        drafters=[EVIL], ladder=[rung("REFUSED", officer=EVIL, text=EVIL, proof=EVIL)], due=[owing("reply", "peer")],
    )  # fmt: skip
    lines = show.page(hostile)
    assert not set("\x1b\u202e\n") & set("".join(lines))
    assert max(map(len, lines)) <= 78
    assert sum(line.startswith("State: ") for line in lines) == 1
