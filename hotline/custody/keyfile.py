"""Private keys at rest: one text file a custodian, holding named keys under one passphrase.

    hotline-key/1 station sealed
    base64, in lines of 64 characters

The base64 holds `u32 memory KiB ‖ u32 passes ‖ u32 lanes ‖ salt (16) ‖ nonce (12) ‖ ciphertext`. The key is
Argon2id over the passphrase; ChaCha20-Poly1305 seals the packed keys with the header line and all that stands
before the ciphertext as associated data, so that nothing in the file can be changed or taken for another role.

A file without a passphrase says so in its header (`open`) and in a line for people; its base64 is the packed keys.

Who can read a sealed file can try passphrases on it for ever. Who can read an open one has the keys. Who can
change either can destroy it, or put an older one in its place: the keys are compared with the card on loading.
"""

import base64
import binascii
import secrets
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from msgspec import Meta

from hotline import limits
from hotline.core import encoding
from hotline.custody import bounds, files
from hotline.custody.passphrase import Passphrase
from hotline.custody.suite import AddressKey, HybridKey, LinkKey, SealKey
from hotline.errors import HostError, KeyError_, MalformedError
from hotline.text import safe

Role = Literal["root", "station", "officer"]
Key = HybridKey | LinkKey | SealKey | AddressKey
Unlock = Callable[[Path], Passphrase]

MAGIC = "hotline-key/1"
OPEN_WARNING = "NO PASSPHRASE: whoever can read this file has these keys. For demonstrations only."
_KINDS: dict[str, type[Key]] = {"hybrid": HybridKey, "link": LinkKey, "seal": SealKey, "address": AddressKey}
_PREFIX = struct.Struct(f">III{bounds.SALT_BYTES}s12s")
_KEY_BYTES = 32
_LINE_CHARS = 64


