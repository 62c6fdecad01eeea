"""Curve points that must not be enrolled, computed here with plain fractions and not by the code under test."""

P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P

Affine = tuple[int, int]


def _sqrt(a: int) -> int | None:
    root = pow(a, (P + 3) // 8, P)
    if root * root % P != a % P:
        root = root * pow(2, (P - 1) // 4, P) % P
    return root if root * root % P == a % P else None


def add(a: Affine, b: Affine) -> Affine:
    """Affine addition on -x² + y² = 1 + d x² y², complete because d is no square."""
    (x1, y1), (x2, y2) = a, b
    k = D * x1 * x2 * y1 * y2
    return (x1 * y2 + x2 * y1) * pow(1 + k, -1, P) % P, (y1 * y2 + x1 * x2) * pow(1 - k, -1, P) % P


def encode(point: Affine) -> bytes:
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def decode(data: bytes) -> Affine:
    y = int.from_bytes(data, "little") & (2**255 - 1)
    x = _sqrt((y * y - 1) * pow(D * y * y + 1, -1, P) % P)
    assert x is not None
    return (x if x & 1 == data[31] >> 7 else P - x), y


def _order_eight() -> Affine:
    """A point whose fourfold is (0, 1): doubling twice gives (0, -1)'s half, found through y² of RFC 8032's curve."""
    # For order 8, x² = y² up to sign: from 2P = (±sqrt(-1), 0) follows y² = -x², so -x² + y² = 2y² = 1 - d y⁴.
    root = _sqrt((1 + D) % P)
    for s in (root, None if root is None else -root):
        y2 = None if s is None else (-1 + s) * pow(D, -1, P) % P
        y = None if y2 is None else _sqrt(y2)
        if y is not None and y2 is not None:
            x = _sqrt(-y2 % P)
            assert x is not None
            return x, y
    raise AssertionError("no point of order 8")


def torsion() -> list[Affine]:
    """The eight points of small order."""
    generator, found = _order_eight(), [(0, 1)]
    while len(found) < 8:
        found.append(add(found[-1], generator))
    return found


TORSION = [encode(point) for point in torsion()]
# y of 2^255-19 … 2^255-1 stands for 0 … 18, which has a second, proper encoding; so has -0.
NOT_CANONICAL = [(P + k | sign << 255).to_bytes(32, "little") for k in range(19) for sign in (0, 1)]
MINUS_ZERO = [(y | 1 << 255).to_bytes(32, "little") for y in (1, P - 1)]
OFF_CURVE = (2).to_bytes(32, "little")

# X25519: u of the points of order 1, 2, 4, 8 on the curve and its twist, with every other encoding of them.
_U8 = [
    325606250916557431795983626356110631294008115727848805560023387167927233504,
    39382357235489614581723060781553021112529911719440698176882885853963445705823,
]
_U = [0, 1, P - 1, *_U8]
X25519_SMALL = [(v | top << 255).to_bytes(32, "little") for u in _U for v in (u, u + P) if v < 2**255 for top in (0, 1)]
