"""What each kind asks of several fields together, brought about in drawn fields: strategies.py draws each by itself."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from hotline.notices import Notice, bounds
from hotline.notices.calendar import Calendar, span_of_year
from hotline.notices.call_answer import CallAnswer
from hotline.notices.call_request import CallRequest
from hotline.notices.hazard import Hazard
from hotline.notices.incident import CAN_BE_UNKNOWN, Incident
from hotline.notices.launch import Launch
from hotline.notices.launch_report import LaunchReport
from hotline.notices.out_of_service import OutOfService
from hotline.notices.position import Position
from hotline.notices.reply import Answer, Reply
from hotline.notices.span import Span

Given = dict[str, Any]


def in_order(given: Given, first: str, second: str) -> None:
    """Let the second time be after the first."""
    given[first] = min(given[first], bounds.TIME_MOST_S - 1)
    given[second] = max(given[second], given[first] + 1)


def _spans_in_order(given: Given) -> None:
    spans, cursor = [], bounds.TIME_LEAST_S
    for i, span in enumerate(given["windows"]):
        # Room for the spans that follow, also at the end of time.
        latest = bounds.TIME_MOST_S - 2 * bounds.CALL_WINDOWS + 2 * i
        start = max(cursor, min(span.start_s, latest))
        cursor = max(start + 1, min(span.end_s, latest + 1))
        spans.append(Span(start_s=start, end_s=cursor))
    given["windows"] = tuple(spans)


def _calendar(given: Given) -> None:
    first, last = span_of_year(given["year"])
    if given["nil"]:
        given["entries"] = ()
    given["nil"] = not given["entries"]
    entries = []
    for entry in given["entries"]:
        start = min(max(entry.start_s, first), last - 1)
        entries.append(msgspec.structs.replace(entry, start_s=start, end_s=max(entry.end_s, start + 1)))
    given["entries"] = tuple(entries)


def _call_answer(given: Given) -> None:
    _spans_in_order(given)
    if not given["windows"]:
        given["verdict"] = "decline"
    elif given["verdict"] == "accept":
        given["windows"] = given["windows"][:1]
    if given["verdict"] == "decline":
        given |= {"windows": (), "reason": given["reason"] or "Not now."}


def _hazard(given: Given) -> None:
    in_order(given, "start_s", "end_s")
    given["cancel_s"] = max(given["cancel_s"], given["end_s"])
    if not given["areas"] and not given["positions"]:
        given["positions"] = (Position(0, 0),)
    if given["notam"] is not None and given["notam"].q_code is not None:
        given["notam"] = msgspec.structs.replace(given["notam"], q_code="QWMLW")


def _incident(given: Given) -> None:
    withheld = {item.field for item in given["withheld"]}
    left_out = (n for n in CAN_BE_UNKNOWN if given.get(n) in (None, ()) and n not in withheld)
    given["unknown"] = tuple(left_out)
    if given.get("next_update_s") is not None:
        given["next_update_s"] = max(given["next_update_s"], given["dtg_s"])


def _launch_report(given: Given) -> None:
    if given["result"] == "not-launched":
        given["actual_areas"] = ()


def _reply(given: Given) -> None:
    answers = []
    for number, drawn in enumerate(given["answers"], 1):
        if drawn.text is not None:
            answers.append(Answer(number=number, text=drawn.text))
        elif drawn.later_by_s is not None:
            answers.append(Answer(number=number, later_by_s=max(drawn.later_by_s, given["dtg_s"])))
        else:
            answers.append(Answer(number=number, refusal=drawn.refusal or "Not disclosed."))
    given["answers"] = tuple(answers)


FIXUPS: Mapping[type[Notice], Callable[[Given], None]] = {
    Calendar: _calendar,
    CallAnswer: _call_answer,
    CallRequest: _spans_in_order,
    Hazard: _hazard,
    Incident: _incident,
    Launch: lambda given: in_order(given, "window_start_s", "window_end_s"),
    LaunchReport: _launch_report,
    OutOfService: lambda given: in_order(given, "start_s", "end_s"),
    Reply: _reply,
}
