"""range_scale in C."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zerotap.firmware.c_code.c_source import array

from .interface import Stage

if TYPE_CHECKING:
    from zerotap.features.transforms.interface import Signal
    from zerotap.features.transforms.range_scale import RangeScale


def emit(transform: RangeScale, source: Signal, prefix: str) -> Stage:
    """Generate the channels' ranges as tables, one element a channel."""
    channels = source.shape[-1]
    repeat = channels // len(transform.low)
    tables = (("low", "int16_t", transform.low), ("high", "int16_t", transform.high))
    definitions = "".join(array(kind, f"{prefix}_{name}", values * repeat) for name, kind, values in tables)
    definitions += array("int32_t", f"{prefix}_multipliers", transform.multipliers * repeat)
    push = (
        f"zerotap_range_scale(in, {source.size // channels}, {channels}, {prefix}_low, {prefix}_high, "
        f"{prefix}_multipliers, out)"
    )
    return Stage(definitions, push, "", ("zerotap_windows.h", "zerotap_range_scale.c"), 0)
