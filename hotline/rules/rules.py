"""The rules as the two sides agree on them (RULES.md): values and built-in values, in seconds throughout."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

import msgspec
from msgspec import structs

from hotline.errors import ConfigError
from hotline.rules import bounds
from hotline.text import safe

Publicity = Literal["confidential", "do-not-announce", "agreed-text", "public"]

VERSION: Final = 1
PRECEDENCES: Final = ("routine", "priority", "immediate", "flash")  # in the order of their numbers on the wire
FLASH: Final = 3
MODES: Final = ("OPERATION", "DRILL", "TEST")  # in the order of their numbers on the wire
PUBLICITY: Final[tuple[Publicity, ...]] = ("confidential", "do-not-announce", "agreed-text", "public")
# What opens a conversation passes also between stations whose rules differ, so no rules may close it.
ALWAYS_PASS: Final = frozenset({"incident", "consultation", "call-request", "line-test"})
LINE_TEST: Final = "line-test"
INCIDENT: Final = "incident"

ByPrecedence = tuple[int, int, int, int]  # seconds for ROUTINE, PRIORITY, IMMEDIATE, FLASH
NONE: Final[ByPrecedence] = (0, 0, 0, 0)


class KindRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is agreed for one kind of notice. A kind without own rules has these defaults.

    Raises ConfigError, naming the key as the file has it, when made from values that do not fit.
    """

    allowed: bool = True
    lead_s: int = 0  # told at least this long before the start; 0 = none agreed
    lead_sea_s: int = 0  # 0 = as lead_s
    lead_air_s: int = 0  # 0 = as lead_s
    acknowledge_s: int = 0  # from receipt; 0 = by precedence (Rules.acknowledge_s)
    acknowledge_at_s: ByPrecedence = NONE  # where it differs at a precedence; 0 = as acknowledge_s
    reply_s: int = 0  # from receipt; 0 = no reply asked
    reply_at_s: ByPrecedence = NONE  # where it differs at a precedence; 0 = as reply_s
    completion_s: int = 0  # its author reports within this after the end; 0 = no report owed
    signatures: int = 1  # officers who release it: 1, or 2 (drafter and releaser are two people)
    modes: tuple[str, ...] = MODES  # in the order of MODES

    def __post_init__(self) -> None:
        for field in structs.fields(self):
            if field.name.endswith("_s"):
                _check_span(field.name, getattr(self, field.name))
        if not 1 <= self.signatures <= bounds.SIGNATURES_MOST:
            raise ConfigError(f"signatures cannot be {self.signatures}.", "Set signatures to 1 or 2.")
        if not self.modes or self.modes != tuple(mode for mode in MODES if mode in self.modes):
            raise ConfigError("modes has none, an unknown or a repeated mode.", f"Use some of {', '.join(MODES)}.")


