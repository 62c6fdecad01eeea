"""Evidence: names a recording by its hash, so that it can be shown later to be the one that was meant."""

from typing import Annotated

from msgspec import Struct

from hotline.notices.fields import Digest, Sentence
from hotline.notices.fields import about as words

EXAMPLE = {"sha256": "00112233445566778899aabbccddeeff" * 2, "about": "Radar recording, 1140Z to 1150Z"}


class Evidence(Struct, frozen=True, forbid_unknown_fields=True):
    """The SHA-256 of a file as it is kept, and what it holds; the file itself does not travel."""

    sha256: Annotated[Digest, words("SHA-256")]
    about: Annotated[Sentence, words("About")]

    def lines(self) -> list[str]:
        """Return what it is, and its hash in two halves that fit a printed line."""
        digits = self.sha256.hex()
        return [self.about, f"  SHA-256 {digits[:32]}", f"          {digits[32:]}"]
