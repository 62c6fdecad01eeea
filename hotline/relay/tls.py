"""TLS settings for both ends: 1.2 at least, certificates always checked, never a prompt for a passphrase."""

import ssl
from dataclasses import dataclass

from hotline.errors import RelayError
from hotline.relay.config import RelayConfig
from hotline.text import safe


@dataclass(frozen=True, slots=True)
class ServerTls:
    """PEM files of an embedded relay. With `client_ca_file` only clients with its certificates are let in."""

    cert_file: str
    key_file: str
    client_ca_file: str | None = None


def client_context(config: RelayConfig) -> ssl.SSLContext:
    """Return the context for connecting to `config`; reads files, so call it off the loop.

    Raises RelayError when a file cannot be used.
    """
    whose = f"relay {config.name}"
    try:
        context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=config.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise _unusable(whose, "ca_file", config.ca_file, error) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if config.client_cert_file is not None and config.client_key_file is not None:
        _load(context, whose, config.client_cert_file, config.client_key_file)
    return context


def server_context(tls: ServerTls) -> ssl.SSLContext:
    """Return the context of an embedded relay. Raises RelayError when a file cannot be used."""
    whose = "this relay"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    _load(context, whose, tls.cert_file, tls.key_file)
    if tls.client_ca_file is not None:
        try:
            context.load_verify_locations(tls.client_ca_file)
        except (OSError, ssl.SSLError) as error:
            raise _unusable(whose, "client_ca_file", tls.client_ca_file, error) from None
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _load(context: ssl.SSLContext, whose: str, cert_file: str, key_file: str) -> None:
    try:
        # Without a password OpenSSL would ask on the terminal, and hang a daemon.
        context.load_cert_chain(cert_file, key_file, password=lambda: "")
    except (OSError, ssl.SSLError) as error:
        raise _unusable(whose, "certificate or key", f"{cert_file}, {key_file}", error) from None


def _unusable(whose: str, field: str, path: str | None, error: OSError) -> RelayError:
    why = getattr(error, "reason", None) or error.strerror
    return RelayError(
        f"{whose}: the {field} file ({safe(path or 'the default')}) cannot be used: {safe(str(why))}.",
        "It must be readable PEM, and a key must have no passphrase.",
        reason="tls-file",
    )
