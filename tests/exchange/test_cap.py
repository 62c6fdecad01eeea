"""CAP 1.2: the order, the words and the times of the schema (OASIS CAP-v1.2, sections 3.2 and 3.4)."""

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.errors import UsageError
from hotline.exchange import Earlier, Item, cap
from hotline.notices import KINDS, Mode, from_mapping
from hotline.notices.exercise import Exercise
from hotline.notices.hazard import Hazard
from hotline.notices.incident import Incident
from hotline.notices.launch import Launch
from tests.exchange.items import FIRST, HOSTILE, item, items_of, planned
from tests.notices.samples import NOW_S

# The sequences of the schema: element, least and most number of times (None: any number).
ALERT = (
    *(("identifier", 1, 1), ("sender", 1, 1), ("sent", 1, 1), ("status", 1, 1), ("msgType", 1, 1), ("source", 0, 1)),
    *(("scope", 1, 1), ("restriction", 0, 1), ("addresses", 0, 1), ("code", 0, None), ("note", 0, 1)),
    *(("references", 0, 1), ("incidents", 0, 1), ("info", 0, None)),
)
INFO = (
    *(("language", 0, 1), ("category", 1, None), ("event", 1, 1), ("responseType", 0, None), ("urgency", 1, 1)),
    *(("severity", 1, 1), ("certainty", 1, 1), ("audience", 0, 1), ("eventCode", 0, None), ("effective", 0, 1)),
    *(("onset", 0, 1), ("expires", 0, 1), ("senderName", 0, 1), ("headline", 0, 1), ("description", 0, 1)),
    *(("instruction", 0, 1), ("web", 0, 1), ("contact", 0, 1), ("parameter", 0, None), ("resource", 0, None)),
    ("area", 0, None),
)
AREA = (
    *(("areaDesc", 1, 1), ("polygon", 0, None), ("circle", 0, None), ("geocode", 0, None)),
    *(("altitude", 0, 1), ("ceiling", 0, 1)),
)
PARAMETER = (("valueName", 1, 1), ("value", 1, 1))
WORDS = {
    "status": {"Actual", "Exercise", "System", "Test", "Draft"},
    "msgType": {"Alert", "Update", "Cancel", "Ack", "Error"},
    "scope": {"Public", "Restricted", "Private"},
    "category": {"Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra", "CBRNE"},
    "responseType": {"Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None"},
    "urgency": {"Immediate", "Expected", "Future", "Past", "Unknown"},
    "severity": {"Extreme", "Severe", "Moderate", "Minor", "Unknown"},
    "certainty": {"Observed", "Likely", "Possible", "Unlikely", "Unknown"},
}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d-00:00")
NAMED = re.compile(r"[^\s,<&]+")
PAIR = r"-?\d+(\.\d+)?,-?\d+(\.\d+)?"
POLYGON, CIRCLE = re.compile(rf"{PAIR}( {PAIR}){{3,}}"), re.compile(rf"{PAIR} \d+(\.\d+)?")

Sequence = tuple[tuple[str, int, int | None], ...]


def parsed(exported: str) -> ET.Element:
    alert = ET.fromstring(exported)  # noqa: S314  # what was written here a moment ago
    obeys(alert, "alert", ALERT)
    for info in all_of(alert, "info"):
        obeys(info, "info", INFO)
        for area in all_of(info, "area"):
            obeys(area, "area", AREA)
        for parameter in all_of(info, "parameter"):
            obeys(parameter, "parameter", PARAMETER)
    check_values(alert)
    return alert


def obeys(element: ET.Element, name: str, sequence: Sequence) -> None:
    """Check that the children stand in the schema's order, as often as it allows."""
    assert element.tag == f"{{{cap.NAMESPACE}}}{name}"
    tags = [child.tag.removeprefix(f"{{{cap.NAMESPACE}}}") for child in element]
    order = [one for one, _, _ in sequence]
    assert sorted(tags, key=order.index) == tags
    for one, least, most in sequence:
        assert least <= tags.count(one) <= (len(tags) if most is None else most), one


def check_values(alert: ET.Element) -> None:
    for element in alert.iter():
        name, text = element.tag.removeprefix(f"{{{cap.NAMESPACE}}}"), element.text or ""
        assert text, name
        if name in WORDS:
            assert text in WORDS[name]
        if name in ("sent", "effective", "onset", "expires"):
            assert TIME.fullmatch(text)
        if name in ("identifier", "sender"):
            assert NAMED.fullmatch(text)
        if name == "polygon":
            assert POLYGON.fullmatch(text)
            assert text.split()[0] == text.split()[-1]
        if name == "circle":
            assert CIRCLE.fullmatch(text)


def all_of(element: ET.Element, name: str) -> list[ET.Element]:
    return element.findall(f"{{{cap.NAMESPACE}}}{name}")


def text(alert: ET.Element, *path: str) -> str | None:
    return alert.findtext("/".join(f"{{{cap.NAMESPACE}}}{name}" for name in path))


@settings(max_examples=80)
@given(st.one_of([items_of(kind) for kind in (Exercise, Launch, Hazard, Incident)]))
def test_anything_exported_obeys_the_schema(any_item: Item) -> None:
    alert = parsed(cap.write(any_item))
    assert (text(alert, "scope") == "Public") == (any_item.notice.publicity == "public")
    assert (text(alert, "restriction") is None) == (any_item.notice.publicity == "public")
    if text(alert, "scope") == "Private":
        assert text(alert, "addresses")
    if text(alert, "msgType") in ("Update", "Cancel"):
        assert FIRST.notice_id in (text(alert, "references") or "")


