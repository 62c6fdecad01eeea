"""Every kind of notice, listed by hand: a new kind is its own file and one line here."""

from collections.abc import Mapping
from types import MappingProxyType

from hotline.errors import NoticeError
from hotline.notices.consultation import CONSULTATION
from hotline.notices.exercise import EXERCISE
from hotline.notices.kind import Kind
from hotline.notices.line_test import LINE_TEST
from hotline.text import safe

KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in (EXERCISE, CONSULTATION, LINE_TEST)})


def kind_of(name: object) -> Kind:
    """Return the kind of this name; raise NoticeError listing the known ones."""
    kind = KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise NoticeError(
            f"kind: there is no kind of notice {safe(str(name), limit=60)!r}.",
            f"Use one of {', '.join(KINDS)}.",
            field="kind",
        )
    return kind
