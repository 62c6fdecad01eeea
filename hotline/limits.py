"""Every bound of the product in one place, each with its reason.

Sizes are in bytes (`_bytes`), times in seconds (`_s`) unless the name says otherwise.
A bound that both sides must share is part of protocol/SPEC.md, section 12.
"""

KIB = 1024

# --- what both sides must share (SPEC section 12) -----------------------------------

# A notice's body: a formatted message with areas is 2 to 8 KiB; 64 KiB leaves room for long texts
# and still lets one body travel in one frame of FRAME_BYTES.
BODY_BYTES = 64 * KIB
# An entry is a small leaf: fields of some 300 bytes and up to four hybrid signatures of 2,484 bytes.
ENTRY_BYTES = 16 * KIB
RELEASES = 4
# One MQTT publish. Common brokers' defaults start at 256 KiB; some cut at 128 KiB.
FRAME_BYTES = 128 * KIB
ORIGIN_BYTES = 255  # c2sp tlog-cosignature: log_origin<1..2^8-1>
NOTE_SIGNATURES = 16  # c2sp signed-note: the least that a verifier must accept, and our most
NOTE_BYTES = 64 * KIB
PROOF_BYTES = 256 * KIB
PROOF_HASHES = 64  # the depth of a tree of 2^64 leaves
EMERGENCY_BYTES = 1024  # of text
EMERGENCIES = 8  # of a line that wait for their SEEN; as many are taken in EMERGENCY_PERIOD_S
EMERGENCY_PERIOD_S = 60
EMERGENCY_UNSEEN_S = 60  # then the sender's officers are alarmed
EMERGENCIES_KEPT = 256  # of each direction of a line
FORK_BYTES = 128 * KIB  # of the file: a card, two notes of two lines, and a proof
CLOSING_BYTES = 4 * KIB  # of a closing statement; one holds 2,484 of signature
CLOSING_FILE_BYTES = 88 * KIB  # a card, and a statement in base64
FIRST_SERIAL = 2**52  # of a generation: a larger one would leave too few numbers
TREE_SIZE = 2**53 - 1  # the largest integer that every JSON reader keeps exact
NESTING = 12  # MessagePack depth: the deepest schema has eight levels
CARD_BYTES = 80 * KIB  # of text: 32 officers of 1,344 bytes each make 71,593
CARD_OFFICERS = 32
NAME_BYTES = 64
REASON_BYTES = 256  # text of a refusal

# --- the line ------------------------------------------------------------------------

WINDOW_ENTRIES = 256  # unreceipted entries: bounds what a crash of the peer makes us send again
WINDOW_BYTES = 256 * KIB
UNSIGNED_TAIL_ENTRIES = 4 * WINDOW_ENTRIES  # taken past the peer's largest head; an honest one has about a window
WINDOW_DRAIN_S = 60  # of the measured drain rate: a FLASH must not wait behind more than this
WINDOW_FLASH_ENTRIES = 16  # kept free for FLASH
WINDOW_CONTROL_ENTRIES = 32  # kept free for acknowledgements and refusals
WINDOW_RESERVE_BYTES = 96 * KIB  # kept free for either: one largest FLASH, and controls
DRAIN_FLOOR_BYTES_PER_S = 300  # 2,400 bit/s, the slowest line we are asked to serve
DRAFTS = 1000  # that wait for their releaser
# A durable queue, on disk; past either a submission is refused, not lost. A month of 2,000 notices a day fits, and
# 1 GiB is what a small disk can spare: 100,000 largest bodies would be 6.5 GB. station.toml may set both ([limits]).
QUEUE_NOTICES = 100_000
QUEUE_BYTES = 1024 * 1024 * KIB
QUEUE_FLASH_NOTICES = 1000  # above both, for FLASH alone: a full queue must not keep an emergency from being sent
QUEUE_FLASH_BYTES = QUEUE_FLASH_NOTICES * BODY_BYTES
QUEUE_FILLING = 0.8  # of it: then an alarm, while there is still room
NO_RECEIPTS_S = 60  # from a peer that answers: then an alarm; a slow line gives a first receipt well before
REPEAT_FRAMES = 4096  # hashes of processed frames remembered
PROPOSALS_HELD = 512  # of my own signatures, 2.5 KB each: two windows of frames of one entry are sent again for nothing
NONCES = 8  # of mine, that a fresh answer may echo
HEARTBEAT_S = 30
PEER_SILENT_S = 35  # one heartbeat, and 5 s in which the peer is asked three times more
HELLO_MISSED_S = 1.5  # between these
PEER_SILENT_MOST_S = 75  # on a line so slow that answers take long
PEER_SILENT_UNANSWERED_S = 15  # while entries are sent again and again without a receipt
TRIES_OF_SILENCE = 4  # after 1, 2, 4 and 8 s
RETRANSMIT_FIRST_S = 1.0
RETRANSMIT_MOST_S = 30.0
HELLO_ANSWER_MIN_S = 0.2  # answers to HELLOs that ask: at most five a second of each kind
HELLO_OLD_MOST_S = 32.0  # between answers to HELLOs that may be as old as the line: from HELLO_PROMPTED_MIN_S on
HELLO_PROMPTED_MIN_S = 1.0  # between HELLOs that something prompted: old frames played again must not drive them
PROOF_MIN_S = 1.0  # a proof reads and hashes what lies after a size that the peer names
REFUSALS_OF_UNKNOWN = 64  # of entries in a form unknown here, in REFUSALS_PERIOD_S; they may be refusals themselves
REFUSALS_PERIOD_S = 3600
NEED_ANSWER_MIN_S = 0.02  # answers to NEEDs: 256 KiB each, so at most 12 MB/s to whoever asks for ever other ranges
NEED_MIN_S = 0.5  # the same range is asked for at most twice a second
REBUILD_SHORT_S = 5  # before a rebuild is said to stand still: the peer may be sending what it has not signed yet
UNSIGNED_SHOWN_AFTER_S = 10  # a proposal without its head is then shown apart
PREKEY_LIFE_S = 3600
PREKEY_GRACE_S = 300  # an old prekey is kept this long after the peer has echoed a newer one
PREKEYS_HELD = 4
PATH_FRAME_MIN_BYTES = 8 * KIB  # a path's frame limit is never halved below this
NO_PROGRESS_BEFORE_HALVING = 3
PROGRESS_BEFORE_DOUBLING = 32  # receipts; a broker that drops the larger size then costs seven seconds again

