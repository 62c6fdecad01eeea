"""Views on statements and replies."""

import pytest

from tests.notices.spoilt import example, refusal


@pytest.mark.parametrize("view", ["agree", "object", "no-view", "satisfied", "not-satisfied", "meeting-asked"])
def test_the_headline_begins_with_the_view(view: str) -> None:
    words = view.replace("-", " ").upper()
    assert example("view", view=view, remarks=None).headline() == words
    assert example("view", view=view, remarks="We\nagree.").headline() == f"{words}: We agree."


def test_another_view_is_refused_with_those_there_are() -> None:
    assert refusal("view", view="perhaps") == ("view", "view: this is none of the values known.")


def test_a_view_without_what_it_is_on_is_refused() -> None:
    assert refusal("view", target=None)[0] == "target"
