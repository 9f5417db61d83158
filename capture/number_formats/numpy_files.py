"""NumPy's .npy: (samples,), (samples, channels), (takes, samples, channels); fields of records are columns.

The header is read by NumPy, the data by what the header promises and the file holds: nothing is unpickled.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from pathlib import Path
from tokenize import TokenError
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.lib import format as npy

from zerotap.errors import CaptureError

from .table import Row, Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NUMBERS: Final = "biuf"
_FAULTS: Final = (ValueError, TypeError, SyntaxError, OverflowError, MemoryError, RecursionError, TokenError)
"""What NumPy raises for a header that is none."""
_BLOCK_ROWS: Final = 1024
MOST_CHANNELS: Final = 255


class NumpyFile:
    """An array of numbers."""

    name = "NumPy .npy"
    suffixes = (".npy",)

    def recognises(self, head: bytes) -> bool:
        """Whether it begins as .npy does."""
        return head.startswith(npy.MAGIC_PREFIX)

    def read(self, content: bytes, path: Path) -> list[Table]:
        """Read a table for each take."""
        array = _array(content, path)
        if array.dtype.names:
            return [_fields(array, path)]
        if array.ndim not in (1, 2, 3) or array.dtype.kind not in _NUMBERS:
            raise CaptureError(
                f"{path}: {array.dtype} {array.shape} are no numbers (samples, channels): save those"
            )
        if not array.size:
            raise CaptureError(f"{path}: {array.shape} holds no samples: save it again")
        takes = array if array.ndim == 3 else array.reshape(1, len(array), -1)
        if takes.shape[2] > MOST_CHANNELS and takes.shape[2] > takes.shape[1]:
            raise CaptureError(
                f"{path}: {takes.shape[1]} samples of {takes.shape[2]} channels: save it transposed (array.T)"
            )
        return [Table(_channels(takes.shape[2]), _rows(take), place="sample") for take in takes]


def _channels(count: int) -> list[str]:
    return [f"channel_{n}" for n in range(count)]


def _array(content: bytes, path: Path) -> NDArray[Any]:
    file = io.BytesIO(content)
    try:
        version = npy.read_magic(file)
        read_header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        with warnings.catch_warnings():  # of files that Python 2 wrote
            warnings.simplefilter("ignore")
            shape, is_fortran, dtype = read_header(file)
        if dtype.hasobject:
            raise ValueError("its elements are objects")
        values = np.frombuffer(content, dtype, int(np.prod(shape, dtype=object)), file.tell())
        return values.reshape(shape, order="F" if is_fortran else "C")
    except _FAULTS as error:
        raise CaptureError(f"{path}: is no whole .npy of numbers ({error}): save it again") from error


def _fields(array: NDArray[Any], path: Path) -> Table:
    names = list(array.dtype.names or ())
    columns = [array[name] for name in names]
    if array.ndim != 1 or any(column.dtype.kind not in _NUMBERS or column.ndim != 1 for column in columns):
        raise CaptureError(f"{path}: its records hold more than numbers: save fields of numbers alone")
    return Table(names, _rows_of_columns(columns), place="sample")


def _rows_of_columns(columns: list[NDArray[Any]]) -> Iterator[Row]:
    for n, row in enumerate(zip(*columns, strict=True)):
        yield n + 1, [repr(value.item()) for value in row]


def _rows(take: NDArray[Any]) -> Iterator[Row]:
    """Rows as text that gives the same float64 again; true is 1."""
    for start in range(0, len(take), _BLOCK_ROWS):
        block = take[start : start + _BLOCK_ROWS]
        block = block.astype(np.uint8) if block.dtype.kind == "b" else block
        for n, row in enumerate(block.tolist(), start + 1):
            yield n, list(map(repr, row))
