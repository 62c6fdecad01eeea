"""systemd's notification protocol (sd_notify(3)): one datagram to a socket, nothing where there is none."""

import os
import socket
from collections.abc import Mapping


def notify(state: str, environ: Mapping[str, str] | None = None) -> bool:
    """Send `READY=1`, `STOPPING=1` or `STATUS=…`; return whether somebody took it."""
    address = (os.environ if environ is None else environ).get("NOTIFY_SOCKET", "")
    if not address or address[0] not in "/@":
        return False
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as s:
            s.connect("\0" + address[1:] if address[0] == "@" else address)
            s.sendall(state.encode("utf-8"))
    except OSError:
        return False
    return True
