"""The endpoints as data: the server dispatches from this table, and the OpenAPI document is written from it."""

from dataclasses import dataclass
from urllib.parse import unquote

from hotline import limits
from hotline.api import bounds
from hotline.api.failures import RequestError
from hotline.api.types import (
    Answer,
    Api,
    Calendar,
    CalendarQuery,
    Confirm,
    Discard,
    Draft,
    DraftNew,
    Drafts,
    Duty,
    Emergencies,
    Emergency,
    EmergencyNew,
    Event,
    EventsQuery,
    InboxQuery,
    Journal,
    JournalQuery,
    LineTestNew,
    Notice,
    OnDuty,
    OutboxQuery,
    Page,
    Relays,
    Release,
    RulesQuery,
    RulesSet,
    RulesView,
    Status,
    Step,
    Submit,
    Submitted,
    Thread,
)
from hotline.text import safe

JSON = "application/json"
JSON_LINES = "application/x-ndjson"
TEXT = "text/plain"


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint. `{ref}` ends the paths that have one: the percent-encoded rest is the reference."""

    id: str
    method: str
    path: str
    summary: str
    answer: type[Api] | None = None
    answer_as: str = JSON
    statuses: tuple[int, ...] = (200,)
    query: type[Api] | None = None
    body: type[Api] | None = None
    body_as: str = JSON


ROUTES = (
    Route("status", "GET", "/v1/status", "The state of everything, now.", Status),
    Route(
        "submit",
        "POST",
        "/v1/notices",
        "Queue a notice. Answered once it is on disk here; it is NOT at the peer yet. 200: it was here already.",
        Submitted,
        statuses=(201, 200),
        body=Submit,
    ),
    Route(
        "submit_many",
        "POST",
        "/v1/notices:bulk",
        f"Queue up to {limits.API_BULK_NOTICES} notices in one streamed request, one a line. For each line, in order, "
        "one line comes back while the request still goes on: a Submitted, or a Failure with the line's `number`; one "
        "that fails does not stop the others. Blank lines are left out on both sides. Read while you write. Fewer "
        "answers than lines: the station stopped; the rest may be sent again.",
        Submitted,
        JSON_LINES,
        body=Submit,
        body_as=JSON_LINES,
    ),
    Route("inbox", "GET", "/v1/inbox", "What the peers sent, in order.", Page, query=InboxQuery),
    Route(
        "confirm",
        "POST",
        "/v1/inbox/confirm",
        "A named consumer has durably handled everything up to a seq.",
        statuses=(204,),
        body=Confirm,
    ),
    Route("outbox", "GET", "/v1/outbox", "What was sent from here, and what became of it.", Page, query=OutboxQuery),
    Route("show", "GET", "/v1/notices/{ref}", "One notice, by `NORTH 7` or by its id, with its text.", Notice),
    Route(
        "answer",
        "POST",
        "/v1/answers",
        "Queue an officer's answer to a notice of the peer.",
        Step,
        statuses=(201,),
        body=Answer,
    ),
    Route(
        "draft",
        "POST",
        "/v1/drafts",
        "Keep a notice, signed by its drafter, until a releaser lets it go. Nothing is sent.",
        Draft,
        statuses=(201,),
        body=DraftNew,
    ),
    Route("drafts", "GET", "/v1/drafts", "The drafts that wait.", Drafts),
    Route("discard", "POST", "/v1/drafts/discard", "Take a draft away.", statuses=(204,), body=Discard),
    Route(
        "release",
        "POST",
        "/v1/releases",
        "Sign a draft as its releaser and queue it; or let go a notice that is held because the rules differ.",
        Submitted,
        statuses=(201,),
        body=Release,
    ),
    Route("duty", "POST", "/v1/duty", "An officer comes on duty or goes off, signed.", OnDuty, body=Duty),
    Route("on_duty", "GET", "/v1/duty", "Who is on duty.", OnDuty),
    Route(
        "reload_card", "POST", "/v1/card", "The card in the home was signed anew: take it, and tell the peers.", OnDuty
    ),
    Route(
        "reload_relays",
        "POST",
        "/v1/relays",
        "The relays in station.toml have changed: use those that it names now. The others stay connected.",
        Relays,
    ),
    Route("calendar", "GET", "/v1/calendar", "What either side plans, does or did.", Calendar, query=CalendarQuery),
    Route("thread", "GET", "/v1/threads/{ref}", "Everything that was said of one matter, and its state.", Thread),
    Route("rules", "GET", "/v1/rules", "The agreed rules of a line.", RulesView, query=RulesQuery),
    Route("set_rules", "POST", "/v1/rules", "Take other rules for a line, from now on.", RulesView, body=RulesSet),
    Route("line_test", "POST", "/v1/tests", "Send a line test now.", Submitted, statuses=(201,), body=LineTestNew),
    Route(
        "emergency",
        "POST",
        "/v1/emergencies",
        "Send an emergency text, which passes whatever state the logs are in. It is no notice.",
        Emergency,
        statuses=(201,),
        body=EmergencyNew,
    ),
    Route("emergencies", "GET", "/v1/emergencies", "Emergency texts of both directions.", Emergencies),
    Route(
        "events",
        "GET",
        "/v1/events",
        "Kept events after a seq, one a line. With `follow` the answer goes on: new ones come as they happen, and a "
        f"blank line every {bounds.KEEP_ALIVE_S:.0f} s. A reader that was cut off, or is slow, loses nothing: it "
        "resumes after the last seq that it handled.",
        Event,
        JSON_LINES,
        query=EventsQuery,
    ),
    Route(
        "journal",
        "GET",
        "/v1/journal",
        "The station's own journal: what happened to it, and what was done with its keys.",
        Journal,
        query=JournalQuery,
    ),
    Route("openapi", "GET", "/v1/openapi.json", "This document."),
    Route("metrics", "GET", "/metrics", "Counters in Prometheus' text format, if the station has any.", answer_as=TEXT),
)

_REF = "{ref}"


def find(method: str, raw_path: str) -> tuple[Route, str]:
    """Return the endpoint and the reference in its path, or an empty one. RequestError if there is none."""
    fitting = [(route, ref) for route in ROUTES if (ref := _fit(route, raw_path)) is not None]
    if not fitting:
        raise RequestError(
            f"There is no {safe(raw_path, limit=100)} here.", "GET /v1/openapi.json lists what there is.", status=404
        )
    for route, ref in fitting:
        if route.method == method:
            return route, ref
    allowed = " or ".join(sorted({route.method for route, _ in fitting}))
    raise RequestError(
        f"{safe(raw_path, limit=100)} does not take {safe(method, limit=20)}.", f"Use {allowed}.", status=405
    )


def _fit(route: Route, raw_path: str) -> str | None:
    if not route.path.endswith(_REF):
        return "" if _decoded(raw_path) == route.path else None
    before = route.path.removesuffix(_REF)
    if not raw_path.startswith(before) or "/" in (rest := raw_path.removeprefix(before)):
        return None
    return _decoded(rest) or None


def _decoded(raw: str) -> str:
    try:
        decoded = unquote(raw, errors="strict")
    except UnicodeDecodeError:
        raise RequestError("The path of the request is not UTF-8.", "Percent-encode it as UTF-8.", status=400) from None
    if len(decoded) > bounds.REF_CHARS:
        raise RequestError("The path of the request is too long.", "Name a notice by its id.", status=414)
    return decoded
