"""Where two rules differ, for people who compare two files."""

from collections.abc import Iterator, Sequence

import msgspec

from hotline.rules import keys
from hotline.rules.keys import Key
from hotline.rules.rules import PRECEDENCES, Rules


def differences(mine: Rules, theirs: Rules) -> list[str]:
    """Return a line for each value that differs, such as `inquiry reply: 48 h here, 24 h there`."""
    return [*_differing("", mine, theirs, keys.TOP), *_acknowledge(mine, theirs), *_rest(mine, theirs)]


def _acknowledge(mine: Rules, theirs: Rules) -> Iterator[str]:
    here, there = keys.write_at(mine.acknowledge_s), keys.write_at(theirs.acknowledge_s)
    for name in PRECEDENCES:
        if here[name] != there[name]:
            yield f"acknowledge {name}: {here[name]} here, {there[name]} there"


def _rest(mine: Rules, theirs: Rules) -> Iterator[str]:
    yield from _differing("line test ", mine, theirs, keys.LINE)
    for name, own in mine.kinds.items():
        yield from _differing(f"{name} ", own, theirs.kinds[name], keys.KIND)


def _differing(prefix: str, mine: msgspec.Struct, theirs: msgspec.Struct, known: Sequence[Key]) -> Iterator[str]:
    for key in known:
        here, there = getattr(mine, key.field), getattr(theirs, key.field)
        if here != there:
            yield f"{prefix}{key.name.replace('_', ' ')}: {key.told(here)} here, {key.told(there)} there"
