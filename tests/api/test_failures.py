"""Each class of the error tree crosses the API and comes out as itself."""

import pytest

from hotline import errors
from hotline.api.failures import RequestError, as_error, failure, status
from hotline.api.types import Failure
from hotline.errors import HotlineError

CLASSES = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, HotlineError)]


@pytest.mark.parametrize("kind", CLASSES)
def test_an_error_comes_back_as_the_same_class_with_the_same_words(kind: type[HotlineError]) -> None:
    back = as_error(failure(kind("What.", "Remedy.", reason="why")))
    assert (type(back), back.what, back.remedy, back.reason) == (kind, "What.", "Remedy.", "why")
    assert back.exit_code == kind.exit_code


def test_the_field_of_a_notice_comes_back() -> None:
    back = as_error(failure(errors.NoticeError("What.", field="area.points")))
    assert isinstance(back, errors.NoticeError)
    assert back.field == "area.points"


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.NoticeError, 400),
        (errors.UsageError, 400),
        (errors.NotFoundError, 404),
        (errors.ForkError, 502),
        (errors.BusyError, 503),
        (errors.StoreError, 500),
        (errors.CheckFailed, 409),
        (errors.NotYet, 504),
        (errors.HotlineError, 500),
    ],
)
def test_the_status_says_who_has_to_act(kind: type[HotlineError], code: int) -> None:
    assert status(kind("What.")) == code


@pytest.mark.parametrize("kind", CLASSES)
def test_every_class_has_a_status_of_an_error(kind: type[HotlineError]) -> None:
    assert 400 <= status(kind("What.")) < 600


def test_an_error_of_http_itself_knows_its_status_and_travels_as_an_error_of_usage() -> None:
    error = RequestError("Too long.", status=413)
    assert (status(error), failure(error).kind) == (413, "UsageError")


@pytest.mark.parametrize(
    ("exit_code", "kind"),
    [(1, errors.CheckFailed), (2, errors.CallerError), (3, errors.PeerError), (4, errors.HostError), (9, HotlineError)],
)
@pytest.mark.parametrize("name", ["NewerError", "", "safe", "Exception"])
def test_a_class_that_is_not_known_here_keeps_its_blame(exit_code: int, kind: type[HotlineError], name: str) -> None:
    back = as_error(Failure(error="What.", remedy="", reason="new", exit=exit_code, kind=name))
    assert (type(back), back.reason) == (kind, "new")
