"""Every transform by its name: what a pipeline's TOML may name, and what the conformance checks run over."""

from __future__ import annotations

from typing import Final

from zerotap.errors import FeatureError

from .count_window import CountWindows
from .decimate import Decimate
from .elapsed_time import ElapsedTime
from .filters import Filter
from .goertzel import Goertzel
from .interface import Transform
from .key_bits import KeyBits
from .key_ids import KeyIds
from .key_profile import KeyProfile
from .keystroke_timing import KeystrokeTiming
from .log_bands import LogBands
from .narrow import Narrow
from .pad_ids import PadIds
from .range_scale import RangeScale
from .sample_scale import SampleScale
from .spectrum import Spectrum
from .standardise import Standardise
from .time_window import TimeWindows
from .typed_grams import TypedGrams
from .typed_words import TypedWords
from .whole_text import TypedText
from .window_statistics import Statistics

TRANSFORMS: Final[dict[str, type[Transform]]] = {
    "decimate": Decimate,
    "elapsed_time": ElapsedTime,
    "filter": Filter,
    "goertzel": Goertzel,
    "key_bits": KeyBits,
    "key_ids": KeyIds,
    "key_profile": KeyProfile,
    "keystroke_timing": KeystrokeTiming,
    "log_bands": LogBands,
    "narrow": Narrow,
    "pad_ids": PadIds,
    "range_scale": RangeScale,
    "sample_scale": SampleScale,
    "spectrum": Spectrum,
    "standardise": Standardise,
    "statistics": Statistics,
    "time_windows": TimeWindows,
    "typed_grams": TypedGrams,
    "typed_text": TypedText,
    "typed_words": TypedWords,
    "windows": CountWindows,
}


def transform_type(name: str) -> type[Transform]:
    """Look a transform up; raises FeatureError, which lists the known ones."""
    if name not in TRANSFORMS:
        raise FeatureError(f"there is no transform {name!r}: choose one of {', '.join(sorted(TRANSFORMS))}")
    return TRANSFORMS[name]
