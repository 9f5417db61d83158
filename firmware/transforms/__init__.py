"""The C twins of features' transforms: one module a transform, found by its name."""

from __future__ import annotations

from typing import Final

from . import (
    count_window,
    decimate,
    elapsed_time,
    filters,
    goertzel,
    key_bits,
    key_ids,
    key_profile,
    keystroke_timing,
    log_bands,
    narrow,
    pad_ids,
    range_scale,
    sample_scale,
    spectrum,
    standardise,
    time_window,
    typed_grams,
    typed_words,
    window_statistics,
)
from .interface import Stage as Stage
from .interface import Twin

TWINS: Final[dict[str, Twin]] = {
    "decimate": decimate,
    "elapsed_time": elapsed_time,
    "filter": filters,
    "goertzel": goertzel,
    "key_bits": key_bits,
    "key_ids": key_ids,
    "key_profile": key_profile,
    "keystroke_timing": keystroke_timing,
    "log_bands": log_bands,
    "narrow": narrow,
    "pad_ids": pad_ids,
    "range_scale": range_scale,
    "sample_scale": sample_scale,
    "spectrum": spectrum,
    "standardise": standardise,
    "statistics": window_statistics,
    "time_windows": time_window,
    "typed_grams": typed_grams,
    "typed_words": typed_words,
    "windows": count_window,
}
