"""Notices: what the two sides tell each other, as typed schemas, one kind a file (protocol/NOTICES.md).

    drafting   template, from_mapping, draft, from_file → Draft     text positions and times, NoticeError with a remedy
    the wire   encode_body, decode_body → Notice or Unknown         one content, one byte form; MalformedError
    showing    subject, render, to_mapping                          safe to print; JSON that reads back the same
    rules      check_envelope                                       what precedence and mode ask of a notice
    relations  check_relations, Known, link_of, settles             what one notice may say of another; reason `rule`
    the record begin, advance, state_at → Thread                    what is in force, folded from a thread's notices
    names      resolve, placeholders, complete_amendment            drafts that say `NORTH 7`, before from_mapping

No clock, entropy or network; `from_file` alone reads a file. A new kind is its own file and a line in `registry`.
"""

from hotline.notices.amending import complete_amendment
from hotline.notices.body import Unknown, decode_body, encode_body
from hotline.notices.draft import Draft, draft, from_file
from hotline.notices.envelope import Envelope, Mode, Precedence, parse_mode, parse_precedence
from hotline.notices.kind import Kind, ReadBack
from hotline.notices.mapping import from_mapping, to_mapping
from hotline.notices.notice import Notice
from hotline.notices.references import placeholders, resolve
from hotline.notices.registry import KINDS, kind_of
from hotline.notices.relations import Known, Link, Lookup, References, Relation, check_relations, link_of, settles
from hotline.notices.render import render, subject
from hotline.notices.rules import check_envelope
from hotline.notices.template import template
from hotline.notices.thread import State, Thread, advance, begin, state_at

__all__ = [
    "KINDS",
    "Draft",
    "Envelope",
    "Kind",
    "Known",
    "Link",
    "Lookup",
    "Mode",
    "Notice",
    "Precedence",
    "ReadBack",
    "References",
    "Relation",
    "State",
    "Thread",
    "Unknown",
    "advance",
    "begin",
    "check_envelope",
    "check_relations",
    "complete_amendment",
    "decode_body",
    "draft",
    "encode_body",
    "from_file",
    "from_mapping",
    "kind_of",
    "link_of",
    "parse_mode",
    "parse_precedence",
    "placeholders",
    "render",
    "resolve",
    "settles",
    "state_at",
    "subject",
    "template",
    "to_mapping",
]
