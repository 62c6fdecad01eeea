"""The digest: the same for the same rules however they are written, another for any other value."""

import hashlib
import tomllib

import msgpack
from hypothesis import assume, given

from hotline.core import encoding
from hotline.rules import BUILT_IN, BUILT_IN_DIGEST, KindRules, Rules, canonical, digest_of, parse
from hotline.rules import format as file_of
from hotline.rules.keys import toml
from tests.rules.strategies import all_rules, kind_rules


def test_the_built_in_rules_have_the_digest_of_zero_bytes() -> None:
    assert digest_of(BUILT_IN) == BUILT_IN_DIGEST == bytes(32)
    assert digest_of(parse(file_of(BUILT_IN), "rules.toml")) == bytes(32)


@given(all_rules())
def test_no_other_rules_have_the_digest_of_zero_bytes(rules: Rules) -> None:
    assume(rules != BUILT_IN)
    assert digest_of(rules) == hashlib.sha256(b"hotline/v1/rules\0" + canonical(rules)).digest()


@given(all_rules(), all_rules())
def test_two_rules_have_one_digest_exactly_if_they_are_the_same(mine: Rules, theirs: Rules) -> None:
    assert (digest_of(mine) == digest_of(theirs)) == (mine == theirs)


@given(kind_rules("exercise"), kind_rules("exercise"))
def test_any_value_of_one_kind_counts(mine: KindRules, theirs: KindRules) -> None:
    a, b = (Rules(title="x", kinds={**BUILT_IN.kinds, "exercise": own}) for own in (mine, theirs))
    assert (digest_of(a) == digest_of(b)) == (mine == theirs)


@given(all_rules())
def test_the_canonical_encoding_obeys_the_specification_of_encodings(rules: Rules) -> None:
    data = canonical(rules)
    encoding.check_shape(data, what="rules")
    assert msgpack.packb(msgpack.unpackb(data)) == data
    kinds = msgpack.unpackb(data)[-1]
    assert [row[0] for row in kinds] == sorted(name for name, own in rules.kinds.items() if own != KindRules())


@given(all_rules())
def test_order_comments_and_notation_do_not_change_the_digest(rules: Rules) -> None:
    tables = tomllib.loads(file_of(rules))
    for own in tables["kinds"].values():
        own["modes"].reverse()
        own["lead"] = _in_seconds(own["lead"])
    head = {name: value for name, value in tables.items() if not isinstance(value, dict)}
    lines = [f"{name}={toml(value)}# another comment" for name, value in reversed(head.items())]
    for name, own in reversed(tables["kinds"].items()):
        lines += [f"[kinds.{name}]", *(f"{key}={toml(value)}" for key, value in reversed(own.items()))]
    for name in ("line_test", "acknowledge"):
        lines += [f"[{name}]", *(f"{key}={toml(value)}" for key, value in tables[name].items())]
    assert digest_of(parse("\n".join(lines), "rules.toml")) == digest_of(rules)


def _in_seconds(text: str) -> str:
    count, _, unit = text.partition(" ")
    size_s = {"s": 1, "min": 60, "h": 3600, "d": 86_400}.get(unit)
    return f"{int(count) * size_s}s" if size_s else text
