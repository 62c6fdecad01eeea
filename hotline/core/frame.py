"""Frames: one MQTT publish each, sealed to the peer, of a few fixed sizes (SPEC sections 6.1 to 6.3)."""

import hmac
from dataclasses import dataclass

from hotline import limits
from hotline.core.identity import Line
from hotline.core.suite import AEAD_TAG, ED25519_SIGNATURE, XWING_ENC, LinkSigner, Opener, Suite, digest, label
from hotline.errors import MalformedError, SignatureError

VERSION = 1
KEY_ID_BYTES = 8
MAC_BYTES = 16
HEADER_BYTES = 1 + KEY_ID_BYTES + MAC_BYTES
OVERHEAD_BYTES = HEADER_BYTES + XWING_ENC + AEAD_TAG
INSIDE_BYTES = 3 * 32 + KEY_ID_BYTES + 1 + 4
SIZES = tuple(limits.FRAME_BYTES >> i for i in range(6, -1, -1))
PAYLOAD_BYTES = limits.FRAME_BYTES - OVERHEAD_BYTES - INSIDE_BYTES - ED25519_SIGNATURE

HELLO, ENTRIES, RECEIPT, HEAD, NEED, FORK, EMERGENCY, SEEN = 1, 2, 3, 4, 5, 6, 7, 8


@dataclass(frozen=True, slots=True)
class Opened:
    """A frame that passed every check of section 6: who sealed it is proven by the link key."""

    type: int
    payload: bytes
    key_id: bytes


def key_id(public: bytes) -> bytes:
    """Return the 8-byte id of an X-Wing public key."""
    return digest("sealing-key", public)[:KEY_ID_BYTES]


def frame_bytes(payload_bytes: int) -> int:
    """Return the size of the frame that carries so long a payload; MalformedError if none does."""
    total = OVERHEAD_BYTES + INSIDE_BYTES + payload_bytes + ED25519_SIGNATURE
    for size in SIZES:
        if total <= size:
            return size
    raise MalformedError(f"A payload of {payload_bytes} bytes fits no frame.", reason="frame-room")


def seal(suite: Suite, line: Line, link: LinkSigner, to_public: bytes, kind: int, payload: bytes) -> bytes:
    """Return a frame for the peer. Each transmission is sealed afresh, so no two are alike."""
    kid = key_id(to_public)
    inside = _context(line.id, line.me, line.them, kid) + bytes([kind]) + len(payload).to_bytes(4, "big") + payload
    size = frame_bytes(len(payload))
    plaintext = (inside + link.sign(_link_message(inside, len(payload)))).ljust(size - OVERHEAD_BYTES, b"\0")
    sealed = suite.seal(to_public, _info(line.id, line.me, line.them, kid), plaintext)
    head = bytes([VERSION]) + kid
    return head + _mac(suite, line.outgoing.mac_key, head, sealed) + sealed


def check_outside(suite: Suite, line: Line, frame: bytes) -> bytes:
    """Return the key id of a frame whose size, version and MAC are right; else raise, having opened nothing."""
    if len(frame) not in SIZES:
        raise MalformedError(f"A frame has {len(frame)} bytes, which is no frame size.", reason="frame-size")
    if frame[0] != VERSION:
        raise MalformedError(f"A frame has version {frame[0]}.", reason="frame-version")
    head, mac, sealed = frame[: 1 + KEY_ID_BYTES], frame[1 + KEY_ID_BYTES : HEADER_BYTES], frame[HEADER_BYTES:]
    if not hmac.compare_digest(mac, _mac(suite, line.incoming.mac_key, head, sealed)):
        raise SignatureError("A frame's MAC is wrong: a stranger wrote it, or it was damaged.", reason="frame-mac")
    return head[1:]


def open_frame(suite: Suite, line: Line, frame: bytes, opener: Opener, *, for_hello: bool) -> Opened:
    """Open a frame that `check_outside` has passed, with the key of its key id.

    `for_hello` says whether that key is the card's seal key; HELLO must use it and nothing else may.
    """
    kid = frame[1 : 1 + KEY_ID_BYTES]
    plaintext = opener.open(_info(line.id, line.them, line.me, kid), frame[HEADER_BYTES:])
    if plaintext is None:
        raise SignatureError("A frame does not open.", reason="frame-seal")
    opened = _unpack(suite, line, kid, plaintext)
    if (opened.type == HELLO) != for_hello:
        raise MalformedError("A message was sealed to the wrong kind of key.", reason="frame-key-use")
    return opened


def _unpack(suite: Suite, line: Line, kid: bytes, plaintext: bytes) -> Opened:
    context = _context(line.id, line.them, line.me, kid)
    size = int.from_bytes(plaintext[INSIDE_BYTES - 4 : INSIDE_BYTES], "big")
    end = INSIDE_BYTES + size
    if plaintext[: len(context)] != context:
        raise SignatureError("A frame was sealed for another line, sender or key.", reason="frame-context")
    if end + ED25519_SIGNATURE > len(plaintext):
        raise MalformedError("A frame's payload is longer than the frame.", reason="frame-payload")
    if plaintext.count(b"\0", end + ED25519_SIGNATURE) != len(plaintext) - end - ED25519_SIGNATURE:
        raise MalformedError("A frame's padding is not zero.", reason="frame-padding")
    signature = plaintext[end : end + ED25519_SIGNATURE]
    if not suite.verify_ed25519(line.peer.body.link, _link_message(plaintext[:end], size), signature):
        raise SignatureError("A frame's link signature does not verify.", reason="frame-link")
    return Opened(plaintext[len(context)], plaintext[INSIDE_BYTES:end], kid)


def _context(line: bytes, sender: bytes, receiver: bytes, kid: bytes) -> bytes:
    return line + sender + receiver + kid


def _info(line: bytes, sender: bytes, receiver: bytes, kid: bytes) -> bytes:
    return label("seal") + _context(line, sender, receiver, kid)


def _link_message(inside: bytes, payload_bytes: int) -> bytes:
    """The bytes inside up to the payload's end, without the payload's length, which they imply."""
    return label("link") + inside[: INSIDE_BYTES - 4] + inside[INSIDE_BYTES : INSIDE_BYTES + payload_bytes]


def _mac(suite: Suite, key: bytes, head: bytes, sealed: bytes) -> bytes:
    return suite.hmac_sha256(key, label("frame") + head + sealed)[:MAC_BYTES]
