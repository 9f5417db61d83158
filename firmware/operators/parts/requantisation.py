"""From raw sums to int8: the ways that are exact for a layer's outputs, fastest first.

A raw sum is that of weight * q over the activations as they are stored. What the zero point of the input
contributes is constant and is kept with the bias.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.arithmetic.fixed_point import (
    INT8_MAX,
    INT8_MIN,
    exact_multiplier,
    quantise_multiplier,
    requantise,
)
from zerotap.firmware.arithmetic.scaling import (
    NARROW_BITS,
    WIDE_BITS,
    LateForm,
    Rule,
    Scale,
    Signs,
    late_scale,
    scale,
    signs,
    thresholds,
)
from zerotap.firmware.c_code import c_source

from .outputs import Output, Outputs, Requantiser
from .wide_requantisation import wide_requantiser

# Cycles of one call in runtime/zerotap_scale_run.h: for each output, and once (one less if their number is
# odd: 2 more, 0 less).
_OUTPUT_CYCLES: Final = {(False, False): 25, (True, False): 29, (False, True): 30, (True, True): 34}
_UNIFORM_CALL_CYCLES: Final = 54
_UNIFORM_CYCLES: Final = 28
_LATE_SHIFT_MAX: Final = 24
_SUM_MAX: Final = 1 << 30
# The same in runtime/zerotap_round_sums.S.
_ROUNDING_CALL_CYCLES: Final = 56
_ROUNDING_CYCLES: Final = 81


def requantisers(outputs: Outputs, pieces: Sequence[tuple[int, int]] | None = None) -> list[Requantiser]:
    """All ways that are exact: where neither of the fast ones is, the wide one, which takes any sums.

    ``pieces``: (first, count) of the outputs that a call is made for, those of chunks() unless given.
    """
    rounded = _rounded(outputs, pieces or chunks(len(outputs.factors)))
    ways = [way for way in (_scaled(outputs), rounded) if way is not None]
    return ways or [wide_requantiser(outputs)]


@dataclass(frozen=True, slots=True)
class UniformScale:
    """One scale for all outputs: zerotap_scale_uniform."""

    scale: Scale
    shape: int
    constant_bytes: int = 24

    def constants(self, label: str) -> str:
        """LABEL_scale."""
        return (
            "/* {low, span, fraction, factor, offset}, step: equal to TFLite's rounding for every sum. */\n"
            f"static const zerotap_signed_scale_t {label}_scale = {_row(self.scale, signed=True)};\n"
        )

    def statement(self, label: str, sums: str, count: int, output: str) -> str:
        """The C call."""
        return f"zerotap_scale_uniform({sums}, &{label}_scale, {self.shape}u << 16 | {count}, {output});"

    def cycles(self, count: int) -> int:
        """Cycles of the call."""
        return _UNIFORM_CALL_CYCLES + _UNIFORM_CYCLES * count + 2 * (count % 2)


def uniform_scale(
    multiplier_shift: tuple[int, int], offset: int, ends: tuple[int, int], zero_point: int
) -> UniformScale | None:
    """The scale of raw sums between ``ends`` that lack ``offset``, rounded twice; None if there is none."""
    multiplier, shift = multiplier_shift

    def rule(sums: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.clip(requantise(sums + offset, multiplier, shift) + zero_point, INT8_MIN, INT8_MAX)

    factor = multiplier * 2.0 ** (shift - 31)
    signed = _signs_of(rule, ends, -offset, zero_point, shift)
    found = scale(rule, *ends, factor, WIDE_BITS, signed)
    if found is None:
        return None
    return UniformScale(found, (zero_point << 8 | 0x80) & 0xFFFF)


def scales(outputs: Outputs) -> list[Scale] | None:
    """A scale for each output, all with the same bits of their fractions; None where some have none."""
    every = [outputs.one(output) for output in range(len(outputs.factors))]
    for bits in (NARROW_BITS, WIDE_BITS):
        found = [_find(each, bits) for each in every]
        known = [each for each in found if each is not None]
        if len(known) == len(every):
            return known
    return None


def narrow_scales(outputs: Outputs) -> list[Scale] | None:
    """Those of zerotap_scale_sums; None where one of the outputs has none, or needs signs."""
    found = scales(outputs)
    if found is None or found[0].bits != NARROW_BITS:
        return None
    return None if any(_signs(outputs.one(output)) for output in range(len(found))) else found


@dataclass(frozen=True, slots=True)
class Scales:
    """A scale for each output of a layer, and which form of zerotap_scale_sums they are for."""

    each: tuple[Scale, ...]
    zero_point: int
    is_signed: bool
    is_wide: bool

    @property
    def kind(self) -> str:
        """The C type of one of them."""
        return "zerotap_signed_scale_t" if self.is_signed else "zerotap_scale_t"

    @property
    def size_bytes(self) -> int:
        """Bytes of one of them."""
        return 24 if self.is_signed else 20

    def taken(self, numbers: Sequence[int]) -> Scales:
        """Some of them."""
        return replace(self, each=tuple(self.each[number] for number in numbers))

    def table(self, label: str) -> str:
        """LABEL_scales."""
        return scale_table(label, self.each, self.is_signed)


def found_scales(outputs: Outputs) -> Scales | None:
    """Those of scales(), with the form."""
    found = scales(outputs)
    if found is None:
        return None
    signed = any(_signs(outputs.one(output)) for output in range(len(outputs.factors)))
    return Scales(tuple(found), outputs.zero_point, signed, found[0].bits == WIDE_BITS)


@dataclass(frozen=True, slots=True)
class LateScales:
    """A scale for each output of a layer, in a form that clamps last."""

    each: tuple[Scale, ...]
    form: LateForm

    def taken(self, numbers: Sequence[int]) -> LateScales:
        """Some of them."""
        return LateScales(tuple(self.each[number] for number in numbers), self.form)

    def table(self, label: str) -> str:
        """LABEL_scales."""
        rows = "".join(
            f"    {{{one.low}, {one.fraction}, {one.factor}, {one.offset}}},\n" for one in self.each
        )
        return (
            "/* {low, fraction, factor, offset}: x = sum - low, at least 0. The result is\n"
            f" * x * factor + (x * fraction >> {self.form.bits}) + offset >> {self.form.shift}, at most "
            f"{self.form.most}:\n"
            " * TFLite's rounding, for every sum in the range above. */\n"
            f"static const int32_t {label}_scales[{len(self.each)}][4] = {{\n{rows}}};\n"
        )

    def clamps(self, output: int) -> bool:
        """Whether any sum of the output can reach beyond the largest result."""
        one = self.each[output]
        scaled = one.span * one.factor + (one.span * one.fraction >> self.form.bits) + one.offset
        return scaled >> self.form.shift > self.form.most


def late_scales(outputs: Outputs) -> LateScales | None:
    """Those of all outputs; None where some have none, or the second of two roundings looks at signs."""
    every = [outputs.one(output) for output in range(len(outputs.factors))]
    form = _late_form(every)
    if form is None or any(map(_signs, every)):
        return None
    known = [scale for each in every if (scale := _find_late(each, form)) is not None]
    return LateScales(tuple(known), form) if len(known) == len(every) else None


def _late_form(every: Sequence[Output]) -> LateForm | None:
    """The most bits with which no scaled sum leaves int32."""
    most = every[0].maximum
    reach = max(each.high - each.low for each in every)
    results = max((each.high - each.low) * each.factor for each in every) + INT8_MAX + 2
    shift, bits = 31 - int(results).bit_length(), 32 - reach.bit_length()
    return LateForm(min(shift, _LATE_SHIFT_MAX), bits, most) if most >= 0 and min(shift, bits) > 0 else None


# A model is planned more than once.
@lru_cache(maxsize=1 << 12)
def _find_late(output: Output, form: LateForm) -> Scale | None:
    return late_scale(output.rule(), output.low, output.high, output.factor, form)


def _scaled(outputs: Outputs) -> Requantiser | None:
    found = found_scales(outputs)
    if found is None:
        return None
    return _scale_call(list(found.each), found.zero_point, found.is_signed, found.is_wide)


# A model is planned more than once, and outputs without weights are all alike.
@lru_cache(maxsize=1 << 12)
def _find(output: Output, bits: int) -> Scale | None:
    return scale(output.rule(), output.low, output.high, output.factor, bits, _signs(output))


@lru_cache(maxsize=1 << 12)
def _signs(output: Output) -> Signs | None:
    """Only two roundings, the second one away from zero, need them."""
    if output.once or output.halves_up:
        return None
    shift = quantise_multiplier(output.factor)[1]
    ends = output.low, output.high
    return _signs_of(output.rule(), ends, -output.offset, output.zero_point, shift)


def _signs_of(rule: Rule, ends: tuple[int, int], zero: int, zero_point: int, shift: int) -> Signs | None:
    """Only results of both signs need them."""
    _, reached = thresholds(rule, *ends)
    if reached.size == 0 or not reached[0] <= zero <= reached[-1]:
        return None
    return signs(zero, zero_point, shift)


def _scale_call(scales: list[Scale], zero_point: int, signed: bool, wide: bool) -> Requantiser:
    function = "zerotap_scale_sums" + ("_wide" if wide else "") + ("_signed" if signed else "")
    shape = f"{(zero_point << 8 | 0x80) & 0xFFFF}u << 16 | " if signed else ""

    def statement(label: str, sums: str, first: int | str, count: int, output: str) -> str:
        scales_at = f"{label}_scales" + (f" + {first}" if first else "")
        return f"{function}({sums}, {scales_at}, {shape}{count}, {output});"

    each = _OUTPUT_CYCLES[wide, signed]
    once = 22 if signed else 18
    return Requantiser(
        function,
        (24 if signed else 20) * len(scales),
        lambda label: scale_table(label, scales, signed),
        statement,
        lambda count: once + each * count + 2 * (count % 2),
    )


def scale_table(label: str, scales: Sequence[Scale], signed: bool) -> str:
    """LABEL_scales, rows of zerotap_scale_t, or with steps of zerotap_signed_scale_t."""
    kind = "zerotap_signed_scale_t" if signed else "zerotap_scale_t"
    rows = "".join(f"    {_row(each, signed)},\n" for each in scales)
    step = ", less step below the middle" if signed else ""
    return (
        "/* {low, span, fraction, factor, offset}: x = sum - low, held within [0, span]. The result is the\n"
        f" * upper 8 bits of x * factor + (x * fraction >> {scales[0].bits}) + offset{step}:\n"
        " * TFLite's rounding, for every sum in the range above. */\n"
        f"static const {kind} {label}_scales[{len(scales)}] = {{\n{rows}}};\n"
    )


def _row(each: Scale, signed: bool) -> str:
    offset = each.offset & 0xFFFFFFFF
    fields = f"{{{each.low}, {each.span}, {each.fraction}, {each.factor}u, {offset}u}}"
    return f"{{{fields}, {each.step}}}" if signed else fields


@dataclass(frozen=True, slots=True)
class Rounding:
    """A table for zerotap_round_sums: TFLite's own arithmetic for neighbouring outputs, or one for all."""

    offsets: list[int]
    scales: list[tuple[int, int]]
    limits: tuple[int, int, int]
    once: bool
    uniform: bool = False

    @property
    def constant_bytes(self) -> int:
        """Bytes in flash: a head of 8, 9 for each, whole words."""
        return 8 + -(-9 * len(self.scales) // 4) * 4

    def definition(self, name: str) -> str:
        """The C constant."""
        count = len(self.scales)
        head = [*self.limits, 0 if self.once else -1, count, 0 if self.uniform else 4]
        rows = [
            c_source.braced(head),
            c_source.braced(self.offsets),
            c_source.braced([multiplier for multiplier, _ in self.scales]),
            c_source.braced([shift for _, shift in self.scales]),
        ]
        values = "".join(f"    {row},\n" for row in rows)
        fields = [
            "zerotap_rounding_t head;",
            f"int32_t bias[{count}], multipliers[{count}];",
            f"int8_t shifts[{count}];",
        ]
        return c_source.anonymous_struct(name, fields, values)

    def cycles(self, count: int) -> int:
        """Cycles of a call for ``count`` outputs."""
        left = [shift > 0 for _, shift in self.scales] * (count if self.uniform else 1)
        return _ROUNDING_CALL_CYCLES + _ROUNDING_CYCLES * count + sum(left)


def _rounded(outputs: Outputs, pieces: Sequence[tuple[int, int]]) -> Requantiser | None:
    if outputs.halves_up:
        return None
    multipliers = [_multiplier(outputs, output) for output in range(len(outputs.factors))]
    known = [each for each in multipliers if each is not None]
    if len(known) < len(multipliers) or not _fits(outputs, known):
        return None
    limits = (outputs.zero_point, outputs.minimum, outputs.maximum)
    offsets = outputs.offsets.tolist()
    # Without a shift to the right the first of two roundings is the only one.
    once = outputs.once and any(shift < 0 for _, shift in known)
    tables = {
        first: Rounding(offsets[first:][:count], known[first:][:count], limits, once)
        for first, count in pieces
    }

    def statement(label: str, sums: str, first: int | str, count: int, output: str) -> str:
        return f"zerotap_round_sums({sums}, &{label}_rounding_{first}, {count}, {output});"

    return Requantiser(
        "zerotap_round_sums",
        sum(table.constant_bytes for table in tables.values()),
        lambda label: "".join(
            table.definition(f"{label}_rounding_{first}") for first, table in tables.items()
        ),
        statement,
        tables[0].cycles,
    )


def _fits(outputs: Outputs, scales: list[tuple[int, int]]) -> bool:
    """Whether zerotap_round_sums can take the sums, their bias included."""
    if outputs.once and len({shift < 0 for _, shift in scales}) > 1:
        return False
    ends = np.abs(np.stack([outputs.low, outputs.high]) + outputs.offsets).max(axis=0).tolist()
    return all(end << max(shift, 0) < _SUM_MAX for end, (_, shift) in zip(ends, scales, strict=True))


def _multiplier(outputs: Outputs, output: int) -> tuple[int, int] | None:
    factor = outputs.factors[output]
    if not outputs.once:
        return quantise_multiplier(factor)
    return exact_multiplier(factor, outputs.bound(output), outputs.reach)


CHUNK: Final = 64


def chunks(outputs: int) -> list[tuple[int, int]]:
    """(first, count) of at most 64 outputs each: their sums lie on the stack."""
    return [(first, min(CHUNK, outputs - first)) for first in range(0, outputs, CHUNK)]
