"""What passes, and how many officers sign it (RULES.md, sections 6 and 7)."""

from hotline.rules.rules import ALWAYS_PASS, FLASH, INCIDENT, LINE_TEST, Rules


def passes(kind: str, precedence: int) -> bool:
    """Return whether a notice goes out also while the two sides hold different rules, without an officer's override."""
    return precedence == FLASH or kind in ALWAYS_PASS


def signatures_needed(rules: Rules, kind: str) -> int:
    """Return how many release signatures, 0 to 2, a notice must have before it may be queued.

    A line test needs none, an incident never more than one.
    """
    if kind == LINE_TEST:
        return 0
    return 1 if kind == INCIDENT else rules.of(kind).signatures


def released_short(rules: Rules, kind: str, signatures: int) -> bool:
    """Return whether a notice has fewer release signatures than the rules ask for: an incident from one person.

    Such a notice is shown with that mark. A line test never has it.
    """
    return kind != LINE_TEST and signatures < rules.of(kind).signatures
