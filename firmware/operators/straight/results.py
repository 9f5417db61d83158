"""A sum to int8 in assembly, in the steps of zerotap_scale_sums and its other forms.

Every way through takes as long: a branch jumps over one instruction of one cycle, or does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from zerotap.firmware.arithmetic.scaling import NARROW_BITS, WIDE_BITS, LateForm
from zerotap.firmware.c_code.assembly import instructions
from zerotap.firmware.operators.parts.requantisation import Scales

_MIDDLE_SHIFT = 23


def at_least_zero(value: str) -> list[str]:
    """A value whose sign the flags hold, not below 0."""
    return instructions("bpl 8f", f"movs {value}, #0", "8:")


def at_most(value: str, span: str) -> list[str]:
    """A value that is not negative, not above ``span``."""
    return instructions(f"cmp {value}, {span}", "bls 8f", f"mov {value}, {span}", "8:")


def scaled(
    form: Scales, value: str, fraction: str, factor: str, offset: str, more: Sequence[str]
) -> list[str]:
    """value * factor + (value * fraction >> bits) + offset in ``value``; what ``factor`` holds is lost.

    ``more``: a register beside, in the wide form; it may be that of the offset.
    """
    lines = [f"muls {factor}, {value}, {factor}", f"adds {factor}, {factor}, {offset}"]
    if form.is_wide:
        upper = more[0]
        lines += [f"lsrs {upper}, {value}, #{WIDE_BITS}", f"muls {upper}, {fraction}, {upper}"]
        lines += [f"adds {factor}, {factor}, {upper}", f"uxth {value}, {value}"]
    bits = WIDE_BITS if form.is_wide else NARROW_BITS
    lines += [f"muls {value}, {fraction}, {value}", f"lsrs {value}, {value}, #{bits}"]
    return instructions(*lines, f"adds {value}, {value}, {factor}")


def late_scaled(form: LateForm, value: str, fraction: str, factor: str) -> list[str]:
    """value * factor + (value * fraction >> bits) in ``value``; what ``factor`` holds is lost."""
    lines = [f"muls {factor}, {value}, {factor}", f"muls {value}, {fraction}, {value}"]
    return instructions(*lines, f"lsrs {value}, {value}, #{form.bits}", f"adds {value}, {value}, {factor}")


def late_result(form: LateForm, value: str, offset: str, clamps: bool) -> list[str]:
    """The int8 of a scaled sum."""
    lines = [f"adds {value}, {value}, {offset}", f"asrs {value}, {value}, #{form.shift}"]
    most = [f"cmp {value}, #{form.most}", "ble 8f", f"movs {value}, #{form.most}", "8:"]
    return instructions(*lines, *(most if clamps else []))


def less_step(form: Scales, values: Iterable[str], step: str, middle: str) -> list[str]:
    """Of two roundings: a unit of the first one, in ``step``, comes off below the middle."""
    halves = 2 * form.zero_point + 1
    lines = instructions(f"movs {middle}, #{abs(halves)}", f"lsls {middle}, {middle}, #{_MIDDLE_SHIFT}")
    lines += instructions(f"rsbs {middle}, {middle}, #0") if halves < 0 else []
    for value in values:
        lines += instructions(f"cmp {value}, {middle}", "bge 8f", f"subs {value}, {value}, {step}", "8:")
    return lines
