"""The tables, and how one version becomes the next. Columns are always listed; tables are STRICT, columns NOT NULL."""

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
CREATE TABLE intent (log INTEGER PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL,
  timestamp_s INTEGER NOT NULL) STRICT;
CREATE TABLE proposal (log INTEGER NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL, signature BLOB NOT NULL,
  PRIMARY KEY (log, size)) STRICT;
CREATE TABLE displaced (id INTEGER PRIMARY KEY, log INTEGER NOT NULL, idx INTEGER NOT NULL, entry BLOB NOT NULL,
  salt BLOB NOT NULL, body BLOB NOT NULL, reason TEXT NOT NULL, at_ms INTEGER NOT NULL) STRICT;
CREATE TABLE queue (             -- what waits to enter my log, highest rank first, then oldest
  seq INTEGER PRIMARY KEY AUTOINCREMENT, line BLOB NOT NULL, key BLOB NOT NULL, rank INTEGER NOT NULL,
  payload BLOB NOT NULL, salt BLOB NOT NULL, body BLOB NOT NULL, UNIQUE (line, key)) STRICT;
CREATE INDEX queue_order ON queue (line, rank DESC, seq);
CREATE TABLE outbox (            -- my notices in the order in which they came; idx -1 while queued
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL, log INTEGER NOT NULL, idx INTEGER NOT NULL,
  serial INTEGER NOT NULL, precedence INTEGER NOT NULL, mode INTEGER NOT NULL, expires_s INTEGER NOT NULL,
  kind TEXT NOT NULL, subject TEXT NOT NULL, submitted_ms INTEGER NOT NULL, appended_ms INTEGER NOT NULL,
  stored_ms INTEGER NOT NULL,    -- 0 until a signed head covers it
  alarmed INTEGER NOT NULL,      -- 1 once it was answered, or its silence was alarmed: nobody waits for it any more
  UNIQUE (log, id)) STRICT;
CREATE INDEX outbox_index ON outbox (log, idx);
CREATE INDEX outbox_serial ON outbox (log, serial);
CREATE INDEX outbox_unstored ON outbox (log, idx) WHERE stored_ms = 0;
CREATE INDEX outbox_open ON outbox (precedence, submitted_ms) WHERE alarmed = 0;
CREATE INDEX outbox_expiring ON outbox (expires_s) WHERE alarmed = 0 AND expires_s > 0;
CREATE TABLE inbox (             -- the peer's entries below a signed head, each once
  seq INTEGER PRIMARY KEY AUTOINCREMENT, log INTEGER NOT NULL, idx INTEGER NOT NULL, type INTEGER NOT NULL,
  time_ms INTEGER NOT NULL, surfaced_ms INTEGER NOT NULL, reason TEXT NOT NULL, recovered INTEGER NOT NULL,
  opened INTEGER NOT NULL,       -- 1 once one of us has answered it
  id BLOB NOT NULL, serial INTEGER NOT NULL, precedence INTEGER NOT NULL,
  mode INTEGER NOT NULL, expires_s INTEGER NOT NULL, officers TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,
  listed INTEGER NOT NULL AS (type IN (0, 2) OR reason <> '') VIRTUAL,  -- a notice, or INVALID
  UNIQUE (log, idx)) STRICT;
-- With the index last: a peer may repeat an id or a serial as often as it likes, and the first is what is asked for.
CREATE INDEX inbox_id ON inbox (log, id, idx);
CREATE INDEX inbox_serial ON inbox (log, serial, idx) WHERE type = 2;
CREATE INDEX inbox_listed ON inbox (seq) WHERE listed = 1;
CREATE INDEX inbox_unread ON inbox (log) WHERE type = 2 AND reason = '' AND opened = 0;
CREATE TABLE answer (            -- opened, acknowledged, refused: entry `target` of `log`; `mine` 1 for those I gave
  log INTEGER NOT NULL, target INTEGER NOT NULL, type INTEGER NOT NULL, mine INTEGER NOT NULL, time_ms INTEGER NOT NULL,
  at_ms INTEGER NOT NULL, verdict INTEGER NOT NULL, officer TEXT NOT NULL, text TEXT NOT NULL, key BLOB NOT NULL,
  PRIMARY KEY (log, target, type, key)) STRICT;
