"""What every integer model is: arrays that were fitted, and integer scores of what a pipeline gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@runtime_checkable
class IntegerModel(Protocol):
    """A model in integers; the board computes what ``scores`` does, bit for bit.

    ``file_name`` is its file's name in a model's folder, and its key in the registry. ``meaning`` says what a
    score times ``scale`` is: "margins" (signed, a class's or label's own), or "shares" (of votes, 0 to 1; of
    classes one in all).
    """

    file_name: ClassVar[str]
    meaning: ClassVar[str]

    @property
    def classes(self) -> int:
        """How many scores a row gets."""

    @property
    def scale(self) -> float:
        """What one step of a score is worth, above 0."""

    def scores(self, x: NDArray[Any]) -> NDArray[np.int32]:
        """Scores int32 (n, classes) of rows (n, ...); raises ModelError for rows that it does not take.

        Rows are a pipeline's results, int (n, features), or bags of ids, int32 (n, longest), where 0 is none.
        """

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Everything that was fitted, by name: what its file holds. Integers alone."""

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """The model of ``to_arrays``; raises ModelError for a name, dtype, shape or value that is not its."""


def parameter_count(model: IntegerModel) -> int:
    """How many numbers were fitted."""
    return sum(int(array.size) for array in model.to_arrays().values())
