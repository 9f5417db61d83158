"""A linear table's C twin: running sums of int8 weights, or of a codebook's levels.

Up to 8 columns, k, an id takes 4k + 5 cycles of int8 weights (8 of one column): the floor of a column is 3,
a load and an addition, and there is the step to the next weight. Of 4-bit codes it is 5.5k + 10.5 at most
(15 of one column): two nibbles come of a byte, and each is its level's place. A call takes 15 to 95 cycles
more, which sixteen ids share.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from .interface import IDS_A_CALL, Takes, TwinImplementation
from .tables.assembly import AddKernel, add_kernel
from .tables.sources import UNROLLED, table_code

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.features import LinearTable

TAKES: Takes = "ids"
SMALLER: str = "fewer buckets"
_ROOTS: Final = 256
_BOOK: Final = 16
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
    columns, kernel = model.columns, add_kernel(model)
    return (
        TwinImplementation(
            kernel="int8 weights" if model.codebook is None else "4-bit codes",
            constant_bytes=_constant_bytes(model),
            code_bytes=_code_bytes(model, kernel),
            static_bytes=4 * (columns + 1),
            stack_bytes=_stack_bytes(model, kernel),
            cycles=(80 if model.by_root else 25) + (15 if columns <= UNROLLED else 25) * columns,
            cycles_min=(30 if model.by_root else 12) + 8 * columns,
            constant_time=True,
            emit=partial(table_code, model),
            cycles_per_id=_cycles_per_id(model, kernel),
        ),
    )


def _cycles_per_id(model: LinearTable, kernel: AddKernel | None) -> int:
    """Sixteen ids a call, the call included; of more columns than registers hold as was measured."""
    if kernel is None:
        return (21 if model.codebook is not None else 15) * model.columns
    return kernel.cycles_an_id - (-kernel.cycles_a_call // IDS_A_CALL)


def _constant_bytes(model: LinearTable) -> int:
    """The weights, the codebook, the roots, and the biases where they are no literals of the code."""
    of_bias = 4 * model.columns if model.columns > UNROLLED else 0
    return model.weights.nbytes + (_BOOK if model.weight_bits == 4 else 0) + _ROOTS * model.by_root + of_bias


def _code_bytes(model: LinearTable, kernel: AddKernel | None) -> int:
    if kernel is None:
        return 120 + 55 * model.by_root + (45 if model.codebook is None else 55) * UNROLLED
    of_scores = 25 * model.columns if model.columns <= UNROLLED else 200
    return kernel.code_bytes + 30 + 50 * model.by_root + of_scores


def _stack_bytes(model: LinearTable, kernel: AddKernel | None) -> int:
    """The most of its functions: NAME_add's, or what NAME_scores of several columns keeps."""
    return 48 if kernel is None else max(kernel.stack_bytes, 16 if model.columns == 1 else 24)
