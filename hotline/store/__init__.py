"""The only place that knows SQLite: one writing connection, read-only readers, and the lock file beside it.

What somebody who can change the files can do, and what shows it:

- station.db, an entry, body, head or receipt altered: `hotline verify` names it; the peer refuses what no longer
  hashes to what it holds.
- station.db replaced by an older copy: heads.lock is ahead, so nothing is signed until the peer has handed back
  what is missing (SPEC section 7.7).
- both replaced by older copies: the peer's mirror is ahead, with the same result, if the peer is honest.
- queue or cursors altered: notices not yet sent can be lost, read ones shown again; no signature covers them.
"""