class Rules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that is agreed. Left out, each value is the built-in one.

    `kinds` has a row for each kind in KINDS and no other; it cannot be changed in place.
    Raises ConfigError, naming the key as the file has it, when made from values that do not fit.
    """

    version: int = VERSION
    title: str = "Built-in rules"
    acknowledge_s: ByPrecedence = (6 * 3600, 3 * 3600, 1800, 600)  # handling times of ACP 121
    warn_percent: int = 15  # of a span are left when it warns: 48 h warn 7 h 12 min before their end
    publicity: Publicity = "confidential"
    line_test_s: int = 3600  # between a side's automatic tests; 0 = off
    line_test_echo_s: int = 900
    manned_test_s: int = 8 * 3600  # once a watch a person answers; 0 = off
    kinds: Mapping[str, KindRules] = msgspec.field(default_factory=lambda: KINDS)

    def __post_init__(self) -> None:
        structs.force_setattr(self, "kinds", MappingProxyType(dict(self.kinds)))
        _check_title(self.title)
        _check_values(self)
        _check_tests(self)
        _check_kinds(self.kinds)

    def of(self, kind: str) -> KindRules:
        """Return the rules for notices of `kind`: the defaults for a kind that has no rules of its own."""
        return self.kinds.get(kind, DEFAULT)

    def with_kind(self, kind: str, **changes: object) -> "Rules":
        """Return these rules with other values for one kind, such as `with_kind("inquiry", reply_s=3600)`."""
        return structs.replace(self, kinds={**self.kinds, kind: structs.replace(self.of(kind), **changes)})


def _check_span(name: str, held: int | ByPrecedence) -> None:
    spans = held if isinstance(held, tuple) else (held,)
    if not all(0 <= span <= bounds.DURATION_MOST_S for span in spans) or len(spans) not in (1, len(PRECEDENCES)):
        most = bounds.DURATION_MOST_S // bounds.DAY_S
        raise ConfigError(f"{name.removesuffix('_s')} is out of range.", f"Use a duration of at most {most} d.")


def _check_title(title: str) -> None:
    # The title counts in the digest: two that look alike would be a difference that nobody can see.
    plain = title.isprintable() and " ".join(title.split()) == title
    if not plain or not 1 <= len(title) <= bounds.TITLE_CHARS:
        remedy = f"Set title to 1 to {bounds.TITLE_CHARS} printable characters, with single spaces between words."
        raise ConfigError("title is no plain line of text.", remedy)


def _check_values(rules: Rules) -> None:
    if rules.version != VERSION:
        raise ConfigError(f"version {rules.version} of rules is not known.", f"Set version to {VERSION}.")
    _check_span("acknowledge_s", rules.acknowledge_s)
    if 0 in rules.acknowledge_s:
        raise ConfigError("acknowledge is left open.", "Give a duration for each precedence.")
    if not bounds.WARN_PERCENT_LEAST <= rules.warn_percent <= bounds.WARN_PERCENT_MOST:
        span = f"{bounds.WARN_PERCENT_LEAST} to {bounds.WARN_PERCENT_MOST}"
        raise ConfigError("warn_percent is out of range.", f"Set warn_percent to {span}.")
    if rules.publicity not in PUBLICITY:
        raise ConfigError("publicity is not known.", f"Set publicity to one of {', '.join(PUBLICITY)}.")


def _check_tests(rules: Rules) -> None:
    for name, span in (("every", rules.line_test_s), ("manned", rules.manned_test_s)):
        if span != 0 and not bounds.TEST_LEAST_S <= span <= bounds.DURATION_MOST_S:
            raise ConfigError(f"line_test.{name} is out of range.", f"Use at least {bounds.TEST_LEAST_S} s, or off.")
    most_s = rules.line_test_s or bounds.DURATION_MOST_S
    if not bounds.ECHO_LEAST_S <= rules.line_test_echo_s <= most_s:
        remedy = f"Use at least {bounds.ECHO_LEAST_S} s, and no more than line_test.every."
        raise ConfigError("line_test.echo is out of range.", remedy)


def _check_kinds(kinds: Mapping[str, KindRules]) -> None:
    for name in kinds.keys() ^ KINDS.keys():
        what = "has no rules" if name in KINDS else "is not known"
        raise ConfigError(f"kinds.{safe(name, limit=60)} {what}.", f"Kinds are: {', '.join(KINDS)}.")
    for name in sorted(ALWAYS_PASS):
        if not kinds[name].allowed:
            raise ConfigError(f"kinds.{name}: allowed is false, but this kind always passes.", "Set allowed to true.")
        if name != LINE_TEST and MODES[0] not in kinds[name].modes:
            raise ConfigError(f"kinds.{name}: modes leave out {MODES[0]}, in which it always passes.", "Add it.")


DEFAULT: Final = KindRules()

# DOMAIN's figures. A document that two sides sign takes their place; they bind nobody who has not chosen them.
KINDS: Final[Mapping[str, KindRules]] = MappingProxyType(
    {
        "calendar": DEFAULT,
        "exercise": KindRules(
            lead_s=42 * bounds.DAY_S,
            lead_sea_s=5 * bounds.DAY_S,
            lead_air_s=7 * bounds.DAY_S,
            completion_s=5 * bounds.DAY_S,
        ),
        "amendment": DEFAULT,
        "cancellation": DEFAULT,
        "start": DEFAULT,
        "completion": DEFAULT,
        "launch": KindRules(lead_s=24 * 3600, completion_s=48 * 3600),
        "launch-report": DEFAULT,
        "hazard": KindRules(lead_s=5 * bounds.DAY_S, lead_air_s=7 * bounds.DAY_S),
        INCIDENT: KindRules(acknowledge_s=600, reply_s=48 * 3600),
        "inquiry": KindRules(reply_s=48 * 3600),
        "reply": DEFAULT,
        "consultation": DEFAULT,
        "call-request": KindRules(reply_s=48 * 3600),
        "call-answer": DEFAULT,
        LINE_TEST: KindRules(acknowledge_s=900, modes=MODES[1:]),  # NOTICES.md, section 25: never OPERATION
        "statement": DEFAULT,  # a view is asked before the release that the notice itself states
        "view": DEFAULT,
        "out-of-service": KindRules(lead_s=24 * 3600),
    }
)

BUILT_IN: Final = Rules()
