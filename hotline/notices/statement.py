"""Statement: the exact words of what will be published, shown to the other side first (NOTICES.md, section 21)."""

from typing import Annotated, cast

from hotline.notices.dtg import format_time
from hotline.notices.envelope import Precedence
from hotline.notices.fields import Text, Time, about
from hotline.notices.kind import Kind, ReadBack
from hotline.notices.notice import Notice
from hotline.notices.readback import time_value


class Statement(Notice, frozen=True, kw_only=True, tag="statement"):
    """A text for publication at `release_s`, seconds since 1970 UTC."""

    text: Annotated[Text, about("Text", "exact words that will be published", "The two sides spoke by telephone.")]
    release_s: Annotated[Time, about("Release", "when it is published", "051200Z DEC 24")]
    consent_sought: Annotated[bool, about("Consent sought", "whether it waits for the other side's view", True)]
    joint_text: (
        Annotated[Text, about("Joint text", "words proposed for both sides together", "Both sides confirm the call.")]
        | None
    ) = None

    def headline(self) -> str:
        """Return when it is published, whether consent is sought, and how it begins."""
        consent = "consent sought" if self.consent_sought else "for information"
        return f"Release {format_time(self.release_s)}, {consent}: {' '.join(self.text.split())}"


def _read_back(notice: Notice) -> tuple[ReadBack, ...]:
    return (time_value("release", "Release", cast(Statement, notice).release_s),)


STATEMENT = Kind(schema=Statement, title="Statement", precedence=Precedence.PRIORITY, read_back=_read_back)