CREATE TABLE cursor (name TEXT PRIMARY KEY, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL) STRICT;
CREATE TABLE event (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, line BLOB NOT NULL, kind TEXT NOT NULL,
  text TEXT NOT NULL, alarm INTEGER NOT NULL, origin TEXT NOT NULL, idx INTEGER NOT NULL) STRICT;
CREATE INDEX event_alarm ON event (line, seq) WHERE alarm = 1;
CREATE TABLE rejected (          -- frames that failed a check, counted by reason
  line BLOB NOT NULL, path TEXT NOT NULL, reason TEXT NOT NULL, count INTEGER NOT NULL, first_ms INTEGER NOT NULL,
  last_ms INTEGER NOT NULL, PRIMARY KEY (line, path, reason)) STRICT;
"""

_V2 = """
-- What an officer must see beside the text, a line each.
ALTER TABLE outbox ADD COLUMN marks TEXT NOT NULL DEFAULT '';
ALTER TABLE inbox ADD COLUMN marks TEXT NOT NULL DEFAULT '';
DROP INDEX inbox_listed;
DROP INDEX inbox_unread;
ALTER TABLE inbox DROP COLUMN listed;
-- A notice or INVALID; line tests between machines are kept out.
ALTER TABLE inbox ADD COLUMN listed INTEGER NOT NULL AS (
  reason <> '' OR type = 0 OR (type = 2 AND (kind <> 'line-test' OR marks <> ''))) VIRTUAL;
CREATE INDEX inbox_listed ON inbox (seq) WHERE listed = 1;
CREATE INDEX inbox_unread ON inbox (log) WHERE type = 2 AND reason = '' AND opened = 0 AND listed = 1;
CREATE TABLE matter (            -- every notice that was understood: what it refers to, and the first of its thread
  seq INTEGER PRIMARY KEY AUTOINCREMENT, line BLOB NOT NULL, mine INTEGER NOT NULL, id BLOB NOT NULL,
  kind TEXT NOT NULL, mode INTEGER NOT NULL, relation TEXT NOT NULL,
  target BLOB NOT NULL, target_mine INTEGER NOT NULL, root BLOB NOT NULL, root_mine INTEGER NOT NULL,
  idx INTEGER NOT NULL,          -- in the peer's log; -1 for mine, whose place can change
  successor BLOB NOT NULL,       -- what a cancellation names beside its target, or empty
  UNIQUE (line, mine, id)) STRICT;
CREATE INDEX matter_successor ON matter (line, successor) WHERE successor <> x'';
CREATE INDEX matter_thread ON matter (line, root, root_mine, seq);
CREATE INDEX matter_target ON matter (line, target, target_mine) WHERE relation <> '';
-- Apart, so that no number of other notices that refer to it hides them.
CREATE INDEX matter_replaced ON matter (line, target, target_mine) WHERE relation IN ('amends', 'cancels');
CREATE INDEX matter_settled ON matter (line, target, target_mine)
  WHERE relation IN ('replies', 'answers-call', 'views', 'answers');
CREATE TABLE thread (            -- the state of threads that have one; `latest` is the notice that is in force
  line BLOB NOT NULL, mine INTEGER NOT NULL, id BLOB NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL,
  mode INTEGER NOT NULL, state TEXT NOT NULL, revision INTEGER NOT NULL, start_s INTEGER NOT NULL,
  end_s INTEGER NOT NULL, latest BLOB NOT NULL, over INTEGER NOT NULL, PRIMARY KEY (line, mine, id)) STRICT;
