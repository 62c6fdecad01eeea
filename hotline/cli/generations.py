"""What people are shown of the generations of a line: both statements, and where the logs of the two sides differ."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hotline.cli import words
from hotline.cli.files import hand_out, shown
from hotline.cli.output import Output
from hotline.errors import NotFoundError, UsageError
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.core.generation import ClosingFile, Held
    from hotline.custody.generations import Before
    from hotline.custody.holdings import Compared
    from hotline.home import Home, PeerLine

_NOTICES_SHOWN = 20


def show(out: Output, home: "Home", name: str, number: int | None, out_file: Path | None) -> None:
    """Show the generations of one line or of all; with `out_file`, write our file of `number`, or the latest, again."""
    from hotline.custody import closing

    lines = [closing.find(home, name)] if name else home.lines()
    if out_file is not None:
        _hand_out(out, closing.find(home, name), number, out_file)
        return
    if number is not None:
        lines = _with(lines, number)
    shown_lines = [_line(home, line, number) for line in lines]
    if out.document({"lines": shown_lines}):
        return
    for line in lines:
        for row in _rows(home, line, number):
            out.say(row)
    if not lines:
        out.say("No line is enrolled here.")


def _with(lines: "list[PeerLine]", number: int) -> "list[PeerLine]":
    """The lines that have a generation of this number here. NotFoundError, with those that there are, if none has."""
    found = [line for line in lines if number in _numbers(line)]
    if not found:
        there = "; ".join(f"{safe(line.alias)} {', '.join(map(str, _numbers(line)))}" for line in lines) or "none"
        raise NotFoundError(f"There is no generation {number} here.", f"Those that there are: {there}.")
    return found


def _numbers(line: "PeerLine") -> list[int]:
    return [*(before.generation for before in line.generations.before), line.generations.number]


def _hand_out(out: Output, line: "PeerLine", number: int | None, where: Path) -> None:
    made = [before.my_closing for before in line.generations.before]
    made += [line.generations.closing] if line.generations.closing else []
    found = [each for each in made if number in (None, each.closing.generation)]
    if not found:
        raise NotFoundError(
            f"No generation of {safe(line.alias)} was closed here{f' under {number}' if number else ''}.",
            "See: hotline generation show",
        )
    if out.json:
        raise UsageError("--out and --json are not asked together of `hotline generation show`.", "Leave one out.")
    hand_out(where, found[-1].text().encode("ascii"))
    if str(where) != "-":
        out.say(f"Our closing file of generation {found[-1].closing.generation} is {shown(where)}.")


# --- documents ---------------------------------------------------------------------------------------------------


def statement(made: "ClosingFile") -> dict[str, Any]:
    """Return what a closing statement says, for JSON."""
    from hotline.core.generation import REASONS

    c = made.closing
    officer = made.card.officer(c.officer)
    return {
        "generation": c.generation,
        "line_id": c.line.hex(),
        "station": made.card.body.name,
        "card_number": made.card.body.number,
        "officer": officer.name if officer else "",
        "reason": REASONS[c.reason],
        "text": c.text,
        "time_ms": c.time_ms,
        "own": _held(c.own),
        "mirror": _held(c.mirror),
        "digest": c.digest.hex(),
    }


def _held(held: "Held") -> dict[str, Any]:
    return {"size": held.size, "root": held.root.hex(), "signed": held.signed, "serial": held.serial}


def _line(home: "Home", line: "PeerLine", number: int | None) -> dict[str, Any]:
    from hotline.core import identity

    held = line.generations
    return {
        "line": line.alias,
        "generation": held.number,
        "line_id": line.id.hex(),
        "state": state(line),
        "card_number": line.card.body.number,
        "agreement_number": identity.safety_number(line.id) if held.agreed else None,
        "closing": statement(held.closing) if held.closing else None,
        "before": [
            {
                "generation": before.generation,
                "line_id": before.line.hex(),
                "ours": statement(before.my_closing),
                "theirs": statement(before.peer_closing),
                "logs": [_document(each) for each in _compared(home, before)],
            }
            for before in held.before
            if number in (None, before.generation)
        ],
    }


def _document(each: "Compared") -> dict[str, Any]:
    return {
        "ours": each.mine,
        "theirs_is": each.relation,
        "above": list(each.above) if each.above is not None else None,
    }


def state(line: "PeerLine") -> str:
    """Return in a word what a line does: open; closed, until the other side's file comes; or waiting, made anew."""
    if line.generations.awaits:
        return "awaits"
    return "closed" if line.generations.closing else "open"


