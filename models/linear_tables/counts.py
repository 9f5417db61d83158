"""How often each bucket occurs in each text: what a table's weights are fitted to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """``matrix`` float64 (texts, buckets) of occurrences, ``sizes`` int64 (texts,) the ids of each."""

    matrix: csr_matrix
    sizes: NDArray[np.int64]

    @classmethod
    def of(cls, x: NDArray[np.int32], buckets: int) -> Counts:
        """Count bags of ids int32 (n, longest), 1 to ``buckets``, 0 for none."""
        from scipy.sparse import csr_matrix

        is_id = x != 0
        sizes = is_id.sum(axis=1)
        begins = np.concatenate([[0], np.cumsum(sizes)])
        matrix = csr_matrix(
            (np.ones(int(begins[-1])), x[is_id] - 1, begins), shape=(len(x), buckets), dtype=np.float64
        )
        matrix.sum_duplicates()
        return cls(matrix, sizes)

    def __len__(self) -> int:
        return len(self.sizes)

    def rows(self, chosen: NDArray[np.int64]) -> Counts:
        """Some texts."""
        return Counts(self.matrix[chosen], self.sizes[chosen])

    @property
    def texts_with(self) -> NDArray[np.int64]:
        """In how many texts each bucket occurs, int64 (buckets,)."""
        return np.bincount(self.matrix.indices, minlength=self.matrix.shape[1])

    def lengths(self, *, by_root: bool) -> NDArray[np.float64]:
        """What a bias is multiplied by: the square root of the number of ids, at least 1, or 1."""
        return np.sqrt(np.maximum(self.sizes, 1)) if by_root else np.ones(len(self))
