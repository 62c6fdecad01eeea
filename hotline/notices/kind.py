"""What the rest of the product knows of a kind of notice: one value of this class, made in the kind's own file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hotline.notices.envelope import Mode, Precedence
from hotline.notices.notice import Notice


@dataclass(frozen=True)
class ReadBack:
    """One key value that an officer reads back when acknowledging: its path in the notice, and how it is shown."""

    name: str  # as in files: `start`, `areas[0].centre`
    label: str
    shown: str  # a date-time group, a position, or a short text


def _no_window(_: Notice) -> tuple[int, int] | None:
    return None


def _no_values(_: Notice) -> tuple[ReadBack, ...]:
    return ()


def _headline(notice: Notice) -> str:
    return notice.headline()


def _nothing(given: Mapping[str, object]) -> dict[str, object]:
    return dict(given)


@dataclass(frozen=True)
class Kind:
    """A kind: its schema, and what is taken where the drafter says nothing else."""

    schema: type[Notice]
    title: str  # heads the printed form
    version: int = 1
    precedence: Precedence = Precedence.ROUTINE
    mode: Mode = Mode.OPERATION
    modes: frozenset[Mode] = frozenset(Mode)  # those it may have
    # Fills in, from what is given in TOML or JSON, required fields of the wire that a drafter need not write.
    complete: Callable[[Mapping[str, object]], dict[str, object]] = _nothing
    # What is planned, as (start_s, end_s): for the calendar and for lead times. None where nothing is.
    window: Callable[[Notice], tuple[int, int] | None] = _no_window
    # The values of an area or window, which an officer reads back; FLASH and IMMEDIATE notices without any: their DTG.
    read_back: Callable[[Notice], tuple[ReadBack, ...]] = _no_values
    title_of: Callable[[Notice], str] = _headline  # of its thread, in the calendar
    advice: str = ""  # what stands at the head of its template, where there is an easier way
    amendable: bool = False  # by its sender, with a complete replacement

    @property
    def name(self) -> str:
        """The kind's word on the wire and in commands, such as `exercise`."""
        return str(self.schema.__struct_config__.tag)
