"""`hotline send`."""

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from hotline.cli import bulk, new
from hotline.cli.compose import Words
from hotline.cli.delivery import Wait, deliver, told
from hotline.cli.options import (
    DespiteOption,
    ExpiresOption,
    FromOption,
    HomeOption,
    IdOption,
    JsonOption,
    KindArgument,
    LateOption,
    ModeOption,
    NoColorOption,
    OfficerOption,
    PrecedenceOption,
    SubjectOption,
    TextArgument,
    TimeoutOption,
    ToOption,
    UntilOption,
    WaitOption,
)
from hotline.cli.output import Output
from hotline.errors import UsageError


class SendCommand(TyperCommand):
    """Takes `--wait=OPENED` for `--wait --until OPENED`, which is what people try."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the words of the call."""
        return super().parse_args(ctx, [f"--until={a[7:]}" if a.startswith("--wait=") else a for a in args])


COMMAND_CLASS = SendCommand


def send(
    kind: KindArgument = "",
    text: TextArgument = None,
    file: FromOption = None,
    to: ToOption = "",
    precedence: PrecedenceOption = None,
    mode: ModeOption = None,
    expires: ExpiresOption = "",
    subject: SubjectOption = "",
    notice_id: IdOption = "",
    officer: OfficerOption = "",
    reason_late: LateOption = "",
    despite_rules: DespiteOption = False,
    wait: WaitOption = False,
    until: UntilOption = None,
    timeout_s: TimeoutOption = 60,
    bulk_file: Annotated[
        Path | None,
        typer.Option("--bulk", metavar="FILE", help="Send many: one JSON object a line; - reads standard input."),
    ] = None,
    template: Annotated[
        bool, typer.Option("--template", help="Print a file to fill in, as `hotline new KIND`; send nothing.")
    ] = False,
    home: HomeOption = None,
    json: JsonOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Send a notice.

    It is on disk here when the command returns, and it says so if it is NOT at the peer
    yet. The station goes on sending it until the peer has it, whatever fails on the way:
    a wait that ends too early (exit code 5) loses nothing.

    A text alone makes a consultation. `hotline new` lists all kinds, `hotline new KIND`
    begins a file for one, `hotline form KIND` asks field by field. A file says its kind
    itself. In a file another notice is named as officers call it: target = "NORTH 7".

    A line of --bulk is such as {"kind": "consultation", "notice": {"text": "…"}}, with
    "notice" as in a file for --from; "to", "id", "precedence", "mode", "expires_s" and
    "officer" may stand beside it.

    Example:
      hotline send consultation "Request your intentions." --wait
      hotline send --from exercise.toml --to SOUTH --until ACKNOWLEDGED --timeout 600
      hotline send inquiry --from inquiry.toml --wait --until ANSWERED --timeout 172800
      hotline send --bulk notices.ndjson
    """
    out = Output(json, no_color)
    given = Words(
        kind, text, file, subject, to, precedence or "", mode or "", expires, notice_id, officer, reason_late,
        despite_rules,
    )  # fmt: skip
    if bulk_file is not None:
        _refuse_beside_bulk(given)
        bulk.send(out, home, bulk_file)
    elif not kind and (file is None or template):
        raise UsageError("The kind of notice is missing.", 'Such as: hotline send consultation "Your text."')
    elif template:
        new.hand_out_template(out, kind)
    else:
        waiting = Wait(until or ("STORED" if wait else None), timeout_s)
        told(out, deliver(out, home, given, waiting), waiting)


def _refuse_beside_bulk(given: Words) -> None:
    if given != Words(""):
        raise UsageError("--bulk takes everything from its file.", "Leave out KIND, TEXT and every option of a notice.")
