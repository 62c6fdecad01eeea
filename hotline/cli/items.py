"""From what the station shows to what `hotline.exchange` writes: a matter as it stands in force."""

from typing import TYPE_CHECKING

from hotline.errors import CallerError, UsageError
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.api.types import Notice, Thread
    from hotline.client import Client
    from hotline.exchange import Item

# These change what their target says or whether it stands; the others of a thread only speak of it.
_CHANGING = ("amendment", "cancellation", "start", "completion", "launch-report")


async def whole(client: "Client", notice: "Notice") -> "Notice":
    """Return a listed notice with its text, asked for by id: what officers call it may be said on two lines.

    As the list has it where that id names another one too: a peer chooses its ids, and must not stop a list by that.
    """
    try:
        return await client.show(notice.id)
    except CallerError:
        return notice


async def item_of(client: "Client", ref: str, own: str) -> "Item":
    """Return what a notice says, to be exported; `own` is the name of this station.

    The first notice of a matter that was changed since, and an amendment of it, stand for the matter as it is now in
    force: a warning that was withdrawn must not leave the line as if it stood. UsageError for what cannot be read.
    """
    notice = await client.show(ref)
    changed = not notice.relation and (notice.revision > 1 or notice.thread_state not in ("", "announced"))
    if changed or notice.kind == "amendment":
        return await _in_force(client, await client.thread(notice.id), own)
    return _item(notice, notice, own)


async def _in_force(client: "Client", matter: "Thread", own: str) -> "Item":
    valid = [notice for notice in matter.notices if not notice.invalid]
    history = [*valid[:1], *(notice for notice in valid[1:] if notice.kind in _CHANGING)]
    texts = [*history[:1], *(notice for notice in history[1:] if notice.kind == "amendment")]
    if not texts:
        raise UsageError("This matter holds no notice that can be read.", "See it with: hotline show")
    return _item(await client.show(texts[-1].id), history[-1], own, history[:-1], matter)


def _item(
    text: "Notice", latest: "Notice", own: str, earlier: "list[Notice] | None" = None, matter: "Thread | None" = None
) -> "Item":
    """What `text` says, under the envelope of the notice that changed it last."""
    from hotline import notices
    from hotline.exchange import Earlier, Item
    from hotline.notices.amendment import Amendment

    if text.notice is None:
        what = f"{safe(text.ref) or safe(text.id)} is of a kind or form that this station cannot read."
        raise UsageError(what, "See its raw bytes with: hotline show --json")
    said = notices.from_mapping(text.kind, text.notice)
    sender, recipient = (own, latest.line) if latest.direction == "sent" else (latest.line, own)
    envelope = notices.Envelope(
        sender=sender,
        recipient=recipient,
        precedence=notices.parse_precedence(latest.precedence),
        mode=notices.parse_mode(latest.mode),
        serial=latest.serial or None,
        notice_id=latest.id,
        expires_s=latest.expires_s or None,
        released_by=tuple(latest.officers),
    )
    return Item(
        notice=said.replacement if isinstance(said, Amendment) else said,
        envelope=envelope,
        sent_ms=latest.time_ms,
        state=(matter.state if matter else text.thread_state) or "announced",
        revision=(matter.revision if matter else text.revision) or 1,
        earlier=tuple(Earlier(notice.id, notice.ref, notice.time_ms) for notice in earlier or ()),
    )
