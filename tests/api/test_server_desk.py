"""The duty desk's endpoints over a real socket: what fits reaches the station as it was sent, nothing else does."""

import json
from typing import Any

import aiohttp
import pytest
import structlog
from structlog.testing import capture_logs

from hotline import limits
from hotline.api.types import (
    Api,
    CalendarQuery,
    Discard,
    DraftNew,
    Duty,
    EmergencyNew,
    JournalQuery,
    LineTestNew,
    Release,
    RulesSet,
    Submit,
)
from tests.api.fake import FakeStation

SUBMIT = {"kind": "line-test", "notice": {"text": "radio check"}, "officer": "Berg"}
SECRET = "a passphrase of several words"

# The endpoints that take a body: its path, a good one, what the station gets of it, the status and the answer's mark.
TAKEN: list[tuple[str, dict[str, Any], Api, int, tuple[str, Any]]] = [
    (
        "drafts",
        {"submit": SUBMIT, "passphrase": SECRET},
        DraftNew(submit=Submit(kind="line-test", notice={"text": "radio check"}, officer="Berg"), passphrase=SECRET),
        201,
        ("number", 1),
    ),
    ("duty", {"on": True, "officer": "Colonel B", "passphrase": SECRET, "relieve": "Berg", "text": "all quiet"},
     Duty(on=True, officer="Colonel B", passphrase=SECRET, relieve="Berg", text="all quiet"),
     200, ("on_duty", ["Colonel B"])),
    ("rules", {"text": 'title = "other"', "line": "SOUTH"}, RulesSet(text='title = "other"', line="SOUTH"),
     200, ("agree", False)),
    ("emergencies", {"text": "Telephone us.", "officer": "Berg", "passphrase": SECRET},
     EmergencyNew(text="Telephone us.", officer="Berg", passphrase=SECRET), 201, ("officer", "Berg")),
    ("tests", {"manned": True, "officer": "Berg"}, LineTestNew(manned=True, officer="Berg"), 201, ("line", "SOUTH")),
]  # fmt: skip


async def post(http: aiohttp.ClientSession, path: str, body: object) -> tuple[int, Any]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with http.post(f"/v1/{path}", data=data) as answer:
        return answer.status, await answer.json() if answer.status != 204 else None


async def get(http: aiohttp.ClientSession, path: str) -> tuple[int, Any]:
    async with http.get(f"/v1/{path}") as answer:
        return answer.status, await answer.json()


@pytest.mark.parametrize(("path", "body", "got", "code", "mark"), TAKEN, ids=[taken[0] for taken in TAKEN])
async def test_what_fits_reaches_the_station_as_it_was_sent(
    http: aiohttp.ClientSession,
    station: FakeStation,
    path: str,
    body: dict[str, Any],
    got: Api,
    code: int,
    mark: tuple[str, Any],
) -> None:
    answered, answer = await post(http, path, body)
    assert (answered, answer[mark[0]]) == (code, mark[1])
    assert station.ordered == [got]


async def test_emergency_texts_are_listed(http: aiohttp.ClientSession) -> None:
    await post(http, "emergencies", {"text": "Telephone us."})
    code, answer = await get(http, "emergencies")
    assert (code, [e["text"] for e in answer["emergencies"]]) == (200, ["Telephone us."])
    assert (await post(http, "emergencies", {"text": ""}))[0] == 400
    assert (await post(http, "emergencies", {"text": "x" * 1025}))[0] == 400


async def test_a_draft_waits_until_another_officer_releases_it(
    http: aiohttp.ClientSession, station: FakeStation
) -> None:
    await post(http, "drafts", {"submit": SUBMIT})
    code, waiting = await get(http, "drafts")
    assert (code, [draft["drafter"] for draft in waiting["drafts"]]) == (200, ["Berg"])
    code, failed = await post(http, "releases", {"draft": 1, "officer": "Berg"})
    assert (code, failed["kind"]) == (400, "KeyError_")
    code, queued = await post(http, "releases", {"draft": 1, "officer": "Colonel B", "passphrase": SECRET})
    assert (code, queued["state"]) == (201, "QUEUED")
    assert station.ordered[-1] == Release(draft=1, officer="Colonel B", passphrase=SECRET)
    assert await get(http, "drafts") == (200, {"drafts": []})


