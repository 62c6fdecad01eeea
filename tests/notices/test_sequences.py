"""Any sequence of notices on a line: the rules take what a plain model of them takes (NOTICES.md, section 26)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.errors import NoticeError
from hotline.notices import Mode
from tests.notices.record import NORTH, SOUTH, Record, cancellation, completion, start


class Model:
    """The rules for exercises in plain words: what is over, under way, and how often amended, for each id."""

    def __init__(self) -> None:
        self.modes: dict[bytes, Mode] = {}
        self.authors: dict[bytes, str] = {}
        self.states: dict[bytes, str] = {}  # of exercises alone
        self.ships: dict[bytes, int | None] = {}
        self.revisions: dict[bytes, int] = {}

    def allows(self, step: "Step", target: bytes | None) -> bool:
        if target is None:
            return True
        if self.modes[target] is not step.mode:
            return False
        if step.kind == "inquiry":
            return True
        if step.kind == "consultation":
            return self.authors[target] != step.side
        state = self.states.get(target)
        if state in (None, "over") or self.authors[target] != step.side:
            return False
        if step.kind == "start":
            return state == "waiting"
        if step.kind == "completion":
            return (state == "waiting") == step.says_why
        return step.kind == "cancellation" or self.ships[target] != step.ships

    def keep(self, step: "Step", target: bytes | None, notice_id: bytes) -> None:
        self.modes[notice_id], self.authors[notice_id] = step.mode, step.side
        if step.kind == "exercise":
            self.states[notice_id], self.ships[notice_id], self.revisions[notice_id] = "waiting", None, 1
        if target is None:
            return
        if step.kind in ("completion", "cancellation"):
            self.states[target] = "over"
        elif step.kind == "start":
            self.states[target] = "under way"
        elif step.kind == "amendment":
            self.ships[target] = step.ships
            self.revisions[target] += 1


class Step:
    """One notice that one side tries to tell."""

    def __init__(self, side: str, kind: str, mode: Mode, pick: int, ships: int, says_why: bool) -> None:
        self.side, self.kind, self.mode = side, kind, mode
        self.pick, self.ships, self.says_why = pick, ships, says_why

    def __repr__(self) -> str:
        return f"{self.side} {self.kind} {self.mode.name} of {self.pick}, ships {self.ships}, why {self.says_why}"

    def target(self, held: list[bytes]) -> bytes | None:
        return held[self.pick % len(held)] if held and self.kind != "exercise" else None

    def tell(self, line: Record, target: bytes | None) -> bytes:
        if target is None:
            return line.tell(self.side, self.kind, self.mode)
        match self.kind:
            case "amendment":
                return line.amend(self.side, target, self.mode, ships=self.ships)
            case "start":
                return line.tell(self.side, self.kind, self.mode, **start(target))
            case "completion":
                why = {"not_started_reason": "x"} if self.says_why else {}
                return line.tell(self.side, self.kind, self.mode, **completion(target, **why))
            case "cancellation":
                return line.tell(self.side, self.kind, self.mode, **cancellation(target))
        field = "about" if self.kind == "inquiry" else "answers"
        return line.tell(self.side, self.kind, self.mode, **{field: target.hex()})


BEGINNING = [
    Step(NORTH, "exercise", Mode.OPERATION, pick=0, ships=0, says_why=False),
    Step(NORTH, "exercise", Mode.DRILL, pick=0, ships=0, says_why=False),
    Step(NORTH, "exercise", Mode.OPERATION, pick=0, ships=0, says_why=False),
]
KINDS_TOLD = ["exercise", "amendment", "start", "completion", "cancellation", "inquiry", "consultation"]
steps = st.builds(
    Step,
    # Weighted such that many are allowed: what is always refused tests little.
    st.sampled_from([NORTH, NORTH, NORTH, SOUTH]),
    st.sampled_from([*KINDS_TOLD, "amendment", "start", "completion"]),
    st.sampled_from([Mode.OPERATION] * 4 + [Mode.DRILL, Mode.TEST]),
    st.integers(0, 2) | st.integers(0, 30),
    st.integers(0, 3),
    st.booleans(),
)


@settings(max_examples=200)
@given(st.lists(steps, min_size=5, max_size=30))
def test_any_sequence_of_notices_is_taken_and_refused_as_the_rules_say(told: list[Step]) -> None:
    line, model = Record(), Model()
    for step in [*BEGINNING, *told]:
        target = step.target(list(line.notices))
        if model.allows(step, target):
            model.keep(step, target, step.tell(line, target))
        else:
            with pytest.raises(NoticeError):
                step.tell(line, target)
        drill_never_reaches_an_operation(line)
        assert {i: line.threads[i].revision for i in model.revisions} == model.revisions


def drill_never_reaches_an_operation(line: Record) -> None:
    for notice_id, (_, mode, _) in line.notices.items():
        root = line.roots[notice_id]
        assert line.notices[root][1] is mode


@settings(max_examples=100)
@given(st.lists(steps, min_size=5, max_size=30))
def test_a_record_only_moves_forward(told: list[Step]) -> None:
    line = Record()
    order = {"announced": 0, "amended": 1, "under way": 2, "completed": 3, "cancelled": 3}
    for step in [*BEGINNING, *told]:
        before = dict(line.threads)
        target = step.target(list(line.notices))
        try:
            step.tell(line, target)
        except NoticeError:
            assert line.threads == before
        for root, was in before.items():
            now = line.threads[root]
            assert order[now.state] >= order[was.state]
            assert was.state not in ("completed", "cancelled") or now == was
            assert now.revision - was.revision in (0, 1)
