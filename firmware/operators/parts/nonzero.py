"""Dense layers over inputs that are mostly their zero point: only the others are multiplied.

What the rest contributes is constant and is where the sums begin, so that they are the same raw sums as those
of any other kernel. The time depends on the data: the cycles of the cost model are those of no zero at all.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.c_code import c_source

from .row_kernels import BLOCK, RowKernel

COLLECT: Final = "zerotap_nonzero"
NONZERO: Final = "zerotap_sums_nonzero"
_INPUTS_MAX: Final = 1 << 14
# zerotap_nonzero by arm-none-eabi-gcc 12 -O2: once with its arguments, and for each input that is not zero.
_COLLECT_CALL_CYCLES: Final = 90
_COLLECT_CYCLES: Final = 18


def nonzero_kernel(weights: NDArray[np.int8], zero_point: int) -> RowKernel | None:
    """The kernel for weights (outputs, inputs); None where a list cannot hold so many inputs."""
    outputs, inputs = weights.shape
    if inputs >= _INPUTS_MAX:
        return None
    blocks = -(-outputs // BLOCK)
    padded = np.zeros((blocks * BLOCK, inputs), np.int64)
    padded[:outputs] = weights
    starts = zero_point * padded.sum(axis=1).reshape(blocks, BLOCK)
    lanes = padded.reshape(blocks, BLOCK, inputs).transpose(0, 2, 1) & 0xFF
    words = (lanes << np.arange(0, 32, 8)).sum(axis=2)
    content = np.concatenate([starts, (words ^ (1 << 31)) - (1 << 31)], axis=1)
    return RowKernel(
        NONZERO,
        4 * content.size,
        (BLOCK + inputs) / BLOCK,
        lambda label: c_source.array("int32_t", f"{label}_weights", content),
        lambda inputs, outputs, _: 40 + (26 + 23 * inputs) * -(-outputs // BLOCK),
    )


def collect_call(row: str, zero_point: int, inputs: int) -> str:
    """The C call that lists the inputs at ``row`` that count."""
    return f"{COLLECT}({row}, {zero_point}, {inputs}, list);"


def collect_cycles(inputs: int) -> int:
    """Cycles of that call where all count."""
    return _COLLECT_CALL_CYCLES + _COLLECT_CYCLES * inputs


def list_bytes(inputs: int) -> int:
    """Bytes of the list, with its length."""
    return 4 * (inputs + 1)
