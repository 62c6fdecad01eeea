"""Lines come out whole and numbered however the stream was cut, and a long one is not held."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.api.lines import Line, Lines


@given(st.lists(st.binary(max_size=12).map(lambda b: b.replace(b"\n", b"")), max_size=8), st.integers(1, 7))
def test_lines_are_the_same_however_the_stream_is_cut(pieces: list[bytes], step: int) -> None:
    stream = b"\n".join(pieces)
    lines = Lines(100)
    cut = [line for at in range(0, len(stream), step) for line in lines.feed(stream[at : at + step])] + lines.rest()
    assert cut == [Line(n, piece) for n, piece in enumerate(pieces, 1) if piece.strip()]


@pytest.mark.parametrize("size", [11, 12, 1000])
def test_a_line_over_the_bound_keeps_its_number_and_loses_its_bytes(size: int) -> None:
    assert Lines(10).feed(b"a\n" + b"x" * size + b"\nb\n") == [Line(1, b"a"), Line(2, None), Line(3, b"b")]


def test_a_long_line_in_pieces_is_not_held() -> None:
    lines = Lines(10)
    assert [lines.feed(b"x" * 8) for _ in range(1000)] == [[]] * 1000
    assert lines.rest() == [Line(1, None)]


def test_a_line_as_long_as_the_bound_is_whole() -> None:
    assert Lines(10).feed(b"x" * 10 + b"\n") == [Line(1, b"x" * 10)]


def test_blank_lines_are_counted_and_left_out() -> None:
    assert Lines(10).feed(b"\n \r\n\na\n") == [Line(4, b"a")]


def test_a_stream_that_ends_with_a_newline_has_no_rest() -> None:
    lines = Lines(10)
    lines.feed(b"a\n")
    assert lines.rest() == []
