"""Every error that Hotline raises on purpose, split by who has to act.

    HotlineError
    ├── CallerError          you gave something wrong: fix the input and call again      exit 2
    │   ├── UsageError       the words or options of the call
    │   ├── NoticeError      a notice's field, kind or size
    │   ├── ConfigError      a configuration file
    │   ├── KeyError_        a key file, a passphrase, a safety number
    │   ├── CardError        a contact card
    │   └── NotFoundError    no such notice, line, log or file
    ├── PeerError            the other side, or somebody between, sent something wrong   exit 3
    │   ├── MalformedError   bytes that are not what the specification says
    │   ├── SignatureError   a signature, MAC, seal, or proof does not verify
    │   ├── ConflictError    consistent bytes that contradict what is held here
    │   └── ForkError        proof that one log key signed two inconsistent heads
    ├── HostError            this machine or what runs on it: disk, network, process     exit 4
    │   ├── StoreError       the database or lock file
    │   ├── RelayError       a relay refuses or cannot be reached
    │   ├── BusyError        the home or queue is in use or full: wait and call again
    │   └── DaemonError      the station's daemon is not running or answers wrongly
    ├── CheckFailed          a check ran to its end and the answer is no                 exit 1
    └── NotYet               what was waited for has not happened in the given time      exit 5

Each carries one sentence of what happened and one of what to do. Text that came from
outside is made safe to print before it is put in either (`hotline.text.safe`).
"""


class HotlineError(Exception):
    """Base of the tree.

    `what` is one clear sentence naming the file, field or peer; `remedy` says what
    the person reading it can do; `reason` is a stable short word for counters and JSON.
    """

    exit_code = 1
    reason = "error"

    def __init__(self, what: str, remedy: str = "", *, reason: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy
        if reason is not None:
            self.reason = reason

    def __str__(self) -> str:
        return f"{self.what} {self.remedy}".rstrip()


class CallerError(HotlineError):
    """The input is wrong; nothing was changed."""

    exit_code = 2
    reason = "caller"


class UsageError(CallerError):
    """The words of a call do not fit together."""

    reason = "usage"


class NoticeError(CallerError):
    """A notice does not fit its schema or a bound; `field` is the path of the field."""

    reason = "notice"

    def __init__(self, what: str, remedy: str = "", *, field: str = "", reason: str | None = None) -> None:
        super().__init__(what, remedy, reason=reason)
        self.field = field


class ConfigError(CallerError):
    """A configuration file has a wrong or unknown entry."""

    reason = "config"


class KeyError_(CallerError):
    """A key file cannot be used: wrong passphrase, wrong permissions, damaged, or missing."""

    reason = "key"


class CardError(CallerError):
    """A contact card cannot be enrolled."""

    reason = "card"


class NotFoundError(CallerError):
    """What was asked for is not here."""

    reason = "not-found"


class PeerError(HotlineError):
    """The other side, or somebody between, sent something wrong; it was not acted on."""

    exit_code = 3
    reason = "peer"


class MalformedError(PeerError):
    """Bytes that do not have the form the specification gives."""

    reason = "malformed"


class SignatureError(PeerError):
    """A signature, MAC, seal or proof does not verify."""

    reason = "signature"


class ConflictError(PeerError):
    """Well-formed and signed, but contradicting what is durably held here."""

    reason = "conflict"


class ForkError(PeerError):
    """Two valid, inconsistent heads of one log."""

    reason = "fork"


class HostError(HotlineError):
    """This machine, its disk, its network, or another process on it."""

    exit_code = 4
    reason = "host"


class StoreError(HostError):
    """The database or the lock file cannot be used."""

    reason = "store"


class RelayError(HostError):
    """A relay refuses us or cannot be reached."""

    reason = "relay"


class BusyError(HostError):
    """In use or full; the same call may succeed later."""

    reason = "busy"


class DaemonError(HostError):
    """The daemon of this home is not running, or its answer makes no sense."""

    reason = "daemon"


class CheckFailed(HotlineError):
    """A check ran to its end and the answer is no."""

    exit_code = 1
    reason = "check-failed"


class NotYet(HotlineError):
    """What was waited for has not happened within the given time; nothing is lost by that."""

    exit_code = 5
    reason = "not-yet"
