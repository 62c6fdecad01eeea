"""Reading the examples of `examples/notices`, some fields changed, in the tests of single kinds."""

from pathlib import Path
from typing import Any

import pytest

from hotline.errors import NoticeError
from hotline.notices import Notice, from_mapping, placeholders
from hotline.notices.draft import parse_file
from tests.notices.samples import NOW_S

EXAMPLES = Path(__file__).parents[2] / "examples" / "notices"


def example(kind: str, **changed: Any) -> Notice:
    """Return the example notice of `kind` with some fields changed; None takes a field out."""
    given = parse_file(".toml", (EXAMPLES / f"{kind}.toml").read_bytes())
    given.pop("envelope", None)
    return from_mapping(kind, placeholders(kind, given | changed), now_s=NOW_S)


def refusal(kind: str, **changed: Any) -> tuple[str, str]:
    """Return the field that a changed example is refused for, and the sentence that says so."""
    with pytest.raises(NoticeError) as e:
        example(kind, **changed)
    assert e.value.remedy
    return e.value.field, e.value.what
