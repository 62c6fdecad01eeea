"""The closing files beside an exported generation: who began it, from the pair id on (SPEC sections 7.13 and 9)."""

from collections.abc import Mapping

from hotline.core import generation, identity
from hotline.core.card import Card
from hotline.core.generation import Agreed, Closing
from hotline.custody.suite import RealSuite
from hotline.errors import MalformedError

SUFFIX = ".closing"
_STEM_BYTES = 16


def file_name(number: int, author: bytes) -> str:
    """What the closing file of generation `number` by the side of this fingerprint is called in the folder."""
    return f"{number}.{author[:_STEM_BYTES].hex()}{SUFFIX}"


def agreed_by(files: Mapping[str, bytes], first: Card, second: Card) -> Agreed:
    """Return the generation that the closing files among `files` lead to, as `first` would have it.

    Without any it is the first one. MalformedError or CardError, naming the file, unless they are those of both sides
    for each generation before it, each closes the one that those before have begun, and all signatures verify.
    """
    agreed = Agreed(1, identity.pair_id(first.fingerprint, second.fingerprint), 0, 0)
    given = {name for name in files if name.endswith(SUFFIX)}
    last = len(given) // 2
    named = {file_name(number, c.fingerprint) for number in range(1, last + 1) for c in (first, second)}
    if given != named:
        wrong = sorted(given ^ named)[0]
        raise MalformedError(
            f"{wrong}: an exported generation has both closing files of each one before it, and no others.",
            "Export the line again.",
            reason="closing-files",
        )
    for _ in range(last):
        statements = [_read(files, agreed, c) for c in (first, second)]
        agreed = generation.agree(*statements)
    return agreed


def _read(files: Mapping[str, bytes], closed: Agreed, author: Card) -> Closing:
    name = file_name(closed.generation, author.fingerprint)
    found = generation.parse(RealSuite(), files[name], source=name).closing
    if (found.author, found.generation, found.line) != (author.fingerprint, closed.generation, closed.line):
        raise MalformedError(
            f"{name}: it closes another generation, or is by another side.", "Export the line again.", reason="closing"
        )
    return found
