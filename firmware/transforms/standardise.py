"""standardise in C."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zerotap.firmware.c_code.c_source import array

from .interface import Stage

if TYPE_CHECKING:
    from zerotap.features.transforms.interface import Signal
    from zerotap.features.transforms.standardise import Standardise

_TYPES = ("int32_t", "int32_t", "uint8_t", "uint32_t", "int32_t")


def emit(transform: Standardise, source: Signal, prefix: str) -> Stage:
    """Generate the features' integers as tables, one element a feature."""
    features = source.shape[-1]
    channels = transform.channels * (features // len(transform.channels))
    names = channels[0]._fields
    tables = zip(_TYPES, names, zip(*channels, strict=True), strict=True)
    definitions = "".join(array(kind, f"{prefix}_{name}", values) for kind, name, values in tables)
    parts = ", ".join(f"{prefix}_{name}" for name in names)
    kind = f"ZEROTAP_OF_{source.dtype.upper()}"
    push = f"zerotap_standardise(in, {kind}, {source.size // features}, {features}, {parts}, out)"
    return Stage(definitions, push, "", ("zerotap_windows.h", "zerotap_standardise.c"), 0)
