"""From raw sums to int8 where no fast way is exact: TFLite's arithmetic in words enough for any sums."""

from __future__ import annotations

from typing import Final

from zerotap.errors import ModelError
from zerotap.firmware.arithmetic.fixed_point import quantise_multiplier
from zerotap.firmware.arithmetic.wide import wide_multiplier

from .outputs import Outputs, Requantiser

_SCALE_BYTES: Final = 16
_WORD: Final = 0xFFFFFFFF
# Cycles of one call and of each output, fitted to arm-none-eabi-gcc 12 -O2.
_CYCLES: Final = {True: (30, 140), False: (30, 110)}


def wide_requantiser(outputs: Outputs, place: str) -> Requantiser:
    """The way that takes any sums of int32: zerotap_round_sums_once, or _twice.

    Raises:
        ModelError: one rounding for which not even a 64-bit multiplier is exact (see wide_multiplier).
    """
    rows = "".join(f"    {_row(outputs, output, place)},\n" for output in range(len(outputs.factors)))
    function = f"zerotap_round_sums_{'once' if outputs.once else 'twice'}"
    ends = (outputs.zero_point, outputs.minimum, outputs.maximum)
    limits = sum((end & 0xFF) << 8 * at for at, end in enumerate(ends)) | int(outputs.halves_up) << 31

    def constants(label: str) -> str:
        return (
            "/* {bias, high, low, shift}: equal to TFLite's rounding for every sum. */\n"
            f"static const zerotap_wide_scale_t {label}_wide[{len(outputs.factors)}] = {{\n{rows}}};\n"
        )

    def statement(label: str, sums: str, first: int | str, count: int, output: str) -> str:
        scales = f"{label}_wide" + (f" + {first}" if first else "")
        return f"{function}({sums}, {scales}, {limits | count << 24:#x}u, {output});"

    once, each = _CYCLES[outputs.once]
    return Requantiser(
        function, _SCALE_BYTES * len(outputs.factors), constants, statement, lambda count: once + each * count
    )


def _row(outputs: Outputs, output: int, place: str) -> str:
    bias, factor = int(outputs.offsets[output]), outputs.factors[output]
    if not outputs.once:
        multiplier, shift = quantise_multiplier(factor)
        return f"{{{bias}, {multiplier}u, 0, {shift}}}"
    found = wide_multiplier(factor, outputs.bound(output), outputs.reach)
    if found is None:
        raise ModelError(
            f"{place}, output channel {output}: no multiplier rounds its sums as TensorFlow does; quantise "
            "the model again with other samples."
        )
    multiplier, shift = found
    return f"{{{bias}, {multiplier >> 32}u, {multiplier & _WORD}u, {shift}}}"
