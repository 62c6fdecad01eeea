"""The digest by which two stations tell that they hold the same rules (RULES.md, section 4)."""

from typing import Final

from hotline.core.encoding import encode
from hotline.core.suite import digest
from hotline.rules.rules import BUILT_IN, DEFAULT, MODES, KindRules, Rules

BUILT_IN_DIGEST: Final = bytes(32)


def digest_of(rules: Rules) -> bytes:
    """Return the 32 bytes that HELLO and the genesis carry: zero bytes exactly for the built-in rules."""
    return BUILT_IN_DIGEST if rules == BUILT_IN else digest("rules", canonical(rules))


def canonical(rules: Rules) -> bytes:
    """Return the one encoding of the rules: every value, in seconds; kinds by name, without those at their defaults."""
    kinds = [_row(name, own) for name, own in sorted(rules.kinds.items()) if own != DEFAULT]
    tests = [rules.line_test_s, rules.line_test_echo_s, rules.manned_test_s]
    return encode(
        [rules.version, rules.title, rules.acknowledge_s, rules.warn_percent, rules.publicity, tests, kinds],
    )


def _row(name: str, own: KindRules) -> list[object]:
    leads = [own.lead_s, own.lead_sea_s, own.lead_air_s]
    acknowledge, reply = [own.acknowledge_s, *own.acknowledge_at_s], [own.reply_s, *own.reply_at_s]
    modes = [MODES.index(mode) for mode in own.modes]
    return [name, own.allowed, leads, acknowledge, reply, own.completion_s, own.signatures, modes]
