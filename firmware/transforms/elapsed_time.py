"""elapsed_time in C."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zerotap.features.transforms.item_times import TIME_BYTES

from .interface import Stage

if TYPE_CHECKING:
    from zerotap.features.transforms.elapsed_time import ElapsedTime
    from zerotap.features.transforms.interface import Signal

_RUNTIME = (
    "zerotap_windows.h",
    "zerotap_item_ms.c",
    "zerotap_elapsed_ms.c",
    "zerotap_clock_step.c",
    "zerotap_log2_code.c",
    "zerotap_elapsed_time.c",
)


def emit(transform: ElapsedTime, source: Signal, prefix: str) -> Stage:
    """Generate the clock of the report before."""
    kept = TIME_BYTES if transform.keep_time else 0
    return Stage(
        f"static zerotap_clock_t {prefix}_clock;\n",
        f"zerotap_elapsed_time(&{prefix}_clock, in, {source.size - TIME_BYTES}, {kept}, out)",
        f"{prefix}_clock.begun = 0;",
        _RUNTIME,
        8,
    )