class _Stored(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One key as it is packed. Its repr shows no secret."""

    name: Annotated[str, Meta(min_length=1, max_length=limits.NAME_BYTES)]
    kind: Literal["hybrid", "link", "seal", "address"]
    seeds: Annotated[bytes, Meta(min_length=32, max_length=96)]

    def __repr__(self) -> str:
        return f"_Stored({self.name!r}, {self.kind!r}, …)"


class _Bundle(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    keys: Annotated[tuple[_Stored, ...], Meta(min_length=1, max_length=bounds.KEYS_IN_A_FILE)]


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess at a passphrase costs: Argon2id's memory in KiB, passes, and lanes."""

    memory_kib: int = bounds.ARGON2_MEMORY_KIB
    passes: int = bounds.ARGON2_PASSES
    lanes: int = bounds.ARGON2_LANES

    @property
    def bounded(self) -> bool:
        """Whether we are willing to pay it, whoever wrote the file."""
        return (
            bounds.ARGON2_MEMORY_LEAST_KIB <= self.memory_kib <= bounds.ARGON2_MEMORY_MOST_KIB
            and 1 <= self.passes <= bounds.ARGON2_PASSES_MOST
            and 1 <= self.lanes <= bounds.ARGON2_LANES_MOST
        )


def create(
    path: Path, role: Role, keys: Mapping[str, Key], passphrase: Passphrase | None, *, cost: Cost | None = None
) -> None:
    """Write `keys` to a new file at `path`, 0600, durable when this returns.

    None for the passphrase makes an open file. KeyError_ if the file exists: no key is ever overwritten.
    """
    files.create(path, _text(role, keys, passphrase, cost))


def change_passphrase(path: Path, role: Role, old: Unlock, new: Passphrase, *, cost: Cost | None = None) -> None:
    """Seal the keys in the file at `path` under another passphrase, durable when this returns; or nothing is changed.

    `old` is asked only if the file has a passphrase. Raises as `read` does. Copies of the file elsewhere keep the
    old passphrase.
    """
    files.replace(path, _text(role, read(path, role, old), new, cost))


def _text(role: Role, keys: Mapping[str, Key], passphrase: Passphrase | None, cost: Cost | None) -> bytes:
    stored = tuple(_Stored(name, _kind(key), key.seeds()) for name, key in keys.items())
    packed = encoding.encode(_Bundle(stored))
    header = _header(role, sealed=passphrase is not None)
    if passphrase is None:
        body, notes = packed, [OPEN_WARNING]
    else:
        body, notes = _seal(header, packed, passphrase, cost or Cost()), []
    text = base64.b64encode(body).decode("ascii")
    lines = [text[i : i + _LINE_CHARS] for i in range(0, len(text), _LINE_CHARS)]
    return "\n".join([header, *notes, *lines, ""]).encode("ascii")


def read(path: Path, role: Role, unlock: Unlock) -> dict[str, Key]:
    """Return the named keys in the file at `path`; `unlock` is asked only if the file has a passphrase.

    KeyError_, naming the file: it is no key file or of another role, damaged, open to others than its owner,
    asks for more memory than bounded, or the passphrase is wrong. NotFoundError if there is none.
    """
    sealed, header, body = _parse(path, role, _load(path))
    packed = _open(path, header, body, unlock) if sealed else body
    try:
        bundle = encoding.decode(packed, _Bundle, what="the bundle", limit_bytes=limits.KEY_FILE_BYTES)
        keys = {k.name: _KINDS[k.kind](k.seeds) for k in bundle.keys if len(k.seeds) == _KINDS[k.kind].SEED_BYTES}
    except (MalformedError, ValueError):
        raise _damaged(path) from None  # the cause could quote key material
    if len(keys) != len(bundle.keys):
        raise _damaged(path)
    return keys


def has_passphrase(path: Path) -> bool:
    """Return whether the key file at `path` needs a passphrase, without opening it. Raises as `read` does."""
    return _load(path).split(b"\n", 1)[0].endswith(b" sealed")


def _kind(key: Key) -> Literal["hybrid", "link", "seal", "address"]:
    match key:
        case HybridKey():
            return "hybrid"
        case LinkKey():
            return "link"
        case SealKey():
            return "seal"
        case AddressKey():
            return "address"


def _header(role: Role, *, sealed: bool) -> str:
    return f"{MAGIC} {role} {'sealed' if sealed else 'open'}"


def _load(path: Path) -> bytes:
    return files.read(path, limit_bytes=limits.KEY_FILE_BYTES, holds="The key file", private=True, refusal=KeyError_)


def _parse(path: Path, role: Role, text: bytes) -> tuple[bool, str, bytes]:
    """Return whether it is sealed, the header line, and the bytes in the base64."""
    try:
        lines = text.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise _damaged(path) from None
    header = lines[0]
    sealed = header == _header(role, sealed=True)
    if not sealed and header != _header(role, sealed=False):
        raise KeyError_(
            f"{files.shown(path)} is no `{MAGIC} {role}` file: it begins with {safe(header, limit=40)!r}.",
            "Put the right file in its place.",
            reason="key-file",
        )
    at = 1 if sealed else 2
    if lines[-1] or (not sealed and lines[1] != OPEN_WARNING):
        raise _damaged(path)
    try:
        return sealed, header, base64.b64decode("".join(lines[at:]), validate=True)
    except (binascii.Error, ValueError):
        raise _damaged(path) from None


def _seal(header: str, packed: bytes, passphrase: Passphrase, cost: Cost) -> bytes:
    salt, nonce = secrets.token_bytes(bounds.SALT_BYTES), secrets.token_bytes(12)
    prefix = _PREFIX.pack(cost.memory_kib, cost.passes, cost.lanes, salt, nonce)
    cipher = ChaCha20Poly1305(_derive(passphrase, salt, cost))
    return prefix + cipher.encrypt(nonce, packed, header.encode("ascii") + b"\n" + prefix)


def _open(path: Path, header: str, body: bytes, unlock: Unlock) -> bytes:
    if len(body) <= _PREFIX.size:
        raise _damaged(path)
    memory_kib, passes, lanes, salt, nonce = _PREFIX.unpack_from(body)
    cost = Cost(memory_kib, passes, lanes)
    if not cost.bounded:
        raise KeyError_(
            f"The key file {files.shown(path)} asks for {memory_kib} KiB, {passes} passes, {lanes} lanes of Argon2id; "
            f"{bounds.ARGON2_MEMORY_LEAST_KIB} to {bounds.ARGON2_MEMORY_MOST_KIB} KiB, {bounds.ARGON2_PASSES_MOST} "
            f"and {bounds.ARGON2_LANES_MOST} are accepted.",
            "It is damaged or was put there by somebody else: restore it from your copy.",
            reason="key-file",
        )
    cipher = ChaCha20Poly1305(_derive(unlock(path), salt, cost))
    try:
        return cipher.decrypt(nonce, body[_PREFIX.size :], header.encode("ascii") + b"\n" + body[: _PREFIX.size])
    except InvalidTag:
        raise KeyError_(
            f"The passphrase does not open {files.shown(path)}.",
            "Try again; if it is certainly right, the file was damaged or exchanged: restore it from your copy.",
            reason="wrong-passphrase",
        ) from None


def _derive(passphrase: Passphrase, salt: bytes, cost: Cost) -> bytes:
    try:
        return Argon2id(
            salt=salt, length=_KEY_BYTES, iterations=cost.passes, lanes=cost.lanes, memory_cost=cost.memory_kib
        ).derive(passphrase.reveal())
    except MemoryError:
        raise HostError(
            f"There is no memory for Argon2id, which needs {cost.memory_kib} KiB.", "Free some and try again."
        ) from None


def _damaged(path: Path) -> KeyError_:
    return KeyError_(f"The key file {files.shown(path)} is damaged.", "Restore it from your copy.", reason="key-file")
