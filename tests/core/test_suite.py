"""Labels separate each use of a hash, MAC or key from all others (SPEC section 1); both halves of a hybrid count."""

import ast
import hashlib
from itertools import permutations

import pytest

from hotline.core.suite import (
    ED25519_PUBLIC,
    ED25519_SIGNATURE,
    HYBRID_PUBLIC,
    HYBRID_SIGNATURE,
    MLDSA44_PUBLIC,
    MLDSA44_SIGNATURE,
    digest,
    label,
    verify_halves,
    verify_hybrid,
)
from hotline.custody.suite import HybridKey, RealSuite
from tests.house.source import ROOT, package_files, parse, shown

LABELLING = {"label", "digest", "derive"}  # `derive` is what identity calls for MAC key and topic


def names() -> dict[str, list[str]]:
    """Every name that the package gives to a label, and where; a name that is no literal must be a parameter's."""
    found: dict[str, list[str]] = {}
    for path in package_files():
        for node in ast.walk(parse(path)):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in LABELLING
                and node.args
            ):
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found.setdefault(first.value, []).append(f"{shown(path)}:{node.lineno}")
    return found


def test_no_label_is_a_prefix_of_another() -> None:
    labels = [label(name) for name in names()]
    assert len(labels) >= 15
    assert [(a, b) for a, b in permutations(labels, 2) if b.startswith(a)] == []


def test_each_label_has_one_use() -> None:
    assert {name: uses for name, uses in names().items() if len(uses) > 1} == {}


def test_the_labels_are_those_of_the_specification() -> None:
    specification = (ROOT / "protocol" / "SPEC.md").read_text(encoding="utf-8")
    written = {part.partition('")')[0] for part in specification.split('L("')[1:]}
    assert set(names()) == written


def test_a_label_is_ascii_and_ends_where_no_name_can() -> None:
    assert label("frame") == b"hotline/v1/frame\x00"
    assert [name for name in names() if not name.isascii() or "\0" in name or not name] == []
    with pytest.raises(UnicodeEncodeError):
        label("für")


def test_a_digest_is_sha256_over_the_label_and_the_parts() -> None:
    assert digest("body", b"a", b"b") == hashlib.sha256(b"hotline/v1/body\x00ab").digest()
    assert digest("body") != digest("root")


def test_the_sizes_are_those_of_the_specification() -> None:
    assert (HYBRID_PUBLIC, HYBRID_SIGNATURE) == (1344, 2484)
    assert (ED25519_PUBLIC + MLDSA44_PUBLIC, ED25519_SIGNATURE + MLDSA44_SIGNATURE) == (1344, 2484)


KEY, OTHER = HybridKey(bytes(64)), HybridKey(b"\1" * 64)


def test_a_hybrid_signature_verifies_over_its_message_alone() -> None:
    signature = KEY.sign_one(b"message")
    assert verify_hybrid(RealSuite(), KEY.public, b"message", signature)
    assert not verify_hybrid(RealSuite(), KEY.public, b"massage", signature)
    assert not verify_hybrid(RealSuite(), OTHER.public, b"message", signature)


def test_each_half_must_verify() -> None:
    good, bad = KEY.sign_one(b"message"), OTHER.sign_one(b"message")
    for mixed in (good[:64] + bad[64:], bad[:64] + good[64:], good[:64] + bytes(2420), bytes(64) + good[64:]):
        assert not verify_hybrid(RealSuite(), KEY.public, b"message", mixed)
    for mixed_key in (KEY.public[:32] + OTHER.public[32:], OTHER.public[:32] + KEY.public[32:]):
        assert not verify_hybrid(RealSuite(), mixed_key, b"message", good)


def test_each_half_has_its_own_message_where_the_two_differ() -> None:
    signature = KEY.sign(b"one", b"two")
    assert verify_halves(RealSuite(), KEY.public, b"one", b"two", signature)
    assert not verify_halves(RealSuite(), KEY.public, b"two", b"one", signature)
    assert not verify_halves(RealSuite(), KEY.public, b"one", b"one", signature)


@pytest.mark.parametrize(("public", "signature"), [(-1, 0), (1, 0), (0, -1), (0, 1)])
def test_a_key_or_signature_of_another_length_does_not_verify(public: int, signature: int) -> None:
    made = KEY.sign_one(b"message")
    key = (KEY.public + b"\0")[: HYBRID_PUBLIC + public]
    assert not verify_hybrid(RealSuite(), key, b"message", (made + b"\0")[: HYBRID_SIGNATURE + signature])
