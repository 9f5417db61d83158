"""What the transforms that take a spectrum share: the constants and the work space of zerotap_fourier()."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from zerotap.features.transforms.fourier_transform import reversal, twiddles, window_table
from zerotap.firmware.c_code.c_source import array, struct

if TYPE_CHECKING:
    from zerotap.features.transforms.interface import Signal

FOURIER_RUNTIME: Final = (
    "zerotap_runtime.h",
    "zerotap_spectrum.h",
    "zerotap_fourier.c",
    "zerotap_fourier_load.c",
    "zerotap_fourier_radix_2.c",
    "zerotap_fourier_radix_4.c",
    "zerotap_fourier_split.c",
)


def fourier_definitions(window: str, source: Signal, prefix: str) -> str:
    """The tables, the work space and, as PREFIX_fourier, the struct that names them."""
    length, channels = source.shape
    half = length // 2
    cosine, sine = twiddles(length)
    packed = (cosine.astype(np.uint32) & 0xFFFF) | (sine.astype(np.uint32) << 16)
    fields = {"half": half, "channels": channels}
    names = ("window", "twiddles", "reversal", "work")
    layer = struct(
        "zerotap_fourier_t", f"{prefix}_fourier", {**fields, **{n: f"{prefix}_{n}" for n in names}}
    )
    return (
        array("uint16_t", f"{prefix}_window", window_table(window, length))
        + array("uint32_t", f"{prefix}_twiddles", packed)
        + array("uint8_t", f"{prefix}_reversal", reversal(half))
        + f"static uint32_t {prefix}_work[{half + 1}];\n{layer}"
    )


def work_bytes(source: Signal) -> int:
    """RAM of the work space."""
    return 4 * (source.shape[0] // 2 + 1)
