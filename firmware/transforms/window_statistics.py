"""statistics in C."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from zerotap.features.transforms.window_statistics import STATISTICS, energy_shift, reciprocal
from zerotap.firmware.c_code.c_source import array, struct

from .interface import Stage

if TYPE_CHECKING:
    from zerotap.features.transforms.interface import Signal
    from zerotap.features.transforms.window_statistics import Statistics

_FUNCTIONS: Final = (
    "channels",
    "crossings",
    "interquartile",
    "ratio",
    "square_root",
    "statistics",
    "sum",
    "sum_differences",
    "sum_products",
)
_RUNTIME: Final = (
    "zerotap_runtime.h",
    "zerotap_statistics.h",
    *(f"zerotap_{function}.c" for function in _FUNCTIONS),
)
_MOMENTS_BYTES: Final = 24  # sizeof(zerotap_moments_t)


def emit(transform: Statistics, source: Signal, prefix: str) -> Stage:
    """Generate the list of statistics, and room for the samples as int16 and the moments of each channel."""
    length, channels = source.shape
    order = [list(STATISTICS).index(name) for name in transform.statistics]
    multiplier, shift = reciprocal(length)
    layer = struct(
        "zerotap_statistics_t",
        f"{prefix}_layer",
        {
            "kind": f"ZEROTAP_{source.dtype.upper()}",
            "length": length,
            "channels": channels,
            "multiplier": multiplier,
            "shift": shift,
            "energy_shift": energy_shift(length, source.dtype),
            "with_spread": int(not {"deviation", "correlation"}.isdisjoint(transform.statistics)),
            "statistics": f"{prefix}_statistics",
            "count": len(order),
            "samples": f"{prefix}_samples",
            "moments": f"{prefix}_moments",
        },
    )
    definitions = (
        f"static int16_t {prefix}_samples[{source.size}];\n"
        f"static zerotap_moments_t {prefix}_moments[{channels}];\n"
        f"{array('uint8_t', f'{prefix}_statistics', order)}{layer}"
    )
    ram_bytes = 2 * source.size + _MOMENTS_BYTES * channels
    return Stage(definitions, f"zerotap_statistics(in, &{prefix}_layer, out)", "", _RUNTIME, ram_bytes)
