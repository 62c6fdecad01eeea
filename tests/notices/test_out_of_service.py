"""Out of service."""

from hotline.notices import KINDS
from hotline.notices.out_of_service import OutOfService
from tests.notices.spoilt import example, refusal

OUT_OF_SERVICE = KINDS["out-of-service"]


def test_the_headline_says_from_when_to_when_and_why() -> None:
    assert example("out-of-service").headline() == "131000Z DEC 24 to 131400Z DEC 24: Change of equipment."


def test_the_times_are_its_window_and_are_read_back() -> None:
    notice = example("out-of-service")
    assert isinstance(notice, OutOfService)
    assert OUT_OF_SERVICE.window(notice) == (notice.start_s, notice.end_s)
    assert [v.shown for v in OUT_OF_SERVICE.read_back(notice)] == ["131000Z DEC 24", "131400Z DEC 24"]
    assert OUT_OF_SERVICE.title_of(notice) == "Out of service: Change of equipment."


def test_an_end_before_the_start_is_refused() -> None:
    assert refusal("out-of-service", end="131000Z DEC 24")[0] == "end"


def test_how_to_reach_the_side_meanwhile_is_required() -> None:
    assert refusal("out-of-service", other_path=None)[0] == "other_path"
