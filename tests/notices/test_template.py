"""Templates."""

import re
import tomllib

import pytest

from hotline.cli.compose import numbered
from hotline.errors import NoticeError
from hotline.notices import KINDS, Draft, draft, placeholders, template
from hotline.notices.schema import fields_of
from tests.notices.samples import NOW_S


def filled_in(kind: str) -> str:
    """Return the template with the example of each blank line in its place."""
    return re.sub(r'^# (\w+) = (.*)\n\1 = ""$', r"\1 = \2", template(kind), flags=re.MULTILINE)


# Fields that are right only with another value of a second one: what stands in the template, and what is asked.
TOGETHER = {
    "nil": (r"^entries = .*\n", ""),
    "deviations": ("^as_notified = true$", "as_notified = false"),
    "residual_areas": ("^residual_hazards = false$", 'residual_hazards = true\nresidual_text = "A target is adrift."'),
}


def drafted(kind: str, text: str) -> Draft:
    """Return the draft in a filled-in template, as the CLI checks it before the station has looked up names."""
    return draft(None, placeholders(kind, numbered(kind, tomllib.loads(text), 1)), now_s=NOW_S)


def optional_lines(kind: str) -> list[str]:
    blank = re.findall(r'^(\w+) = ""$', template(kind), flags=re.MULTILINE)
    lines = re.findall(r"^# (\w+ = .*)$", template(kind), flags=re.MULTILINE)
    return [line for line in lines if line.split(" ")[0] not in blank]


@pytest.mark.parametrize("kind", KINDS)
def test_a_template_is_toml_and_names_its_kind(kind: str) -> None:
    assert tomllib.loads(template(kind))["kind"] == kind


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "line-test"])
def test_a_template_sent_unedited_is_refused_and_every_field_to_be_filled_in_is_named(kind: str) -> None:
    with pytest.raises(NoticeError, match="this field is empty") as e:
        draft(None, tomllib.loads(template(kind)), now_s=NOW_S)
    outer = template(kind).partition("[replacement]")[0]
    optional = {f.shown for f in fields_of(KINDS[kind].schema) if not f.required}
    for blank in set(re.findall(r'^(\w+) = ""$', outer, flags=re.MULTILINE)) - optional:
        assert blank in e.value.what
    assert "leave" not in e.value.remedy


def test_a_line_test_has_nothing_to_fill_in_and_its_template_says_how_it_is_sent() -> None:
    assert '= ""' not in template("line-test")
    assert "hotline line-test" in template("line-test").split("\n")[0]


@pytest.mark.parametrize("kind", KINDS)
def test_the_examples_of_the_required_fields_make_a_notice(kind: str) -> None:
    assert drafted(kind, filled_in(kind)).notice.kind == kind


@pytest.mark.parametrize(("kind", "line"), [(kind, line) for kind in KINDS for line in optional_lines(kind)])
def test_every_optional_line_is_right_once_its_mark_is_taken_away(kind: str, line: str) -> None:
    second, asked = TOGETHER.get(line.split(" ")[0], ("^$", ""))
    text = re.sub(second, asked, filled_in(kind), flags=re.MULTILINE)
    assert f"# {line}\n" in text
    drafted(kind, text.replace(f"# {line}\n", f"{line}\n"))


def test_an_optional_field_that_most_notices_have_is_blank_and_may_be_taken_out() -> None:
    assert 'entries = ""\n' in template("calendar")
    text = filled_in("hazard").replace("# positions = ", "positions = ")
    drafted("hazard", re.sub(r"^areas = .*\n", "", text, flags=re.MULTILINE))
    drafted("hazard", re.sub(r"^areas = .*\n", 'areas = ""\n', text, flags=re.MULTILINE))


def test_a_kind_where_nothing_can_be_withheld_has_no_such_line() -> None:
    assert "withheld" in template("exercise")
    assert "withheld" not in template("consultation")


def test_the_template_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(NoticeError, match="there is no kind of notice 'x'"):
        template("x")
