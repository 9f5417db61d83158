"""A matrix of constant weights on rows of activations: what dense layers and convolutions are made of.

Each kernel wants the weights in its own layout; which ones are legal depends on the weights themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.arithmetic.fixed_point import INT8_MAX, INT8_MIN
from zerotap.firmware.c_code import c_source

from .outputs import Requantiser
from .requantisation import CHUNK, chunks

BLOCK: Final = 4
_INT16: Final = 1 << 15


@dataclass(frozen=True, slots=True)
class RowKernel:
    """One of the kernels zerotap_sums_* for one matrix.

    ``weight_bytes`` in flash; ``constants(label)`` defines LABEL_weights, of which ``step`` elements belong
    to one output; ``cycles(inputs, outputs, aligned)`` of one call.
    """

    function: str
    weight_bytes: int
    step: float
    constants: Callable[[str], str]
    cycles: Callable[[int, int, bool], int]


def row_kernels(weights: NDArray[np.int8]) -> list[RowKernel]:
    """Every kernel that is exact for weights (outputs, inputs), fastest first."""
    blocks = _blocks(weights)
    kernels = []
    run = longest_run(weights)
    if run:
        kernels.append(_lanes(blocks, run, run_bound(weights, run)))
    kernels.append(_bytes(blocks))
    if np.min(weights) >= -8 and np.max(weights) <= 7:
        kernels.append(_nibbles(blocks))
    return kernels


def sum_range(weights: NDArray[np.int8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The lowest and the highest raw sum (outputs,) that weights (outputs, inputs) can give."""
    least, most = _products(weights)
    return least.sum(axis=1), most.sum(axis=1)


def longest_run(weights: NDArray[np.int8]) -> int:
    """The longest run, of 8, 4 and 2 inputs, whose sum never leaves int16; 0 if there is none."""
    return next((run for run in (8, 4, 2) if run_bound(weights, run) < _INT16), 0)


def run_bound(weights: NDArray[np.int8], run: int) -> int:
    """The largest magnitude that the sum of ``run`` neighbouring inputs can have; of the rest, of pairs."""
    bounds = [0]
    whole = weights.shape[1] // 8 * 8
    for part, length in ((weights[:, :whole], run), (weights, 2)):
        width = -(-part.shape[1] // length) * length
        padded = np.pad(part, ((0, 0), (0, width - part.shape[1])))
        for extreme in _products(padded):
            sums = extreme.reshape(len(weights), -1, length).sum(axis=2)
            bounds.append(int(np.max(np.abs(sums), initial=0)))
    return max(bounds)


def _products(weights: NDArray[np.int8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    wide = weights.astype(np.int64)
    ends = wide * INT8_MIN, wide * INT8_MAX
    return np.minimum(*ends), np.maximum(*ends)


def _blocks(weights: NDArray[np.int8]) -> NDArray[np.int64]:
    """(blocks of 4 outputs, inputs, 4), zeros where the outputs do not fill the last block."""
    outputs, inputs = weights.shape
    padded = np.zeros((-(-outputs // BLOCK) * BLOCK, inputs), np.int64)
    padded[:outputs] = weights
    return padded.reshape(-1, BLOCK, inputs).transpose(0, 2, 1)


def _lanes(blocks: NDArray[np.int64], run: int, bound: int) -> RowKernel:
    words = (blocks[..., 1::2] << 16) + blocks[..., ::2]
    signed = (words + (1 << 31)) % (1 << 32) - (1 << 31)
    comment = f"/* Two weights a word; no sum over {run} inputs can leave [-{bound}, {bound}]. */\n"
    return RowKernel(
        f"zerotap_sums_{run}",
        2 * blocks.size,
        blocks.shape[1] / 2,
        lambda label: comment + c_source.array("int32_t", f"{label}_weights", signed),
        lambda inputs, outputs, aligned: _lane_cycles(run, inputs, outputs, aligned),
    )


def _lane_cycles(run: int, inputs: int, outputs: int, aligned: bool) -> int:
    """As counted in runtime/zerotap_sums_run.inc."""
    eights = inputs // 8 if aligned else 0
    rest = inputs - 8 * eights
    block = 34 + {2: 95, 4: 85, 8: 80}[run] * eights if eights else 36
    if rest == 1:
        block += 23
    elif rest:
        block += 27 * (rest // 2) + (28 if rest % 2 else 11)
    return (54 if aligned else 52) + block * -(-outputs // BLOCK)


def _bytes(blocks: NDArray[np.int64]) -> RowKernel:
    return RowKernel(
        "zerotap_sums_bytes",
        blocks.size,
        blocks.shape[1],
        lambda label: c_source.array("int8_t", f"{label}_weights", blocks),
        lambda inputs, outputs, _: 36 + (21 * inputs + 21) * -(-outputs // BLOCK),
    )


def _nibbles(blocks: NDArray[np.int64]) -> RowKernel:
    packed = ((blocks & 15) << np.arange(0, 16, 4)).sum(axis=2)
    return RowKernel(
        "zerotap_sums_nibbles",
        blocks.size // 2,
        blocks.shape[1] / 4,
        lambda label: c_source.array("uint16_t", f"{label}_weights", packed),
        lambda inputs, outputs, _: 36 + (24 * inputs + 21) * -(-outputs // BLOCK),
    )


def stack_words(outputs: int) -> int:
    """int32 sums of one chunk, whole blocks."""
    return -(-min(outputs, CHUNK) // BLOCK) * BLOCK


def sums_call(kernel: RowKernel, label: str, row: str, first: int, shape: tuple[int, int], sums: str) -> str:
    """The C call that fills ``sums`` from the activations at ``row``, for shape = (outputs, inputs)."""
    weights = f"{label}_weights" + (f" + {int(first * kernel.step)}" if first else "")
    outputs = -(-shape[0] // BLOCK) * BLOCK
    return f"{kernel.function}({row}, {weights}, {sums}, {outputs}u << 16 | {shape[1]});"


def row_calls(
    kernel: RowKernel, requantiser: Requantiser, label: str, shape: tuple[int, int], row: str, output: str
) -> list[str]:
    """The C statements that compute one row of shape = (outputs, inputs), with ``int32_t sums[]`` at hand."""
    statements = []
    for first, count in chunks(shape[0]):
        target = f"{output} + {first}" if first else output
        statements.append(sums_call(kernel, label, row, first, (count, shape[1]), "sums"))
        statements.append(requantiser.statement(label, "sums", first, count, target))
    return statements


def row_cycles(kernel: RowKernel, requantiser: Requantiser, shape: tuple[int, int], aligned: bool) -> int:
    """Cycles of those calls, arguments included."""
    return sum(
        kernel.cycles(shape[1], count, aligned) + requantiser.cycles(count) + CALL_CYCLES
        for _, count in chunks(shape[0])
    )


# Two calls and their arguments, fitted to arm-none-eabi-gcc 12 -O2.
CALL_CYCLES: Final = 12