async def test_a_draft_that_is_discarded_is_gone(http: aiohttp.ClientSession, station: FakeStation) -> None:
    await post(http, "drafts", {"submit": SUBMIT})
    assert await post(http, "drafts/discard", {"draft": 1}) == (204, None)
    assert station.ordered[-1] == Discard(draft=1)
    code, failed = await post(http, "drafts/discard", {"draft": 1})
    assert (code, failed["kind"]) == (404, "NotFoundError")


async def test_who_is_on_duty_is_told_and_a_card_is_taken_anew(http: aiohttp.ClientSession) -> None:
    assert await get(http, "duty") == (200, {"on_duty": ["Berg"], "officers": ["Berg", "Colonel B"], "card_number": 1})
    code, taken = await post(http, "card", b"")
    assert (code, taken["card_number"]) == (200, 2)


async def test_a_calendar_passes_on_what_is_asked_for(http: aiohttp.ClientSession, station: FakeStation) -> None:
    code, planned = await get(http, "calendar")
    assert (code, planned["activities"][0]["state"]) == (200, "announced")
    code, past = await get(http, "calendar?line=SOUTH&past=1&limit=7")
    assert (code, past["activities"][0]["state"]) == (200, "completed")
    assert station.ordered == [CalendarQuery(), CalendarQuery(line="SOUTH", past=True, limit=7)]


async def test_the_journal_is_asked_for_by_kind_time_and_place(
    http: aiohttp.ClientSession, station: FakeStation
) -> None:
    code, journal = await get(http, "journal?after=3&since_ms=5&kind=start&alarms=1&limit=7")
    assert (code, journal["size"], journal["signed"]) == (200, 8, 7)
    assert (journal["entries"][0]["level"], journal["entries"][0]["phone"]) == ("alarm", "+7 000")
    assert (await get(http, "journal?limit=0"))[0] == 400
    assert station.ordered == [JournalQuery(after=3, since_ms=5, kind="start", alarms=True, limit=7)]


async def test_a_thread_is_found_by_any_reference_to_it(http: aiohttp.ClientSession) -> None:
    code, thread = await get(http, "threads/SOUTH%207")
    assert (code, thread["title"], thread["notices"][0]["seq"]) == (200, "ILLUSTRATION", 7)
    assert (await get(http, "threads/SOUTH%208"))[0] == 404


async def test_rules_are_told_for_a_line_and_not_for_one_that_is_not_here(http: aiohttp.ClientSession) -> None:
    code, rules = await get(http, "rules?line=SOUTH")
    assert (code, rules["agree"]) == (200, True)
    code, failed = await get(http, "rules?line=EAST")
    assert (code, failed["kind"]) == (404, "NotFoundError")


