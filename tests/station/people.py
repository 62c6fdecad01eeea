"""A second officer with a passphrase of its own, at a station of the tests."""

from hotline.custody.ceremony import add_officer
from hotline.custody.keyfile import Cost
from hotline.custody.passphrase import Passphrase
from hotline.home import Home
from tests.station.pair import no_passphrase

SECOND = "Second officer"
WORDS = "correct horse battery staple"
CHEAP = Cost(memory_kib=8 * 1024, passes=1, lanes=1)


def add_second(home: Home, name: str = SECOND) -> None:
    """Certify one more officer, as `hotline officer add` does; a running station has to be told."""
    add_officer(home, name, no_passphrase, lambda: Passphrase(WORDS), cost=CHEAP)
