"""A good configuration for mosquitto as a relay, as text; nothing here starts or talks to it."""

import base64
import hashlib
import os
from dataclasses import dataclass

from hotline.errors import ConfigError
from hotline.relay import bounds
from hotline.text import safe


@dataclass(frozen=True, slots=True)
class MosquittoTls:
    """PEM files. With `client_ca_file` only clients with its certificates are let in."""

    cert_file: str
    key_file: str
    client_ca_file: str | None = None


def mosquitto_conf(
    *,
    port: int,
    password_file: str,
    host: str | None = None,
    tls: MosquittoTls | None = None,
    user: str | None = None,
    max_packet_bytes: int = bounds.PACKET_BYTES,
) -> str:
    """Return the text of a mosquitto.conf (2.0 or later) for a relay at `port`, all addresses unless `host`.

    `user` is the account to run as when started by root; mosquitto's own by default.
    Raises ConfigError for a value that would break out of its line.
    """
    lines = [
        "# A relay for Hotline. Frames are sealed by the stations and sent again until receipted,",
        "# so that nothing is kept on disk and nothing is kept for absent clients.",
        _line("listener", str(port), *([host] if host else [])),
        *(_tls_lines(tls) if tls is not None else []),
        "allow_anonymous false",
        _line("password_file", password_file),
        *([_line("user", user)] if user else []),
        "",
        "# Without this, Nagle's algorithm adds up to 40 ms to a hop.",
        "set_tcp_nodelay true",
        "persistence false",
        "retain_available false",
        "queue_qos0_messages false",
        _line("max_packet_size", str(max_packet_bytes)),
        _line("max_queued_messages", str(bounds.MOSQUITTO_QUEUED_MESSAGES)),
        _line("max_connections", str(bounds.CONNECTIONS)),
        "sys_interval 0",
        "",
        "# Addresses and client names of each connection are nobody's business.",
        "connection_messages false",
        "log_dest stderr",
        "log_type error",
        "log_type warning",
    ]
    return "\n".join(lines) + "\n"


def password_line(username: str, password: str) -> str:
    """Return `username`'s line for mosquitto's password file, as mosquitto_passwd would write it.

    For programs: mosquitto_passwd takes a password from its arguments, where everybody sees it,
    or from a terminal. Raises ConfigError for a name that the file cannot hold.
    """
    if not username or ":" in username or safe(username) != username:
        raise ConfigError(f"{safe(username, limit=60)!r} cannot be a user name of mosquitto.", "Leave out the colon.")
    salt = os.urandom(12)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, bounds.PBKDF2_ROUNDS)
    fields = ("7", str(bounds.PBKDF2_ROUNDS), base64.b64encode(salt).decode(), base64.b64encode(digest).decode())
    return f"{username}:${'$'.join(fields)}\n"


def _tls_lines(tls: MosquittoTls) -> list[str]:
    lines = [
        _line("certfile", tls.cert_file),
        _line("keyfile", tls.key_file),
        "tls_version tlsv1.2",  # the least; 1.3 is used where both have it
    ]
    if tls.client_ca_file is not None:
        lines += [_line("cafile", tls.client_ca_file), "require_certificate true"]
    return lines


def _line(option: str, *values: str) -> str:
    for value in values:
        if not value or safe(value) != value or (value != values[-1] and " " in value):
            raise ConfigError(f"{safe(value)!r} cannot be mosquitto's {option}.", "Use another value or path.")
    return " ".join((option, *values))