@pytest.mark.parametrize(
    ("mode", "serial", "status"),
    [
        (Mode.OPERATION, 7, "Actual"),
        (Mode.OPERATION, None, "Draft"),
        (Mode.DRILL, 7, "Exercise"),
        (Mode.DRILL, None, "Exercise"),
        (Mode.TEST, 7, "Test"),
    ],
)
def test_a_drill_or_test_is_never_actual(mode: Mode, serial: int | None, status: str) -> None:
    alert = parsed(cap.write(item(mode=mode, serial=serial)))
    assert text(alert, "status") == status
    headline = text(alert, "info", "headline") or ""
    assert mode is Mode.OPERATION or headline.startswith(mode.name)


@pytest.mark.parametrize(
    ("publicity", "scope"),
    [
        ("public", "Public"),
        ("confidential", "Private"),
        ("do-not-announce", "Restricted"),
        ("agreed-text", "Restricted"),
    ],
)
def test_the_scope_follows_the_terms_of_publicity(publicity: str, scope: str) -> None:
    assert text(parsed(cap.write(item(planned(publicity=publicity)))), "scope") == scope


@pytest.mark.parametrize(
    ("state", "revision", "kind", "response"),
    [
        ("announced", 1, "Alert", "Monitor"),
        ("amended", 2, "Update", "Monitor"),
        ("cancelled", 1, "Cancel", "AllClear"),
        ("completed", 2, "Cancel", "AllClear"),
    ],
)
def test_a_change_updates_or_cancels_what_it_refers_to(state: str, revision: int, kind: str, response: str) -> None:
    alert = parsed(cap.write(item(state=state, revision=revision, earlier=(FIRST,))))
    assert text(alert, "msgType") == kind
    assert text(alert, "info", "responseType") == response
    expected = None if kind == "Alert" else f"NORTH,{FIRST.notice_id},2024-11-27T12:30:00-00:00"
    assert text(alert, "references") == expected


def test_a_cancel_that_cannot_say_what_it_cancels_is_refused() -> None:
    with pytest.raises(UsageError, match="replaces an earlier notice") as e:
        cap.write(item(state="cancelled"))
    assert e.value.remedy


@pytest.mark.parametrize(("before_s", "urgency"), [(7200, "Future"), (3600, "Expected"), (0, "Immediate")])
def test_the_urgency_is_the_time_from_sending_to_the_start(before_s: int, urgency: str) -> None:
    notice = planned()
    alert = parsed(cap.write(item(notice, sent_ms=(notice.start_s - before_s) * 1000)))
    assert text(alert, "info", "urgency") == urgency


def test_the_window_is_onset_and_expiry_and_a_circle_is_in_kilometres() -> None:
    circle = {"centre": "34-15.00N 033-36.00W", "radius_nm": 10, "name": "Impact"}
    alert = parsed(cap.write(item(planned(live_fire=True, hazard_areas=[circle]))))
    assert text(alert, "info", "onset") == "2024-12-01T05:00:00-00:00"
    assert text(alert, "info", "expires") == "2024-12-03T17:00:00-00:00"
    (area,) = all_of(all_of(alert, "info")[0], "area")
    assert text(area, "areaDesc") == "Hazard areas: Impact"
    assert text(area, "circle") == "34.25,-33.6 18.52"
    assert text(alert, "info", "responseType") == "Avoid"


def test_the_description_is_the_printed_form_and_a_thread_says_who_began_it() -> None:
    first = text(parsed(cap.write(item())), "info", "description") or ""
    assert first.startswith("ROUTINE   OPERATION   NOTICE OF EXERCISE\n")
    later = Earlier(FIRST.notice_id, HOSTILE, 0)
    amended = text(parsed(cap.write(item(state="amended", revision=2, earlier=(later,)))), "info", "description") or ""
    assert amended.startswith("Amended, revision 2: first x\\u{202e}")


def test_hostile_texts_add_no_element() -> None:
    plain, hostile = item(planned()), item(planned(designation=HOSTILE, contact_point=HOSTILE), recipient=HOSTILE)
    tags = [[element.tag for element in parsed(cap.write(one)).iter()] for one in (plain, hostile)]
    assert tags[0] == tags[1]
    assert "\u202e" not in cap.write(hostile)


def test_a_station_name_loses_what_the_schema_forbids_in_a_sender() -> None:
    assert text(parsed(cap.write(item(sender="a, b <c> & d"))), "sender") == "a_b_c_d"


def test_an_incident_is_observed_and_its_position_is_a_circle_without_radius() -> None:
    given_ = {"facts": "Seen.", "intent": "unknown", "position": "34-15.00N 033-36.00W"}
    incident = from_mapping("incident", KINDS["incident"].complete(given_), now_s=NOW_S)
    alert = parsed(cap.write(item(incident)))
    assert text(alert, "info", "certainty") == "Observed"
    assert text(alert, "info", "area", "circle") == "34.25,-33.6 0"
    assert text(alert, "info", "urgency") == "Unknown"
