"""A linear table in integers: a weight for each bucket of ids and class, summed over the ids of a text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

import numpy as np

from zerotap.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

BUCKETS_MOST: Final = 1 << 16
CLASSES_MOST: Final = 64
IDS_MOST: Final = 1 << 23
"""Of a text: no sum leaves int32."""
LEVELS: Final = 16
"""Of a codebook: a code is 4 bits."""
BIAS_MOST: Final = 1 << 29
ROOT_BIAS_MOST: Final = (1 << 15) - 1
"""A bias that goes with the root of n is in sixteenths, as the root is: their product stays in int32."""
ROOT_SHIFT: Final = 8
"""What divides that product again."""
ROOTS: Final[NDArray[np.uint8]] = np.floor(16 * np.sqrt(np.arange(256))).astype(np.uint8)
"""Sixteen times the square root of 0 to 255."""
_CELLS: Final = 1 << 20  # ids at a time
_AGAIN: Final = "train it again"


@dataclass(frozen=True, slots=True, eq=False)
class LinearTable:
    """Weights of ids 1 to ``buckets``, and what a text's scores begin with.

    ``weights``, int8 (buckets, columns) in -127 to 127, or, with a ``codebook`` int8 (16,), codes of 4 bits:
    uint8 (ceil(buckets * columns / 2),), of each byte the low ones first. A column is a class; of two classes
    there is one column alone, for the second, and the first has its negative. ``by_label``: a column is a
    label, one that is given or not by itself, and there may be one or two. ``bias`` int32 (columns,) is
    added, or, ``by_root``, ``bias`` / 16 times the square root of the number of ids, as ``root`` gives it:
    it is within 2**29, or within 32,767. ``scale``: what one step of a score is worth, above 0, a float32.

    Raises ModelError for other arrays.
    """

    file_name: ClassVar[str] = "table.npz"
    meaning: ClassVar[str] = "margins"

    weights: NDArray[np.int8] | NDArray[np.uint8]
    bias: NDArray[np.int32]
    buckets: int
    by_root: bool = False
    codebook: NDArray[np.int8] | None = None
    scale: float = 1.0
    by_label: bool = False

    def __post_init__(self) -> None:
        _check_sizes(self)
        _check_weights(self)
        _check_ranges(self)

    @property
    def columns(self) -> int:
        """Weights of a bucket: 1 for two classes, else one a class or label."""
        return len(self.bias)

    @property
    def classes(self) -> int:
        """How many scores a text gets."""
        return 2 if self.is_halved else self.columns

    @property
    def is_halved(self) -> bool:
        """Whether its one column is of two classes."""
        return self.columns == 1 and not self.by_label

    @property
    def weight_bits(self) -> int:
        """8, or 4 with a codebook."""
        return 8 if self.codebook is None else 4

    def rows(self) -> NDArray[np.int8]:
        """The weights themselves, int8 (buckets, columns)."""
        if self.codebook is None:
            return self.weights.view(np.int8)
        codes = np.column_stack([self.weights & 15, self.weights >> 4]).ravel()
        count = self.buckets * self.columns
        return self.codebook[codes[:count]].reshape(self.buckets, self.columns)

    def scores(self, x: NDArray[Any]) -> NDArray[np.int32]:
        """Score texts: ids int32 (n, longest) in any order, 0 for none, to int32 (n, classes).

        Raises ModelError for ids out of range, and for texts of more than 2**23 ids.
        """
        if not isinstance(x, np.ndarray):
            raise ModelError(f"a table takes no {type(x).__name__}: give it a NumPy array int32 (texts, ids)")
        if x.ndim != 2 or x.dtype != np.int32 or x.shape[1] > IDS_MOST:
            raise ModelError(
                f"a table takes no {x.dtype} of shape {x.shape}: give it int32 (texts, ids), 0 where no id "
                f"is, of at most {IDS_MOST:,} ids a text"
            )
        if x.size and not 0 <= int(x.min()) <= int(x.max()) <= self.buckets:
            raise ModelError(
                f"a table of {self.buckets} buckets takes ids from 1 to {self.buckets}, and 0 for none: give "
                "it those of the pipeline that it was trained with"
            )
        sums = self._sums(x)
        return np.concatenate([-sums, sums], axis=1) if self.is_halved else sums

    def _sums(self, x: NDArray[np.int32]) -> NDArray[np.int32]:
        """What each column comes to, int32 (n, columns)."""
        # Row 0 is that of no id.
        rows = np.concatenate([np.zeros((1, self.columns), np.int8), self.rows()])
        sums = np.empty((len(x), self.columns), np.int32)
        step = max(1, _CELLS // max(1, x.shape[1]))
        for start in range(0, len(x), step):
            ids = x[start : start + step]
            counts = (ids != 0).sum(axis=1)
            sums[start : start + step] = rows[ids].sum(axis=1, dtype=np.int32) + self.begins(counts)
        return sums

    def begins(self, counts: NDArray[np.int64]) -> NDArray[np.int32]:
        """What texts of so many ids begin with, int32 (n, columns) or (columns,)."""
        if not self.by_root:
            return self.bias
        return (self.bias * root(counts)[:, None]) >> ROOT_SHIFT

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """What the file holds; ``form`` is buckets, by_root, and the bits of the scale as float32.

        Of labels there is a 1 behind them.
        """
        scale = int(np.float32(self.scale).view(np.uint32))
        form = np.array([self.buckets, int(self.by_root), scale] + [1] * self.by_label, np.int64)
        arrays: dict[str, NDArray[Any]] = {"weights": self.weights, "bias": self.bias, "form": form}
        return arrays if self.codebook is None else {**arrays, "codebook": self.codebook}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """The table of ``to_arrays``; raises ModelError for a name, dtype, shape or value that is not its."""
        if set(arrays) - {"codebook"} != {"weights", "bias", "form"}:
            named = ", ".join(arrays)
            raise ModelError(
                f"a table is arrays weights, bias, form and, of 4 bits, codebook, this has {named}: {_AGAIN}"
            )
        form = arrays["form"]
        is_form = form.dtype == np.int64 and form.shape in ((3,), (4,)) and form[1] in (0, 1)
        if not is_form or form[3:].tolist() not in ([], [1]):
            raise ModelError(
                "a table's form is int64 (3,), buckets, by_root (0 or 1), scale, and of labels a 1 behind "
                f"them, this is none: {_AGAIN}"
            )
        if not 0 <= form[2] < 1 << 32:
            raise ModelError(f"a table's scale is the 32 bits of a float, and this is {form[2]}: {_AGAIN}")
        buckets, by_root, bits, *by_label = form.tolist()
        scale = float(np.uint32(bits).view(np.float32))
        shape = (buckets, bool(by_root), arrays.get("codebook"), scale, bool(by_label))
        return cls(arrays["weights"], arrays["bias"], *shape)


def root(counts: NDArray[np.int64]) -> NDArray[np.int32]:
    """About sixteen times the square root of counts 0 to 2**23, int32: by ROOTS, of large ones' quarters."""
    quarters = np.zeros(len(counts), np.int64)
    left = counts.copy()
    while (large := left > 255).any():
        left[large] >>= 2
        quarters[large] += 1
    return (ROOTS[left].astype(np.int64) << quarters).astype(np.int32)


