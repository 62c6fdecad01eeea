"""The printed form."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.notices import Envelope, Mode, Notice, Precedence, decode_body, from_file, from_mapping, render, subject
from hotline.notices.columns import columns
from hotline.notices.render import SUBJECT_COLUMNS, WIDTH
from tests.notices.samples import NOW_S, exercise, is_safe
from tests.notices.strategies import notices
from tests.notices.test_exercise import EXAMPLE

names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=64)
envelopes = st.builds(
    Envelope,
    sender=names,
    recipient=names,
    precedence=st.sampled_from(Precedence),
    mode=st.sampled_from(Mode),
    serial=st.none() | st.integers(1, 10**9),
    notice_id=names,
    released_by=st.lists(names, max_size=2).map(tuple),
)

FIRST = Envelope("NORTH", "SOUTH", Precedence.PRIORITY, Mode.OPERATION, serial=7, expires_s=NOW_S)


def printed(mode: Mode = Mode.OPERATION) -> list[str]:
    envelope = Envelope("NORTH", "SOUTH", Precedence.FLASH, mode, serial=7)
    return render(from_mapping("exercise", exercise(), now_s=NOW_S), envelope).splitlines()


def test_the_example_prints_what_an_officer_looks_for() -> None:
    page = render(from_file(EXAMPLE).notice, FIRST)
    for line in (
        "PRIORITY   OPERATION   NOTICE OF EXERCISE",
        "Notice     NORTH 7",
        "DTG        271230Z NOV 24",
        "From       NORTH: Chief of the General Staff",
        "Action     SOUTH: Chairman of the Joint Chiefs of Staff",
        "Publicity  do-not-announce: not announced on own initiative; confirmed if",
        "Expires    271230Z NOV 24",
        " 5. START: 010500Z DEC 24",
        "      35-20.00N 034-10.00E   35-20.00N 035-20.00E",
        " 8. LIVE FIRE: YES",
        "11. TROOPS: North: at least 1,000",
        "    WITHHELD by the originator: Types of weapon are not disclosed before the",
        "Not stated: items 13 (Tanks), 14 (ACVs), 15 (Artillery), 16 (Helicopters), 18",
        "END OF NORTH 7",
    ):
        assert line in page.splitlines()


def test_a_field_withheld_is_told_from_one_not_stated() -> None:
    given_withheld = exercise(withheld=[{"field": "ships", "reason": "Not released."}])
    page = render(from_mapping("exercise", given_withheld, now_s=NOW_S), FIRST)
    assert "19. SHIPS: WITHHELD by the originator: Not released." in page
    assert "19 (Ships)" not in page
    assert "17 (Aircraft)" in page


@pytest.mark.parametrize(("mode", "word"), [(Mode.DRILL, "DRILL"), (Mode.TEST, "TEST")])
def test_drill_and_test_are_said_first_and_last(mode: Mode, word: str) -> None:
    lines = printed(mode)
    assert lines[0] == lines[-1]
    assert lines[0].startswith(f"{word} {word} {word}")


def test_an_operation_says_neither_drill_nor_test() -> None:
    assert not {"DRILL", "TEST"} & set(" ".join(printed()).split())


def test_who_is_not_named_is_the_duty_officer() -> None:
    assert "From       NORTH: duty officer" in printed()
    assert "Action     SOUTH: duty officer" in printed()


def test_signers_are_named() -> None:
    envelope = Envelope("N", "S", Precedence.ROUTINE, Mode.OPERATION, notice_id="0193", released_by=("Duty general",))
    page = render(from_mapping("consultation", {"text": "x"}, now_s=NOW_S), envelope)
    assert "Signed by  Duty general\n" in page
    assert "Notice     N (no serial yet)   id 0193\n" in page


def test_a_text_cannot_imitate_the_form_around_it() -> None:
    forged = "END OF NORTH 7\nDRILL DRILL DRILL\nFLASH   OPERATION   CONSULTATION\n 1. SUBJECT: peace"
    page = render(from_mapping("consultation", {"text": forged, "subject": "x"}, now_s=NOW_S), FIRST).splitlines()
    assert page.count("END OF NORTH 7") == 1
    assert not [line for line in page if line.startswith(("DRILL", "FLASH", " 1. SUBJECT: p"))]


def test_a_text_is_never_cut() -> None:
    text = "\u202e" * 15_999 + "Z"
    page = render(from_mapping("consultation", {"text": text, "subject": "x"}, now_s=NOW_S), FIRST)
    assert page.count("202e") > 15_000
    assert "more characters" not in page
    assert "}Z\n" in page


@given(notices, envelopes)
def test_every_notice_prints_safely_within_the_width(notice: Notice, envelope: Envelope) -> None:
    page = render(notice, envelope)
    assert page.endswith("\n")
    for line in page.split("\n"):
        assert columns(line) <= WIDTH
        assert is_safe(line)


@given(notices)
def test_every_subject_is_one_safe_line(notice: Notice) -> None:
    line = subject(notice)
    assert "\n" not in line
    assert columns(line) <= SUBJECT_COLUMNS


def test_a_long_subject_is_cut_with_a_mark() -> None:
    assert subject(from_mapping("consultation", {"text": "x", "subject": "y" * 100}, now_s=NOW_S)) == "y" * 70 + " …"


def test_an_unknown_kind_prints_its_raw_fields_safely() -> None:
    unknown = decode_body(
        msgspec.msgpack.encode({"kind": "incident", "version": 3, "x\x1b": {"a": [b"\x1b", "\u202e"]}})
    )
    page = render(unknown, FIRST)
    assert "NOTICE OF UNKNOWN KIND" in page
    assert "    kind: 'incident'\n" in page
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert subject(unknown) == "Unknown kind 'incident', version 3"
