"""spectrum in C."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .fourier_transform import FOURIER_RUNTIME, fourier_definitions, work_bytes
from .interface import Stage

if TYPE_CHECKING:
    from zerotap.features.transforms.interface import Signal
    from zerotap.features.transforms.spectrum import Spectrum


def emit(transform: Spectrum, source: Signal, prefix: str) -> Stage:
    """Generate the tables and the call."""
    definitions = fourier_definitions(transform.window, source, prefix)
    push = f"zerotap_spectrum(in, &{prefix}_fourier, out)"
    runtime = (*FOURIER_RUNTIME, "zerotap_magnitude.c", "zerotap_spectrum.c")
    return Stage(definitions, push, "", runtime, work_bytes(source))