def _check_sizes(table: LinearTable) -> None:
    if not 1 <= table.buckets <= BUCKETS_MOST:
        raise ModelError(f"a table has 1 to {BUCKETS_MOST} buckets, this has {table.buckets}: {_AGAIN}")
    bias = table.bias
    is_row = bias.dtype == np.int32 and bias.ndim == 1 and 1 <= len(bias) <= CLASSES_MOST
    if not is_row or (len(bias) == 2 and not table.by_label):
        raise ModelError(
            f"a table's bias is int32, of one column for two classes, 3 to {CLASSES_MOST} for as many, or "
            f"one for each of up to {CLASSES_MOST} labels, this is {bias.dtype} {bias.shape}: {_AGAIN}"
        )


def _check_weights(table: LinearTable) -> None:
    weights, book = table.weights, table.codebook
    cells = table.buckets * table.columns
    dtype: str
    shape: tuple[int, ...]
    dtype, shape = ("int8", (table.buckets, table.columns)) if book is None else ("uint8", (-(-cells // 2),))
    if weights.dtype != dtype or weights.shape != shape:
        raise ModelError(
            f"a table's weights here are {dtype} of shape {shape}, these are {weights.dtype} of shape "
            f"{weights.shape}: {_AGAIN}"
        )
    if book is not None and (book.dtype != np.int8 or book.shape != (LEVELS,)):
        raise ModelError(
            f"a table's codebook is int8 ({LEVELS},), this is {book.dtype} of shape {book.shape}: {_AGAIN}"
        )
    if int((weights if book is None else book).min()) < -127:
        raise ModelError(f"a table's weights are -127 to 127, and one here is -128: {_AGAIN}")
    if book is not None and cells % 2 and weights[-1] >> 4:
        raise ModelError(f"a table's last code, which is of no bucket, is not 0: {_AGAIN}")


def _check_ranges(table: LinearTable) -> None:
    most = ROOT_BIAS_MOST if table.by_root else BIAS_MOST
    if int(np.abs(table.bias.astype(np.int64)).max()) > most:
        raise ModelError(f"a table's bias lies within +-{most}, and one here goes beyond: {_AGAIN}")
    if not (np.isfinite(table.scale) and table.scale > 0 and table.scale == np.float32(table.scale)):
        raise ModelError(f"a table's scale is a float32 above 0, and this is {table.scale}: {_AGAIN}")