def _compared(home: "Home", before: "Before") -> "Iterator[Compared]":
    from hotline.custody import holdings

    mine, theirs = before.my_closing.closing, before.peer_closing.closing
    yield holdings.compare(home, before.line, True, mine.own, theirs.mirror)
    yield holdings.compare(home, before.line, False, mine.mirror, theirs.own)


# --- for people --------------------------------------------------------------------------------------------------


def _rows(home: "Home", line: "PeerLine", number: int | None) -> Iterator[str]:
    who = safe(line.alias)
    for before in line.generations.before:
        if number in (None, before.generation):
            yield f"{who}, generation {before.generation}: ended."
            for made in (before.my_closing, before.peer_closing):
                yield from (f"  {row}" for row in statement_lines(made))
            yield from (f"  {row}" for row in _differences(home, line, before))
    if number in (None, line.generations.number):
        yield from _present(line)


def _present(line: "PeerLine") -> Iterator[str]:
    from hotline.core import identity
    from hotline.custody import safety

    who, held = safe(line.alias), line.generations
    if held.awaits:
        yield f"{who}: this home was made anew from its root, and waits for their closing file."
        yield f"  They close first; then here: hotline generation close {who} FILE"
        return
    yield f"{who}, generation {held.number}: {'CLOSED here, and silent' if held.closing else 'the present one'}."
    yield f"  We hold their card number {line.card.body.number}."
    if held.agreed:
        yield "  Agreement number, the same at both ends:"
        yield from (f"    {row}" for row in safety.rows(identity.safety_number(held.agreed.line)))
    if held.closing:
        yield from (f"  {row}" for row in statement_lines(held.closing))
        yield f"  Hand it over: hotline generation show {who} --out FILE"
        yield f"  Open theirs:  hotline generation open {who} FILE"


def statement_lines(made: "ClosingFile") -> list[str]:
    """Return what a closing statement says, for people."""
    said = statement(made)
    own, mirror = made.closing.own, made.closing.mirror
    return [
        f"{safe(said['station'])}, {safe(said['officer'])}, {words.time(said['time_ms'])}: "
        f"{said['reason']}. {safe(said['text'])}",
        f"  its own log: {_sizes(own, 'signed')}",
        f"  the other:   {_sizes(mirror, 'shown to its people')}",
    ]


def _sizes(held: "Held", signed: str) -> str:
    if not held.size:
        return "nothing is left"
    return (
        f"{held.size} entries, {held.signed} of them {signed}; last notice {held.serial}; root {held.root.hex()[:16]}…"
    )


def _differences(home: "Home", line: "PeerLine", before: "Before") -> Iterator[str]:
    mine, theirs = safe(before.my_closing.card.body.name), safe(line.alias)
    for each in _compared(home, before):
        owner = mine if each.mine else theirs
        yield f"{owner}'s log: {_relation(each, theirs)}"
        if each.above:
            names = ", ".join(f"{owner} {serial}" for serial in each.above[:_NOTICES_SHOWN])
            more = f" and {len(each.above) - _NOTICES_SHOWN} more" if len(each.above) > _NOTICES_SHOWN else ""
            yield f"  notices there: {names}{more}"


def _relation(each: "Compared", theirs: str) -> str:
    if each.relation == "same":
        return "both sides held the same."
    if each.relation == "beginning":
        return f"{theirs} held the first {each.theirs.size} of the {each.ours.size} entries here."
    if each.relation == "more":
        return (
            f"{theirs} held {each.theirs.size} entries, {each.ours.size} are here. The exports of both show the rest."
        )
    if each.relation == "other":
        return f"TWO HISTORIES: what {theirs} held of {each.theirs.size} entries is no beginning of what is here."
    return f"{theirs} held {each.theirs.size} entries; what was here cannot be read any more."
