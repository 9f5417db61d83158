"""log_bands in C."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zerotap.firmware.c_code.c_source import array

from .fourier_transform import FOURIER_RUNTIME, fourier_definitions, work_bytes
from .interface import Stage

if TYPE_CHECKING:
    from zerotap.features.transforms.interface import Signal
    from zerotap.features.transforms.log_bands import LogBands


def emit(transform: LogBands, source: Signal, prefix: str) -> Stage:
    """Generate the tables of the spectrum and the bands' edges."""
    definitions = fourier_definitions(transform.window, source, prefix)
    definitions += array("uint16_t", f"{prefix}_edges", transform.edges)
    bands = len(transform.edges) - 1
    push = f"zerotap_log_bands(in, &{prefix}_fourier, {prefix}_edges, {bands}, out)"
    runtime = (*FOURIER_RUNTIME, "zerotap_logarithm.c", "zerotap_log_bands.c")
    return Stage(definitions, push, "", runtime, work_bytes(source))
