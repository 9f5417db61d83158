"""goertzel in C."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from zerotap.firmware.c_code.c_source import struct

from .interface import Stage

if TYPE_CHECKING:
    from zerotap.features.transforms.goertzel import Goertzel
    from zerotap.features.transforms.interface import Signal

_RUNTIME: Final = (
    "zerotap_runtime.h",
    "zerotap_filter.h",
    "zerotap_statistics.h",
    "zerotap_goertzel.c",
    "zerotap_square_root.c",
)


def emit(transform: Goertzel, source: Signal, prefix: str) -> Stage:
    """Generate the tones' factors."""
    length, channels = source.shape
    rows = "".join(f"    {{{', '.join(map(str, factor))}}},\n" for factor in transform.factors(length))
    fields: dict[str, int | str] = {
        "length": length,
        "channels": channels,
        "tones": len(transform.tones_hz),
        "factors": f"{prefix}_factors",
    }
    definitions = (
        f"static const zerotap_tone_t {prefix}_factors[{len(transform.tones_hz)}] = {{\n{rows}}};\n"
        f"{struct('zerotap_goertzel_t', f'{prefix}_layer', fields)}"
    )
    return Stage(definitions, f"zerotap_goertzel(in, &{prefix}_layer, out)", "", _RUNTIME, 0)
