"""`hotline export`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from hotline.cli.files import STANDARD, hand_out, named_after, shown
from hotline.cli.options import ForceOption, GenerationOption, HomeOption, JsonOption, NoColorOption
from hotline.cli.output import Output
from hotline.cli.station import ask
from hotline.errors import UsageError
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.client import Client
    from hotline.exchange import Item

FormatWord = Literal["geojson", "ical", "cap", "warning"]


def export(
    ref: Annotated[
        str, typer.Argument(metavar="[REF]", help='With --as: one notice, such as "NORTH 7", or its id.')
    ] = "",
    form: Annotated[
        FormatWord | None, typer.Option("--as", case_sensitive=False, help="Write this notice in another format.")
    ] = None,
    out_path: Annotated[
        Path | None,
        typer.Option("--out", metavar="PATH", help="A new or empty folder; with --as a file, - prints it."),
    ] = None,
    line: Annotated[str | None, typer.Option("--line", metavar="NAME", help="The line.  [else the only one]")] = None,
    generation: GenerationOption = None,
    force: ForceOption = False,
    home: HomeOption = None,
    json: JsonOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Write both logs of a line, or one notice in another format.

    The logs are for a third party: both cards, all entries with their bodies, and the
    signed and receipted heads; of a later generation also what officers signed about those
    before. `hotline verify FOLDER` verifies it, and protocol/reference.py for who has neither
    Hotline nor trust in us. The folder holds everything that was said, in clear.

    One notice as GeoJSON (areas), iCalendar (what is planned), CAP 1.2 (alerts) or a
    navigational warning: as the matter stands in force, and unsigned. It says whether it
    may be made public, and whether it is a drill. This opens nothing.

    Example:
      hotline export --out evidence --line SOUTH
      hotline export --out before --line SOUTH --generation 1
      hotline export "NORTH 7" --as geojson --out area.geojson
    """
    out = Output(json, no_color)
    if bool(ref) != (form is not None):
        raise UsageError("One notice is exported in a format.", 'Such as: hotline export "NORTH 7" --as geojson')
    if form is not None:
        if line is not None or generation is not None:
            named = "--line" if line is not None else "--generation"
            raise UsageError(f"{named} is for both logs of a line.", "Leave it out: REF names the notice.")
        _notice(out, home, ref, form, out_path, force=force)
    elif out_path is None:
        raise UsageError("It is not said where to.", "Add --out FOLDER, a new or empty one.")
    else:
        _logs(out, home, line, generation, out_path)


def _logs(out: Output, home: Path | None, line: str | None, generation: int | None, folder: Path) -> None:
    from hotline.audit import export_line
    from hotline.home import Home

    written = export_line(Home.find(home), line, folder, generation=generation)
    if not out.document({"folder": str(folder), "files": [str(path) for path in written]}):
        for path in written:
            out.say(shown(path))


def _notice(out: Output, home: Path | None, ref: str, form: FormatWord, file: Path | None, *, force: bool) -> None:
    from hotline import exchange
    from hotline.cli.items import item_of

    async def question(client: "Client") -> "Item":
        return await item_of(client, ref, (await client.status()).name)

    item = ask(home, question)
    text = exchange.export(form, item)
    place = file or named_after(ref, exchange.FORMATS[form].suffix)
    if place != STANDARD or not out.json:
        hand_out(place, text.encode(), replace=force)
    if not out.document({"ref": ref, "as": form, "file": str(place), "text": text}) and place != STANDARD:
        out.say(f"{safe(item.envelope.name)}, {safe(item.state)}, is in {shown(place)}.")
    if item.restriction:
        out.note(f"Be careful who gets it: {item.restriction}")
