"""Dense layers in straight line, one function for one or several: it packs its inputs, then computes by twos.

Between two layers nothing is unpacked: the results of two outputs are a word of inputs of the next layer.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
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
from zerotap.firmware.operators.parts.requantisation import (
    LateScales,
    Scales,
    found_scales,
    late_scales,
)

from .dots import Dots, Pair, input_pairs, is_legal
from .pairings import pairing
from .unpacking import packing

_WEIGHTS_MOST: Final = 40_000
# Words of inputs lie on the stack, where an instruction reaches so many.
_WORDS_MOST: Final = 250
_OFFSET_MOST: Final = 31
_CALL_CYCLES: Final = 7
_ROW_CYCLES: Final = 3
_STEP_MOST: Final = 508


@dataclass(frozen=True, slots=True)
class _Layer:
    """The bytes of a matrix of int8 weights, ``inputs`` a row, and what its sums become; ``late`` as well."""

    weights: bytes
    inputs: int
    form: Scales
    late: LateScales | None

    @property
    def matrix(self) -> NDArray[np.int8]:
        """The weights (outputs, inputs)."""
        return np.frombuffer(self.weights, np.int8).reshape(-1, self.inputs)

    @property
    def rows(self) -> list[list[int]]:
        """The weights of each output."""
        rows: list[list[int]] = self.matrix.tolist()
        return rows


@dataclass(frozen=True, slots=True)
class _Dense:
    """The function of layers, ``cycles`` of a call with an aligned input, or another; what it reads."""

    lines: tuple[str, ...]
    words: tuple[int, ...]
    cycles: tuple[int, int]


def implementations(
    weights: NDArray[np.int8], outputs: Outputs, rows: int, in_arena: bool
) -> tuple[Implementation, ...]:
    """The layer in straight line, where its sums can be had so; ``rows`` of inputs one after the other.

    ``in_arena``: they begin at a multiple of 4 bytes, whatever the plan.
    """
    return _implementations([(weights, outputs)], rows, in_arena)


def chained(layers: Sequence[tuple[NDArray[np.int8], Outputs]], in_arena: bool) -> tuple[Implementation, ...]:
    """The same of weights (outputs, inputs) and what their sums become, each layer the input of the next."""
    return _implementations(layers, 1, in_arena)


def _implementations(
    listed: Sequence[tuple[NDArray[np.int8], Outputs]], rows: int, in_arena: bool
) -> tuple[Implementation, ...]:
    layers = _layers(listed)
    made = _made(layers, in_arena and _is_aligned(layers, rows)) if layers else None
    if made is None:
        return ()
    aligned = sum(row * layers[0].inputs % 4 == 0 for row in range(rows))
    taken = aligned * made.cycles[0] + (rows - aligned) * made.cycles[1] + rows * _CALL_CYCLES
    return (
        Implementation(
            "straight line, dot pairs",
            ("zerotap_scaled_byte",),
            4 * len(made.words),
            taken + (_ROW_CYCLES * rows if rows > 1 else 0),
            partial(_emit, layers, made, tuple(outputs for _, outputs in listed), rows),
            code_bytes=code_bytes(made.lines),
            stack_bytes=stack_bytes(made.lines),
        ),
    )


def _is_aligned(layers: Sequence[_Layer], rows: int) -> bool:
    """Whether all rows of inputs are, if the first one is."""
    return rows == 1 or layers[0].inputs % 4 == 0


def _layers(listed: Sequence[tuple[NDArray[np.int8], Outputs]]) -> tuple[_Layer, ...]:
    """The layers, none where they are too large or one has no scales."""
    size = sum(weights.size for weights, _ in listed)
    words = sum(-(-weights.shape[1] // 2) for weights, _ in listed)
    if size > _WEIGHTS_MOST or words > _WORDS_MOST:
        return ()
    forms = [(found_scales(outputs), late_scales(outputs)) for _, outputs in listed]
    found = [
        _Layer(weights.tobytes(), weights.shape[1], form, late)
        for (weights, _), (form, late) in zip(listed, forms, strict=True)
        if form is not None
    ]
    return tuple(found) if len(found) == len(listed) else ()


# A model is planned and written more than once.
@lru_cache(maxsize=64)
def _made(layers: tuple[_Layer, ...], is_aligned: bool) -> _Dense | None:
    """None where two weights of -128 share a word."""
    pairs = _pairings(layers)
    if not all(is_legal(layer.matrix, own) for layer, own in zip(layers, pairs, strict=True)):
        return None
    text = _text(layers, pairs)
    packed, frame = packing(layers[0].inputs, is_aligned), 4 * sum(map(len, pairs))
    entry = instructions("push {r4-r7, lr}", "mov r12, r1", *_moved_stack("sub", frame), "mov r1, sp")
    leave = instructions(*_moved_stack("add", frame), "pop {r4-r7, pc}")
    around = cycles([*entry, "    mov r0, r2", *text.lines, *leave])
    lines = (*entry, *packed.lines, *instructions("mov r0, r2"), *text.lines, *leave)
    taken = around + packed.cycles[0], around + packed.cycles[1]
    return _Dense(lines, (*packed.words, *text.words), taken)


def _pairings(layers: Sequence[_Layer]) -> list[list[Pair]]:
    """Which inputs of each layer share a word: the first layer's lie in memory so, the others' are free."""
    # The outputs of the last layer are stored in turn; what a layer computes together the next one pairs.
    count = len(layers[-1].form.each)
    together: list[Pair] = [(at, at + 1 if at + 1 < count else None) for at in range(0, count, 2)]
    found: list[list[Pair]] = []
    for layer in layers[:0:-1]:
        together = pairing(layer.rows, together)
        found.append(together)
    return [input_pairs(layers[0].inputs), *found[::-1]]


def _text(layers: Sequence[_Layer], pairs: Sequence[list[Pair]]) -> Dots:
    """What follows the packing: one layer after the other, each in words of its own."""
    begins = [0, *itertools.accumulate(map(len, pairs))]
    text = Dots()
    for number, layer in enumerate(layers):
        text.begin(layer.form, layer.late, pairs[number], begins[number])
        if number + 1 < len(layers):
            _to_words(text, layer.rows, pairs[number + 1], begins[number + 1])
        else:
            _to_bytes(text, layer.rows)
    return text


def _to_words(text: Dots, rows: Sequence[list[int]], pairs: Sequence[Pair], begin: int) -> None:
    """The layer's results as words of the next one's inputs, from the word ``begin`` on."""
    for at, (first, second) in enumerate(pairs):
        numbers = [first] if second is None else [first, second]
        text.outputs([rows[number] for number in numbers], numbers)
        if second is not None:
            text.write("lsls r7, r7, #16", "adds r6, r6, r7")
        text.write(f"str r6, [sp, #{4 * (begin + at)}]")


def _to_bytes(text: Dots, rows: Sequence[list[int]]) -> None:
    for first in range(0, len(rows), 2):
        numbers = range(first, min(first + 2, len(rows)))
        text.outputs(rows[first : first + 2], numbers)
        text.write(*_stored(len(numbers), first))


def _stored(count: int, first: int) -> list[str]:
    """Store the results of outputs from ``first`` on."""
    offset = first % (_OFFSET_MOST + 1)
    lines = ["mov r1, r12"]
    if first and offset == 0:
        lines += [f"adds r1, #{_OFFSET_MOST + 1}", "mov r12, r1"]
    for at, register in enumerate(("r6", "r7")[:count]):
        lines.append(f"strb {register}, [r1, #{offset + at}]")
    return lines


def _moved_stack(name: str, size: int) -> list[str]:
    return [f"{name} sp, #{min(size - at, _STEP_MOST)}" for at in range(0, size, _STEP_MOST)]


def _emit(
    layers: tuple[_Layer, ...], made: _Dense, outputs: Sequence[Outputs], rows: int, label: str
) -> Emission:
    inputs, count = layers[0].inputs, len(layers[-1].form.each)
    table = [(each & 0xFFFFFFFF ^ 1 << 31) - (1 << 31) for each in made.words]
    about = (
        "/* As the function reads them: masks that unpack inputs, then for every two outputs -low, two\n"
        " * weights a word (w0 * 2^16 + w2, w1 * 2^16 + w3), and {fraction, factor, offset}, of layers that\n"
        " * are clamped first {span, fraction, factor, offset}. */\n"
    )
    ranges = "".join(map(weighted.range_comment, outputs))
    constants = ranges + about + c_source.array("int32_t", f"{label}_words", table)
    at = ("input", "output") if rows == 1 else (f"input + {inputs} * row", f"output + {count} * row")
    call = f"{label}_dense({at[0]}, {at[1]}, {label}_words);"
    lines = weighted.loop("row", 0, rows, [call]) if rows > 1 else [call]
    function = AssemblyFunction(
        f"{label}_dense",
        f"void {label}_dense(const int8_t *input, int8_t *output, const int32_t *words)",
        made.lines,
        _portable(layers),
        "Every output, two at a time. No run of products that share a word can leave [-32640, 32640].",
    )
    return Emission(constants, weighted.body(lines), assembly=(function,))


def _portable(layers: Sequence[_Layer]) -> str:
    """The same in C."""
    hidden = [f"hidden_{number}" for number in range(1, len(layers))]
    sizes = zip(hidden, layers, strict=False)
    lines = ["(void)words;", *(f"int8_t {name}[{len(layer.form.each)}];" for name, layer in sizes)]
    for layer, source, target in zip(layers, ["input", *hidden], [*hidden, "output"], strict=True):
        lines += ["{", *(f"    {line}" for line in _portable_layer(layer, source, target)), "}"]
    return "\n    ".join(lines)


def _portable_layer(layer: _Layer, source: str, target: str) -> list[str]:
    count, inputs, form = len(layer.form.each), layer.inputs, layer.form
    scales = form.table("own").partition("static")[2].replace("own_scales", "scales").rstrip()
    bits, is_signed = WIDE_BITS if form.is_wide else NARROW_BITS, form.is_signed
    scale = "&scales[i].scale" if is_signed else "&scales[i]"
    step = f"scales[i].step, {(form.zero_point << 24) + (1 << 23)}" if is_signed else "0, 0"
    return [
        f"static const int8_t weights[{count}][{inputs}] = {{",
        *(f"    {c_source.braced(row)}," for row in layer.rows),
        "};",
        *f"static{scales}".splitlines(),
        f"for (int32_t i = 0; i < {count}; i++) {{",
        "    int32_t sum = 0;",
        f"    for (int32_t j = 0; j < {inputs}; j++) {{",
        f"        sum += weights[i][j] * {source}[j];",
        "    }",
        f"    {target}[i] = zerotap_scaled_byte(sum, {scale}, {bits}, {step});",
        "}",
    ]
