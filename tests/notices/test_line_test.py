"""Line tests."""

import pytest

from hotline.errors import NoticeError
from hotline.notices import Mode, draft, from_mapping
from hotline.notices.line_test import SAFE_TEXT, LineTest
from tests.notices.samples import NOW_S, line_test


def test_a_serial_and_a_nonce_are_a_line_test() -> None:
    notice = from_mapping("line-test", line_test(), now_s=NOW_S)
    assert isinstance(notice, LineTest)
    assert (notice.text, notice.path, notice.manned, notice.echo) == (SAFE_TEXT, "any", False, False)
    assert notice.nonce == bytes.fromhex("00112233445566778899aabbccddeeff")


def test_the_headline_tells_an_echo_and_a_manned_test_apart() -> None:
    def headline(**changed: bool) -> str:
        return from_mapping("line-test", line_test(**changed), now_s=NOW_S).headline()

    assert headline() == "Line test 7"
    assert headline(echo=True) == "Echo of line test 7"
    assert headline(manned=True) == "Manned line test 7"
    assert headline(manned=True, echo=True) == "Manned echo of line test 7"


def test_every_sentence_of_the_standard_text_says_that_it_is_a_test() -> None:
    assert all("line test" in sentence.lower() for sentence in SAFE_TEXT.rstrip(".").split(". "))


def test_a_line_test_is_in_mode_test_unless_it_is_said_otherwise() -> None:
    assert draft("line-test", line_test(), now_s=NOW_S).mode is Mode.TEST


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"nonce": None}, "nonce: this field is required and not given."),
        ({"nonce": "00"}, "nonce: this is not 32 hexadecimal digits."),
        ({"serial": 0}, "serial: the number is outside 1 to 9,007,199,254,740,991."),
    ],
)
def test_a_wrong_line_test_is_refused(changed: dict[str, object], says: str) -> None:
    with pytest.raises(NoticeError) as e:
        from_mapping("line-test", line_test(**changed), now_s=NOW_S)
    assert str(e.value).startswith(says)
