"""key_profile in C."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from zerotap.features.transforms.key_profile import LONGEST_CODE, OF_A_KEY
from zerotap.firmware.c_code.c_source import array, struct

from .interface import Stage

if TYPE_CHECKING:
    from zerotap.features.transforms.interface import Signal
    from zerotap.features.transforms.key_profile import KeyProfile

_RUNTIME: Final = (
    "zerotap_key_profile.h",
    "zerotap_windows.h",
    "zerotap_log2_code.c",
    "zerotap_key_profile_push.c",
    "zerotap_key_profile_flush.c",
    "zerotap_key_profile_row.c",
    "zerotap_key_profile_begin.c",
)
_BINS: Final = 4 * (LONGEST_CODE + 1) - 1
"""Of codes 0 to 120 twice, and of -120 to 120."""
_PROFILING_BYTES: Final = 12  # sizeof(zerotap_profiling_t)


def emit(transform: KeyProfile, source: Signal, prefix: str) -> Stage:
    """Generate the table of keys, their values, and how often each code was there."""
    size, bins = len(transform.keys) * len(OF_A_KEY), _BINS * transform.quantiles
    fields: dict[str, int | str] = {
        "keys": f"{prefix}_keys",
        "count": len(transform.keys),
        "strokes": transform.strokes,
        "values": f"{prefix}_values",
        "bins": f"{prefix}_bins" if bins else 0,
    }
    definitions = (
        array("uint8_t", f"{prefix}_keys", transform.keys)
        + f"static int8_t {prefix}_values[{size}];\n"
        + (f"static uint16_t {prefix}_bins[{bins}];\n" if bins else "")
        + struct("zerotap_key_profile_t", f"{prefix}_profile", fields)
        + f"static zerotap_profiling_t {prefix}_profiling;\n"
    )
    state = f"&{prefix}_profile, &{prefix}_profiling"
    return Stage(
        definitions,
        push=f"zerotap_key_profile_push(in, {state}, out)",
        flush=f"zerotap_key_profile_flush({state}, out)",
        reset=f"zerotap_key_profile_begin({state}); {prefix}_profiling.given = 0;",
        runtime=_RUNTIME,
        ram_bytes=size + 2 * bins + _PROFILING_BYTES,
    )
