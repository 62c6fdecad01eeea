"""`hotline standby`."""

from typing import Annotated

import typer

from hotline.cli.ack import Giving
from hotline.cli.options import HomeOption, JsonOption, NoColorOption, OfficerOption, RefArgument
from hotline.cli.output import Output
from hotline.cli.station import ask


def standby(
    ref: RefArgument,
    text: Annotated[str, typer.Option("--text", metavar="WORDS", help="Goes with the answer.")] = "",
    officer: OfficerOption = "",
    home: HomeOption = None,
    json: JsonOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Tell the peer: received, stand by.

    Signed in the name of an officer on duty. It says that a person has the notice and that
    an answer is to come. It acknowledges nothing: the deadlines run on. At a terminal
    `hotline ack` offers the same as one key.

    Example:
      hotline standby "SOUTH 7"
      hotline standby "SOUTH 7" --text "Interpreter called; answer within the hour."
    """
    out = Output(json, no_color)
    notice = ask(home, lambda client: client.show(ref))
    give = Giving(out, home, notice, "standby", text, officer)
    give.tell(give.answer({}))
