"""Nobody answers: the sender is alarmed, once for each notice, when the time of its precedence is over."""

from typing import Literal

import pytest

from hotline.api.types import Answer
from hotline.home import Home
from hotline.station.overdue import HANDLING_S
from tests.station.pair import Stage, consultation, line_is, line_of, stored, until

MINUTE_S = 60
Precedence = Literal["ROUTINE", "PRIORITY", "IMMEDIATE", "FLASH"]
TIMES: list[tuple[Precedence, int]] = [
    ("FLASH", 10 * MINUTE_S),
    ("IMMEDIATE", 30 * MINUTE_S),
    ("PRIORITY", 180 * MINUTE_S),
    ("ROUTINE", 360 * MINUTE_S),
]


def test_the_times_are_those_of_acp_121() -> None:
    assert sorted(HANDLING_S.values()) == sorted(seconds for _, seconds in TIMES)


@pytest.mark.parametrize(("precedence", "seconds"), TIMES)
async def test_a_stored_notice_that_nobody_acknowledges_alarms_its_sender_once(
    stage: Stage, north: Home, south: Home, precedence: Precedence, seconds: int
) -> None:
    async with stage.running(north) as sender, stage.running(south):
        await stored(sender, consultation("answer me", precedence=precedence))
        stage.clock.ahead_s += seconds - MINUTE_S
        await sender.status()
        assert "overdue" not in {alarm.kind for alarm in (await line_of(sender)).alarms}
        stage.clock.ahead_s += 2 * MINUTE_S
        line = await until(
            lambda: line_of(sender), lambda at: any(a.kind == "overdue" for a in at.alarms), what="the alarm"
        )
        (text,) = [alarm.text for alarm in line.alarms if alarm.kind == "overdue"]
        assert text == "NORTH 1 (answer me) is overdue: STORED there, but not acknowledged."
        stage.clock.ahead_s += 2 * seconds
        await until(sender.status, lambda _: True, what="an answer")
        assert [a.kind for a in (await line_of(sender)).alarms].count("overdue") == 1


async def test_a_notice_that_expires_unanswered_alarms_before_its_handling_time_is_over(
    stage: Stage, north: Home, south: Home
) -> None:
    async with stage.running(north) as sender, stage.running(south):
        expires_s = stage.clock.now().wall_s + 5 * MINUTE_S
        await stored(sender, consultation("answer me", expires_s=expires_s))
        stage.clock.ahead_s += 6 * MINUTE_S
        line = await until(
            lambda: line_of(sender), lambda at: any(a.kind == "overdue" for a in at.alarms), what="the alarm"
        )
        (text,) = [alarm.text for alarm in line.alarms if alarm.kind == "overdue"]
        assert text == "NORTH 1 (answer me) has expired: STORED there, but not acknowledged."


async def test_a_notice_that_never_left_is_said_to_be_not_there_yet(stage: Stage, north: Home) -> None:
    async with stage.running(north) as sender:
        await sender.submit(consultation("is anybody there", precedence="FLASH"))
        stage.clock.ahead_s += 11 * MINUTE_S
        line = await until(
            lambda: line_of(sender), lambda at: any(a.kind == "overdue" for a in at.alarms), what="the alarm"
        )
        (text,) = [alarm.text for alarm in line.alarms if alarm.kind == "overdue"]
        assert "is overdue: NOT at SOUTH yet" in text


async def test_an_acknowledged_notice_is_never_overdue(stage: Stage, north: Home, south: Home) -> None:
    async with stage.running(north) as sender, stage.running(south) as receiver:
        await stored(sender, consultation("answer me", precedence="FLASH"))
        await until(receiver.inbox, lambda page: page.notices, what="the notice")
        await receiver.answer(Answer(ref="NORTH 1", verdict="acknowledged"))
        await sender.wait_for("NORTH 1", state="ACKNOWLEDGED", timeout_s=20)
        await sender.submit(consultation("and this one nobody answers", precedence="FLASH"))
        await line_is(sender, "attended")
        stage.clock.ahead_s += 11 * MINUTE_S
        line = await until(
            lambda: line_of(sender), lambda at: any(a.kind == "overdue" for a in at.alarms), what="an alarm"
        )
        assert all("NORTH 1 " not in alarm.text for alarm in line.alarms)


async def test_overdue_notices_of_a_line_that_was_removed_do_not_stand_before_others(stage: Stage, north: Home) -> None:
    async with stage.running(north) as sender:
        for number in range(70):  # more than one look takes
            await sender.submit(consultation(f"{number}", precedence="FLASH"))
    cards = list(north.lines_path.glob("*.card"))
    for card in cards:
        card.unlink()
    stage.clock.ahead_s += 11 * MINUTE_S
    async with stage.running(north) as sender:
        assert (await sender.status()).lines == []
