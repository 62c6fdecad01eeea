"""What a station stands on, as named facts, and what to tell where they differ from those of the last run.

A fact is a name and a value, neither of them secret: settings are kept as digests, so that the journal says which one
was changed, and not what it says.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping

import msgspec

from hotline.config import Config
from hotline.core.card import Card
from hotline.core.step import Event
from hotline.core.suite import digest
from hotline.station.past import Parties

_DIGEST_SHOWN = 16
_NAMED = 12  # settings named in one entry

# line, what we call the peer, its rules' digest
LineFacts = tuple[Parties, str, bytes]


def facts(
    file: bytes, settings: Config, card: Card, lines: Iterable[LineFacts], closed: Collection[bytes] = ()
) -> dict[str, str]:
    """All facts: of station.toml, of our card, of each line by its pair id; `closed` are those that carry nothing."""
    found = {"config": hashlib.sha256(file).hexdigest()} | dict(_settings(settings))
    found |= {f"relay.{relay.name}": "" for relay in settings.relay}
    body = card.body
    found["card"] = str(body.number)
    found |= {f"officer.{officer.id.hex()}": officer.name for officer in body.officers}
    for line, alias, rules in lines:
        name = line.pair.hex()
        found[f"generation.{name}"] = str(line.generation)
        if line.pair in closed:
            found[f"closed.{name}"] = str(line.generation)
        found |= {f"line.{name}": alias, f"peer-card.{name}": str(line.peer.body.number), f"rules.{name}": rules.hex()}
    return found


def _settings(settings: Config) -> Iterator[tuple[str, str]]:
    for name, value in msgspec.to_builtins(settings.station).items():
        yield f"setting.station.{name}", _digest(name, value)
    for relay in settings.relay:
        for name, value in msgspec.to_builtins(relay).items():
            if name != "name":
                yield f"setting.relay.{relay.name}.{name}", _digest(name, value)


def _digest(name: str, value: object) -> str:
    return digest("journal-setting", msgspec.json.encode([name, value])).hex()[:_DIGEST_SHOWN]


def events(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[tuple[bytes, Event]]:
    """Yield (line id or empty, event) for each difference. Of no facts before, only what there is now is told."""
    yield from _config(before, after)
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            kind, _, rest = name.partition(".")
            yield from _event(kind, rest, before.get(name), after.get(name), first=not before)


def _config(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[tuple[bytes, Event]]:
    if not before or before.get("config") == after["config"]:
        return
    names = before.keys() | after.keys()
    changed = [
        name.removeprefix("setting.")
        for name in sorted(names)
        if name.startswith("setting.") and before.get(name) != after.get(name)
    ]
    more = f" and {len(changed) - _NAMED} more" if len(changed) > _NAMED else ""
    what = f"{', '.join(changed[:_NAMED])}{more}" if changed else "no setting, only how it is written"
    text = f"station.toml was changed: {what}."
    fields = (("digest", after["config"]), ("settings", " ".join(changed)))
    yield b"", Event("config", text, fields=fields)


def _event(kind: str, name: str, was: str | None, now: str | None, *, first: bool) -> Iterator[tuple[bytes, Event]]:
    match kind:
        case "relay":
            deed = "removed" if now is None else "added"
            yield b"", Event(f"relay-{deed}", f"Relay {name} was {deed}.", fields=(("relay", name),))
        case "line" if was is None or now is None:
            deed, peer = ("removed", was) if now is None else ("added", now)
            text = f"The line to {peer} was {deed}, id {name[:_DIGEST_SHOWN]}…."
            yield bytes.fromhex(name), Event(f"line-{deed}", text, fields=(("peer", peer or ""),))
        case "line":
            yield bytes.fromhex(name), Event("line-state", f"The peer is called {now} here; it was {was}.")
        case "generation" if now is not None and (was is not None or now != "1"):
            before = f"; it was generation {was}" if was is not None else ""
            text = f"Generation {now} of the line has begun{before}."
            yield bytes.fromhex(name), Event("generation-begun", text, fields=(("generation", now),))
        case "closed" if now is not None:
            text = f"An officer has closed generation {now} of the line: it carries nothing until the next has begun."
            yield bytes.fromhex(name), Event("generation-closed", text, fields=(("generation", now),))
        case "officer" if now is not None:
            text = f"{now} stands in our card as an officer."
            yield b"", Event("officer-added", text, fields=(("officer", now), ("id", name[:_DIGEST_SHOWN])))
        case "card" if not first:
            yield b"", Event("own-card", f"Our card has the number {now} now; it was {was}.")
        case "peer-card" if was is not None and now is not None:
            yield bytes.fromhex(name), Event("card", f"Card {now} of the peer holds; it was {was}.")
        case "rules" if was is not None and now is not None:
            text = f"Other rules hold than at the last run: digest {now[:_DIGEST_SHOWN]}, it was {was[:_DIGEST_SHOWN]}."
            yield bytes.fromhex(name), Event("rules", text)