CREATE INDEX thread_open ON thread (end_s) WHERE over = 0 AND start_s > 0;
CREATE INDEX thread_over ON thread (end_s) WHERE over = 1 AND start_s > 0;
CREATE INDEX thread_line_open ON thread (line, end_s) WHERE over = 0 AND start_s > 0;
CREATE INDEX thread_line_over ON thread (line, end_s) WHERE over = 1 AND start_s > 0;
CREATE TABLE deadline (          -- `mine`: whose notice; `owed`: who must act; what: 1 ack, 2 reply, 3 report
  line BLOB NOT NULL, mine INTEGER NOT NULL, id BLOB NOT NULL, what INTEGER NOT NULL, owed INTEGER NOT NULL,
  due_s INTEGER NOT NULL, warn_s INTEGER NOT NULL,
  span_s INTEGER NOT NULL,       -- counted from receipt; 0 where the notice itself says when
  most_s INTEGER NOT NULL,       -- no later than this: the start, or the release; 0 where there is none
  state INTEGER NOT NULL,        -- 0 open, 1 warned, 2 overdue, 3 met
  PRIMARY KEY (line, mine, id, what)) STRICT;
CREATE INDEX deadline_warn ON deadline (warn_s) WHERE state = 0;
CREATE INDEX deadline_due ON deadline (due_s) WHERE state < 2;
CREATE INDEX deadline_standing ON deadline (line, state) WHERE state < 3;
CREATE TABLE draft (             -- signed by its drafter, waiting for its releaser
  number INTEGER PRIMARY KEY AUTOINCREMENT, line BLOB NOT NULL, id BLOB NOT NULL, kind TEXT NOT NULL,
  subject TEXT NOT NULL, precedence INTEGER NOT NULL, mode INTEGER NOT NULL, expires_s INTEGER NOT NULL,
  salt BLOB NOT NULL, body BLOB NOT NULL, drafter TEXT NOT NULL, officer BLOB NOT NULL, signature BLOB NOT NULL,
  made_ms INTEGER NOT NULL) STRICT;
CREATE TABLE watch (             -- the last change of the watch of each officer, at either side
  line BLOB NOT NULL, mine INTEGER NOT NULL, officer TEXT NOT NULL, state INTEGER NOT NULL, relieved TEXT NOT NULL,
  signed_ms INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (line, mine, officer)) STRICT;
CREATE INDEX watch_latest ON watch (line, mine, signed_ms, state);
CREATE TABLE card (              -- the newest card of a peer that came through its log, and ours as the peer was told
  line BLOB NOT NULL, mine INTEGER NOT NULL, number INTEGER NOT NULL, packed BLOB NOT NULL,
  PRIMARY KEY (line, mine)) STRICT;
CREATE TABLE line_test (         -- `mine` 1 for those I sent; echo_ms when its answer was known here, 0 until then
  seq INTEGER PRIMARY KEY AUTOINCREMENT,  -- clocks are put back: the latest is not the one of the largest at_ms
  line BLOB NOT NULL, mine INTEGER NOT NULL, id BLOB NOT NULL, serial INTEGER NOT NULL, nonce BLOB NOT NULL,
  manned INTEGER NOT NULL, at_ms INTEGER NOT NULL, echo_ms INTEGER NOT NULL, officer TEXT NOT NULL,
  UNIQUE (line, mine, id)) STRICT;
CREATE INDEX line_test_order ON line_test (line, mine, manned, seq);
"""

_V3_JOURNAL = """
CREATE TABLE journal (           -- the station's own log (SPEC section 13); the columns after `entry` only find it
  idx INTEGER PRIMARY KEY, leaf BLOB NOT NULL, entry BLOB NOT NULL, at_ms INTEGER NOT NULL, kind TEXT NOT NULL,
  level INTEGER NOT NULL) STRICT;
CREATE INDEX journal_kind ON journal (kind, idx);
CREATE TABLE journal_head (      -- signed with the log key under the origin of this generation
  size INTEGER PRIMARY KEY, generation INTEGER NOT NULL, root BLOB NOT NULL, signature BLOB NOT NULL) STRICT;
