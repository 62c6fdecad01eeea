"""The agreed rules of a line, `rules.toml`: values, text and digest, and what follows from them (protocol/RULES.md).

    the rules     Rules, KindRules, BUILT_IN                   seconds throughout; `rules.of(kind)`
    the file      load, parse, format                          ConfigError naming file, key and nearest valid key
    agreement     digest_of, differences                       32 bytes for the line; lines of words for people
    in time       deadlines → Deadline, lateness → Late        what is due when, and warns when; lead times
    who, whether  passes, signatures_needed, released_short    while rules differ; release
    notation      parse_duration, format_duration, about       `48 h`

No clock, entropy or network; `load` alone reads a file. Nothing here knows `hotline.notices`: a kind without
own rules takes the defaults, so a new kind needs no change here.
"""

from hotline.rules.deadlines import Deadline, deadlines
from hotline.rules.difference import differences
from hotline.rules.digest import BUILT_IN_DIGEST, canonical, digest_of
from hotline.rules.duration import about, format_duration, parse_duration
from hotline.rules.lead import Late, lateness
from hotline.rules.passing import passes, released_short, signatures_needed
from hotline.rules.rules import BUILT_IN, KindRules, Publicity, Rules
from hotline.rules.text import format, load, parse

__all__ = [
    "BUILT_IN",
    "BUILT_IN_DIGEST",
    "Deadline",
    "KindRules",
    "Late",
    "Publicity",
    "Rules",
    "about",
    "canonical",
    "deadlines",
    "differences",
    "digest_of",
    "format",
    "format_duration",
    "lateness",
    "load",
    "parse",
    "parse_duration",
    "passes",
    "released_short",
    "signatures_needed",
]
