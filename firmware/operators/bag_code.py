"""An embedding bag as assembly of its own: sixteen columns a pass, rounded where they were added.

A word of the table is four values q + 128. Sums are 16 bits, two to a register: of a word's first and third
byte, and of the word without its first byte, from which the third byte's share comes off at the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.arithmetic.fixed_point import INT8_MAX, INT8_MIN
from zerotap.firmware.arithmetic.scaling import Scale
from zerotap.firmware.c_code import c_source
from zerotap.firmware.c_code.assembly import RESTORED, SAVED, AssemblyFunction, code_bytes, stack_bytes

from .board_code.rounding import Rounding, middle, rounded_one, rounding
from .board_code.scaled import middle_of, scaled_lines
from .board_code.text import Text, immediate
from .parts.interface import Emission, Implementation
from .parts.requantisation import UniformScale

_FRAME: Final = {
    **{"table": 0, "ids": 4, "end": 8, "output": 12, "scale": 16, "passes": 20, "rows": 24, "columns": 28},
    **{"sums": 32},
}
_FRAME_BYTES: Final = 32 + 8 * 4
# The even and the odd bytes' sums of each word of a pass.
_SUMS: Final = (("r6", "r7"), ("r8", "r9"), ("r10", "r11"), ("r12", "lr"))
_UNROLLED: Final = 2
# A table of means has no more than so many.
_MEANS_MAX: Final = 1 << 14
_WIDE_PASS, _NARROW_PASS = 16, 8
_PARAMETERS: Final = "\n    const int32_t *ids, const uint8_t *table, int8_t *output, "
_ROUNDING: Final = "const zerotap_signed_scale_t *rounding"
_MEANS: Final = "const int8_t *means"
# The layer's own function and the call in it, as gcc 12 -O2 makes them.
_CALL_CYCLES: Final = 12


@dataclass(frozen=True, slots=True)
class _Bag:
    """``ids`` rows of ``columns`` are added, out of ``rows``; the sums become int8 by ``scale``.

    ``has_means``: or by a table of the mean of each sum.
    """

    ids: int
    rows: int
    columns: int
    scale: Scale
    zero_point: int
    has_means: bool

    @property
    def most(self) -> int:
        """The largest sum."""
        return self.ids * (INT8_MAX - INT8_MIN)

    @property
    def means(self) -> NDArray[np.int64]:
        """The int8 mean of each sum from 0 on."""
        return self.scale.apply(np.arange(self.most + 1), middle_of(self.zero_point))

    @property
    def width(self) -> int:
        """Columns of a pass."""
        return _NARROW_PASS if self.columns % _WIDE_PASS else _WIDE_PASS

    @property
    def way(self) -> Rounding:
        """How sums from none to the largest are rounded."""
        clamps = (self.scale.low > 0, self.most > self.scale.low + self.scale.span)
        return rounding([self.scale], clamps, _FRAME["rows"], step_in_code=False)


def bag_implementations(
    table: NDArray[np.int8], ids: int, found: UniformScale, zero_point: int
) -> tuple[Implementation, ...]:
    """The bag with a byte a value; ``found`` is the scale of sums of q + 128."""
    both = (
        _Bag(ids, len(table), table.shape[1], found.scale, zero_point, has_means)
        for has_means in (True, False)
    )
    bags = (bag for bag in both if not bag.has_means or bag.most < _MEANS_MAX)
    return tuple(_implementation(bag, table, found) for bag in bags)


def _implementation(bag: _Bag, table: NDArray[np.int8], found: UniformScale) -> Implementation:
    text = _function(bag)
    return Implementation(
        "bag_code, means" if bag.has_means else "bag_code",
        (),
        table.size + (bag.most + 1 if bag.has_means else found.constant_bytes),
        text.cycles + _CALL_CYCLES,
        partial(_emit, bag, table, found),
        code_bytes=code_bytes(text.lines),
        stack_bytes=stack_bytes(text.lines),
    )


@lru_cache(maxsize=16)
def _function(bag: _Bag) -> Text:
    """r0 ids, r1 table, r2 output, r3 scale, or means."""
    text = Text()
    text.add([*SAVED, f"sub sp, #{_FRAME_BYTES}", *_stored("r0", "ids"), *_stored("r1", "table")])
    text.add([*_stored("r2", "output"), *_stored("r3", "scale")])
    text.add([*immediate("r4", 4 * bag.ids), "adds r4, r4, r0", *_stored("r4", "end")])
    for name, number in _numbers(bag).items():
        text.add([*immediate("r4", number), *_stored("r4", name)])
    passes = bag.columns // bag.width
    if passes > 1:
        count = [*_loaded("r1", "passes"), "subs r1, #1", *_stored("r1", "passes")]
        text.loop("93", _pass(bag), passes, count)
    else:
        text.include(_pass(bag))
    text.add([f"add sp, #{_FRAME_BYTES}", *RESTORED])
    return text


def _numbers(bag: _Bag) -> dict[str, int]:
    """What the code wants on the stack: numbers that no instruction of it can hold."""
    numbers = {"rows": bag.rows} if bag.rows > 255 and not _is_power(bag.rows) else {}
    numbers |= {} if _is_power(bag.columns) else {"columns": bag.columns}
    return numbers | ({"passes": bag.columns // bag.width} if bag.columns > bag.width else {})


def _is_power(number: int) -> bool:
    return number & (number - 1) == 0


def _stored(register: str, name: str) -> list[str]:
    return [f"str {register}, [sp, #{_FRAME[name]}]"]


def _loaded(register: str, name: str) -> list[str]:
    return [f"ldr {register}, [sp, #{_FRAME[name]}]"]


def _pass(bag: _Bag) -> Text:
    """As many columns as there are registers for: added up, then rounded."""
    sums = _SUMS[: bag.width // 4]
    text = Text()
    text.add(["movs r6, #0", "movs r7, #0", *(f"mov {each}, r6" for pair in sums[1:] for each in pair)])
    text.add(["movs r2, #255", "lsls r1, r2, #16", "adds r2, r2, r1", *_loaded("r1", "ids")])
    for _ in range(bag.ids % _UNROLLED):
        text.add(_one(bag, sums))
    if turns := bag.ids // _UNROLLED:
        once = Text()
        once.add(_one(bag, sums) * _UNROLLED)
        text.loop("91", once, turns, [*_loaded("r3", "end"), "cmp r1, r3"])
    _round(text, bag, sums)
    return text


def _one(bag: _Bag, sums: tuple[tuple[str, str], ...]) -> list[str]:
    """A row more."""
    lines = ["ldmia r1!, {r0}", *_checked(bag), *_row(bag), *_loaded("r3", "table"), "adds r0, r0, r3"]
    for first, second in zip(sums[::2], sums[1::2], strict=True):
        lines.append("ldmia r0!, {r3, r4}")
        for word, (even, odd) in (("r3", first), ("r4", second)):
            lines += [f"lsrs r5, {word}, #8", f"add {odd}, r5", f"ands {word}, r2", f"add {even}, {word}"]
    return lines


def _checked(bag: _Bag) -> list[str]:
    """An id outside of the table becomes 0, in the same time."""
    if _is_power(bag.rows) and bag.rows > 1:
        return [f"lsrs r3, r0, #{bag.rows.bit_length() - 1}", "beq 90f", "movs r0, #0", "90:"]
    if bag.rows < 256:
        return [f"cmp r0, #{bag.rows}", "blo 90f", "movs r0, #0", "90:"]
    return [*_loaded("r3", "rows"), "cmp r0, r3", "blo 90f", "movs r0, #0", "90:"]


def _row(bag: _Bag) -> list[str]:
    """Where a row begins in the table."""
    if _is_power(bag.columns):
        return [f"lsls r0, r0, #{bag.columns.bit_length() - 1}"]
    return [*_loaded("r3", "columns"), "muls r0, r3, r0"]


def _round(text: Text, bag: _Bag, sums: tuple[tuple[str, str], ...]) -> None:
    """All sums of a pass to int8; those of a word a turn."""
    text.add([f"add r5, sp, #{_FRAME['sums']}", "stmia r5!, {r6, r7}"])
    for even, odd in sums[1:]:
        text.add([f"mov r0, {even}", f"mov r1, {odd}", "stmia r5!, {r0, r1}"])
    text.add(["mov r11, r5", *(_loaded("r5", "scale") if bag.has_means else _constants(bag))])
    text.add([*_loaded("r7", "output"), f"add r0, sp, #{_FRAME['sums']}"])
    once = Text()
    once.add(["ldmia r0!, {r1, r2}", "lsrs r3, r1, #16", "lsls r3, r3, #8", "subs r2, r2, r3"])
    for place, value in enumerate(("uxth r3, r1", "uxth r3, r2", "lsrs r3, r1, #16", "lsrs r3, r2, #16")):
        rounded = rounded_one(bag.way, "r3", ("r4", "r5", "r6", "r6"))
        once.add([value, *(["ldrb r3, [r5, r3]"] if bag.has_means else rounded), f"strb r3, [r7, #{place}]"])
    once.add(["adds r7, #4"])
    text.loop("92", once, len(sums), ["cmp r0, r11"])
    if bag.columns > bag.width:
        text.add([*_stored("r7", "output"), *_loaded("r1", "table"), f"adds r1, #{bag.width}"])
        text.add(_stored("r1", "table"))


def _constants(bag: _Bag) -> list[str]:
    """low, span, fraction, factor, offset, step by r1 to r6 to where the rounding has them."""
    way = bag.way
    row = ["r1", "r2", "r3", "r4", "r5", *(["r6"] if way.is_signed else [])]
    lines = [*_loaded("r0", "scale"), f"ldmia r0!, {{{', '.join(row)}}}"]
    lines += ["rsbs r1, r1, #0", "mov r8, r1", "mov r9, r2", "mov r10, r4", "mov r12, r5", "mov r5, r3"]
    return [*lines, *(middle(bag.zero_point) if way.is_signed else [])]


def _emit(bag: _Bag, table: NDArray[np.int8], found: UniformScale, label: str) -> Emission:
    packed = table.astype(np.int64) - INT8_MIN
    definitions = (
        f"/* q + 128, row after row. No sum of {bag.ids} can leave 16 bits. */\n"
        + c_source.array("uint8_t", f"{label}_table", packed)
        + (_means(bag, label) if bag.has_means else found.constants(label))
    )
    last = f"{label}_means" if bag.has_means else f"&{label}_scale"
    function = AssemblyFunction(
        f"{label}_bag",
        f"void {label}_bag({_PARAMETERS}{_MEANS if bag.has_means else _ROUNDING})",
        tuple(_function(bag).lines),
        _portable(bag),
        f"The mean of {bag.ids} rows: an id outside of [0, {bag.rows}) takes row 0. Sums lie in "
        f"[0, {bag.ids * 255}].",
    )
    call = f"{label}_bag(input, {label}_table, output, {last});"
    return Emission(definitions, call, assembly=(function,))


def _means(bag: _Bag, label: str) -> str:
    return "/* The mean of each sum. */\n" + c_source.array("int8_t", f"{label}_means", bag.means)


def _portable(bag: _Bag) -> str:
    signed = bag.way.is_signed
    lines = [
        f"for (int32_t column = 0; column < {bag.columns}; column++) {{",
        "    int32_t sum = 0;",
        f"    for (int32_t i = 0; i < {bag.ids}; i++) {{",
        f"        const uint32_t row = (uint32_t)ids[i] < {bag.rows}u ? (uint32_t)ids[i] : 0u;",
        f"        sum += table[{bag.columns}u * row + (uint32_t)column];",
        "    }",
    ]
    if bag.has_means:
        return "\n    ".join([*lines, "    output[column] = means[sum];", "}"])
    middle_ = middle_of(bag.zero_point) if signed else None
    scaled = scaled_lines("&rounding->scale", bag.scale.bits, middle_, "rounding->step", "output[column]")
    return "\n    ".join([*lines, *(f"    {line}" for line in scaled), "}"])
