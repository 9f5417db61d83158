"""windows in C: a ring buffer of one window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from zerotap.features.transforms.cutting import PADDINGS, minimum_rows
from zerotap.firmware.c_code.c_source import struct

from .interface import Stage

if TYPE_CHECKING:
    from zerotap.features.transforms.count_window import CountWindows
    from zerotap.features.transforms.interface import Signal

_RUNTIME: Final = (
    "zerotap_windows.h",
    "zerotap_window_rows.c",
    "zerotap_count_window_push.c",
    "zerotap_count_window_flush.c",
    "zerotap_count_window_reset.c",
)
_STATE_BYTES: Final = 16


def fewest_rows(transform: CountWindows) -> int:
    """The fewest items of a last window that is filled up."""
    return minimum_rows(transform.length, transform.minimum_fill)


def emit(transform: CountWindows, source: Signal, prefix: str) -> Stage:
    """Generate the rule, the ring and its state."""
    rule: dict[str, int | str] = {
        "row_bytes": source.nbytes,
        "length": transform.length,
        "hop": transform.hop,
        "minimum_rows": fewest_rows(transform),
        "padding": PADDINGS.index(transform.padding),
    }
    ring_bytes = source.nbytes * transform.length
    definitions = (
        f"ZEROTAP_ALIGNED static uint8_t {prefix}_rows[{ring_bytes}];\n"
        + struct("zerotap_count_window_t", f"{prefix}_rule", rule)
        + f"static zerotap_count_ring_t {prefix}_ring = {{{prefix}_rows, 0, {transform.length}, 0}};\n"
    )
    both = f"&{prefix}_rule, &{prefix}_ring"
    return Stage(
        definitions,
        f"zerotap_count_window_push({both}, in, out)",
        f"zerotap_count_window_reset({both});",
        _RUNTIME,
        ring_bytes + _STATE_BYTES,
        flush=f"zerotap_count_window_flush({both}, out)",
    )
