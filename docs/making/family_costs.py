"""The costs in the docstrings of models/families/: `python docs/making/family_costs.py` writes them.

Every family of Keras networks, and each of its presets, is built for two classes, quantised on drawn windows
and planned: flash, RAM with stack, input and output, and cycles of one inference, to three digits. They
depend a little on the weights, so a test allows a few parts in a hundred.
"""

from __future__ import annotations

import inspect
import re
import sys
from dataclasses import astuple
from pathlib import Path
from typing import Any, Final

import numpy as np

from zerotap.models.families.description import COSTS, Cost, sizes_of
from zerotap.models.families.family import Family, FitSettings, ModelSpec
from zerotap.models.families.registry import MODELS, ON_FEATURES

CLASSES: Final = 2
SAMPLES: Final = 32
DIGITS: Final = 3
_TOLERANCE: Final = 0.06


def measured(spec: Family, seed: int = 0) -> Cost:
    """What one family in one size costs."""
    import keras

    from zerotap.firmware import quantise
    from zerotap.models import model_input
    from zerotap.workflow import analyse

    keras.utils.set_random_seed(seed)
    windows = drawn_windows(spec, seed)
    report = analyse(quantise(network(spec, windows), model_input(windows)))
    return Cost(report["flash_bytes"], report["ram_total_bytes"], report["cycles"])


def network(spec: Family, windows: np.ndarray[Any, Any]) -> object:
    """A network that was not trained, or fitted to nothing."""
    from zerotap.features import Windows

    if isinstance(spec, ModelSpec):
        return spec.build(spec.pipeline, CLASSES)
    y = np.arange(len(windows)) % CLASSES
    return spec.fit(Windows(windows, y, np.arange(len(y))), CLASSES, 0, FitSettings(np.ones(CLASSES), b""))


def drawn_windows(spec: Family, seed: int) -> np.ndarray[Any, Any]:
    """Windows as the pipeline of a family gives them."""
    rng, signal = np.random.default_rng(seed), spec.pipeline.signals[-1]
    shape = (SAMPLES, *signal.shape)
    if signal.dtype == "int32":
        return rng.integers(0, spec.pipeline.buckets, shape).astype(np.int32)
    return rng.integers(0, 256, shape).astype(np.uint8)


def is_of_keras(spec: Family) -> bool:
    """Whether a family's model is a Keras network: integer models have costs of their own."""
    return isinstance(spec, ModelSpec) or spec in ON_FEATURES.values()


def every_spec() -> list[Family]:
    """Every family of Keras networks."""
    return [spec for spec in (*MODELS.values(), *ON_FEATURES.values()) if is_of_keras(spec)]


def same_cost(one: Cost, other: Cost) -> bool:
    """Whether two costs differ by no more than the weights and the rounding make."""
    pairs = zip(astuple(one), astuple(other), strict=True)
    return all(abs(first - second) <= _TOLERANCE * max(first, second) for first, second in pairs)


def within(planned: Cost, stated: Cost) -> bool:
    """Whether a plan costs no more than stated, but for rounding: zeros of what was fitted cost nothing."""
    pairs = zip(astuple(planned), astuple(stated), strict=True)
    return all(one <= (1 + _TOLERANCE) * most for one, most in pairs)


def rounded(number: int) -> int:
    """To so many digits."""
    return int(float(f"{number:.{DIGITS}g}"))


def paragraph(costs: dict[str, Cost]) -> str:
    """The costs as a docstring has them."""
    lines = [
        f"- {name}: {rounded(one.flash_bytes):,} B, {rounded(one.ram_bytes):,} B, {rounded(one.cycles):,}"
        for name, one in costs.items()
    ]
    return "\n".join([COSTS, "", *lines])


def write(spec: Family) -> None:
    """Measure a family and put its costs into its module's docstring."""
    builder = spec.build.func if isinstance(spec, ModelSpec) else spec.fit
    path = Path(inspect.getfile(builder))
    source = path.read_text(encoding="utf-8")
    begin, docstring, rest = source.split('"""', 2)
    kept = re.split(rf"\n\n{re.escape(COSTS)}", docstring.rstrip())[0]
    stated = paragraph({name: measured(one) for name, one in sizes_of(spec).items()})
    path.write_text('"""'.join([begin, f"{kept}\n\n{stated}\n", rest]), encoding="utf-8")


if __name__ == "__main__":
    for one in every_spec():
        if one.name in sys.argv[1:] or not sys.argv[1:]:
            write(one)
