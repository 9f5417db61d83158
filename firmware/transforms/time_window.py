"""time_windows in C: a ring buffer of rows with their times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from zerotap.features.transforms.cutting import PADDINGS
from zerotap.features.transforms.item_times import TIME_BYTES
from zerotap.firmware.c_code.c_source import struct

from .interface import Stage

if TYPE_CHECKING:
    from zerotap.features.transforms.interface import Signal
    from zerotap.features.transforms.time_window import TimeWindows

_RUNTIME: Final = (
    "zerotap_windows.h",
    "zerotap_window_rows.c",
    "zerotap_item_ms.c",
    "zerotap_elapsed_ms.c",
    "zerotap_time_window_push.c",
    "zerotap_time_window_more.c",
    "zerotap_time_window_flush.c",
    "zerotap_time_window_reset.c",
)
_STATE_BYTES: Final = 40


def emit(transform: TimeWindows, source: Signal, prefix: str) -> Stage:
    """Generate the rule, the ring, its times and its state."""
    row_bytes = source.nbytes - TIME_BYTES
    rule: dict[str, int | str] = {
        "row_bytes": row_bytes,
        "length": transform.length,
        "fewest": transform.fewest,
        "padding": PADDINGS.index(transform.padding),
        "duration_ms": transform.duration_ms,
        "hop_ms": transform.hop_ms,
    }
    definitions = (
        f"static uint8_t {prefix}_rows[{row_bytes * transform.length}], {prefix}_pending[{row_bytes}];\n"
        f"static uint32_t {prefix}_times[{transform.length}];\n"
        + struct("zerotap_time_window_t", f"{prefix}_rule", rule)
        + f"static zerotap_time_ring_t {prefix}_ring = {{\n"
        f"    .ring = {prefix}_rows, .pending = {prefix}_pending, .times = {prefix}_times}};\n"
    )
    both = f"&{prefix}_rule, &{prefix}_ring"
    return Stage(
        definitions,
        f"zerotap_time_window_push({both}, in, out)",
        f"zerotap_time_window_reset(&{prefix}_ring);",
        _RUNTIME,
        row_bytes * (transform.length + 1) + TIME_BYTES * transform.length + _STATE_BYTES,
        more=f"zerotap_time_window_more({both}, out)",
        flush=f"zerotap_time_window_flush({both}, out)",
    )
