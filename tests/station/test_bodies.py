"""What lists and judging are told of a body, whatever its bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline import notices
from hotline.core import encoding
from hotline.station.bodies import read_body


def test_a_known_kind_gives_its_kind_and_its_subject() -> None:
    draft = notices.draft("consultation", {"text": "Request your intentions."}, now_s=1_700_000_000)
    facts = read_body(notices.encode_body(draft.notice))
    assert (facts.kind, facts.subject, facts.reason) == ("consultation", "Request your intentions.", "")


def test_an_unknown_kind_is_named_and_cannot_be_processed() -> None:
    facts = read_body(encoding.encode({"kind": "weather", "version": 1}))
    assert (facts.kind, facts.subject, facts.reason) == ("weather", "", "kind")


@pytest.mark.parametrize("body", [b"", b"\xc1", encoding.encode(["kind"]), encoding.encode({"kind": "consultation"})])
def test_what_is_no_body_has_a_reason_and_no_words_of_its_own(body: bytes) -> None:
    facts = read_body(body)
    assert (facts.kind, facts.subject, facts.reason) == ("", "", "notice")


@given(st.binary(max_size=300))
def test_no_bytes_whatever_raise(body: bytes) -> None:
    read_body(body)
