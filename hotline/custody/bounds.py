"""Bounds that only custody has, each with its reason; the shared ones are in `hotline.limits`."""

# --- what a passphrase costs to guess -------------------------------------------------

# RFC 9106's choice for machines that cannot spare 2 GiB: 64 MiB, three passes, four lanes. Measured on two cores:
# 0.12 s a file. More memory would break the station's own promise of 100 MB.
ARGON2_MEMORY_KIB = 64 * 1024
ARGON2_PASSES = 3
ARGON2_LANES = 4
# A key file states its own cost, so that later files may cost more. Whoever plants a file must not make us
# allocate 100 GB or compute for an hour: reading refuses anything outside of these. The most takes about 1.5 s.
ARGON2_MEMORY_LEAST_KIB = 8 * 1024
ARGON2_MEMORY_MOST_KIB = 256 * 1024
ARGON2_PASSES_MOST = 10
ARGON2_LANES_MOST = 8
SALT_BYTES = 16  # RFC 9106, section 3.1

# --- passphrases ----------------------------------------------------------------------

# Asked only when a key is made. Argon2 slows guessing; it cannot save a word of five letters.
PASSPHRASE_LEAST_CHARS = 8

# --- key files ------------------------------------------------------------------------

KEYS_IN_A_FILE = 8  # the station's file has six
# Officers' files whose names fit nobody are tried one after the other, 0.12 s each.
STRAY_OFFICER_FILES = 16

# --- homes ----------------------------------------------------------------------------

SOCKET_PATH_BYTES = 107  # sockaddr_un.sun_path of Linux, less the closing zero; macOS has 103, and then says so itself
ALIAS_FILE_BYTES = 4096  # one key and a comment
PID_BYTES = 20
