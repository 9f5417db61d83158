"""A dense layer in straight line, one function: it packs its inputs, then computes outputs by twos."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.arithmetic.scaling import NARROW_BITS, WIDE_BITS
from zerotap.firmware.c_code import c_source
from zerotap.firmware.c_code.assembly import AssemblyFunction, code_bytes, cycles, instructions, stack_bytes
from zerotap.firmware.operators.parts import weighted
from zerotap.firmware.operators.parts.interface import Emission, Implementation
from zerotap.firmware.operators.parts.outputs import Outputs
from zerotap.firmware.operators.parts.requantisation import Scales, found_scales

from .dots import Dots, input_pairs, is_legal
from .unpacking import packing

_WEIGHTS_MOST: Final = 40_000
# Words of inputs lie on the stack, where an instruction reaches so many.
_INPUTS_MOST: Final = 500
_OFFSET_MOST: Final = 31
_CALL_CYCLES: Final = 7
_ROW_CYCLES: Final = 3
_STEP_MOST: Final = 508


@dataclass(frozen=True, slots=True)
class _Dense:
    """The function of a layer, ``cycles`` of a call with an aligned input, or another; what it reads."""

    lines: tuple[str, ...]
    words: tuple[int, ...]
    cycles: tuple[int, int]


def implementations(weights: NDArray[np.int8], outputs: Outputs, rows: int) -> tuple[Implementation, ...]:
    """The layer in straight line, where its sums can be had so; ``rows`` of inputs one after the other."""
    inputs = weights.shape[1]
    if weights.size > _WEIGHTS_MOST or inputs > _INPUTS_MOST or not is_legal(weights):
        return ()
    form = found_scales(outputs)
    if form is None:
        return ()
    made = _dense(weights.tobytes(), inputs, form)
    aligned = sum(row * inputs % 4 == 0 for row in range(rows))
    taken = aligned * made.cycles[0] + (rows - aligned) * made.cycles[1] + rows * _CALL_CYCLES
    return (
        Implementation(
            "straight line, dot pairs",
            ("zerotap_scaled_byte",),
            4 * len(made.words),
            taken + (_ROW_CYCLES * rows if rows > 1 else 0),
            partial(_emit, weights, outputs, form, rows),
            code_bytes=code_bytes(made.lines),
            stack_bytes=stack_bytes(made.lines),
        ),
    )


# A model is planned and written more than once.
@lru_cache(maxsize=64)
def _dense(weights: bytes, inputs: int, form: Scales) -> _Dense:
    rows = np.frombuffer(weights, np.int8).reshape(-1, inputs).tolist()
    pairs = input_pairs(inputs)
    text = Dots(form, [f"[sp, #{4 * at}]" for at in range(len(pairs))])
    for first in range(0, len(rows), 2):
        numbers = range(first, min(first + 2, len(rows)))
        text.outputs(rows[first : first + 2], numbers)
        text.write(*_stored(len(numbers), first))
    packed, frame = packing(inputs), 4 * len(pairs)
    entry = instructions("push {r4-r7, lr}", "mov r12, r1", *_moved_stack("sub", frame), "mov r1, sp")
    leave = instructions(*_moved_stack("add", frame), "pop {r4-r7, pc}")
    around = cycles([*entry, "    mov r0, r2", *text.lines, *leave])
    lines = (*entry, *packed.lines, *instructions("mov r0, r2"), *text.lines, *leave)
    taken = around + packed.cycles[0], around + packed.cycles[1]
    return _Dense(lines, (*packed.words, *text.words), taken)


def _stored(count: int, first: int) -> list[str]:
    """Store the results of outputs from ``first`` on."""
    offset = first % (_OFFSET_MOST + 1)
    lines = ["mov r1, r12"]
    if first and offset == 0:
        lines += [f"adds r1, #{_OFFSET_MOST + 1}", "mov r12, r1"]
    for at, register in enumerate(("r6", "r7")[:count]):
        lines += [f"lsrs {register}, {register}, #24", f"strb {register}, [r1, #{offset + at}]"]
    return lines


def _moved_stack(name: str, size: int) -> list[str]:
    return [f"{name} sp, #{min(size - at, _STEP_MOST)}" for at in range(0, size, _STEP_MOST)]


def _emit(weights: NDArray[np.int8], outputs: Outputs, form: Scales, rows: int, label: str) -> Emission:
    made, (count, inputs) = _dense(weights.tobytes(), weights.shape[1], form), weights.shape
    table = [(each & 0xFFFFFFFF ^ 1 << 31) - (1 << 31) for each in made.words]
    about = (
        "/* As the function reads them: masks that unpack inputs, then for every two outputs -low, two\n"
        " * weights a word (w0 * 2^16 + w2, w1 * 2^16 + w3), and {span, fraction, factor, offset}. */\n"
    )
    constants = weighted.range_comment(outputs) + about + c_source.array("int32_t", f"{label}_words", table)
    at = ("input", "output") if rows == 1 else (f"input + {inputs} * row", f"output + {count} * row")
    call = f"{label}_dense({at[0]}, {at[1]}, {label}_words);"
    lines = weighted.loop("row", 0, rows, [call]) if rows > 1 else [call]
    function = AssemblyFunction(
        f"{label}_dense",
        f"void {label}_dense(const int8_t *input, int8_t *output, const int32_t *words)",
        made.lines,
        _portable(weights, form),
        "Every output, two at a time. No run of products that share a word can leave [-32640, 32640].",
    )
    return Emission(constants, weighted.body(lines), assembly=(function,))


def _portable(weights: NDArray[np.int8], form: Scales) -> str:
    """The same in C."""
    count, inputs = weights.shape
    rows = "".join(f"        {c_source.braced(row)},\n" for row in weights.tolist())
    scales = form.table("own").partition("static")[2].replace("own_scales", "scales")
    bits, is_signed = WIDE_BITS if form.is_wide else NARROW_BITS, form.is_signed
    scale = "&scales[i].scale" if is_signed else "&scales[i]"
    step = f"scales[i].step, {(form.zero_point << 24) + (1 << 23)}" if is_signed else "0, 0"
    lines = [
        f"static const int8_t weights[{count}][{inputs}] = {{\n{rows}    }};",
        f"static{scales.rstrip()}",
        "(void)words;",
        f"for (int32_t i = 0; i < {count}; i++) {{",
        "    int32_t sum = 0;",
        f"    for (int32_t j = 0; j < {inputs}; j++) {{",
        "        sum += weights[i][j] * input[j];",
        "    }",
        f"    output[i] = zerotap_scaled_byte(sum, {scale}, {bits}, {step});",
        "}",
    ]
    return "\n    ".join(lines)
