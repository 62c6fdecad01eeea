"""What the rest of the product knows of a kind of notice: one value of this class, made in the kind's own file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hotline.notices.envelope import Mode, Precedence
from hotline.notices.notice import Notice


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

    @property
    def name(self) -> str:
        """The kind's word on the wire and in commands, such as `exercise`."""
        return str(self.schema.__struct_config__.tag)
