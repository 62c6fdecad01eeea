"""Templates."""

import re
import tomllib

import pytest

from hotline.errors import NoticeError
from hotline.notices import KINDS, draft, template
from tests.notices.samples import NOW_S


def filled_in(kind: str) -> str:
    """Return the template with the example of each blank line in its place."""
    return re.sub(r'^# (\w+) = (.*)\n\1 = ""$', r"\1 = \2", template(kind), flags=re.MULTILINE)


def optional_lines(kind: str) -> list[str]:
    blank = re.findall(r'^(\w+) = ""$', template(kind), flags=re.MULTILINE)
    lines = re.findall(r"^# (\w+ = .*)$", template(kind), flags=re.MULTILINE)
    return [line for line in lines if line.split(" ")[0] not in blank]


@pytest.mark.parametrize("kind", KINDS)
def test_a_template_is_toml_and_names_its_kind(kind: str) -> None:
    assert tomllib.loads(template(kind))["kind"] == kind


@pytest.mark.parametrize("kind", KINDS)
def test_a_template_sent_unedited_is_refused(kind: str) -> None:
    with pytest.raises(NoticeError, match="this field is empty"):
        draft(None, tomllib.loads(template(kind)), now_s=NOW_S)


@pytest.mark.parametrize("kind", KINDS)
def test_the_examples_of_the_required_fields_make_a_notice(kind: str) -> None:
    assert draft(None, tomllib.loads(filled_in(kind)), now_s=NOW_S).notice.kind == kind


@pytest.mark.parametrize(("kind", "line"), [(kind, line) for kind in KINDS for line in optional_lines(kind)])
def test_every_optional_line_is_right_once_its_mark_is_taken_away(kind: str, line: str) -> None:
    text = filled_in(kind)
    assert f"# {line}\n" in text
    draft(None, tomllib.loads(text.replace(f"# {line}\n", f"{line}\n")), now_s=NOW_S)


def test_a_kind_where_nothing_can_be_withheld_has_no_such_line() -> None:
    assert "withheld" in template("exercise")
    assert "withheld" not in template("consultation")


def test_the_template_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(NoticeError, match="there is no kind of notice 'x'"):
        template("x")
