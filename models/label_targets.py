"""What outputs of labels are fitted to: truths and weights of each window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """What outputs that each count by themselves are fitted to, of n windows.

    ``truths`` bool (n, outputs): where an output is to count; ``weights`` float64 (n, outputs): what a window
    weighs there. ``strata`` int64 (n,): what folds keep in equal shares. ``is_binary``: the one output tells
    two classes apart, of which either matters as much.
    """

    truths: NDArray[np.bool_]
    weights: NDArray[np.float64]
    strata: NDArray[np.int64]
    is_binary: bool = False

    @property
    def outputs(self) -> int:
        """How many there are."""
        return len(self.truths.T)

    def rows(self, chosen: NDArray[np.int64]) -> Labels:
        """Those of some windows."""
        return Labels(self.truths[chosen], self.weights[chosen], self.strata[chosen], self.is_binary)
