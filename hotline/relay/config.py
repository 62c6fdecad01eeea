"""One relay as the configuration file describes it, checked when it is read."""

from typing import Literal, NoReturn
from urllib.parse import SplitResult, urlsplit

import msgspec

from hotline import limits
from hotline.errors import ConfigError
from hotline.relay import bounds
from hotline.text import safe

DEFAULT_PORTS = {"mqtt": 1883, "mqtts": 8883}


class RelayConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A `[[relay]]` table. Holds paths of secrets, never a secret: safe to print.

    Raises ConfigError, naming the field, when made from values that do not fit.
    """

    name: str
    url: str  # mqtt://host[:port] or mqtts://host[:port]
    version: Literal["auto", "5", "3.1.1"] = "auto"  # auto: 5, and 3.1.1 where the relay knows no 5
    username: str | None = None
    password_file: str | None = None  # read at each connect, so that it can be changed while running
    ca_file: str | None = None  # PEM; without it the machine's certificate authorities are trusted
    client_cert_file: str | None = None
    client_key_file: str | None = None
    qos: int = 0
    topic_prefix: str = "hotline"
    keepalive_s: int = limits.RELAY_KEEPALIVE_S

    def __post_init__(self) -> None:
        _check_name(self.name)
        _check_url(self)
        _check_choices(self)
        _check_credentials(self)
        _check_tls(self)
        _check_prefix(self)

    @property
    def tls(self) -> bool:
        return urlsplit(self.url).scheme == "mqtts"

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        parts = urlsplit(self.url)
        return DEFAULT_PORTS[parts.scheme] if parts.port is None else parts.port


def _refuse(name: str, field: str, what: str, remedy: str) -> NoReturn:
    raise ConfigError(f"relay {safe(name, limit=80)!r}: {field} {what}.", remedy)


def _check_name(name: str) -> None:
    if not name.strip() or safe(name) != name or len(name.encode()) > limits.NAME_BYTES:
        _refuse(name, "name", "cannot be shown", f"Set name to 1 to {limits.NAME_BYTES} bytes of printable text.")


def _check_url(config: RelayConfig) -> None:
    form = "Set url to mqtt://host:port or mqtts://host:port."
    try:
        parts = urlsplit(config.url)
        port = parts.port
    except ValueError:
        _refuse(config.name, "url", "is no address", form)
    if "@" in config.url:
        # The value is not repeated: it may hold a password.
        _refuse(config.name, "url", "holds a user name or password", "Put them in username and password_file.")
    if parts.scheme not in DEFAULT_PORTS:
        _refuse(config.name, "url", "does not begin with mqtt:// or mqtts://", form)
    if not _is_host(parts.hostname) or port == 0 or _has_more(parts):
        _refuse(config.name, "url", f"is {safe(config.url, limit=120)!r}, which is not only a host and a port", form)


def _is_host(host: str | None) -> bool:
    return bool(host) and safe(host or "") == host and not set(host or "") & set(" \\'\"<>")


def _has_more(parts: SplitResult) -> bool:
    return parts.path not in ("", "/") or bool(parts.query or parts.fragment)


def _check_choices(config: RelayConfig) -> None:
    if config.version not in ("auto", "5", "3.1.1"):
        _refuse(config.name, "version", "is not known", 'Set version to "auto", "5" or "3.1.1".')
    if config.qos not in (0, 1):
        _refuse(config.name, "qos", "must be 0 or 1", "Leave qos out: lost frames are asked for again.")
    if not bounds.KEEPALIVE_LEAST_S <= config.keepalive_s <= bounds.KEEPALIVE_MOST_S:
        span = f"{bounds.KEEPALIVE_LEAST_S} to {bounds.KEEPALIVE_MOST_S}"
        _refuse(config.name, "keepalive_s", "is out of range", f"Set keepalive_s to {span} seconds.")


def _check_credentials(config: RelayConfig) -> None:
    name = config.username
    if name is not None and (not name or safe(name) != name or len(name.encode()) > limits.NAME_BYTES):
        _refuse(config.name, "username", "cannot be sent", f"Set username to 1 to {limits.NAME_BYTES} printable bytes.")
    if config.password_file is not None and name is None:
        _refuse(config.name, "password_file", "is given without username", "Add username, or remove password_file.")
    for field in ("password_file", "ca_file", "client_cert_file", "client_key_file"):
        path = getattr(config, field)
        if path is not None and (not path or "\0" in path):
            _refuse(config.name, field, "is no path", f"Set {field} to the path of a file, or remove it.")


def _check_tls(config: RelayConfig) -> None:
    given = [f for f in ("ca_file", "client_cert_file", "client_key_file") if getattr(config, f) is not None]
    if given and not config.tls:
        _refuse(config.name, given[0], "is given but url is mqtt://, without TLS", "Set url to mqtts://host:port.")
    if (config.client_cert_file is None) != (config.client_key_file is None):
        _refuse(config.name, "client_cert_file", "and client_key_file belong together", "Give both, or neither.")


def _check_prefix(config: RelayConfig) -> None:
    prefix = config.topic_prefix
    plain = prefix.isascii() and prefix.isprintable() and not set(prefix) & set("+#$ ")
    if not plain or not 0 < len(prefix) <= bounds.TOPIC_PREFIX_BYTES or "" in prefix.split("/"):
        remedy = f"Set topic_prefix to 1 to {bounds.TOPIC_PREFIX_BYTES} ASCII characters, none of + # $ or space."
        _refuse(config.name, "topic_prefix", "cannot be a topic", remedy)
