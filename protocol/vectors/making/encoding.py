"""Section 2: values and their one encoding."""

from __future__ import annotations

from typing import Any

from protocol.vectors.making.identity import pack
from protocol.vectors.making.sink import Parts, case


def encoding_cases() -> None:
    def good(name: str, shape: str, value: Any, data: bytes | None = None) -> None:
        encoded = pack(value) if data is None else data
        case(f"encoding:{name}", "decode", "2", shape=shape, data=encoded, expect={"value": value})

    def bad(name: str, reason: str, shape: str, data: str, times: int = 1) -> None:
        repeated = Parts(((bytes.fromhex(data), times),))
        case(f"encoding:{name}", "decode", "2", reason, shape=shape, data=repeated)

    for value in (0, 127, 128, 255, 256, 65535, 65536, 2**32 - 1, 2**32, 2**53 - 1):
        good(f"integer-{value}", "integer", value)
    good("string-31-bytes", "string", "x" * 31)
    good("string-32-bytes", "string", "x" * 32)
    good("string-utf8", "string", "Süd – юг")
    good("bytes-empty", "bytes", b"")
    good("bytes-256", "bytes", bytes(range(256)))
    good("boolean", "boolean", True)
    good("array-15", "integers", list(range(15)))
    good("array-16", "integers", list(range(16)))
    good("map", "map a b", {"a": 1, "b": 2})
    good("nesting-12", "nested", nested(12))
    bad("integer-in-two-bytes", "not-shortest", "integer", "cc7f")
    bad("integer-in-nine-bytes", "not-shortest", "integer", "cf00000000ffffffff")
    bad("integer-signed-header", "signed-integer", "integer", "d001")
    bad("integer-negative", "signed-integer", "integer", "ff")
    bad("integer-over-2-53", "integer-range", "integer", "cf0020000000000000")
    bad("string-long-header", "not-shortest", "string", "d90161")
    bad("string-16-bit-header", "not-shortest", "string", "da0020" + "78" * 32)
    bad("string-not-utf8", "not-utf8", "string", "a2c328")
    bad("string-surrogate", "not-utf8", "string", "a3eda080")
    bad("bytes-long-header", "not-shortest", "bytes", "c5000100")
    bad("string-for-bytes", "form", "bytes", "a161")
    bad("array-long-header", "not-shortest", "integers", "dc000101")
    bad("array-too-long", "array-length", "pair", "93010203")
    bad("array-too-short", "array-length", "pair", "9101")
    bad("array-length-beyond-input", "truncated", "integers", "ddffffffff")
    bad("map-repeated-key", "map-keys", "map a b", "82a16101a16101")
    bad("map-key-order", "form", "map a b", "82a16202a16101")
    bad("map-unknown-key", "form", "map a b", "83a16101a16202a16303")
    bad("map-missing-key", "form", "map a b", "81a16101")
    bad("map-long-header", "not-shortest", "map a b", "de0002a16101a16202")
    bad("boolean-for-integer", "form", "integer", "c3")
    bad("integer-for-boolean", "form", "boolean", "01")
    bad("nil", "nil", "integer", "c0")
    bad("float", "float", "integer", "cb3ff0000000000000")
    bad("extension", "extension", "bytes", "d40100")
    bad("timestamp-extension", "extension", "integer", "d6ff00000000")
    bad("unused-tag", "unused-tag", "integer", "c1")
    bad("trailing-byte", "trailing-bytes", "integer", "0100")
    bad("truncated", "truncated", "bytes", "c40461")
    bad("empty", "truncated", "integer", "")
    bad("nesting-13", "nesting", "nested", pack(nested(13)).hex())
    bad("nesting-10000", "nesting", "nested", "91", 10_000)


def nested(depth: int) -> Any:
    value: Any = 0
    for _ in range(depth):
        value = [value]
    return value
