"""From what a caller gives to a row of the queue: what is wrong is named, and nothing is written."""

import time
import uuid

import pytest

from hotline.api.types import Submit, Submitted
from hotline.core import entry, queue
from hotline.core.step import Now
from hotline.core.suite import verify_hybrid
from hotline.custody.ceremony import add_officer
from hotline.custody.keyring import Keyring
from hotline.custody.suite import RealSuite
from hotline.errors import KeyError_, NoticeError
from hotline.home import Home
from hotline.station import submission
from hotline.station.bodies import read_body
from hotline.station.port import Port
from hotline.station.record import Record
from hotline.store.store import Store
from tests.station.pair import consultation, no_passphrase
from tests.station.test_port import load

NOW = Now(1_700_000_000_000, 1.0)


@pytest.fixture
def port(north: Home) -> Port:
    return load(north)


def prepare(port: Port, submit: Submit) -> submission.Prepared:
    return submission.prepare(port, port.keys, submit, NOW)


def test_a_release_is_signed_by_the_officer_over_what_the_peer_will_check(port: Port) -> None:
    what = prepare(port, consultation("we will fire", precedence="FLASH", mode="DRILL")).row.what
    assert isinstance(what, queue.QueuedNotice)
    (release,) = what.releases
    row = prepare(port, consultation("we will fire")).row
    facts = entry.ReleaseFacts(
        port.identity.them, row.key, 0, 0, entry.commitment(row.salt, row.body), len(row.body), 0
    )
    officer = port.identity.mine.officer(release.officer)
    assert officer is not None
    (second,) = row.what.releases  # type: ignore[union-attr]  # a notice's
    message = entry.release_message(port.identity.id, facts, second.officer, entry.ROLE_RELEASER)
    assert verify_hybrid(RealSuite(), officer.public, message, second.signature)


@pytest.mark.parametrize(
    ("submit", "field"),
    [
        (Submit(kind="consultation", notice={}), "text"),
        (Submit(kind="consultation", notice={"text": "x", "txet": "y"}), "txet"),
        (consultation("x", expires_s=1_600_000_000), "expires_s"),
        (Submit(kind="exercise", notice={"designation": "x"}), ""),
    ],
)
def test_what_is_wrong_is_named_by_its_field(port: Port, submit: Submit, field: str) -> None:
    with pytest.raises(NoticeError) as refused:
        prepare(port, submit)
    assert field in refused.value.field + refused.value.what


def test_a_body_past_the_bound_is_refused_with_the_bound(port: Port) -> None:
    wide = "\N{MUSICAL SYMBOL G CLEF}"  # four bytes
    notice = {"text": wide * 16_000, "subject": wide * 120, "references": 3 * [wide * 100]}
    with pytest.raises(NoticeError, match="65536 is the most"):
        prepare(port, Submit(kind="consultation", notice=notice))


def test_the_only_officer_signs_unless_another_is_named(port: Port) -> None:
    assert submission.officer(port.keys, "")[0] == "Duty officer"
    with pytest.raises(KeyError_, match="On duty: Duty officer"):
        submission.officer(port.keys, "Somebody else")


def test_without_an_officer_on_duty_nothing_can_be_released(north: Home) -> None:
    keys = Keyring.load(north, no_passphrase, officers=False)
    with pytest.raises(KeyError_, match="No officer is on duty"):
        submission.officer(keys, "")


def test_of_several_officers_one_has_to_be_named(north: Home) -> None:
    add_officer(north, "Second", no_passphrase, lambda: None)
    keys = Keyring.load(north, no_passphrase)
    for name in keys.officers.names():
        keys.officers.come_on(name, keys.officers.unlock(name, None))
    with pytest.raises(KeyError_, match="2 officers are on duty: Duty officer, Second"):
        submission.officer(keys, "")
    assert submission.officer(keys, "Second")[0] == "Second"


def test_the_same_id_with_the_same_text_is_taken_once_and_with_another_text_refused(north: Home) -> None:
    port = load(north)
    store = Store(north.database_path, read_body)
    try:
        store.line(port.identity.id, port.view.own.origin, port.view.mirror.origin)
        first, again = (prepare(port, consultation("the same", id="0" * 32)) for _ in range(2))
        other = prepare(port, consultation("not the same", id="0" * 32))
        outcomes = [submission.queue(store, Record(store), prepared, NOW) for prepared in (first, again, other)]
        assert isinstance(outcomes[0], Submitted)
        assert isinstance(outcomes[1], Submitted)
        assert (outcomes[0].repeated, outcomes[1].repeated) == (False, True)
        assert isinstance(outcomes[2], NoticeError)
        assert outcomes[2].field == "id"
    finally:
        store.close()


def test_what_was_refused_before_stays_refused(port: Port) -> None:
    refusal = NoticeError("text: missing.", "Give it.")
    assert submission.queue(None, None, refusal, NOW) is refusal  # type: ignore[arg-type]  # no store is needed


def test_ids_are_uuids_of_version_seven_and_in_the_order_of_time() -> None:
    early, late = (submission.uuid7(int(time.time() * 1000) + later) for later in (0, 5))
    assert early < late
    assert uuid.UUID(bytes=early).version == 7
    assert uuid.UUID(bytes=early).variant == uuid.RFC_4122
