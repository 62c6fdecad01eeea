"""Bounds of the agreed rules (protocol/RULES.md), each with its reason; both sides share them.

The size of the file stands in `hotline.limits`. Lengths are in code points.
"""

DAY_S = 24 * 3600

DURATION_MOST_S = 366 * DAY_S  # the longest span in use is an annual calendar's
DURATION_CHARS = 20  # "31622400 s" has ten; what is longer is no duration
TITLE_CHARS = 120  # one line on paper
WARN_PERCENT_LEAST = 1  # nothing falls due without a warning
WARN_PERCENT_MOST = 90  # a warning that comes with the notice itself tells nobody anything
TEST_LEAST_S = 60  # between line tests: each is an entry that both sides keep for good
ECHO_LEAST_S = 10  # the slowest line needs some seconds for a frame each way
SIGNATURES_MOST = 2  # a releaser and a drafter
