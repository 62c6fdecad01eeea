"""The relays of a station, `hotline relay list`, `add` and `remove`: first the file changes, then the station."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from hotline.cli import words
from hotline.cli.output import Output
from hotline.cli.station import ask
from hotline.errors import HotlineError, UsageError
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.api.types import Path as PathState
    from hotline.config import Config
    from hotline.home import Home
    from hotline.relay.config import RelayConfig


@dataclass(frozen=True, slots=True)
class Given:
    """What describes a new relay. Paths are as they were typed: relative to where we are."""

    url: str = ""
    user: str | None = None
    password_file: Path | None = None
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None


def change(
    out: Output,
    home: Path | None,
    action: Literal["list", "add", "remove"],
    name: str,
    given: Given,
    *,
    yes: bool,
) -> None:
    """List, add or remove. UsageError for words that do not fit together, before anything is read."""
    from hotline.home import Home

    _check_words(action, name, given)
    place = Home.find(home).require()
    if action == "list":
        _list(out, place)
    elif action == "add":
        _add(out, place, name, given)
    else:
        _remove(out, place, name, yes=yes)


def _check_words(action: str, name: str, given: Given) -> None:
    if action == "list" and (name or given != Given()):
        raise UsageError("`hotline relay list` takes no name and no address.", "Leave them out.")
    if action == "add" and not (name and given.url):
        raise UsageError(
            "The new relay's name or address is missing.",
            "Such as: hotline relay add second mqtts://relay.example.org",
        )
    if action == "remove" and (not name or given != Given()):
        raise UsageError("`hotline relay remove` takes the name of a relay and no more.", "See: hotline relay list")


def _add(out: Output, home: "Home", name: str, given: Given) -> None:
    from hotline import config
    from hotline.relay.config import RelayConfig

    relay = RelayConfig(
        name=name,
        url=given.url,
        username=given.user,
        password_file=_absolute(given.password_file),
        ca_file=_absolute(given.ca_file),
        client_cert_file=_absolute(given.cert_file),
        client_key_file=_absolute(given.key_file),
    )
    _check_secret(relay)
    told = _Told(home, config.add_relay(home.config_path, relay))
    told.finish(out, f"Relay {safe(name)} is added.")


def _check_secret(relay: "RelayConfig") -> None:
    """A password that others can read is refused here, not at midnight by a station that nobody looks at."""
    from hotline.relay import bounds
    from hotline.relay.secret_file import read_private

    if relay.password_file is not None:
        holds = f"the password file of relay {relay.name}"
        read_private(relay.password_file, limit_bytes=bounds.PASSWORD_BYTES, holds=holds)


def _absolute(path: Path | None) -> str | None:
    return None if path is None else os.path.abspath(path)


def _remove(out: Output, home: "Home", name: str, *, yes: bool) -> None:
    from hotline import config

    present = [relay.name for relay in config.load(home.config_path).relay]
    if present == [name] and not yes:
        raise UsageError(
            f"{safe(name)} is the last relay: without it this station hears and reaches nobody.",
            "Add another one first, or say --yes.",
            reason="last-relay",
        )
    told = _Told(home, config.remove_relay(home.config_path, name))
    told.finish(out, f"Relay {safe(name)} is removed.")


class _Told:
    """Tells the station of `home`, if it runs, that its relays have changed."""

    def __init__(self, home: "Home", now: "Config") -> None:
        self._relays = [relay.name for relay in now.relay]
        self.taken = False
        self.refusal: HotlineError | None = None
        try:
            ask(home.path, lambda client: client.reload_relays())
            self.taken = True
        except HotlineError as error:
            self.refusal = None if error.reason == "not-running" else error

    def finish(self, out: Output, what: str) -> None:
        """Say what was done; end the command with the station's refusal, if there is one."""
        if not out.document({"relays": self._relays, "in_use": self.taken}):
            out.say(what)
            if self.taken:
                out.say("The station goes by it now; its lines go on.", style="green")
            elif self.refusal is None:
                out.say("No station runs here: it goes by this when it starts.")
            if not self._relays:
                out.say("This station has NO relay now: it hears and reaches nobody.", style="bold red")
        if self.refusal is not None:
            out.fail(self.refusal)


def _list(out: Output, home: "Home") -> None:
    from hotline import config

    relays = config.load(home.config_path).relay
    live = _live(home)
    rows = [_document(relay, live.get(relay.name)) for relay in relays]
    if out.document({"relays": rows}):
        return
    if not relays:
        out.say("This station has NO relay: hotline relay add NAME URL", style="red")
    for relay in relays:
        path = live.get(relay.name)
        out.say(f"{safe(relay.name)}  {safe(relay.url)}" + ("" if path is None else f"  {words.path_state(path)}"))


def _live(home: "Home") -> "dict[str, PathState]":
    """What the running station says of them; nothing if none runs."""
    try:
        return {path.name: path for path in ask(home.path, lambda client: client.status()).paths}
    except HotlineError as error:
        if error.reason != "not-running":
            raise
        return {}


def _document(relay: "RelayConfig", path: "PathState | None") -> dict[str, object]:
    return {"name": relay.name, "url": relay.url, "state": None if path is None else path.state}
