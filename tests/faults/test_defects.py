"""The plays and the damage find what they are for: a defect put into the product makes them fail.

The defect is a patch in the test, never in the product.
"""

import contextlib
from collections.abc import Callable
from typing import Any

import pytest

from hotline.core.step import CosignIntent, Now, Step, Write
from hotline.station.engine import Engine
from hotline.store import lockfile, store
from tests.faults import machine
from tests.faults.machine import FAIL, PERSIST, Os, Plan
from tests.faults.pair import Theatre, tell

pytestmark = pytest.mark.usefixtures("steps")


def found(theatre: Theatre) -> str:
    """What the plays of one act find first; a crash at the steps that differ, then each failure of a disk."""
    plans: list[Plan] = [Plan()]
    with contextlib.suppress(AssertionError):
        counted = theatre.played(tell, Plan())
        plans += [Plan(at) for at in counted.classes]
        plans += [Plan(at, how) for how in (FAIL, PERSIST) for at in counted.disks_first]
    for plan in plans:
        try:
            theatre.played(tell, plan)
        except AssertionError as e:
            return str(e)
    return ""


def _signs_before_the_commit(engine: Engine, merged: dict[str, Step], now: Now) -> None:
    for topic, step in merged.items():
        port = engine.ports[topic]
        engine._transmit(port, step.sends + engine._sign(port, step.signs, now))
    engine.store.commit()
    locking = [engine.ports[t] for t, step in merged.items() if step.lock]
    if locking:
        engine._locks.replace({p.identity.id: p.machine.locked() for p in locking})
    engine._new_cards = []


def _locks_after_signing(engine: Engine, merged: dict[str, Step], now: Now) -> None:
    engine.store.commit()
    _signs_before_the_commit(engine, merged, now)


_CONNECT, _APPLY, _FSYNC = store.connect, store.Store._apply, Os.fsync


def _connects_without_syncs(*given: Any, **named: Any) -> Any:
    db = _CONNECT(*given, **named)
    db.pragma("synchronous", "off")
    return db


def _connects_with_syncs_at_checkpoints_alone(*given: Any, **named: Any) -> Any:
    db = _CONNECT(*given, **named)
    db.pragma("synchronous", "normal")
    return db


def _keeps_no_statement(kept: store.Store, line: bytes, write: Write, now_ms: int) -> None:
    if not isinstance(write, CosignIntent):
        _APPLY(kept, line, write, now_ms)


def _syncs_folders_alone(called: Os, fd: int) -> None:
    if called._open[fd].is_dir():
        _FSYNC(called, fd)


def _nothing(*_: object) -> None:
    pass


@pytest.mark.parametrize(
    ("place", "name", "defect", "told"),
    [
        (Engine, "_effects", _signs_before_the_commit, "on disk"),
        (Engine, "_effects", _locks_after_signing, "not locked on disk"),
        (store, "connect", _connects_without_syncs, "on disk"),
        (store, "connect", _connects_with_syncs_at_checkpoints_alone, "on disk"),
        (lockfile, "_sync_folder", _nothing, "on disk"),
        (Os, "fsync", _syncs_folders_alone, "on disk"),
        (store.Store, "_apply", _keeps_no_statement, "with another statement on disk"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_defect_in_the_order_of_writing_is_found_at_a_signature(
    theatre: Theatre, monkeypatch: pytest.MonkeyPatch, place: Any, name: str, defect: Callable[..., Any], told: str
) -> None:
    monkeypatch.setattr(place, name, defect)
    assert told in found(theatre)


@pytest.mark.parametrize("defect", [_connects_without_syncs, _connects_with_syncs_at_checkpoints_alone])
def test_what_a_crash_loses_is_found_by_what_is_signed_after_it_too(
    theatre: Theatre, monkeypatch: pytest.MonkeyPatch, defect: Callable[..., Any]
) -> None:
    """With no look at the disk before signatures: the two stations alone show it."""
    monkeypatch.setattr(store, "connect", defect)
    monkeypatch.setattr(machine, "check_vouched", _nothing)
    assert "signed two receipts" in found(theatre)
