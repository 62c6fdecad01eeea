"""Text laid out in columns of a fixed-width screen or printer, where some characters take two and some none."""

import unicodedata


def columns(text: str) -> int:
    """Return how many columns `text` takes; it has no control characters."""
    return len(text) if text.isascii() else sum(map(_columns_of, text))


def wrap(text: str, width: int) -> list[str]:
    """Return `text` (one line) as lines of at most `width` columns, broken at spaces, long words cut.

    Leading spaces stay on the first line, so that what the writer lined up stays so; at least one line.
    """
    lines: list[str] = []
    while (fits := _prefix(text, width)) < len(text):
        # A space right after what fits is also a place to break.
        space = text.rfind(" ", 0, fits + 1)
        cut = space if space > 0 and text[:space].strip() else fits
        lines.append(text[:cut].rstrip(" "))
        text = text[cut:].lstrip(" ")
    return [*lines, text]


def _columns_of(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _prefix(text: str, width: int) -> int:
    """Return how many characters from the start fit into `width` columns: at least one."""
    taken = 0
    for at, char in enumerate(text):
        taken += _columns_of(char)
        if taken > width:
            return max(at, 1)
    return len(text)
