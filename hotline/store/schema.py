"""The tables, and how one version becomes the next. Columns are always listed; all tables are STRICT, all columns NOT NULL."""

import apsw

from hotline.errors import StoreError

# Written into the file's header ("HOTL"), so that another program's database is told apart.
APPLICATION_ID = 0x484F544C

_V1 = """
CREATE TABLE log (               -- one row for each log of each line; `mine` 1 for my own
  id INTEGER PRIMARY KEY, line BLOB NOT NULL, origin TEXT NOT NULL UNIQUE, mine INTEGER NOT NULL,
  judged INTEGER NOT NULL DEFAULT 0, serial INTEGER NOT NULL DEFAULT 0, seen INTEGER NOT NULL DEFAULT 0,
  frozen BLOB NOT NULL DEFAULT x''
) STRICT;
CREATE TABLE entry (log INTEGER NOT NULL, idx INTEGER NOT NULL, leaf BLOB NOT NULL, entry BLOB NOT NULL,
  PRIMARY KEY (log, idx)) STRICT;
CREATE TABLE body (log INTEGER NOT NULL, idx INTEGER NOT NULL, salt BLOB NOT NULL, body BLOB NOT NULL,
  PRIMARY KEY (log, idx)) STRICT;
CREATE TABLE head (log INTEGER NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL, signature BLOB NOT NULL,
  PRIMARY KEY (log, size)) STRICT;
CREATE TABLE receipt (log INTEGER NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL, timestamp_s INTEGER NOT NULL,
  signature BLOB NOT NULL, PRIMARY KEY (log, size)) STRICT;
CREATE TABLE intent (log INTEGER PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, timestamp_s INTEGER NOT NULL) STRICT;
CREATE TABLE proposal (log INTEGER NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL, signature BLOB NOT NULL,
  PRIMARY KEY (log, size)) STRICT;
CREATE TABLE displaced (id INTEGER PRIMARY KEY, log INTEGER NOT NULL, idx INTEGER NOT NULL, entry BLOB NOT NULL,
  salt BLOB NOT NULL, body BLOB NOT NULL, reason TEXT NOT NULL, at_ms INTEGER NOT NULL) STRICT;
CREATE TABLE queue (             -- what waits to enter my log, highest rank first, then oldest
  seq INTEGER PRIMARY KEY AUTOINCREMENT, line BLOB NOT NULL, key BLOB NOT NULL, rank INTEGER NOT NULL,
  payload BLOB NOT NULL, salt BLOB NOT NULL, body BLOB NOT NULL, UNIQUE (line, key)) STRICT;
CREATE INDEX queue_order ON queue (line, rank DESC, seq);
CREATE TABLE outbox (            -- my notices; idx -1 while queued
  id BLOB NOT NULL, log INTEGER NOT NULL, idx INTEGER NOT NULL, serial INTEGER NOT NULL, precedence INTEGER NOT NULL,
  mode INTEGER NOT NULL, expires_s INTEGER NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,
  submitted_ms INTEGER NOT NULL, appended_ms INTEGER NOT NULL, stored_ms INTEGER NOT NULL, alarmed INTEGER NOT NULL,
  PRIMARY KEY (log, id)) STRICT;
CREATE INDEX outbox_index ON outbox (log, idx);
CREATE INDEX outbox_open ON outbox (log, submitted_ms) WHERE alarmed = 0;
CREATE TABLE inbox (             -- the peer's entries below a signed head, each once
  seq INTEGER PRIMARY KEY AUTOINCREMENT, log INTEGER NOT NULL, idx INTEGER NOT NULL, type INTEGER NOT NULL,
  time_ms INTEGER NOT NULL, surfaced_ms INTEGER NOT NULL, reason TEXT NOT NULL, recovered INTEGER NOT NULL,
  id BLOB NOT NULL, serial INTEGER NOT NULL, precedence INTEGER NOT NULL, mode INTEGER NOT NULL, expires_s INTEGER NOT NULL,
  officers TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL, UNIQUE (log, idx)) STRICT;
CREATE INDEX inbox_id ON inbox (log, id);
CREATE TABLE answer (            -- opened, acknowledged, refused: `log` and `target` say of what; `mine` 1 for those I gave
  log INTEGER NOT NULL, target INTEGER NOT NULL, type INTEGER NOT NULL, mine INTEGER NOT NULL, time_ms INTEGER NOT NULL,
  at_ms INTEGER NOT NULL, verdict INTEGER NOT NULL, officer TEXT NOT NULL, text TEXT NOT NULL, key BLOB NOT NULL,
  PRIMARY KEY (log, target, type, key)) STRICT;
CREATE TABLE cursor (name TEXT PRIMARY KEY, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL) STRICT;
CREATE TABLE event (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, line BLOB NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL,
  alarm INTEGER NOT NULL, origin TEXT NOT NULL, idx INTEGER NOT NULL) STRICT;
CREATE TABLE rejected (          -- frames that failed a check, counted by reason
  line BLOB NOT NULL, path TEXT NOT NULL, reason TEXT NOT NULL, count INTEGER NOT NULL, first_ms INTEGER NOT NULL,
  last_ms INTEGER NOT NULL, PRIMARY KEY (line, path, reason)) STRICT;
"""

# Each item brings the database from its index to the next version; none is ever changed once released.
MIGRATIONS = (_V1,)
VERSION = len(MIGRATIONS)


def migrate(db: apsw.Connection, path: str) -> None:
    """Bring the database to VERSION, each step in a transaction of its own. StoreError for a file of another kind or time."""
    found_id, version = _pragma(db, "application_id"), _pragma(db, "user_version")
    if version == 0 and _tables(db) == 0:
        found_id = APPLICATION_ID
    if found_id != APPLICATION_ID:
        raise StoreError(f"{path} is not a Hotline database.", "Put the right file back, or restore the home.")
    if version > VERSION:
        raise StoreError(
            f"{path} was written by a newer Hotline (schema {version}; this one knows {VERSION}).",
            "Install that version.",
        )
    for number in range(version, VERSION):
        with db:
            db.execute(MIGRATIONS[number])
            db.execute(f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {number + 1}")


def _pragma(db: apsw.Connection, name: str) -> int:
    value = db.pragma(name)
    return value if isinstance(value, int) else 0


def _tables(db: apsw.Connection) -> int:
    (count,) = next(db.execute("SELECT count(*) FROM sqlite_schema"))
    return int(count)
