"""What `status` says of a line that is being rebuilt from its peer, or cannot be."""

from typing import TYPE_CHECKING

from hotline.cli import words
from hotline.cli.output import Output
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.api.types import LineStatus

ADVICE = "What to do: docs/runbooks/recovery.md, section 7."


def tell(out: Output, line: "LineStatus") -> None:
    """One line while it goes on, two where it stands still; nothing of a line that is whole."""
    rebuild = line.rebuild
    if rebuild is None:
        return
    far = f"{rebuild.own} of {rebuild.own_of} entries of ours, {rebuild.peer} of {rebuild.peer_of} of theirs"
    name = safe(line.name)
    out.say(
        f"{name}: COMING BACK from the peer: {far}. Until then nothing is proposed or signed; what is sent waits.",
        style="yellow",
    )
    if rebuild.why:
        out.say(f"{name}: STANDS STILL: {safe(rebuild.why)} {words.call(line)} {ADVICE}", style="bold red")
