"""The contract between API and station: coroutines only, and each of them is reached by an endpoint."""

import inspect

import aiohttp

from hotline.api.service import Service
from tests.api.fake import FakeStation

METHODS = {name for name, value in vars(Service).items() if inspect.isfunction(value) and not name.startswith("_")}
DESK_READS = ("drafts", "duty", "calendar", "threads/SOUTH%207", "rules", "journal", "emergencies")
DESK_WRITES: tuple[tuple[str, object], ...] = (
    ("drafts", {"submit": {"kind": "line-test", "notice": {}}}),
    ("releases", {"draft": 1, "officer": "Colonel B"}),
    ("drafts", {"submit": {"kind": "line-test", "notice": {}}}),
    ("drafts/discard", {"draft": 1}),
    ("duty", {"on": True, "officer": "Colonel B"}),
    ("card", None),
    ("relays", None),
    ("rules", {"text": ""}),
    ("tests", {}),
    ("emergencies", {"text": "Telephone us."}),
)


def test_every_method_is_a_coroutine_with_a_promise() -> None:
    assert [name for name in METHODS if not inspect.iscoroutinefunction(getattr(Service, name))] == []
    assert [name for name in METHODS if not getattr(Service, name).__doc__] == []


def test_the_station_in_memory_keeps_the_contract() -> None:
    for name in METHODS:
        contract, kept = inspect.signature(getattr(Service, name)), inspect.signature(getattr(FakeStation, name))
        assert kept == contract, name


async def test_every_method_is_reached_by_an_endpoint(http: aiohttp.ClientSession, station: FakeStation) -> None:
    reached: set[str] = set()

    def watch(name: str) -> None:
        wrapped = getattr(station, name)

        def call(*words: object, **named: object) -> object:
            reached.add(name)
            return wrapped(*words, **named)

        setattr(station, name, call)

    for name in METHODS:
        watch(name)
    for path in ("status", "inbox", "outbox", "notices/SOUTH%207", *DESK_READS):
        async with http.get(f"/v1/{path}") as answer:
            assert answer.status == 200, path
    for path, body in (
        ("notices", {"kind": "line-test", "notice": {}}),
        ("answers", {"ref": "SOUTH 7", "verdict": "opened"}),
        ("inbox/confirm", {"consumer": "gateway", "seq": 1}),
        *DESK_WRITES,
    ):
        async with http.post(f"/v1/{path}", json=body) as answer:
            assert answer.status < 300, path
    async with http.get("/v1/events?follow=1") as answer:
        await answer.content.readline()
        await station.happen()
        assert b'"seq":1' in await answer.content.readline()
    assert reached == METHODS
