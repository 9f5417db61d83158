"""From raw sums to int8 where no fast way is exact: TFLite's arithmetic in words enough for any sums."""

from __future__ import annotations

from typing import Final

from zerotap.firmware.arithmetic.fixed_point import quantise_multiplier
from zerotap.firmware.arithmetic.wide import wide_multiplier

from .outputs import Outputs, Requantiser

_SCALE_BYTES: Final = 16
_WORD: Final = 0xFFFFFFFF
# Cycles of one call and of each output, fitted to arm-none-eabi-gcc 12 -O2.
_CYCLES: Final = {True: (30, 205), False: (30, 110)}


def wide_requantiser(outputs: Outputs) -> Requantiser:
    """The way that takes any sums of int32: zerotap_round_sums_once, or _twice."""
    rows = "".join(f"    {_row(outputs, output)},\n" for output in range(len(outputs.factors)))
    function = f"zerotap_round_sums_{'once' if outputs.once else 'twice'}"
    ends = (outputs.zero_point, outputs.minimum, outputs.maximum)
    limits = sum((end & 0xFF) << 8 * at for at, end in enumerate(ends))

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


def _row(outputs: Outputs, output: int) -> str:
    bias, factor = int(outputs.offsets[output]), outputs.factors[output]
    if outputs.once:
        multiplier, shift = wide_multiplier(factor)
        return f"{{{bias}, {multiplier >> 32}u, {multiplier & _WORD}u, {shift}}}"
    multiplier, shift = quantise_multiplier(factor)
    return f"{{{bias}, {multiplier}u, {int(output < outputs.halves_up)}, {shift}}}"
