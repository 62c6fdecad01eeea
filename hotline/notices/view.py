"""View: what a side makes of the other's statement or reply (NOTICES.md, section 22)."""

from typing import Annotated, Literal

from hotline.notices.envelope import Precedence
from hotline.notices.fields import NoticeId, Remark, about
from hotline.notices.kind import Kind
from hotline.notices.notice import Notice

# Which of them go with a statement and which with a reply is a rule between notices (section 26, rule 7).
Opinion = Literal["agree", "object", "no-view", "satisfied", "not-satisfied", "meeting-asked"]


class View(Notice, frozen=True, kw_only=True, tag="view"):
    """A view on a statement (agree, object, no view) or a reply (satisfied, not satisfied, meeting asked)."""

    target: Annotated[NoticeId, about("On", "the statement or reply", "SOUTH 12")]
    view: Annotated[Opinion, about("View", "agree, object, no-view of a statement; the others of a reply", "satisfied")]
    remarks: Annotated[Remark, about("Remarks", "why, or what is asked for", "No further questions.")] | None = None

    def headline(self) -> str:
        """Return the view and how the remarks begin."""
        words = self.view.replace("-", " ").upper()
        return f"{words}: {' '.join(self.remarks.split())}" if self.remarks else words


VIEW = Kind(schema=View, title="View", precedence=Precedence.PRIORITY)