# --- the station's own journal (SPEC section 13) --------------------------------------

JOURNAL_ENTRY_BYTES = 8 * KIB
JOURNAL_TEXT_BYTES = 1024
JOURNAL_FIELDS = 16
JOURNAL_NAME_BYTES = 32
JOURNAL_VALUE_BYTES = 256
JOURNAL_A_MINUTE = 10  # entries of one line and kind; the rest are counted: a flood must not fill the disk
JOURNAL_HEAD_S = 60  # between heads while something is new: 2.6 KB each
JOURNAL_HEADS_KEPT = 1440  # a day of heads; the latest covers all entries before it

# --- relays ---------------------------------------------------------------------------

RELAYS = 8
RELAY_INBOUND_FRAMES = 1024  # waiting to be opened, for each relay; the oldest is dropped and counted
RELAY_INBOUND_BYTES = 8 * 1024 * KIB  # of those: 32 windows; eight relays cost at most 64 MiB
RELAY_OUTBOUND_FRAMES = 512  # waiting for one relay, which may hang; the oldest is dropped and counted
RELAY_OUTBOUND_BYTES = 4 * 1024 * KIB  # of those: a window, an answer to NEED, and twelve more
RELAY_CONNECT_S = 10
RELAY_BACKOFF_FIRST_S = 0.5
RELAY_BACKOFF_MOST_S = 30.0
RELAY_KEEPALIVE_S = 20
# Budget of each line on each relay: opening costs about 0.1 ms, so that one costs a twentieth of a core at most.
DECAPSULATIONS_PER_S = 500
# Of frames sealed to the card's key, which never changes: who has recorded HELLOs for months can play more of them than
# are remembered, and must not use up what other frames need. A peer sends five a second at most.
HELLO_DECAPSULATIONS_PER_S = 100
FLOOD_FRAMES_PER_S = 50  # that fail their checks, on one path: no accident of an honest relay
FLOOD_OVER_S = 30  # without so many

# --- the machine ----------------------------------------------------------------------

CONFIG_BYTES = 64 * KIB
KEY_FILE_BYTES = 64 * KIB
LOCK_FILE_BYTES = 256 * KIB
RECOVERY_BYTES = 64 * KIB  # 64 lines and what was lost
NOTICE_FILE_BYTES = 256 * KIB  # TOML or JSON text of one notice, before it is packed
PASSPHRASE_BYTES = 1024
LINES = 64  # a hub has 57
OFFICERS = 32
COMMIT_BATCH = 256  # inputs handled in one transaction
API_REQUEST_BYTES = 512 * KIB
API_BULK_NOTICES = 100_000
API_EVENTS_HELD = 4096
API_PAGE = 1000  # rows in one answer
CONSUMERS = 64  # named inbox cursors
STOP_S = 10  # a clean stop, before it is forced
