"""Text from outside, made safe to show on a terminal, in a log line, or in an error."""

import unicodedata

# Bidirectional controls can make "do NOT fire" read as something else; the Unicode category
# Cf holds them and the zero-width characters, Cc the terminal escapes.
_UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def safe(text: str, *, limit: int = 2000, lines: bool = False) -> str:
    """Return `text` with every control, format and bidi character shown as `\\u{hex}`.

    With `lines`, newline stays a newline (for the free text of a notice shown as a block).
    Longer text is cut at `limit` characters and says so.
    """
    shown = [_shown(c, lines) for c in text[:limit]]
    rest = len(text) - limit
    return "".join(shown) + (f"… ({rest} more characters)" if rest > 0 else "")


def _shown(char: str, lines: bool) -> str:
    if char == "\n" and lines:
        return char
    if unicodedata.category(char) in _UNSAFE:
        return f"\\u{{{ord(char):x}}}"
    return char
