"""A whole notice at the terminal: what is asked, in which order, and what happens to what is wrong."""

import pytest
import typer

from hotline import notices
from hotline.cli.dialogue import Dialogue
from hotline.cli.output import Output
from hotline.cli.terminal import Keyboard
from hotline.errors import NotFoundError, NoticeError
from tests.cli.calls import looking, typing

NOW_S = 1732710600
KNOWN = {"NORTH 7": bytes([7]) * 16}


def find(name: str) -> bytes:
    if name not in KNOWN:
        raise NotFoundError(f"There is no notice {name}.", "List them.")
    return KNOWN[name]


def check(kind: str, data: object) -> notices.Draft:
    assert isinstance(data, dict)
    return notices.draft(kind, data, now_s=NOW_S)


def filled(kind: str, given: dict[str, object], *typed: str) -> tuple[Dialogue, notices.Draft, str]:
    """The dialogue after the lines typed, the draft that came of it, and what the screen shows."""
    with looking() as screen, typing("".join(f"{line}\n" for line in typed)):
        dialogue = Dialogue(Keyboard(Output()), kind, given, find)
        return dialogue, dialogue.fill(lambda data: check(kind, data)), screen.getvalue()


def test_only_what_is_required_is_asked_first_and_what_can_be_left_out_is_not() -> None:
    _, draft, shown = filled("consultation", {}, "Request your intentions.", "", "")
    assert draft.notice.kind == "consultation"
    assert "Subject" not in shown.partition("More fields?")[0]


@pytest.mark.parametrize("kind", notices.KINDS)
def test_every_kind_asks_for_something_and_the_end_of_the_input_ends_it(kind: str) -> None:
    given: dict[str, object] = {"replacement": {"kind": "exercise"}} if kind == "amendment" else {}
    with pytest.raises(typer.Abort):
        filled(kind, given)


def test_what_is_given_beforehand_is_not_asked_again() -> None:
    dialogue, draft, shown = filled("start", {"target": "NORTH 7"}, "010500Z DEC 24", "y", "")
    assert "Starts" not in shown
    assert dialogue.data["target"] == "NORTH 7"  # the station resolves what it is sent
    assert getattr(draft.notice, "target", None) == KNOWN["NORTH 7"]


def test_a_name_without_a_notice_is_asked_again() -> None:
    dialogue, _, shown = filled("start", {"target": "NORTH 8"}, "010500Z DEC 24", "y", "", "NORTH 7")
    assert "There is no notice NORTH 8" in shown
    assert dialogue.data["target"] == "NORTH 7"


def test_a_field_that_depends_on_another_is_asked_for_at_the_end() -> None:
    dialogue, _, shown = filled("start", {"target": "NORTH 7"}, "010500Z DEC 24", "n", "", "Two hours late.", "")
    assert "Deviations: " in shown
    assert dialogue.data["deviations"] == "Two hours late."


def test_going_back_asks_the_field_before_again() -> None:
    dialogue, _, _ = filled("start", {"target": "NORTH 7"}, "010500Z DEC 24", "-", "010600Z DEC 24", "y", "")
    assert dialogue.data["actual"] == "010600Z DEC 24"


def test_further_fields_are_found_by_number_name_or_the_beginning_of_a_name_and_taken_out_again() -> None:
    dialogue, _, shown = filled(
        "consultation", {}, "Text.", "", "?", "subject", "By name", "publicity", "2", "publi", "ref", "NORTH 7", "",
        "-references", "1", "By number", "",
    )  # fmt: skip
    assert "subject: left out: how the text begins" in shown
    assert (dialogue.data["subject"], dialogue.data["publicity"]) == ("By number", "do-not-announce")
    assert "references" not in dialogue.data


def test_a_field_that_is_withheld_has_its_reason() -> None:
    given: dict[str, object] = dict(EXERCISE)
    _, draft, _ = filled("exercise", given, "withheld", "y", "weapon_class", "Not released.", "", "")
    assert [(w.field, w.reason) for w in draft.notice.withheld] == [("weapon_class", "Not released.")]


def test_an_amendment_asks_what_changes_in_the_text_in_force() -> None:
    given: dict[str, object] = {"target": "NORTH 7", "replacement": dict(EXERCISE)}
    dialogue, draft, _ = filled("amendment", given, "end", "041700Z DEC 24", "", "Weather.", "", "")
    assert dialogue.data["replacement"]["end"] == "041700Z DEC 24"
    assert "revision" not in dialogue.data
    assert draft.notice.kind == "amendment"


def test_a_fault_within_the_replacement_is_asked_for_there() -> None:
    given: dict[str, object] = {"target": "NORTH 7", "replacement": {**EXERCISE, "end": "010500Z NOV 24"}}
    dialogue, _, shown = filled("amendment", given, "", "Weather.", "", "", "041700Z DEC 24")
    assert "End: 010500Z NOV 24 is before" in shown
    assert dialogue.data["replacement"]["end"] == "041700Z DEC 24"


def test_a_fault_without_a_field_leaves_the_choice_to_the_person() -> None:
    times = iter([NoticeError("Too long as a whole.", "Shorten something."), None])

    def once(data: object) -> notices.Draft:
        error = next(times)
        if error is not None:
            raise error
        return check("consultation", data)

    with looking() as screen, typing("Text.\n\n\ntext\nShorter.\n\n\n"):
        dialogue = Dialogue(Keyboard(Output()), "consultation", {}, find)
        dialogue.fill(once)
    assert "Too long as a whole." in screen.getvalue()
    assert dialogue.data["text"] == "Shorter."


EXERCISE: dict[str, object] = {
    "kind": "exercise",
    "designation": "ILLUSTRATION 24",
    "purpose": "Practice.",
    "states": ["North"],
    "command_level": "Navy",
    "start": "010500Z DEC 24",
    "end": "031700Z DEC 24",
    "areas": [{"centre": "34-15.00N 033-36.00E", "radius_nm": 12.5}],
    "live_fire": False,
    "contact_point": "Duty officer",
}
