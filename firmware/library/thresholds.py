"""Thresholds of a model's outputs, in NAME.h as integers: the board compares and needs no scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from zerotap.errors import ModelError
from zerotap.firmware.c_code.c_source import comment_text

_CODES: Final = np.arange(-128, 128)
NEVER: Final = 128
_END: Final = "\n#ifdef __cplusplus\n}\n#endif\n"


@dataclass(frozen=True, slots=True)
class Threshold:
    """What an output is of, and the real value from which on it counts."""

    label: str
    real: float


def int8_threshold(threshold: float, scale: float, zero_point: int) -> int:
    """The least int8 code that means ``threshold`` or more, -128 to 127; NEVER, 128, where none does.

    The board compares its int8 output with it: that gives the verdict of the dequantised value,
    (code - zero_point) * scale in float32.
    """
    values = (_CODES.astype(np.float32) - np.float32(zero_point)) * np.float32(scale)
    return int(NEVER - np.count_nonzero(values >= np.float32(threshold)))


def int8_thresholds(thresholds: Sequence[Threshold], real: tuple[float, int]) -> dict[str, int]:
    """The int8 code of each label's threshold, in order; ``real``: the outputs' scale and zero point."""
    return {one.label: int8_threshold(one.real, *real) for one in thresholds}


def with_thresholds(sources: Mapping[str, str], name: str, codes: Mapping[str, int]) -> dict[str, str]:
    """``sources`` whose NAME.h has NAME_THRESHOLDS too: an initialiser, an int a label.

    Without ``codes`` as they are. Raises ModelError where NAME.h has no place for them.
    """
    if not codes:
        return dict(sources)
    header = sources[f"{name}.h"]
    begin, end, rest = header.rpartition(_END)
    if not end:
        raise ModelError(f"{name}.h has no place for thresholds: please report this model, it is a bug")
    labels = comment_text(", ".join(codes))
    values = ", ".join(map(str, codes.values()))
    macro = (
        f"\n/* Output i counts from this value on ({NEVER}: never). The outputs: {labels}. */\n"
        f"#define {name}_THRESHOLDS {{{values}}}\n"
    )
    return {**sources, f"{name}.h": f"{begin}{macro}{end}{rest}"}
