"""Which Ed25519 public keys may be enrolled (SPEC section 1): canonical encodings of points not of small order.

The library that verifies signatures accepts the eight torsion points and several non-canonical
encodings of them; with such a key anybody's signature verifies. All inputs here are public, so
nothing needs constant time.
"""

_P = 2**255 - 19
_D = (-121665 * pow(121666, _P - 2, _P)) % _P
_SQRT_M1 = pow(2, (_P - 1) // 4, _P)

Point = tuple[int, int, int]


def acceptable(public: bytes) -> bool:
    """Return whether 32 bytes are the canonical encoding of a curve point whose order is not 1, 2, 4 or 8."""
    affine = _decompress(public)
    if affine is None:
        return False
    point: Point = (affine[0], affine[1], 1)
    for _ in range(3):
        point = _double(point)
    x, y, z = point
    return not (x == 0 and y == z)


def small_order_x25519(public: bytes) -> bool:
    """Return whether this X25519 key makes the shared secret zero with any other key (RFC 7748 section 6)."""
    u = int.from_bytes(public, "little") & (2**255 - 1)
    return u % _P in _SMALL_U


def _decompress(public: bytes) -> tuple[int, int] | None:
    """RFC 8032 section 5.1.3, with y >= p and -0 refused."""
    if len(public) != 32:
        return None
    y = int.from_bytes(public, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= _P:
        return None
    x2 = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(x2, (_P + 3) // 8, _P)
    if (x * x - x2) % _P:
        x = x * _SQRT_M1 % _P
    if (x * x - x2) % _P or (x == 0 and sign):
        return None
    return (x if x & 1 == sign else _P - x), y


def _double(point: Point) -> Point:
    """Twice a point in projective coordinates on -x² + y² = 1 + d x² y²."""
    x, y, z = point
    b = (x + y) * (x + y) % _P
    c, d = x * x % _P, y * y % _P
    e = -c % _P
    f = (e + d) % _P
    j = (f - 2 * z * z) % _P
    return (b - c - d) * j % _P, f * (e - d) % _P, f * j % _P


# Montgomery u-coordinates of the points of order 1, 2, 4 and 8, on the curve and on its twist.
_SMALL_U = {
    0,
    1,
    _P - 1,
    325606250916557431795983626356110631294008115727848805560023387167927233504,
    39382357235489614581723060781553021112529911719440698176882885853963445705823,
}
