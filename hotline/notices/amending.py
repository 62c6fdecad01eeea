"""Amendments as the station completes them: what a drafter leaves out is found by comparing with the record."""

from collections.abc import Mapping
from typing import cast

from hotline.errors import NoticeError
from hotline.notices.amendment import AMENDMENT, fields_changed
from hotline.notices.dtg import format_iso
from hotline.notices.mapping import complete
from hotline.notices.notice import Notice
from hotline.notices.relations import Known, check_same_kind
from hotline.notices.schema import fields_of


def complete_amendment(given: Mapping[str, object], known: Known) -> dict[str, object]:
    """Return the draft `given` of an amendment with `revision` and `changed` filled in where they are left out.

    `known` is its target. Raises NoticeError for a replacement that does not read, is of another kind, or
    changes nothing; the rest is left to `from_mapping` and `check_relations`.
    """
    filled = dict(given)
    if filled.get("revision") is None and known.thread is not None:
        filled["revision"] = known.thread.revision + 1
    if filled.get("changed") is None and filled.get("replacement") is not None:
        filled["changed"] = list(_changed(filled, known))
    return filled


def _changed(given: Mapping[str, object], known: Known) -> tuple[str, ...]:
    # The date-time group is never compared; any will do where the amendment is yet to be dated.
    dated = {"dtg": format_iso(known.in_force.dtg_s)} | {k: v for k, v in given.items() if v is not None}
    whole = complete(AMENDMENT, dated, now_s=None)
    (field,) = (f for f in fields_of(AMENDMENT.schema) if f.name == "replacement")
    replacement = cast(Notice, field.value.read(whole["replacement"], "replacement"))
    check_same_kind(replacement.kind, known)
    changed = fields_changed(known.in_force, replacement)
    if not changed:
        what = "replacement: nothing in it differs from the revision in force."
        raise NoticeError(what, "Change what is to change.", field="replacement")
    return changed
