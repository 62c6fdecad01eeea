"""Line test: asks for an echo, so that silence is known to be a fault and not a mood (NOTICES.md, section 7)."""

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta

from hotline.notices import bounds
from hotline.notices.envelope import Mode
from hotline.notices.fields import Name, Nonce, TestText, about
from hotline.notices.kind import Kind
from hotline.notices.notice import Notice

# Says what it is in each of its sentences: no part of it, cut off or quoted, can be read as a message.
SAFE_TEXT = "This is a line test. The line test carries no information. End of line test 0123456789."
ANY_PATH = "any"


class LineTest(Notice, frozen=True, kw_only=True, tag="line-test"):
    """A test, or with `echo` the answer to one; a machine's echo proves no person, so `manned` asks for one."""

    serial: Annotated[
        int, Meta(ge=1, le=bounds.SERIAL_MOST), about("Serial", "number of this test; left out: counted", 1)
    ]
    nonce: Annotated[
        Nonce, about("Nonce", "fresh and random; left out: drawn when it is sent", "00112233445566778899aabbccddeeff")
    ]
    text: Annotated[TestText, about("Text", "a text that cannot be misread; left out: the standard one", SAFE_TEXT)]
    path: Annotated[Name, about("Path", "relay or path tested; left out: any", ANY_PATH)]
    manned: Annotated[bool, about("Manned", "a person is to answer", True)] = False
    echo: Annotated[bool, about("Echo", "this is the answer to a test", True)] = False

    def headline(self) -> str:
        """Return the serial, and whether this is the echo."""
        what = "Echo of line test" if self.echo else "Line test"
        return f"{'Manned ' + what.lower() if self.manned else what} {self.serial}"


def _complete(given: Mapping[str, object]) -> dict[str, object]:
    return {"text": SAFE_TEXT, "path": ANY_PATH} | {k: v for k, v in given.items() if v is not None}


LINE_TEST = Kind(
    schema=LineTest,
    title="Line test",
    mode=Mode.TEST,
    modes=frozenset({Mode.TEST, Mode.DRILL}),
    complete=_complete,
    advice="A line test needs no file: hotline line-test sends one. All of this may stay as it is.",
)
