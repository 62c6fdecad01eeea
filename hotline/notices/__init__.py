"""Notices: what the two sides tell each other, as typed schemas, one kind a file (protocol/NOTICES.md).

    drafting   template, from_mapping, draft, from_file → Draft     text positions and times, NoticeError with a remedy
    the wire   encode_body, decode_body → Notice or Unknown         one content, one byte form; MalformedError
    showing    subject, render, to_mapping                          safe to print; JSON that reads back the same
    rules      check_envelope                                       what precedence and mode ask of a notice

No clock, entropy or network; `from_file` alone reads a file. A new kind is its own file and a line in `registry`.
"""

from hotline.notices.body import Unknown, decode_body, encode_body
from hotline.notices.draft import Draft, draft, from_file
from hotline.notices.envelope import Envelope, Mode, Precedence, parse_mode, parse_precedence
from hotline.notices.kind import Kind
from hotline.notices.mapping import from_mapping, to_mapping
from hotline.notices.notice import Notice
from hotline.notices.registry import KINDS, kind_of
from hotline.notices.render import render, subject
from hotline.notices.rules import check_envelope
from hotline.notices.template import template

__all__ = [
    "KINDS",
    "Draft",
    "Envelope",
    "Kind",
    "Mode",
    "Notice",
    "Precedence",
    "Unknown",
    "check_envelope",
    "decode_body",
    "draft",
    "encode_body",
    "from_file",
    "from_mapping",
    "kind_of",
    "parse_mode",
    "parse_precedence",
    "render",
    "subject",
    "template",
    "to_mapping",
]
