"""The tree of one log as the state machines use it: its size, its root, and its roots at earlier sizes."""

from collections import OrderedDict
from collections.abc import Sequence

from hotline.core import tree
from hotline.core.view import LogView

# Roots asked for again are those of recent proposals and receipts; older ones are computed from the leaves.
_ROOTS_KEPT = 4096


class Ledger:
    """Follows the log in the view; the owner calls `extend` and `cut` with the writes that it returns."""

    def __init__(self, origin: str, view: LogView) -> None:
        self.origin = origin
        self._view = view
        self._frontier = tree.Frontier.of(view.leaves(0, view.size()))
        self._roots: OrderedDict[int, bytes] = OrderedDict()
        self._remember()

    @property
    def size(self) -> int:
        """The number of entries."""
        return self._frontier.size

    def root(self) -> bytes:
        """The root of the whole log."""
        return self._roots[self.size]

    def root_at(self, size: int) -> bytes:
        """The root of the first `size` entries; `size` must not be larger than the log."""
        known = self._roots.get(size)
        if known is None:
            known = self._roots[size] = tree.root(self._view.leaves(0, size))
            self._trim()
        return known

    def root_with(self, leaves: Sequence[bytes]) -> bytes:
        """The root that the log would have with these leaf hashes at its end."""
        frontier = self._frontier.copy()
        for leaf in leaves:
            frontier.push(leaf)
        return frontier.root()

    def extend(self, leaves: Sequence[bytes]) -> None:
        """Follow an Append. Each size's root is remembered: the view does not show these leaves before they are written."""
        for leaf in leaves:
            self._frontier.push(leaf)
            self._remember()

    def cut(self, size: int) -> None:
        """Follow a Truncate to `size`."""
        self._frontier = tree.Frontier.of(self._view.leaves(0, size))
        for known in [s for s in self._roots if s > size]:
            del self._roots[known]
        self._remember()

    def holds(self, size: int, root: bytes) -> bool:
        """Return whether the log has had exactly this head."""
        return size <= self.size and self.root_at(size) == root

    def proof_from(self, first: int, second: int) -> list[bytes]:
        """The consistency proof between two of its sizes."""
        return tree.consistency_proof(self._view.leaves(0, second), first, second)

    def _remember(self) -> None:
        self._roots[self._frontier.size] = self._frontier.root()
        self._trim()

    def _trim(self) -> None:
        while len(self._roots) > _ROOTS_KEPT:
            oldest = next(iter(self._roots))
            if oldest == self._frontier.size:
                self._roots.move_to_end(oldest)
                continue
            del self._roots[oldest]
