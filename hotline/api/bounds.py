"""Bounds that only the local API and its client have, each with its reason; the shared ones are in `hotline.limits`.

Sizes are in bytes (`_BYTES`), times in seconds (`_S`).
"""

from hotline import limits

# --- one request ----------------------------------------------------------------------

# A path is at most some 60 characters and a reference of 128, each of which may take twelve when percent-encoded.
LINE_BYTES = 4096
HEADER_BYTES = 4096  # one field; ours are short, and browsers with their cookies do not come here
HEADERS = 64
REF_CHARS = 128
BODY_S = 30.0  # for a whole body of limits.API_REQUEST_BYTES; bulk submissions have no such time
IDLE_S = 75.0  # a kept connection without a request; also what a client gets that never finishes its headers
FLUSH_S = 0.5  # at a stop, for clients to read the last of their answers
LINGER_S = 2.0  # reading on after a refusal, so that the client sees the answer before the connection ends

# --- all of them ----------------------------------------------------------------------

# A console, a few gateways, some shells. Each may hold one body, so that the most is 32 MB.
CONNECTIONS = 64
CONNECTIONS_CUT = 2 * CONNECTIONS  # between the two they get an answer that says so; past this they are cut off
STREAMS = 32  # bulk submissions and followers of events: half of the connections stay for short requests

# --- streams --------------------------------------------------------------------------

BATCH_NOTICES = limits.COMMIT_BATCH  # one transaction of the store
KEEP_ALIVE_S = 15.0  # a blank line, so that either side notices that the other is gone
UNREAD_S = 300.0  # a bulk submission whose answers nobody reads is cut off: it would wait for itself for ever
EVENTS_PAGE = limits.API_PAGE  # read from the store at a time: what a slow reader costs

# --- the client -----------------------------------------------------------------------

CONNECT_S = 5.0
ANSWER_S = 60.0  # a commit on a slow disk, behind a bulk submission
ANSWER_BYTES = 32 * 1024 * limits.KIB  # the largest page: 1,000 notices with 32 officers and full ladders
REUSE_S = IDLE_S / 2  # a connection idle for longer is not used again: the station is about to end it
SILENCE_S = 3 * KEEP_ALIVE_S  # then a stream of events is dead, and the client connects anew
PACKET_NOTICES = 50  # of a plain iterable, sent together; divides limits.API_BULK_NOTICES
RECONNECT_FIRST_S = 0.05
RECONNECT_MOST_S = 2.0
PATIENCE_S = 60.0  # a daemon that is restarted is back long before; one that was stopped is then said to be