CREATE TABLE journal_known (     -- the facts that the journal told of last
  name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
-- The kind of the alarm that is over with this event, or nothing.
ALTER TABLE event ADD COLUMN clears TEXT NOT NULL DEFAULT '';
CREATE INDEX event_clears ON event (line, clears, seq) WHERE clears <> '';
"""
_V3_EMERGENCY = """
CREATE TABLE emergency (         -- `mine` 1 for those I sent; `payload` as signed; outside of both logs
  seq INTEGER PRIMARY KEY AUTOINCREMENT, line BLOB NOT NULL, mine INTEGER NOT NULL, id BLOB NOT NULL,
  payload BLOB NOT NULL, time_ms INTEGER NOT NULL, officer TEXT NOT NULL, text TEXT NOT NULL, at_ms INTEGER NOT NULL,
  seen_ms INTEGER NOT NULL,      -- mine: when the peer's SEEN came; the peer's: when it was kept here; 0 until then
  seen BLOB NOT NULL,            -- the signature in the SEEN, for mine
  printed INTEGER NOT NULL,      -- 1 once the printer has taken it
  UNIQUE (line, mine, id)) STRICT;
CREATE INDEX emergency_unseen ON emergency (line, seq) WHERE mine = 1 AND seen_ms = 0;
"""

_V4 = """
-- Generations (SPEC section 7.13): each is a line of its own here; `pair` joins them, the line id of the first.
ALTER TABLE log ADD COLUMN pair BLOB NOT NULL DEFAULT x'';
ALTER TABLE log ADD COLUMN generation INTEGER NOT NULL DEFAULT 1;
ALTER TABLE log ADD COLUMN first INTEGER NOT NULL DEFAULT 0;  -- the serial before this log's first notice
UPDATE log SET pair = line;
CREATE INDEX log_pair ON log (pair, mine, generation);
DROP INDEX inbox_listed;
DROP INDEX inbox_unread;
ALTER TABLE inbox DROP COLUMN listed;
ALTER TABLE inbox ADD COLUMN repeat INTEGER NOT NULL DEFAULT 0;  -- 1: surfaced already, in an earlier generation
-- A notice or INVALID; line tests between machines, and what is shown already, are kept out.
ALTER TABLE inbox ADD COLUMN listed INTEGER NOT NULL AS (
  reason <> '' OR type = 0 OR (type = 2 AND repeat = 0 AND (kind <> 'line-test' OR marks <> ''))) VIRTUAL;
CREATE INDEX inbox_listed ON inbox (seq) WHERE listed = 1;
CREATE INDEX inbox_unread ON inbox (log) WHERE type = 2 AND reason = '' AND opened = 0 AND listed = 1;
"""

# Each item brings the database from its index to the next version; none is ever changed once released.
MIGRATIONS = (_V1, _V2, _V3_JOURNAL + _V3_EMERGENCY, _V4)
VERSION = len(MIGRATIONS)


def migrate(db: apsw.Connection, path: str) -> None:
    """Bring the database to VERSION, each step in one transaction. StoreError for a file of another kind or time."""
    version = _version(db, path, new=True)
    for number in range(version, VERSION):
        with db:
            db.execute(MIGRATIONS[number])
            db.execute(f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {number + 1}")


def check(db: apsw.Connection, path: str) -> None:
    """Raise StoreError for what `migrate` would not take; changes nothing."""
    _version(db, path, new=True)


def require(db: apsw.Connection, path: str) -> None:
    """Raise StoreError unless a reader, who changes nothing, finds the present schema."""
    version = _version(db, path, new=False)
    if version < VERSION:
        raise StoreError(
            f"{path} has schema {version}; this Hotline reads {VERSION}.",
            "Start the station once; it brings it forward.",
        )


def _version(db: apsw.Connection, path: str, *, new: bool) -> int:
    """The schema version of a Hotline database, 0 for an empty file where `new` allows one."""
    kind, version = _pragma(db, "application_id"), _pragma(db, "user_version")
    if new and kind == 0 and version == 0 and _tables(db) == 0:
        return 0
    if kind != APPLICATION_ID or version < 0:
        raise StoreError(f"{path} is not a Hotline database.", "Put the right file back, or restore the home.")
    if version > VERSION:
        raise StoreError(
            f"{path} was written by a newer Hotline (schema {version}; this one knows {VERSION}).",
            "Install that version.",
        )
    return version


def _pragma(db: apsw.Connection, name: str) -> int:
    value = db.pragma(name)
    return value if isinstance(value, int) else 0


def _tables(db: apsw.Connection) -> int:
    (count,) = next(db.execute("SELECT count(*) FROM sqlite_schema"))
    return int(count)
