"""filter in C."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from zerotap.firmware.c_code.c_source import struct

from .interface import Stage

if TYPE_CHECKING:
    from zerotap.features.transforms.filters import Filter
    from zerotap.features.transforms.interface import Signal

_RUNTIME: Final = (
    "zerotap_runtime.h",
    "zerotap_filter.h",
    "zerotap_biquad.c",
    "zerotap_filter.c",
    "zerotap_filter_reset.c",
)
_STATE_BYTES: Final = 12  # sizeof(zerotap_biquad_state_t)


def emit(transform: Filter, source: Signal, prefix: str) -> Stage:
    """Generate the sections' coefficients, and a state for each section of each channel."""
    sections, channels = transform.sections, source.shape[-1]
    rows = "".join(f"    {{{', '.join(map(str, section))}}},\n" for section in sections)
    fields: dict[str, int | str] = {
        "rows": source.size // channels,
        "channels": channels,
        "sections": len(sections),
        "biquads": f"{prefix}_biquads",
        "states": f"{prefix}_states",
    }
    definitions = (
        f"static const zerotap_biquad_t {prefix}_biquads[{len(sections)}] = {{\n{rows}}};\n"
        f"static zerotap_biquad_state_t {prefix}_states[{channels * len(sections)}];\n"
        f"{struct('zerotap_filter_t', f'{prefix}_layer', fields)}"
    )
    push = f"zerotap_filter(in, &{prefix}_layer, out)"
    reset = f"zerotap_filter_reset(&{prefix}_layer);"
    return Stage(definitions, push, reset, _RUNTIME, _STATE_BYTES * channels * len(sections))
