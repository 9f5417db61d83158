"""Sums to int8, by an output's Scale.

r8 -low, r9 span, r10 factor, r12 offset; lr the middle where results of both signs are rounded apart, else
the fraction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zerotap.firmware.arithmetic.scaling import NARROW_BITS, Scale

from .text import immediate


@dataclass(frozen=True, slots=True)
class Rounding:
    """What the instructions for some outputs depend on.

    ``bits`` of the fraction; ``is_signed``: a step comes off below the middle; ``is_wide``: x may exceed 16
    bits where the fraction has as many. ``clamps``: whether sums can lie below low, and above low + span.
    ``step`` in the code, or None where it is on the stack behind the fraction, which is at ``fraction_at``.
    """

    bits: int
    is_signed: bool
    is_wide: bool
    clamps: tuple[bool, bool]
    step: int | None
    fraction_at: int


def rounding(
    scales: Sequence[Scale], clamps: tuple[bool, bool], fraction_at: int, step_in_code: bool
) -> Rounding:
    """For outputs with these scales."""
    span = max(scale.span for scale in scales)
    return Rounding(
        scales[0].bits,
        any(scale.step for scale in scales),
        scales[0].bits != NARROW_BITS and span >= 1 << 16,
        clamps,
        scales[0].step if step_in_code else None,
        fraction_at,
    )


def constants(way: Rounding, registers: Sequence[str]) -> list[str]:
    """low, span, fraction, factor, offset (and a step) in these registers go where the lanes want them."""
    low, span, fraction, factor, offset, *step = registers
    lines = [f"rsbs {low}, {low}, #0", f"mov r8, {low}", f"mov r9, {span}", f"mov r10, {factor}"]
    lines += [f"mov r12, {offset}"]
    if not way.is_signed:
        return [*lines, f"mov lr, {fraction}"]
    lines.append(f"str {fraction}, [sp, #{way.fraction_at}]")
    return [*lines, *(f"str {each}, [sp, #{way.fraction_at + 4}]" for each in step)]


def middle(zero_point: int) -> list[str]:
    """lr: half a result above the zero point, in 2^-24 of a result."""
    return [*immediate("r1", 2 * zero_point + 1), "lsls r1, r1, #23", "mov lr, r1"]


def rounded(way: Rounding, sums: tuple[str, str], free: Sequence[str]) -> list[str]:
    """A pair of sums becomes results; ``free``: four low registers."""
    scratch, fraction, step, spare = free
    lines = [f"ldr {fraction}, [sp, #{way.fraction_at}]" if way.is_signed else f"mov {fraction}, lr"]
    if way.is_signed:
        at_step = [f"ldr {step}, [sp, #{way.fraction_at + 4}]"]
        lines += at_step if way.step is None else immediate(step, way.step)
    for value in sums:
        lines += rounded_one(way, value, (scratch, fraction, step, spare))
    return lines


def rounded_one(way: Rounding, value: str, registers: Sequence[str]) -> list[str]:
    """A sum becomes a result; ``registers``: scratch, the fraction, the step (if any), more scratch."""
    scratch, fraction, step, spare = registers
    lines = [f"add {value}, r8", *_clamped(way, value, scratch)]
    lines += _scaled(way, value, (scratch, fraction, spare))
    if way.is_signed:
        lines += [f"cmp {value}, lr", "bge 80f", f"subs {value}, {value}, {step}", "80:"]
    return [*lines, f"lsrs {value}, {value}, #24"]


def _clamped(way: Rounding, value: str, scratch: str) -> list[str]:
    lines = [f"asrs {scratch}, {value}, #31", f"bics {value}, {scratch}"] if way.clamps[0] else []
    if way.clamps[1]:
        lines += [f"cmp {value}, r9", "bls 80f", f"mov {value}, r9", "80:"]
    return lines


def _scaled(way: Rounding, value: str, free: tuple[str, str, str]) -> list[str]:
    scratch, fraction, spare = free
    lines = [f"mov {scratch}, r10", f"muls {scratch}, {value}, {scratch}", f"add {scratch}, r12"]
    if way.is_wide:
        lines += [f"lsrs {spare}, {value}, #16", f"muls {spare}, {fraction}, {spare}"]
        lines += [f"adds {scratch}, {scratch}, {spare}", f"uxth {value}, {value}"]
    lines += [f"muls {value}, {fraction}, {value}", f"lsrs {value}, {value}, #{way.bits}"]
    return [*lines, f"adds {value}, {value}, {scratch}"]
