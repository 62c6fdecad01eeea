"""An officer's answers: opened, acknowledged, refused (SPEC section 4.5)."""

from hotline.api.types import Answer, NoticeState, Step
from hotline.core import entry
from hotline.core import queue as rows
from hotline.core.step import Now
from hotline.custody.keyring import Keyring
from hotline.custody.suite import RealSuite
from hotline.errors import CallerError, StoreError
from hotline.station.port import Port
from hotline.station.submission import officer, officer_id_of
from hotline.store.queries import Given, Received
from hotline.store.store import Store

_SUITE = RealSuite()
_TYPES = {"opened": entry.OPENED, "acknowledged": entry.ACKNOWLEDGEMENT, "refused": entry.REFUSAL}
_VERDICTS = {
    entry.OPENED: entry.VERDICT_OPENED,
    entry.ACKNOWLEDGEMENT: entry.VERDICT_ACKNOWLEDGED,
    entry.REFUSAL: entry.REFUSED_BY_OFFICER,
}
STATES: dict[int, NoticeState] = {
    entry.OPENED: "OPENED",
    entry.ACKNOWLEDGEMENT: "ACKNOWLEDGED",
    entry.REFUSAL: "REFUSED",
}

Prepared = list[tuple[rows.Queued, rows.QueuedAnswer, str]]  # the officer's name last


def already(answer: Answer, given: list[Given]) -> Step | None:
    """The same answer given before, if it was: saying it twice must not make two entries."""
    kind = _TYPES[answer.verdict]
    mine = [g for g in given if g.mine and g.type == kind]
    if not mine:
        return None
    g = mine[0]
    return Step(state=STATES[kind], time_ms=g.time_ms, clock="ours", officer=g.officer, text=g.text)


def prepare(port: Port, keys: Keyring, answer: Answer, found: Received, given: list[Given], leaf: bytes) -> Prepared:
    """Sign the answer; one that was not opened yet is opened first, since acknowledging it is having opened it."""
    if found.type != entry.NOTICE:
        raise CallerError("Only a notice can be answered.", "`hotline inbox` lists them.")
    if not leaf:
        raise StoreError(f"Entry {found.index} is missing from the database.", "Run `hotline verify`.")
    if len(answer.text.encode("utf-8")) > 256:
        raise CallerError("The text of an answer has at most 256 bytes.", "Shorten it, or send a consultation.")
    kind = _TYPES[answer.verdict]
    opened = any(g.mine and g.type == entry.OPENED for g in given)
    kinds = [kind] if opened or kind == entry.OPENED else [entry.OPENED, kind]
    return [_row(port, keys, answer, found, leaf, k, answer.text if k == kind else "") for k in kinds]


def _row(
    port: Port, keys: Keyring, answer: Answer, found: Received, leaf: bytes, kind: int, text: str
) -> tuple[rows.Queued, rows.QueuedAnswer, str]:
    name, key = officer(keys, answer.officer)
    officer_id = officer_id_of(port, name)
    verdict = _VERDICTS[kind]
    message = entry.answer_message(kind, port.identity.id, found.origin, found.index, leaf, verdict, text, officer_id)
    what = rows.QueuedAnswer(
        kind, _SUITE.random(16), found.index, leaf, verdict, text, officer_id, key.sign_one(message)
    )
    return rows.answer_row(what), what, name


def queue(store: Store, port: Port, prepared: Prepared, now: Now) -> Step:
    """Put the answers into the durable queue; on the engine's thread."""
    for row, _, name in prepared:
        store.enqueue_answer(port.identity.id, port.view.mirror.origin, row, name, now.wall_ms)
    _, what, name = prepared[-1]
    return Step(state=STATES[what.type], time_ms=now.wall_ms, clock="ours", officer=name, text=what.text)
