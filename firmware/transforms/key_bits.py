"""key_bits in C."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zerotap.features.transforms.key_bits import REPORT_BYTES
from zerotap.firmware.c_code.c_source import array

from .interface import Stage

if TYPE_CHECKING:
    from zerotap.features.transforms.interface import Signal
    from zerotap.features.transforms.key_bits import KeyBits


def emit(transform: KeyBits, source: Signal, prefix: str) -> Stage:
    """Generate the table of keys."""
    keys = f"{prefix}_keys, {len(transform.keys)}"
    return Stage(
        array("uint8_t", f"{prefix}_keys", transform.keys),
        f"zerotap_key_bits(in, {source.size - REPORT_BYTES}, {keys}, out)",
        "",
        ("zerotap_windows.h", "zerotap_key_bits.c"),
        0,
    )
