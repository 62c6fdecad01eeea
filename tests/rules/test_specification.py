"""protocol/RULES.md says what the code does: its example, its table of keys, its built-in values."""

import re
from pathlib import Path

from hotline.rules import BUILT_IN, KindRules, canonical, digest_of, format_duration, keys, parse

SPECIFICATION = (Path(__file__).resolve().parents[2] / "protocol" / "RULES.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    return SPECIFICATION.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def cells(text: str) -> list[list[str]]:
    """The rows of the first table in `text`, without its head."""
    rows = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


def test_the_example_has_the_encoding_and_digest_that_are_printed() -> None:
    text = section("1. Example")
    (file,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    encoded, digest = (bytes.fromhex(block) for block in re.findall(r"```\n([0-9a-f\s]+)```", text))
    (size,) = re.findall(r"(\d+) bytes in hexadecimal", text)
    rules = parse(file, "rules.toml")
    assert canonical(rules) == encoded
    assert len(encoded) == int(size)
    assert digest_of(rules) == digest


def test_the_table_of_keys_names_each_key_in_order() -> None:
    table = cells(section("2. Form"))
    named = [name for row in table for name in row[1].split(", ")]
    top, kind = [key.name for key in keys.TOP], [key.name for key in keys.KIND]
    assert named == [*top, "routine", "priority", "immediate", "flash", *(key.name for key in keys.LINE), *kind]


def test_the_words_for_nothing_are_those_of_the_specification() -> None:
    table = {row[1]: row[2] for row in cells(section("2. Form"))}
    for key in (*keys.LINE, *keys.KIND):
        word = key.told(0) if key.field.endswith("_s") and not key.name.endswith("_at") else ""
        assert (f'"{word}"' in table[key.name]) == (word in ("off", "none", "as lead", "by precedence")), key.name


def test_the_built_in_values_are_those_of_the_specification() -> None:
    text = section("8. The built-in rules")
    told = {row[0]: row[1:] for row in cells(text)}
    assert told == {name: _row(own) for name, own in BUILT_IN.kinds.items() if own != KindRules()}
    others = text.partition("all at the defaults: ")[2].partition(".")[0].split(", ")
    assert others == [name for name, own in BUILT_IN.kinds.items() if own == KindRules()]
    spoken = " ".join(text.split())
    assert f"Title *{BUILT_IN.title}*; warn_percent {BUILT_IN.warn_percent}; publicity {BUILT_IN.publicity}." in spoken
    times = ", ".join(f"{name} {span}" for name, span in keys.write_at(BUILT_IN.acknowledge_s).items())
    assert f"Acknowledge: {times} " in spoken
    every, echo, manned = (key.told(getattr(BUILT_IN, key.field)) for key in keys.LINE)
    assert f"Line tests every {every}, echo {echo}, manned {manned}." in spoken


def _row(own: KindRules) -> list[str]:
    lead = [format_duration(own.lead_s)] if own.lead_s else ["–"]
    lead += [f"sea {format_duration(own.lead_sea_s)}"] if own.lead_sea_s else []
    lead += [f"air {format_duration(own.lead_air_s)}"] if own.lead_air_s else []
    acknowledge, reply, completion = (
        format_duration(span) if span else word
        for span, word in ((own.acknowledge_s, "by precedence"), (own.reply_s, "–"), (own.completion_s, "–"))
    )
    modes = "all" if own.modes == KindRules().modes else ", ".join(own.modes)
    return [", ".join(lead), acknowledge, reply, completion, modes]
