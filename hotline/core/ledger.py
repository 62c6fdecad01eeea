"""The tree of one log as the state machines use it: its size, its root, and its roots at earlier sizes."""

from collections import OrderedDict
from collections.abc import Sequence

from hotline.core import tree
from hotline.core.view import LogView

# Roots asked for again are those of recent proposals and receipts; older ones are computed from the leaves.
_ROOTS_KEPT = 4096
# A frontier is kept at each multiple of this, so that whatever size a peer names costs at most so many hashes.
_MARK_LEAVES = 1024


class Ledger:
    """Follows the log in the view; the owner calls `extend` and `cut` with the writes that it returns."""

    def __init__(self, origin: str, view: LogView) -> None:
        self.origin = origin
        self._view = view
        self._frontier = tree.Frontier()
        self._marks = [self._frontier.copy()]
        for leaf in view.leaves(0, view.size()):
            self._push(leaf)
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
            known = self._roots[size] = self._frontier_at(size).root()
            self._trim()
        return known

    def root_with(self, leaves: Sequence[bytes], start: int) -> bytes:
        """The root that the log would have with these leaf hashes in the place of all from `start` on."""
        frontier = self._frontier_at(start)
        for leaf in leaves:
            frontier.push(leaf)
        return frontier.root()

    def extend(self, leaves: Sequence[bytes]) -> None:
        """Follow an Append. Each root is remembered: the view does not show these leaves before they are written."""
        for leaf in leaves:
            self._push(leaf)
            self._remember()

    def cut(self, size: int) -> None:
        """Follow a Truncate to `size`."""
        self._frontier = self._frontier_at(size)
        del self._marks[size // _MARK_LEAVES + 1 :]
        for known in [s for s in self._roots if s > size]:
            del self._roots[known]
        self._remember()

    def holds(self, size: int, root: bytes) -> bool:
        """Return whether the log has had exactly this head."""
        return size <= self.size and self.root_at(size) == root

    def proof_from(self, first: int, second: int) -> list[bytes]:
        """The consistency proof between two of its sizes; it hashes all between them, so callers bound how often."""
        return self._frontier_at(first).prove_extension(self._view.leaves(first, second))

    def _push(self, leaf: bytes) -> None:
        self._frontier.push(leaf)
        if self._frontier.size % _MARK_LEAVES == 0:
            self._marks.append(self._frontier.copy())

    def _frontier_at(self, size: int) -> tree.Frontier:
        """The frontier at any size that the view shows, or at the present one."""
        if size == self.size:
            return self._frontier.copy()
        frontier = self._marks[size // _MARK_LEAVES].copy()
        for leaf in self._view.leaves(frontier.size, size):
            frontier.push(leaf)
        return frontier

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