@pytest.mark.parametrize("query", ["calendar?limit=0", "calendar?limit=1001", "calendar?past=perhaps", "rules?lime=S"])
async def test_a_query_that_does_not_fit_is_refused(
    http: aiohttp.ClientSession, station: FakeStation, query: str
) -> None:
    code, failed = await get(http, query)
    assert (code, failed["exit"]) == (400, 2)
    assert query.partition("?")[2].partition("=")[0] in failed["error"]
    assert station.ordered == []


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("drafts", b"", ""),
        ("drafts", b"[]", ""),
        ("drafts", b"{}", "submit"),
        ("drafts", {"submit": SUBMIT, "pasphrase": SECRET}, "pasphrase"),
        ("drafts", {"submit": {**SUBMIT, "presedence": "FLASH"}}, "submit.presedence"),
        ("drafts", {"submit": {**SUBMIT, "precedence": "URGENT"}}, "submit.precedence"),
        ("drafts", {"submit": SUBMIT, "passphrase": [SECRET]}, "passphrase"),
        ("drafts/discard", {"draft": 0}, "draft"),
        ("drafts/discard", {"draft": "one"}, "draft"),
        ("releases", {"draft": -1}, "draft"),
        ("releases", {"draft": 1, "ofcier": "Berg"}, "ofcier"),
        ("releases", {"draft": 1, "passphrase": SECRET * limits.PASSPHRASE_BYTES}, "passphrase"),
        ("releases", {"ref": "x" * 129}, "ref"),
        ("duty", {}, "on"),
        ("duty", {"on": "yes"}, "on"),
        ("duty", {"on": True, "text": "x" * (limits.REASON_BYTES + 1)}, "text"),
        ("duty", {"on": True, "passphrase": 7}, "passphrase"),
        ("rules", {"line": "SOUTH"}, "text"),
        ("rules", {"text": "x" * (limits.CONFIG_BYTES + 1)}, "text"),
        ("tests", {"manned": "yes"}, "manned"),
        ("tests", {"nonce": "00"}, "nonce"),
    ],
)
async def test_a_body_that_does_not_fit_is_refused_with_one_sentence_that_names_the_field_and_shows_no_secret(
    http: aiohttp.ClientSession, station: FakeStation, path: str, body: object, field: str
) -> None:
    code, failed = await post(http, path, body)
    assert (code, failed["exit"]) == (400, 2)
    said = failed["error"]
    assert said.startswith("The request does not fit")
    assert f", at {field}: " in said or f"field `{field}`" in said or not field
    assert failed["remedy"]
    assert SECRET not in json.dumps(failed)
    assert station.ordered == []


@pytest.mark.parametrize("depth", [limits.NESTING, 50, 5000])
async def test_a_draft_that_is_nested_too_deep_never_reaches_the_station(
    http: aiohttp.ClientSession, station: FakeStation, depth: int
) -> None:
    nested = b'{"submit": {"kind": "line-test", "notice": {"a": ' + b"[" * depth + b"]" * depth + b"}}}"
    code, failed = await post(http, "drafts", nested)
    assert (code, "nested" in failed["error"]) == (400, True)
    assert station.ordered == []


async def test_a_draft_may_be_nested_as_deep_as_a_notice(http: aiohttp.ClientSession) -> None:
    depth = limits.NESTING - 1
    nested = b'{"submit": {"kind": "line-test", "notice": {"a": ' + b"[" * depth + b"]" * depth + b"}}}"
    assert (await post(http, "drafts", nested))[0] == 201


@pytest.mark.parametrize("path", ["drafts", "drafts/discard", "releases", "duty", "rules", "tests"])
async def test_a_body_over_the_bound_is_refused_before_it_is_decoded(
    http: aiohttp.ClientSession, station: FakeStation, path: str
) -> None:
    code, failed = await post(http, path, b" " * (limits.API_REQUEST_BYTES + 1))
    assert (code, failed["reason"]) == (413, "too-large")
    assert station.ordered == []


async def test_an_error_of_the_desk_is_told_in_its_own_words(http: aiohttp.ClientSession, station: FakeStation) -> None:
    code, failed = await post(http, "duty", {"on": True, "officer": "Berg", "passphrase": "wrong"})
    assert (code, failed["kind"], failed["error"]) == (400, "KeyError_", "The passphrase does not open the key.")
    code, failed = await post(http, "drafts", {"submit": {**SUBMIT, "kind": "poem"}})
    assert (code, failed["field"]) == (400, "kind")


@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        ("drafts", {"submit": SUBMIT}, DraftNew),
        ("releases", {"draft": 1}, Release),
        ("duty", {"on": True}, Duty),
    ],
)
async def test_a_fault_of_ours_shows_no_passphrase_to_the_client_or_the_log(
    http: aiohttp.ClientSession, station: FakeStation, path: str, body: dict[str, Any], kind: type[Api]
) -> None:
    station.failure = ZeroDivisionError("a fault")
    with capture_logs(processors=[structlog.processors.dict_tracebacks]) as logs:
        code, failed = await post(http, path, {**body, "passphrase": SECRET})
    assert (code, failed["reason"]) == (500, "internal")
    assert [entry["event"] for entry in logs] == ["request failed"]
    assert f"{kind.__name__}(" in repr(logs), "the traceback has no locals: it would show nothing whatever they held"
    assert SECRET not in json.dumps(failed) + repr(logs)
