"""sample_scale in C."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zerotap.firmware.c_code.c_source import array

from .interface import Stage

if TYPE_CHECKING:
    from zerotap.features.transforms.interface import Signal
    from zerotap.features.transforms.sample_scale import SampleScale


def emit(transform: SampleScale, source: Signal, prefix: str) -> Stage:
    """Generate the channels' ranges as tables, one element a channel."""
    channels = source.shape[-1]
    repeat = channels // len(transform.low)
    tables = (
        ("int32_t", "low", transform.low),
        ("int32_t", "high", transform.high),
        ("uint8_t", "shifts", transform.shifts),
        ("uint32_t", "multipliers", transform.multipliers),
    )
    definitions = "".join(array(kind, f"{prefix}_{name}", values * repeat) for kind, name, values in tables)
    names = ", ".join(f"{prefix}_{name}" for _, name, _ in tables)
    push = f"zerotap_sample_scale(in, {source.size // channels}, {channels}, {names}, out)"
    return Stage(definitions, push, "", ("zerotap_windows.h", "zerotap_sample_scale.c"), 0)
