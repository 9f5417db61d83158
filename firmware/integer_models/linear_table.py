"""A linear table's C twin: running sums of int8 weights, or of a codebook's levels."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from .interface import Takes, TwinImplementation
from .tables.sources import UNROLLED, table_code

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.features import LinearTable

TAKES: Takes = "ids"
SMALLER: str = "fewer buckets"
_ROOTS: Final = 256
_BOOK: Final = 16
_OF_A_BYTE: Final = 27
"""Cycles an id of two codes, which are one byte."""
_LONGEST: Final = 700
"""Of the texts that are drawn: the root of their number is by the table alone, or with one or two shifts."""


def describe(model: LinearTable) -> dict[str, int | str]:
    """Buckets, columns, the bits of a weight, and what the bias goes with."""
    return {
        "buckets": model.buckets,
        "columns": model.columns,
        "weight_bits": model.weight_bits,
        "bias": "times the root of the number of ids" if model.by_root else "constant",
    }


def inputs(model: LinearTable) -> int:
    """How many buckets there are."""
    return model.buckets


def draw(model: LinearTable, count: int, seed: int) -> NDArray[np.int32]:
    """Draw texts int32 (count, longest): none, one id, many; the first and the last bucket are among them."""
    rng = np.random.default_rng(seed)
    sizes = np.minimum(rng.geometric(1 / 60, count), _LONGEST)
    sizes[:3] = (0, 1, _LONGEST)[: min(3, count)]
    texts = rng.integers(1, model.buckets, (count, int(sizes.max())), np.int32, endpoint=True)
    ends = rng.random(texts.shape) < 0.02
    texts[ends] = rng.choice(np.array([1, model.buckets], np.int32), int(ends.sum()))
    texts[np.arange(texts.shape[1]) >= sizes[:, None]] = 0
    return texts


def implementations(model: LinearTable) -> tuple[TwinImplementation, ...]:
    """The one way: a load, or two, for each id and column."""
    columns = model.columns
    return (
        TwinImplementation(
            kernel="int8 weights" if model.codebook is None else "4-bit codes",
            constant_bytes=_constant_bytes(model),
            code_bytes=_code_bytes(model),
            static_bytes=4 * (columns + 1),
            stack_bytes=20 if columns == 1 else 48,
            cycles=(80 if model.by_root else 25) + 15 * columns,
            cycles_min=(30 if model.by_root else 12) + 8 * columns,
            constant_time=True,
            emit=partial(table_code, model),
            cycles_per_id=_cycles_per_id(model),
        ),
    )


def _cycles_per_id(model: LinearTable) -> int:
    """What was measured, sixteen ids a call: see tests/firmware/integer_models/test_table_twin.py."""
    small = model.codebook is not None
    if model.columns > UNROLLED:
        return (21 if small else 15) * model.columns
    if small and model.columns == 2:
        return _OF_A_BYTE
    return (10 if small else 8) * model.columns + (12 if small else 6)


def _constant_bytes(model: LinearTable) -> int:
    """The weights, the codebook, the roots, and the biases where they are no literals of the code."""
    of_bias = 4 * model.columns if model.columns > UNROLLED else 0
    return model.weights.nbytes + (_BOOK if model.weight_bits == 4 else 0) + _ROOTS * model.by_root + of_bias


def _code_bytes(model: LinearTable) -> int:
    each = 45 if model.codebook is None else 55
    return 60 + 55 * model.by_root + each * min(model.columns, UNROLLED)
