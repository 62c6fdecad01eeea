"""The safety number as people handle it: typed, read aloud, held against a screen (SPEC section 3.3)."""

import hmac
import io

from hotline.core import identity
from hotline.core.card import Card
from hotline.errors import KeyError_

QR_PREFIX = "HOTLINE-SAFETY:"
_DIGITS = 60
_GROUPS_IN_A_ROW = 4


def number(mine: Card, peer: Card) -> str:
    """Return the safety number of two cards: twelve groups of five digits, the same at both ends."""
    return identity.safety_number(identity.pair_id(mine.fingerprint, peer.fingerprint))


def digits(text: str, called: str = "a safety number") -> str:
    """Return the 60 digits of a number as typed or as a QR code gave it, without spaces.

    KeyError_ if it is none; `called` is what people call it, with the article: the agreement number has the same form.
    """
    found = "".join(text.split()).removeprefix(QR_PREFIX)
    if len(found) != _DIGITS or not (found.isascii() and found.isdigit()):
        # What was typed is not repeated: it is too long to help, and it may be anything.
        raise KeyError_(
            f"That is not {called}: it has {_DIGITS} digits, in twelve groups of five.",
            "Read it again from the other side's screen.",
            reason=called.split(" ", 1)[1].replace(" ", "-"),
        )
    return found


def same(typed: str, shown: str, called: str = "a safety number") -> bool:
    """Return whether two numbers are equal. Constant time, so that a script's answer time tells no digit."""
    return hmac.compare_digest(digits(typed, called), digits(shown))


def rows(shown: str) -> list[str]:
    """Return the twelve groups in three rows of four, as they are read aloud."""
    groups = shown.split()
    return [" ".join(groups[i : i + _GROUPS_IN_A_ROW]) for i in range(0, len(groups), _GROUPS_IN_A_ROW)]


def qr(shown: str) -> str:
    """Return the QR code of a safety number as text for a terminal; it holds `HOTLINE-SAFETY:` and the 60 digits."""
    return _terminal(QR_PREFIX + digits(shown))


def fingerprint_qr(card: Card) -> str:
    """Return the QR code of a card's root fingerprint, `HOTLINE-ROOT:` and 64 hex digits, as text for a terminal.

    Not the card itself: that is some 14,000 bytes, and a QR code holds 2,953 at most.
    """
    return _terminal("HOTLINE-ROOT:" + card.fingerprint.hex().upper())


def fingerprint_rows(card: Card) -> list[str]:
    """Return the root fingerprint in two rows of eight groups of four hex digits."""
    text = card.fingerprint.hex()
    groups = [text[i : i + 4] for i in range(0, len(text), 4)]
    return [" ".join(groups[:8]), " ".join(groups[8:])]


def _terminal(content: str) -> str:
    # Late: drawing is needed by two commands only.
    import segno

    out = io.StringIO()
    segno.make(content, error="m", micro=False).terminal(out, compact=True)
    return out.getvalue()
