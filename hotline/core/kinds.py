"""What can happen to a station, each kind once: whether it is an alarm, what it ends, and where it is told.

`hotline.core.step.Event.kind` is one of these. An alarm asks for a person, and is shown with the telephone number of
the peer. One that ends by itself has a kind that `clears` it. All that is `journalled` becomes an entry of the
station's journal (SPEC section 13), in the same transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass

HAPPENED, RAISED, CLEARED = 0, 1, 2  # levels of a journal entry


@dataclass(frozen=True, slots=True)
class Kind:
    """`sparing`: listeners are told of it only where the journal takes it one by one: it may come in thousands."""

    meaning: str
    alarm: bool = False
    clears: str = ""
    journalled: bool = True
    sparing: bool = False


_LOGGED = "both logs of the line say so, signed"

KINDS: Mapping[str, Kind] = {
    # The line itself.
    "received": Kind(f"entries of the peer have come; {_LOGGED}", journalled=False),
    "stored": Kind(f"entries of ours are stored there; {_LOGGED}", journalled=False),
    "peer": Kind("the peer told whether it is attended; the state of the line says it", journalled=False),
    "rejected": Kind("frames that failed a check, counted by reason", sparing=True),
    "conflict": Kind("a frame that was taken in part; the rest counts among the rejected", journalled=False),
    "card": Kind("another card of the peer holds"),
    "invalid": Kind("an entry of the peer is INVALID", alarm=True),
    "refused": Kind("the peer refuses an entry of ours", alarm=True),
    "refusals-held": Kind("more that nobody can read than is refused", alarm=True),
    "proposed-unsigned": Kind("the peer proposes what it does not sign", alarm=True),
    "tail-replaced": Kind("unsigned entries of the peer gave way to a signed head", alarm=True),
    "fork": Kind("two inconsistent signed heads of one log", alarm=True),
    "restored": Kind("this store is older than what was signed", alarm=True),
    "lock-file": Kind("the lock file is missing or damaged", alarm=True),
    "peer-lost-data": Kind("the peer shows less than it has receipted", alarm=True),
    "peer-refilled": Kind("the peer holds again what it had receipted", clears="peer-lost-data"),
    "rebuilding": Kind("a lost store waits for the peer to give it back", alarm=True),
    "stands-still": Kind("a lost store cannot be made whole: the peer holds less than was signed", alarm=True),
    "logs-rebuilt": Kind("both logs are whole again", clears="rebuilding"),
    "rebuilt": Kind("a lost store is whole again, and what no peer could give back is named", alarm=True),
    "card-file": Kind("the file of a peer's new card cannot be written", alarm=True),
    # States of a line.
    "path-down": Kind("no relay is connected", alarm=True),
    "path-up": Kind("a relay is connected again", clears="path-down"),
    "peer-silent": Kind("a path is up, and the peer is not heard", alarm=True),
    "peer-heard": Kind("the peer is heard again", clears="peer-silent"),
    "line-stalled": Kind("the logs of the line are not in step", alarm=True),
    "line-in-step": Kind("the logs of the line are in step again", clears="line-stalled"),
    "line-state": Kind("another state of the line that needs nobody at once"),
    # Generations.
    "generation-closed": Kind("an officer has closed the generation of a line: it carries nothing"),
    "generation-begun": Kind("the next generation of a line has begun"),
    "carried-over": Kind("what went over to the next generation of a line, and what has ended"),
    "not-carried": Kind("a notice or an answer of ours does not go over to the next generation", alarm=True),
    # Too much.
    "flood": Kind("a relay brings more frames that fail their checks than faults explain", alarm=True),
    "flood-over": Kind("such a relay is quiet again", clears="flood"),
    "queue-filling": Kind("a queue is nearly full", alarm=True),
    "queue-drained": Kind("a queue has room again", clears="queue-filling"),
    "no-receipts": Kind("the peer answers and gives no receipts", alarm=True),
    "receipts-again": Kind("the peer gives receipts again", clears="no-receipts"),
    # Emergency text.
    "emergency": Kind("an emergency text of the peer has come", alarm=True),
    "emergency-sent": Kind("an officer sends an emergency text"),
    "emergency-seen": Kind("the peer's station has stored and shown it", clears="emergency-unseen"),
    "emergency-unseen": Kind("an emergency text of ours is not seen by the peer's station", alarm=True),
    # Agreed rules and deadlines.
    "rules-differ": Kind("the two ends hold different rules", alarm=True),
    "rules-agree": Kind("the two ends hold the same rules again", clears="rules-differ"),
    "rules-hold": Kind("notices wait because the rules differ, or go out again"),
    "rules": Kind("other rules hold at this station"),
    "override": Kind("an officer lets a notice go although the rules differ"),
    "due-soon": Kind("a deadline is near"),
    "overdue": Kind("a deadline has passed", alarm=True),
    "expired": Kind("a notice of ours expired before anybody acknowledged it", alarm=True),
    "line-test": Kind("an echo to no test of ours"),
    "line-test-missed": Kind("a line test or its echo did not come", alarm=True),
    # Keys and officers.
    "key": Kind("a key was opened, or used for the first time", sparing=True),
    "release": Kind("an officer's key released a notice", sparing=True),
    "draft": Kind("an officer's key signed a draft", sparing=True),
    "answer": Kind("an officer's key answered a notice", sparing=True),
    "watch": Kind("an officer came on duty or went off"),
    "officer-added": Kind("an officer stands in our card who did not before"),
    "own-card": Kind("our own card was signed anew"),
    # The station.
    "start": Kind("the station starts"),
    "stop": Kind("the station stops cleanly"),
    "unclean-end": Kind("the run before did not end cleanly"),
    "journal-restored": Kind("an older journal was put back", alarm=True),
    "config": Kind("station.toml is another than it was"),
    "line-added": Kind("a line was enrolled"),
    "line-removed": Kind("a line was removed"),
    "relay-added": Kind("a relay was added"),
    "relay-removed": Kind("a relay was removed"),
    "relay-up": Kind("a relay is connected", sparing=True),
    "relay-down": Kind("a relay is not connected", sparing=True),
    "printer": Kind("notices are not printed", alarm=True),
    "more": Kind("more of one kind in a minute than the journal writes one by one"),
}

ALARMS = tuple(name for name, kind in KINDS.items() if kind.alarm)


def kind_of(name: str) -> Kind:
    """What is known of a kind; of one that is not listed, that it is journalled and told."""
    return KINDS.get(name) or Kind(name)


def level_of(name: str, *, alarm: bool) -> int:
    """The level of its journal entry: `alarm` as the event says, or what it clears."""
    return RAISED if alarm else CLEARED if kind_of(name).clears else HAPPENED
