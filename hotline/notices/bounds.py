"""Bounds of the notices' fields (protocol/NOTICES.md), each with its reason; both sides share them.

Sizes of whole bodies and files stand in `hotline.limits`. Lengths are in code points.
"""

LINE_CHARS = 120  # a designation, a post: one line on paper with room for a second
NAME_CHARS = 64  # a state, a path, a field's name
MARKING_CHARS = 64
SENTENCE_CHARS = 250  # a reason, a contact point: what fits a line of a printed form twice over
REMARK_CHARS = 1000
PURPOSE_CHARS = 4000
TEXT_CHARS = 16_000  # at up to 4 bytes a code point this can pass limits.BODY_BYTES, which then decides
TEST_TEXT_CHARS = 500
LANGUAGE_CHARS = 35  # RFC 5646, 4.4.1
NONCE_BYTES = 16
ID_BYTES = 16  # of a notice: that of its log entry
DIGEST_BYTES = 32  # SHA-256
QUESTION_CHARS = 500

ADDRESSEES = 16
REFERENCES = 16
WITHHELD = 16
STATES = 64  # a hub such as OSCE's has 57
AREAS = 16
PHASES = 16
PHASE_AREAS = 4
CALENDAR_ENTRIES = 200  # a large state's year; at some 300 bytes each a body holds them
IMPACT_AREAS = 8  # stages and payload of one launch
WARNINGS = 16
CHARTS = 8
QUESTIONS = 20  # each is answered by its number: more are better asked in two inquiries
RECORDINGS = 16
UNITS = 16
PRINCIPALS = 8
CALL_WINDOWS = 8
POINTS_LEAST = 3
POINTS_MOST = 64  # the test for crossing sides is quadratic; coastal areas need some 30

CHANGED_FIELDS = 64  # that one amendment changes: more than any kind has
REVISION_MOST = 10_000  # one an hour for more than a year

COUNT_MOST = 10_000_000
LAUNCHES_MOST = 1000
APOGEE_MOST_KM = 1_000_000  # past the Moon's distance, for space launches
SERIAL_MOST = 2**53 - 1  # the largest integer that every JSON reader keeps exact

# 2000 to 2099: a date-time group has two digits for the year, and they must mean one year.
TIME_LEAST_S = 946_684_800
TIME_MOST_S = 4_102_444_799

YEAR_LEAST, YEAR_MOST = 2000, 2099

LATITUDE_MOST_MMIN = 90 * 60_000
LONGITUDE_MOST_MMIN = 180 * 60_000
RADIUS_MOST_MNM = 5_400_000  # a quarter of the way round the Earth

# FLASH and IMMEDIATE texts stay short: reading aloud takes under two minutes. Characters bound
# scripts that put no space between words.
URGENT_WORDS = 200
URGENT_CHARS = 2000
