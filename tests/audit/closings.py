"""Closing a generation at two homes without the ceremony: the files of SPEC section 7.13, signed with the real keys."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from hotline.core import entry, generation, queue, tree
from hotline.core.generation import Closing, ClosingFile, Held
from hotline.core.step import BodyFacts, Stored
from hotline.custody import generations
from hotline.custody.keyring import Keyring
from hotline.custody.suite import HybridKey
from hotline.home import Home
from hotline.station.bodies import read_body
from hotline.store.archive import Archive, ArchivedLog
from hotline.store.store import Store
from tests.station.pair import Stage, consultation, line_of, no_passphrase, settled, stored, until


def officer_key(home: Home) -> HybridKey:
    """The key of the only officer."""
    return Keyring.load(home, no_passphrase).officers["Duty officer"]


def held(archive: Archive, log: ArchivedLog) -> Held:
    """One log as its holder states it."""
    entries = [s for _, s in archive.entries(log.id)]
    serials = [c.serial for c in map(_content, entries) if isinstance(c, entry.Notice)]
    signed = max((h.size for h in archive.heads(log)), default=0) if log.mine else len(archive.surfaced(log.id))
    return Held(
        len(entries),
        tree.root([s.leaf for s in entries]),
        signed,
        generation.last_serial(log.first, serials, len(entries)),
    )


def _content(found: Stored) -> entry.AnyContent:
    return entry.decode_content(entry.envelope(found.entry).content)


def statement(home: Home, **fields: Any) -> Closing:
    """What the officer of a home says of the present generation; `fields` instead of what is so."""
    (line,), card = home.lines(), home.card()
    with Archive.open(home.database_path) as archive:
        logs = [held(archive, log) for log in archive.logs(line.id)] or [generation.NOTHING] * 2
    said: dict[str, Any] = {
        "own": logs[0],
        "mirror": logs[1],
        "reason": generation.OTHER,
        "time_ms": 1,
        "text": "",
        **fields,
    }
    key = officer_key(home)
    officer = next(o.id for o in card.body.officers if o.public == key.public)
    said |= {"version": 1, "line": line.id, "generation": line.generations.number, "author": card.fingerprint}
    said |= {"card": card.digest, "officer": officer, "signature": b""}
    return signed(Closing(**(said | fields)), key)


def lost(home: Home, peers: Closing) -> ClosingFile:
    """What the officer of a home says that was made anew from its root, and holds nothing of the line."""
    card, key = home.card(), officer_key(home)
    officer = next(o.id for o in card.body.officers if o.public == key.public)
    nothing, reason = generation.NOTHING, generation.KEYS_LOST
    closing = Closing(
        1, peers.line, peers.generation, card.fingerprint, card.digest, nothing, nothing, reason, 1, "", officer, b""
    )
    return ClosingFile(signed(closing, key), card)


def signed(closing: Closing, key: HybridKey) -> Closing:
    """The same with the signature of this key."""
    return msgspec.structs.replace(closing, signature=key.sign_one(generation.closing_message(closing)))


def write(home: Home, what: str, file: ClosingFile) -> None:
    """Put a closing file where the home looks for it."""
    path = place(home, file.closing.generation, what)
    path.parent.mkdir(exist_ok=True)
    path.write_text(file.text())


def place(home: Home, number: int, what: str) -> Path:
    """Where a file of a generation stands in a home with one line."""
    (card,) = home.lines_path.glob("*.card")
    return generations.path_of(home, card.stem, number, what)


def close(home: Home, **fields: Any) -> ClosingFile:
    """Close the present generation of the only line of a home."""
    (line,) = home.lines()
    file = ClosingFile(statement(home, **fields), home.card())
    write(home, "mine.closing", file)
    for what, card in (("mine.card", home.card()), ("peer.card", line.card)):
        place(home, file.closing.generation, what).write_text(card.text())
    return file


def close_both(north: Home, south: Home, **fields: Any) -> None:
    """Close the present generation at both homes and begin the next."""
    files = close(north, **fields), close(south, **fields)
    write(north, "peer.closing", files[1])
    write(south, "peer.closing", files[0])


def again(home: Home, serial: int) -> None:
    """Queue a notice of ours of generation 1 once more, as what goes over is: its id, releases, salt and body."""
    (line,) = home.lines()
    before = line.generations.before[0]
    with Archive.open(home.database_path) as archive:
        log = archive.logs(before.line)[0]
        index = archive.find(log, serial=serial)
        found = next(s for at, s in archive.entries(log.id) if at == index)
    n = _content(found)
    assert isinstance(n, entry.Notice)
    row = queue.notice_row(
        queue.QueuedNotice(n.recipient, n.id, n.precedence, n.mode, n.expires_s, n.releases), found.salt, found.body
    )
    submit(home, row, read_body(found.body))


def submit(home: Home, row: queue.Queued, facts: BodyFacts) -> None:
    """Put a row into the queue of the present generation; its logs are made if the station has not run in it."""
    keys, (line,) = Keyring.load(home, no_passphrase), home.lines()
    identity = keys.line(line.card, line.generations.agreed)
    store = Store(home.database_path, read_body)
    try:
        store.line(
            identity.id, identity.my_origin(), identity.peer_origin(),
            pair=identity.pair, generation=identity.generation, first=(identity.my_serial, identity.peer_serial),
        )  # fmt: skip
        store.submit(identity.id, identity.my_origin(), row, facts, 1)
        store.commit()
    finally:
        store.close()


def talk(one: Home, other: Home, text: str) -> int:
    """Run both stations until a notice of the first is stored and both logs are settled; its serial."""
    return asyncio.run(_talk(one, other, text))


async def _talk(one: Home, other: Home, text: str) -> int:
    stage = Stage()
    async with stage.running(one) as client, stage.running(other) as peer:
        serial = (await stored(client, consultation(text))).serial
        for each in (client, peer):
            await until(partial(line_of, each), settled, what="both logs signed at both ends")
    return serial
