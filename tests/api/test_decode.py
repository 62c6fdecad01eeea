"""Whatever bytes come, they become a struct or one sentence of the error tree that names the field."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline import limits
from hotline.api import decode
from hotline.api.types import Answer, DraftNew, InboxQuery, Submit
from hotline.errors import CallerError, NoticeError, UsageError
from hotline.text import safe


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_a_notice_or_an_error_of_the_caller(data: bytes) -> None:
    for read in (decode.submit, decode.draft, lambda data: decode.body(data, Answer)):
        with pytest.raises(CallerError) as raised:
            read(data)
        assert safe(str(raised.value)) == str(raised.value)


@given(st.text(max_size=100))
def test_any_query_is_read_or_is_an_error_of_the_caller(text: str) -> None:
    said = ""
    try:
        decode.query(text, InboxQuery)
    except UsageError as e:
        said = str(e)
    assert safe(said) == said


def test_a_query_is_read_into_its_types() -> None:
    assert decode.query("after=3&all=true&limit=7", InboxQuery) == InboxQuery(after=3, all=True, limit=7)
    assert decode.query("", InboxQuery) == InboxQuery()


@pytest.mark.parametrize("text", ["a=1&" * 17, "limit=1;after=2", "after=", "all=perhaps", "after=9007199254740992"])
def test_a_query_that_does_not_fit_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        decode.query(text, InboxQuery)


def nested(depth: int) -> bytes:
    inner: object = 1
    for _ in range(depth):
        inner = [inner]
    return msgspec.json.encode({"kind": "line-test", "notice": {"a": inner}})


def test_a_notice_may_be_nested_as_deep_as_the_bound_and_no_deeper() -> None:
    assert isinstance(decode.submit(nested(limits.NESTING - 1)), Submit)
    for data in (nested(limits.NESTING), nested(500), b'{"notice":{"a":' + b"[" * 200_000):
        with pytest.raises(NoticeError, match="nested"):
            decode.submit(data)


def test_a_draft_may_be_nested_as_deep_as_a_notice_and_no_deeper() -> None:
    def drafted(depth: int) -> bytes:
        return b'{"submit":' + nested(depth) + b"}"

    assert decode.draft(drafted(limits.NESTING - 1)).submit == decode.submit(nested(limits.NESTING - 1))
    for data in (drafted(limits.NESTING), drafted(500), b'{"submit":{"notice":{"a":' + b"[" * 200_000):
        with pytest.raises(CallerError, match="nested"):
            decode.draft(data)


def test_a_name_from_outside_is_shown_safely() -> None:
    with pytest.raises(NoticeError) as raised:
        decode.submit(b'{"kind":"x","notice":{},"\\u202eevil\\u001b":1}')
    assert "\\u{202e}evil\\u{1b}" in str(raised.value)
    assert raised.value.field == "\\u{202e}evil\\u{1b}"


def test_the_sentence_names_the_place_and_the_field_is_its_path() -> None:
    with pytest.raises(NoticeError) as raised:
        decode.submit(b'{"kind":"x","notice":{},"expires_s":"soon"}')
    assert (raised.value.field, raised.value.what) == (
        "expires_s",
        "The notice does not fit, at expires_s: Expected `int`, got `str`.",
    )


def test_an_unknown_field_within_a_request_is_named_by_its_path() -> None:
    with pytest.raises(UsageError) as raised:
        decode.body(b'{"submit":{"kind":"x","notice":{},"presedence":"FLASH"}}', DraftNew)
    assert raised.value.what == (
        "The request does not fit, at submit.presedence: Object contains unknown field `presedence`."
    )
