"""A matrix of constant weights on rows of activations: what dense layers and convolutions are made of.

Each kernel wants the weights in its own layout; which ones are legal depends on the weights themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.arithmetic.fixed_point import INT8_MAX, INT8_MIN
from zerotap.firmware.c_code import c_source

from . import dot_kernels
from .dot_kernels import BLOCK as BLOCK
from .dot_kernels import SCALED_RUNS, Pieces, Run, ScaledRows
from .outputs import Outputs, Requantiser
from .requantisation import CHUNK, chunks, narrow_scales

_BYTES: Final = "zerotap_sums_bytes"


@dataclass(frozen=True, slots=True)
class RowKernel:
    """One of the kernels zerotap_sums_* for one matrix.

    ``weight_bytes`` in flash; ``constants(label)`` defines LABEL_weights, of which ``step`` elements belong
    to one output; ``cycles(inputs, outputs, aligned)`` of a row, for which a ``run`` may need several calls.
    One that is ``scaled`` has LABEL_table instead, and gives int8 without another call.
    """

    function: str
    weight_bytes: int
    step: float
    constants: Callable[[str], str]
    cycles: Callable[[int, int, bool], int]
    run: Run | None = None
    scaled: ScaledRows | None = None


RowWay = tuple[RowKernel, Requantiser]
_NO_WAY: Final = Requantiser("", 0, lambda label: "", lambda *_: "", lambda count: 0)


def row_kernels(weights: NDArray[np.int8], pieces: Pieces | None = None) -> list[RowKernel]:
    """Every kernel that is exact for weights (outputs, inputs), fastest first.

    ``pieces``: (first, count) of the outputs that a call is made for, those of chunks() unless given.
    """
    blocks = _blocks(weights)
    parts = pieces or chunks(len(weights))
    kernels = [_dot(weights, run, parts) for run in dot_kernels.runs(weights)]
    kernels.append(_bytes(blocks))
    if np.min(weights) >= -8 and np.max(weights) <= 7:
        kernels.append(_nibbles(blocks))
    return kernels


def row_ways(weights: NDArray[np.int8], outputs: Outputs, ways: Sequence[Requantiser]) -> list[RowWay]:
    """Every kernel with every way to requantise, and those that need no other; fastest first."""
    pairs = [(kernel, way) for kernel in row_kernels(weights) for way in ways]
    return [*((kernel, _NO_WAY) for kernel in _scaled(weights, outputs)), *pairs]


def _scaled(weights: NDArray[np.int8], outputs: Outputs) -> list[RowKernel]:
    scales = narrow_scales(outputs)
    runs = [run for run in SCALED_RUNS if run.takes(weights.shape[1], len(weights))]
    if scales is None or not runs or not dot_kernels.is_exact(weights):
        return []
    return [_scaled_kernel(ScaledRows(run, weights, scales, chunks(len(weights)))) for run in runs]


def _scaled_kernel(rows: ScaledRows) -> RowKernel:
    run = rows.run
    return RowKernel(run.function, rows.table_bytes, rows.step, rows.definition, run.cycles, scaled=rows)


def same_kernels(each: Sequence[Sequence[RowKernel]], leader: int) -> list[list[RowKernel]]:
    """One kernel for each of several matrices: every one of the ``leader``'s for all, as code is shared.

    A matrix that cannot have it takes zerotap_sums_bytes, which takes all weights.
    """
    named = [{kernel.function: kernel for kernel in kernels} for kernels in each]
    return [[kernels.get(kernel.function, kernels[_BYTES]) for kernels in named] for kernel in each[leader]]


def sum_range(weights: NDArray[np.int8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The lowest and the highest raw sum (outputs,) that weights (outputs, inputs) can give."""
    wide = weights.astype(np.int64)
    ends = wide * INT8_MIN, wide * INT8_MAX
    return np.minimum(*ends).sum(axis=1), np.maximum(*ends).sum(axis=1)


