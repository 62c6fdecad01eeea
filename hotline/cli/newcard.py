"""What happens to a card that was signed anew: the running station is told, and tells its peers."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotline.cli.output import Output
from hotline.cli.station import ask
from hotline.errors import HotlineError

if TYPE_CHECKING:
    from hotline.home import Home


@dataclass(frozen=True, slots=True)
class Told:
    """Whether the running station goes by the card now; why not, where one runs and does not take it."""

    taken: bool
    refusal: HotlineError | None = None

    def finish(self, out: Output) -> None:
        """Say what follows for the peers; end the command with the refusal, after its document."""
        if self.taken:
            out.say("The station goes by it now, and tells each peer through the line by itself.", style="green")
        elif self.refusal is None:
            out.say("No station runs here: when it starts, it tells each peer through the line by itself.")
        else:
            out.say("The card is signed, and the running station does not go by it yet.", style="yellow")
            out.fail(self.refusal)


def tell_station(home: "Home") -> Told:
    """Tell the station of `home`, if it runs, that its card was signed anew."""
    try:
        ask(home.path, lambda client: client.reload_card())
    except HotlineError as error:
        return Told(taken=False, refusal=None if error.reason == "not-running" else error)
    return Told(taken=True)
