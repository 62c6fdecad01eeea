"""Notices of every relation, and a station that sends them past its own rules."""

from functools import partial
from typing import Any

from hotline.api.types import Answer, Notice, Submit, Thread
from hotline.client import Client
from hotline.home import Home
from hotline.station.engine import Engine
from tests.station.pair import Stage, stored, until
from tests.station.test_desk import at, exercise, notice

INQUIRY: dict[str, object] = {
    "concerns": "Movements near the border.",
    "activity": "Troop movement",
    "place": "Northern district",
    "questions": ["What is moving?", "Until when?"],
}
ANSWERS = [{"number": 1, "text": "Engineers."}, {"number": 2, "refusal": "Not released."}]


def lawless(stage: Stage, home: Home) -> None:
    """From now on the station in this home sends whatever it is given, as a hostile peer does."""
    stage.engine(home).record.check = lambda *_: None  # type: ignore[method-assign]  # its own rules are out of force


def hazard(stage: Stage) -> dict[str, object]:
    """A hazard of two days at sea, told in time."""
    day = 86400
    return {
        "series": "NAVAREA III 123/24",
        "general_area": "EASTERN MEDITERRANEAN",
        "locality": "LEVANT BASIN",
        "subject": "MISSILE FIRING",
        "start": at(stage, 10 * day),
        "end": at(stage, 12 * day),
        "cancel": at(stage, 12 * day + 3600),
        "positions": ["34-30.00N 033-12.00E"],
        "amplification": "Keep clear.",
    }


def started(stage: Stage, target: str, **more: object) -> Submit:
    return notice("start", {"target": target, "actual": at(stage, 0), "as_notified": True}, **more)


def completed(stage: Stage, target: str, **more: object) -> Submit:
    fields = {"target": target, "actual": at(stage, 0), "as_notified": True, "residual_hazards": False}
    return notice("completion", {**fields, **more})


def cancelled(stage: Stage, target: str, **more: object) -> Submit:
    fields = {"target": target, "effective": at(stage, 0), "reason_category": "weather", "warnings_withdrawn": True}
    envelope = {"id": more.pop("id")} if "id" in more else {}
    return notice("cancellation", {**fields, **more}, **envelope)


def amended(stage: Stage, target: str, *, revision: int = 2, ships: int = 7, **more: Any) -> Submit:
    """An amendment of `exercise(stage)` that says everything itself; the number of ships is new."""
    fields = {
        "target": target,
        "revision": revision,
        "changed": ["ships"],
        "reason": "One more.",
        "replacement": {"kind": "exercise", **exercise(stage), "ships": ships},
    }
    return notice("amendment", {**fields, **more.pop("fields", {})}, **more)


async def taken(sender: Client, receiver: Client, submit: Submit) -> Notice:
    """Send what breaks no rule; return it as the receiver shows it."""
    sent = await stored(sender, submit)

    async def there() -> Notice | None:
        page = await receiver.inbox()
        return next((n for n in page.notices if n.id == sent.id), None)

    await until(there, lambda n: n is not None, what=f"{submit.kind} received")
    return await receiver.show(sent.id)


async def looked(stage: Stage, *homes: Home) -> None:
    """Return once these stations have looked at the clock, as it is now, and told what it says."""
    now_s = stage.clock.now().mono_s
    for home in homes:
        engine = stage.engine(home)
        await until(partial(_watched_at, engine), lambda watched_s: watched_s >= now_s, what="a look at the clock")


async def _watched_at(engine: Engine) -> float:
    return engine._watched_at


async def acknowledged(client: Client, ref: str) -> None:
    """Acknowledge what has nothing to read back."""
    await client.answer(Answer(ref=ref, verdict="acknowledged"))


def gist(thread: Thread) -> tuple[object, ...]:
    """What must be the same again after a loss."""
    return (
        thread.ref, thread.title, thread.kind, thread.state, thread.revision,
        sorted((n.id, n.state, n.relation, tuple(n.remarks)) for n in thread.notices),
    )  # fmt: skip
