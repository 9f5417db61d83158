"""decimate in C."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zerotap.firmware.c_code.c_source import struct

from .interface import Stage

if TYPE_CHECKING:
    from zerotap.features.transforms.decimate import Decimate
    from zerotap.features.transforms.interface import Signal

_RUNTIME = ("zerotap_windows.h", "zerotap_decimate_push.c", "zerotap_decimate_reset.c")
_STATE_BYTES = 8


def emit(transform: Decimate, source: Signal, prefix: str) -> Stage:
    """Generate the rule and a sum an element."""
    rule: dict[str, int | str] = {
        "size": source.size,
        "factor": transform.factor,
        "reciprocal": f"{-(-(1 << 32) // transform.factor)}u",
    }
    definitions = (
        f"static int32_t {prefix}_sums[{source.size}];\n"
        + struct("zerotap_decimate_t", f"{prefix}_rule", rule)
        + f"static zerotap_decimate_sums_t {prefix}_state = {{{prefix}_sums, 0}};\n"
    )
    both = f"&{prefix}_rule, &{prefix}_state"
    return Stage(
        definitions,
        f"zerotap_decimate_push({both}, in, out)",
        f"zerotap_decimate_reset({both});",
        _RUNTIME,
        4 * source.size + _STATE_BYTES,
    )
