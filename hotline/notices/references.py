"""Names of notices in drafts: `NORTH 7`, as officers say it, becomes the id that the wire has.

The station resolves them, for it holds the notices; who checks a draft before asking the station puts placeholders.
"""

from collections.abc import Callable, Mapping

from hotline.notices import bounds
from hotline.notices.amendment import presumed
from hotline.notices.registry import kind_of
from hotline.notices.schema import fields_of
from hotline.notices.values import NoticeIdValue, notice_id, refuse


def resolve(kind: str, data: Mapping[str, object], find: Callable[[str], bytes]) -> dict[str, object]:
    """Return `data` with the id in place of each name; `find` returns the id of a name, or raises its own error.

    Only the top level holds ids; what is no text is left for the schema to refuse.
    """
    if not isinstance(data, Mapping):
        refuse("notice", "a table", data)
    ids = [f.shown for f in fields_of(kind_of(kind).schema) if isinstance(f.value, NoticeIdValue)]
    given = {name: said for name in ids if isinstance(said := data.get(name), str) and said}
    return {**data, **{name: find(said).hex() for name, said in given.items() if notice_id(said) is None}}


def placeholders(kind: str, data: Mapping[str, object]) -> dict[str, object]:
    """Return `data` such that a draft can be checked without the station: what only it can fill in is made up.

    A zero id stands for each name; an amendment gets a revision and changed fields. Never to be sent.
    """
    made_up = resolve(kind, data, lambda _: bytes(bounds.ID_BYTES))
    return presumed(made_up) if kind == "amendment" else made_up
