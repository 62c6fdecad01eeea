"""The example notices."""

from pathlib import Path

import pytest

from hotline.notices import KINDS, check_envelope, draft, placeholders, render, template
from hotline.notices.draft import parse_file
from hotline.notices.envelope import Envelope
from tests.notices.samples import NOW_S

EXAMPLES = Path(__file__).parents[2] / "examples" / "notices"


def test_every_kind_has_an_example_and_no_other_file_stands_beside_them() -> None:
    assert sorted(path.name for path in EXAMPLES.iterdir()) == sorted(f"{kind}.toml" for kind in KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_an_example_is_accepted_as_it_stands(kind: str) -> None:
    given = parse_file(".toml", (EXAMPLES / f"{kind}.toml").read_bytes())
    read = draft(None, placeholders(kind, given), now_s=NOW_S)
    assert read.notice.kind == kind
    check_envelope(read.notice, read.precedence, read.mode)
    assert render(read.notice, Envelope("NORTH", "SOUTH", read.precedence, read.mode)).endswith("\n")


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - {"consultation", "line-test"}))
def test_an_example_of_something_planned_or_done_says_that_it_is_illustrative(kind: str) -> None:
    assert "ILLUSTRATIVE" in (EXAMPLES / f"{kind}.toml").read_text()


@pytest.mark.parametrize("kind", KINDS)
def test_an_example_says_how_it_is_sent(kind: str) -> None:
    assert f"#     hotline send {kind} --from examples/notices/{kind}.toml\n" in (EXAMPLES / f"{kind}.toml").read_text()


@pytest.mark.parametrize("kind", KINDS)
def test_an_example_gives_nothing_that_the_template_does_not_name(kind: str) -> None:
    given = parse_file(".toml", (EXAMPLES / f"{kind}.toml").read_bytes())
    assert [
        name
        for name in given
        if name != "envelope" and f"{name} = " not in template(kind) and f"[{name}]" not in template(kind)
    ] == []
