"""What officers did at this station, taken back with our own log after a loss: the lists name them as before."""

from hotline.core import entry
from hotline.core.step import Stored
from hotline.errors import MalformedError
from hotline.station.port import Port
from hotline.store.store import Store


def note(store: Store, port: Port, stored: Stored) -> None:
    """Name who gave an answer, or stood the watch, of one entry of our own log; what is known already stays."""
    try:
        content = entry.decode_content(entry.envelope(stored.entry).content)
    except MalformedError:
        return
    names = {o.id: o.name for o in port.identity.mine.body.officers}
    if isinstance(content, entry.Answer) and content.officer in names:
        store.name_own_answer(port.view.mirror.origin, content.target, content.random, names[content.officer])
    elif isinstance(content, entry.Watch) and content.officer in names:
        store.desk.keep_watch(
            port.identity.id, content.state, names[content.officer], names.get(content.relieved, ""),
            content.signed_ms, content.text, mine=True,
        )  # fmt: skip
