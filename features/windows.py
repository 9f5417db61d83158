"""Windows: the arrays that models train on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Windows:
    """Model inputs with their labels.

    ``x`` uint8, int8, int16 or int32, shape (n, time, channels) for raw packets and (n, ids) for text;
    ``y`` int64 (n,), indices into the dataset's classes; ``groups`` int64 (n,), the recording each window
    is from. ``kin`` int64 (n,): which persons or sessions these are of, where folds are to keep them whole.
    """

    x: NDArray[Any]
    y: NDArray[np.int64]
    groups: NDArray[np.int64]
    kin: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.x)

    def __repr__(self) -> str:
        classes, recordings = len(set(self.y.tolist())), len(set(self.groups.tolist()))
        what = f"{self.x.dtype} {self.x.shape[1:]}"
        return f"Windows({len(self)} of {what}, {classes} classes, {recordings} recordings)"
