"""An officer's answers: opened, acknowledged, refused (SPEC section 4.5)."""

from collections.abc import Mapping

from hotline import limits
from hotline.api.types import Answer, NoticeState, Step
from hotline.core import entry
from hotline.core import queue as rows
from hotline.core.step import Event, Now
from hotline.custody.keyring import Keyring
from hotline.custody.suite import RealSuite
from hotline.errors import CallerError, MalformedError, NoticeError, StoreError
from hotline.notices import KINDS, Notice, Precedence, ReadBack, Unknown, decode_body
from hotline.notices.dtg import format_time, parse_time
from hotline.notices.position import parse_position
from hotline.station.port import Port
from hotline.station.record import Record
from hotline.station.submission import officer, officer_id_of
from hotline.store.queries import Given, Received
from hotline.store.store import Store

_SUITE = RealSuite()
_TYPES = {
    "opened": entry.OPENED, "standby": entry.OPENED, "acknowledged": entry.ACKNOWLEDGEMENT, "refused": entry.REFUSAL,
}  # fmt: skip
STAND_BY = "Received, stand by."
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
    if answer.verdict == "standby":
        mine = [g for g in mine if g.text.startswith(STAND_BY)]
    if not mine:
        return None
    g = mine[0]
    return Step(state=STATES[kind], time_ms=g.time_ms, clock="ours", officer=g.officer, text=g.text)


def require_open(answer: Answer, given: list[Given]) -> None:
    """Raise CallerError where an acknowledgement would follow a refusal, or a refusal an acknowledgement."""
    said = {g.type for g in given if g.mine and g.type != entry.OPENED}
    kind = _TYPES[answer.verdict]
    if kind != entry.OPENED and said - {kind}:
        what = "refused" if entry.REFUSAL in said else "acknowledged"
        raise CallerError(f"{answer.ref} was {what} here already.", "Say in a consultation what has changed since.")


def asked_back(notice: Notice, precedence: int) -> tuple[ReadBack, ...]:
    """What the officer reads back: the values of every area and window; of other FLASH and IMMEDIATE ones their DTG."""
    values = KINDS[notice.kind].read_back(notice)
    if values or precedence < Precedence.IMMEDIATE:
        return values
    return (ReadBack("dtg", "Date-time group", format_time(notice.dtg_s)),)


def check_read_back(notice: Notice, precedence: int, given: Mapping[str, str]) -> str:
    """Return the words that the acknowledgement carries. NoticeError, naming the value, if one is missing or wrong."""
    asked = asked_back(notice, precedence)
    missing = [value for value in asked if not given.get(value.name, "").strip()]
    if missing:
        names = ", ".join(f"{value.name} ({value.label})" for value in missing)
        raise NoticeError(
            f"To acknowledge it, its key values are read back; missing: {names}.",
            "Read them in `hotline show`, and give each as it stands there.",
            field=missing[0].name,
            reason="read-back",
        )
    for value in asked:
        if not _same(given[value.name], value.shown):
            raise NoticeError(
                f"{value.name}: what was read back for {value.label} is not what the notice says.",
                "Read the notice again; ask the other side if in doubt.",
                field=value.name,
                reason="read-back",
            )
    return f"Read back: {'; '.join(f'{v.label} {v.shown}' for v in asked)}." if asked else ""


def _same(given: str, shown: str) -> bool:
    """Whether two notations state the same time or position, or the same words."""
    plain, wanted = " ".join(given.split()).casefold(), " ".join(shown.split()).casefold()
    if plain == wanted:
        return True
    for parse in (parse_time, parse_position):
        try:
            return parse(given.strip().upper(), "given") == parse(shown, "shown")
        except NoticeError:
            continue
    return False


def prepare(
    port: Port, keys: Keyring, answer: Answer, found: Received, given: list[Given], leaf: bytes, body: bytes = b""
) -> Prepared:
    """Sign the answer; one that was not opened yet is opened first, since acknowledging it is having opened it."""
    if found.type != entry.NOTICE:
        raise CallerError("Only a notice can be answered.", "`hotline inbox` lists them.")
    if not leaf:
        raise StoreError(f"Entry {found.index} is missing from the database.", "Run `hotline verify`.")
    room = limits.REASON_BYTES - (len(STAND_BY) + 1 if answer.verdict == "standby" else 0)
    if len(answer.text.encode("utf-8")) > room:
        raise CallerError(f"The text of this answer has at most {room} bytes.", "Shorten it, or send a consultation.")
    kind = _TYPES[answer.verdict]
    opened = any(g.mine and g.type == entry.OPENED for g in given)
    kinds = [kind] if opened or kind == entry.OPENED else [entry.OPENED, kind]
    text = _text(answer, found, body)
    return [_row(port, keys, answer, found, leaf, k, text if k == kind else "") for k in kinds]


def _text(answer: Answer, found: Received, body: bytes) -> str:
    """What goes with the answer: the officer's words, and what was read back as far as it fits."""
    if answer.verdict == "standby":
        return f"{STAND_BY} {answer.text}".strip()
    if answer.verdict != "acknowledged" or found.reason:
        return answer.text
    try:
        notice = decode_body(body)
    except MalformedError:
        return answer.text
    if isinstance(notice, Unknown):
        return answer.text
    said = check_read_back(notice, found.precedence, answer.read_back)
    return _cut(f"{answer.text} {said}".strip(), limits.REASON_BYTES)


def _cut(text: str, most_bytes: int) -> str:
    data = text.encode("utf-8")
    if len(data) <= most_bytes:
        return text
    return data[: most_bytes - 3].decode("utf-8", "ignore") + "…"


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


def queue(store: Store, record: Record, port: Port, prepared: Prepared, found: Received, now: Now) -> Step:
    """Put the answers into the durable queue; on the engine's thread."""
    for row, what, name in prepared:
        store.enqueue_answer(port.identity.id, port.view.mirror.origin, row, name, now.wall_ms)
        record.i_answered(port.identity.id, found.id, what.type)
        text = f"{name} answers entry {what.target} of the peer: {STATES[what.type].lower()}."
        fields = (("officer", name), ("entry", str(what.target)))
        store.event(port.identity.id, Event("answer", text, fields=fields), now.wall_ms)
    _, what, name = prepared[-1]
    return Step(state=STATES[what.type], time_ms=now.wall_ms, clock="ours", officer=name, text=what.text)