def _blocks(weights: NDArray[np.int8]) -> NDArray[np.int64]:
    """(blocks of 4 outputs, inputs, 4), zeros where the outputs do not fill the last block."""
    outputs, inputs = weights.shape
    padded = np.zeros((-(-outputs // BLOCK) * BLOCK, inputs), np.int64)
    padded[:outputs] = weights
    return padded.reshape(-1, BLOCK, inputs).transpose(0, 2, 1)


def _dot(weights: NDArray[np.int8], run: Run, pieces: Pieces) -> RowKernel:
    outputs, inputs = weights.shape
    return RowKernel(
        run.function,
        dot_kernels.weight_bytes((outputs, inputs)),
        -(-inputs // 2),
        partial(dot_kernels.definition, weights=weights, run=run, pieces=pieces),
        run.cycles,
        run,
    )


def _bytes(blocks: NDArray[np.int64]) -> RowKernel:
    comment = "/* A byte a weight: those of four outputs, then of the next input. */\n"
    return RowKernel(
        _BYTES,
        blocks.size,
        blocks.shape[1],
        lambda label: comment + c_source.array("int8_t", f"{label}_weights", blocks),
        lambda inputs, outputs, _: 36 + (21 * inputs + 21) * -(-outputs // BLOCK),
    )


def _nibbles(blocks: NDArray[np.int64]) -> RowKernel:
    packed = ((blocks & 15) << np.arange(0, 16, 4)).sum(axis=2)
    comment = "/* Four bits a weight: those of four outputs, the lowest first, then of the next input. */\n"
    return RowKernel(
        "zerotap_sums_nibbles",
        blocks.size // 2,
        blocks.shape[1] / 4,
        lambda label: comment + c_source.array("uint16_t", f"{label}_weights", packed),
        lambda inputs, outputs, _: 36 + (24 * inputs + 21) * -(-outputs // BLOCK),
    )


def stack_words(outputs: int) -> int:
    """int32 sums of one chunk, whole blocks."""
    return -(-min(outputs, CHUNK) // BLOCK) * BLOCK


def sums_calls(
    kernel: RowKernel, label: str, row: str, first: int, shape: tuple[int, int], sums: str
) -> list[str]:
    """The C statements that fill ``sums`` from the activations at ``row``, for shape = (outputs, inputs)."""
    weights = f"{label}_weights" + (f" + {int(first * kernel.step)}" if first else "")
    return calls_at(kernel, weights, row, shape, sums)


def calls_at(kernel: RowKernel, weights: str, row: str, shape: tuple[int, int], sums: str) -> list[str]:
    """The same for weights that begin at a C expression."""
    outputs = -(-shape[0] // BLOCK) * BLOCK
    if kernel.run:
        return list(dot_kernels.calls(kernel.run, weights, row, sums, (outputs, shape[1])))
    return [f"{kernel.function}({row}, {weights}, {sums}, {outputs}u << 16 | {shape[1]});"]


def row_calls(
    kernel: RowKernel, requantiser: Requantiser, label: str, shape: tuple[int, int], row: str, output: str
) -> list[str]:
    """The C statements that compute one row of shape = (outputs, inputs), with ``int32_t sums[]`` at hand."""
    statements: list[str] = []
    for first, count in chunks(shape[0]):
        target = f"{output} + {first}" if first else output
        if kernel.scaled:
            statements.append(scaled_call(kernel, label, row, target, first, (count, shape[1])))
            continue
        statements += sums_calls(kernel, label, row, first, (count, shape[1]), "sums")
        statements.append(requantiser.statement(label, "sums", first, count, target))
    return statements


def row_cycles(kernel: RowKernel, requantiser: Requantiser, shape: tuple[int, int], aligned: bool) -> int:
    """Cycles of those calls, arguments included."""
    around = SCALED_CALL_CYCLES if kernel.scaled else CALL_CYCLES
    return sum(
        kernel.cycles(shape[1], count, aligned) + requantiser.cycles(count) + around
        for _, count in chunks(shape[0])
    )


def scaled_call(
    kernel: RowKernel,
    label: str,
    row: str,
    output: str,
    first: int,
    shape: tuple[int, int],
    sums: str = "0",
    mode: int = 0,
) -> str:
    """The C call of a ``scaled`` kernel for shape = (outputs, inputs), the outputs from ``first`` on."""
    assert kernel.scaled
    table = f"{label}_table" + (f" + {int(first * kernel.step)}" if first else "")
    return kernel.scaled.run.call(table, row, output, shape, sums, mode)


def sums_declared(kernel: RowKernel, outputs: int) -> list[str]:
    """The C declaration of the sums that row_calls() has at hand."""
    return [] if kernel.scaled else [f"int32_t sums[{stack_words(outputs)}];"]


# Two calls and their arguments, and one, fitted to arm-none-eabi-gcc 12 -O2.
CALL_CYCLES: Final = 12
SCALED_CALL_CYCLES: Final = 9
