"""Errors on their way through HTTP: from the tree in `hotline.errors` to a `Failure` and back to the same class."""

from hotline import errors
from hotline.api.types import Failure
from hotline.errors import HotlineError, UsageError

_CLASSES = {
    name: kind for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, HotlineError)
}
# The first class of an error that stands here decides. By blame: 4xx is the caller's, 502 the peer's, 500 the host's.
_STATUS = {
    "NotFoundError": 404,
    "CallerError": 400,
    "PeerError": 502,
    "BusyError": 503,
    "HostError": 500,
    "CheckFailed": 409,
    "NotYet": 504,
    "HotlineError": 500,
}


class RequestError(UsageError):
    """Not the words of a call, but the HTTP that carries them, is wrong: the one error that knows its status."""

    def __init__(self, what: str, remedy: str = "", *, status: int, reason: str = "request") -> None:
        super().__init__(what, remedy, reason=reason)
        self.status = status


def failure(error: HotlineError, number: int = 0) -> Failure:
    """The form in which an error leaves; `number` is the line of a bulk submission."""
    return Failure(
        error=error.what,
        remedy=error.remedy,
        reason=error.reason,
        exit=error.exit_code,
        field=getattr(error, "field", ""),
        kind=_kind(error),
        number=number,
    )


def status(error: HotlineError) -> int:
    """The HTTP status, by who has to act."""
    if isinstance(error, RequestError):
        return error.status
    return next(_STATUS[kind.__name__] for kind in type(error).__mro__ if kind.__name__ in _STATUS)


def as_error(failed: Failure) -> HotlineError:
    """The error that a `Failure` was made from; of a class that this version lacks, its blame and words are kept."""
    kind = _CLASSES.get(failed.kind) or _by_exit(failed.exit)
    error = kind(failed.error, failed.remedy, reason=failed.reason)
    if isinstance(error, errors.NoticeError):
        error.field = failed.field
    return error


def _kind(error: HotlineError) -> str:
    # A class of another module, such as RequestError, travels as its nearest ancestor in the tree.
    return next(kind.__name__ for kind in type(error).__mro__ if kind.__module__ == errors.__name__)


def _by_exit(exit_code: int) -> type[HotlineError]:
    blames = (errors.CallerError, errors.PeerError, errors.HostError, errors.CheckFailed, errors.NotYet)
    return next((kind for kind in blames if kind.exit_code == exit_code), HotlineError)
