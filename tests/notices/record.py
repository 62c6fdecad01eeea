"""A line's record held in dictionaries: what a station's store tells the rules, for tests of the rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hotline.notices import (
    KINDS,
    Known,
    Mode,
    Notice,
    Thread,
    advance,
    begin,
    check_relations,
    complete_amendment,
    from_mapping,
    link_of,
)
from hotline.notices.amendment import Amendment
from tests.notices.samples import NOW_S, exercise

NORTH, SOUTH = "NORTH", "SOUTH"

LAUNCH: dict[str, Any] = {
    "launch_class": "slbm",
    "window_start": "010500Z DEC 24",
    "window_end": "031700Z DEC 24",
    "launch_area": {"centre": "70-00.00N 040-00.00E", "radius_nm": 20},
    "impact_areas": [{"centre": "57-00.00N 162-00.00E", "radius_nm": 60}],
    "azimuth_deg": 60,
}
HAZARD: dict[str, Any] = {
    "series": "NAVAREA III 123/24",
    "general_area": "EASTERN MEDITERRANEAN",
    "locality": "LEVANT BASIN",
    "subject": "MISSILE FIRING",
    "start": "010500Z DEC 24",
    "end": "031700Z DEC 24",
    "cancel": "031800Z DEC 24",
    "positions": ["34-30.00N 033-12.00E"],
    "amplification": "Keep clear.",
}
CALL_REQUEST: dict[str, Any] = {
    "principals_own": ["Chief of the General Staff"],
    "principals_other": ["Chairman of the Joint Chiefs of Staff"],
    "subject": "Exercise",
    "windows": [{"start": "271300Z NOV 24", "end": "271400Z NOV 24"}],
    "interpreters": "both",
    "method": "Telephone",
    "call_back_check": "Call the number of the card.",
}
OUT_OF_SERVICE: dict[str, Any] = {
    "start": "010500Z DEC 24",
    "end": "010700Z DEC 24",
    "reason": "Power",
    "other_path": "Telephone",
}
# The least that each kind without a target needs.
LEAST: dict[str, dict[str, Any]] = {
    "exercise": exercise(),
    "launch": LAUNCH,
    "hazard": HAZARD,
    "incident": {"facts": "A missile left its course.", "intent": "accident"},
    "calendar": {"year": 2025, "as_of": "151200Z NOV 24", "nil": True},
    "out-of-service": OUT_OF_SERVICE,
    "call-request": CALL_REQUEST,
    "inquiry": {"concerns": "Launches.", "activity": "Firing", "place": "South", "questions": ["Whose?", "Why?"]},
    "consultation": {"text": "Request your intentions."},
    "statement": {"text": "A call took place.", "release": "051200Z DEC 24", "consent_sought": True},
    "line-test": {"serial": 7, "nonce": "00112233445566778899aabbccddeeff"},
}


@dataclass
class Record:
    """The valid notices of one line, both sides'; `tell` checks the rules as a station does and then keeps."""

    notices: dict[bytes, tuple[str, Mode, Notice]] = field(default_factory=dict)
    roots: dict[bytes, bytes] = field(default_factory=dict)
    threads: dict[bytes, Thread] = field(default_factory=dict)
    in_force: dict[bytes, Notice] = field(default_factory=dict)

    def known(self, side: str, notice_id: bytes) -> Known | None:
        """Return what `side` knows of the notice with this id."""
        if notice_id not in self.notices:
            return None
        author, mode, notice = self.notices[notice_id]
        thread = self.threads[self.roots[notice_id]]
        return Known(notice, mode, author == side, thread, self.in_force.get(notice_id, notice))

    def mode_of(self, name: str) -> Mode | None:
        """Return the mode of the notice that `name` (hexadecimal here) refers to."""
        held = self.notices.get(bytes.fromhex(name))
        return held[1] if held else None

    def tell(self, side: str, kind: str, mode: Mode = Mode.OPERATION, **fields: Any) -> bytes:
        """Send a notice of `kind` with these fields; return its id. NoticeError if a rule refuses it."""
        notice = from_mapping(kind, LEAST.get(kind, {}) | fields, now_s=NOW_S)
        check_relations(notice, mode, lambda target: self.known(side, target), self.mode_of)
        notice_id = (len(self.notices) + 1).to_bytes(16, "big")
        self.notices[notice_id] = (side, mode, notice)
        self._keep(notice_id, notice)
        return notice_id

    def amend(self, side: str, target: bytes, mode: Mode = Mode.OPERATION, **fields: Any) -> bytes:
        """Send an amendment of `target` with these fields, else the least, of its kind; what is left out is completed.

        What cannot be amended is amended as if it were an exercise, for the rules to refuse.
        """
        known = self.known(side, target)
        assert known is not None
        kind = known.notice.kind
        given = {"target": target.hex(), "reason": "Moved."}
        if not KINDS[kind].amendable:
            replacement = {"kind": "exercise", **LEAST["exercise"]}
            return self.tell(side, "amendment", mode, revision=2, changed=["ships"], replacement=replacement, **given)
        replacement = {"kind": kind, **LEAST[kind], **fields}
        return self.tell(side, "amendment", mode, **complete_amendment({**given, "replacement": replacement}, known))

    def state(self, notice_id: bytes) -> str:
        """Return the state of the thread to which the notice belongs."""
        return self.threads[self.roots[notice_id]].state

    def _keep(self, notice_id: bytes, notice: Notice) -> None:
        link = link_of(notice)
        root = self.roots[notice_id] = self.roots[link.target] if link else notice_id
        self.threads[root] = advance(self.threads[root], notice) if link else begin(notice)
        if isinstance(notice, Amendment):
            self.in_force[notice.target] = notice.replacement


def start(target: bytes, /, **changed: Any) -> Mapping[str, Any]:
    """Return the least start of `target`, with some fields changed."""
    return {"target": target.hex(), "actual": "010530Z DEC 24", "as_notified": True} | changed


def completion(target: bytes, /, **changed: Any) -> Mapping[str, Any]:
    """Return the least completion of `target`, with some fields changed."""
    least = {"target": target.hex(), "actual": "031640Z DEC 24", "as_notified": True, "residual_hazards": False}
    return least | changed


def cancellation(target: bytes, /, **changed: Any) -> Mapping[str, Any]:
    """Return the least cancellation of `target`, with some fields changed."""
    least = {"effective": "301200Z NOV 24", "reason_category": "weather", "warnings_withdrawn": True}
    return {"target": target.hex()} | least | changed


def launch_report(target: bytes, /, **changed: Any) -> Mapping[str, Any]:
    """Return the least launch report of `target`, with some fields changed."""
    return {"target": target.hex(), "result": "launched", "time": "010530Z DEC 24"} | changed
